import type {SshFacts} from '../../source/engine/facts.ts';

/**
 * What sshd offers: the lists of ssh-audit's hardening guides, as its policies "Hardened OpenSSH Server v9.9" and
 * "Hardened Debian 12" check them, in their order. Only what this sshd supports is written down. Pure.
 */

type Lists = {kex: readonly string[]; cipher: readonly string[]; hostKey: readonly string[]};

const groups = ['diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group-exchange-sha256'];
const curves = ['curve25519-sha256', 'curve25519-sha256@libssh.org'];
const ed25519 = ['ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com'];
const rsa = ['rsa-sha2-512', 'rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-256', 'rsa-sha2-256-cert-v01@openssh.com'];

const since99: Lists = {
	kex: ['sntrup761x25519-sha512', 'sntrup761x25519-sha512@openssh.com', 'mlkem768x25519-sha256', ...curves, ...groups],
	cipher: ['chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
	hostKey: [...rsa, ...ed25519],
};

const before99: Lists = {
	kex: ['sntrup761x25519-sha512@openssh.com', ...curves, ...groups],
	cipher: ['chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-gcm@openssh.com', 'aes128-ctr'],
	hostKey: [...ed25519, ...rsa],
};

const macs = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'umac-128-etm@openssh.com'];

/** Users' keys: every strong kind, hardware tokens and certificates of the user's own authority included. */
const userKeys = [
	'sk-ssh-ed25519@openssh.com', 'ssh-ed25519', 'sk-ecdsa-sha2-nistp256@openssh.com',
	'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256',
	'sk-ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519-cert-v01@openssh.com', 'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
	'ecdsa-sha2-nistp256-cert-v01@openssh.com', 'ecdsa-sha2-nistp384-cert-v01@openssh.com', 'ecdsa-sha2-nistp521-cert-v01@openssh.com',
	'rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-256-cert-v01@openssh.com',
];

/** `9.2` → 902, for comparing. */
export function versionNumber({version}: Pick<SshFacts, 'version'>): number {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	return (major * 100) + minor;
}

type HostKey = SshFacts['hostKeys'][number];

/** The least that the guides ask of a host key. */
export function isStrongHostKey({type, bits}: Pick<HostKey, 'type' | 'bits'>): boolean {
	return type === 'ssh-ed25519' || (type === 'ssh-rsa' && bits >= 4096);
}

const missing = [
	{type: 'ssh-ed25519', path: '/etc/ssh/ssh_host_ed25519_key', key: {type: 'ed25519', bits: 256}},
	// A file of its own: the shorter one that the installation made stays, unused, for the undo.
	{type: 'ssh-rsa', path: '/etc/ssh/ssh_host_rsa_4096_key', key: {type: 'rsa', bits: 4096}},
] as const;

/** Strong host keys that are still to be made. */
export function hostKeysToMake({hostKeys}: Pick<SshFacts, 'hostKeys'>): ReadonlyArray<typeof missing[number]> {
	return missing.filter(({type}) => !hostKeys.some(key => key.type === type && isStrongHostKey(key)));
}

/** The files of the host keys that sshd shall use, in the order in which it then offers them. */
export function hostKeyFiles(ssh: Pick<SshFacts, 'hostKeys' | 'version'>): readonly string[] {
	const strong = [...ssh.hostKeys.filter(key => isStrongHostKey(key)), ...hostKeysToMake(ssh)];
	const isRsaFirst = versionNumber(ssh) >= 909;
	const ofRsa = strong.filter(({type}) => type === 'ssh-rsa');
	const others = strong.filter(({type}) => type !== 'ssh-rsa');
	return (isRsaFirst ? [...ofRsa, ...others] : [...others, ...ofRsa]).map(({path}) => path);
}

/** What sshd may offer, for the checks: pseudo-algorithms that only announce an extension included. */
export function offered({version}: Pick<SshFacts, 'version'>): Readonly<Record<'kex' | 'cipher' | 'mac' | 'hostKey', readonly string[]>> {
	const lists = versionNumber({version}) >= 909 ? since99 : before99;
	return {...lists, kex: [...lists.kex, 'ext-info-s', 'kex-strict-s-v00@openssh.com'], mac: macs};
}

/** The lines for sshd_config; none for a list of which this sshd knows nothing. */
export function algorithmLines(ssh: Pick<SshFacts, 'version' | 'supported'>): readonly string[] {
	const {kex, cipher, hostKey} = versionNumber(ssh) >= 909 ? since99 : before99;
	const signatures = [...ssh.supported['sig'] ?? [], ...ssh.supported['key'] ?? []];
	// `ssh -Q` names an RSA certificate by its key type only.
	const known = signatures.includes('ssh-rsa-cert-v01@openssh.com') ? [...signatures, ...rsa] : signatures;
	const lists: ReadonlyArray<[string, readonly string[], readonly string[]]> = [
		['KexAlgorithms', kex, ssh.supported['kex'] ?? []],
		['Ciphers', cipher, ssh.supported['cipher'] ?? []],
		['MACs', macs, ssh.supported['mac'] ?? []],
		['HostKeyAlgorithms', hostKey, known],
		['PubkeyAcceptedAlgorithms', userKeys, known],
	];
	const lines = lists.map(([keyword, wanted, supported]) => [keyword, wanted.filter(name => supported.includes(name)).join(',')] as const);
	return [
		...lines.filter(([, list]) => list !== '').map(([keyword, list]) => `${keyword} ${list}`),
		...versionNumber(ssh) >= 901 ? ['RequiredRSASize 3072'] : [],
	];
}
