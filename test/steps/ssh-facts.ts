import {parseAuthorizedKeys} from '../../source/engine/authorized-key.ts';
import type {Facts, KeyFile, SshFacts, User} from '../../source/engine/facts.ts';
import {samples} from '../engine/sample-keys.ts';

/** A fresh Debian 13 as a provider delivers it, with root logged in over SSH; a test changes what it is about. */

export const debianMain = `# This is the sshd server system-wide configuration file.

Include /etc/ssh/sshd_config.d/*.conf

#Port 22
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem\tsftp\t/usr/lib/openssh/sftp-server
`;

export const root: User = {name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash', groups: [], passwordUsable: true};
export const deploy: User = {name: 'deploy', uid: 1000, gid: 1000, home: '/home/deploy', shell: '/bin/zsh', groups: ['docker'], passwordUsable: false};

export function keyFile(user: string, content: string | undefined, changes: Partial<KeyFile> = {}): KeyFile {
	const home = user === 'root' ? '/root' : `/home/${user}`;
	const place = (mode: number) => ({mode, owner: user, group: user});
	return {
		user,
		path: `${home}/.ssh/authorized_keys`,
		...content !== undefined && {content},
		keys: parseAuthorizedKeys(content ?? ''),
		problems: [],
		links: [],
		places: content === undefined ? {home: place(0o755)} : {home: place(0o755), folder: place(0o700), file: place(0o600)},
		...changes,
	};
}

const effective = {
	port: ['22'], permitrootlogin: ['yes'], passwordauthentication: ['yes'], kbdinteractiveauthentication: ['no'], usepam: ['yes'],
	authorizedkeysfile: ['.ssh/authorized_keys .ssh/authorized_keys2'], authenticationmethods: ['any'], addressfamily: ['any'],
};

export function sshFacts(changes: Partial<SshFacts> = {}): SshFacts {
	return {
		installed: true,
		version: '10.0',
		config: effective,
		configForRoot: effective,
		ports: [22],
		socketActivated: false,
		files: [{path: '/etc/ssh/sshd_config', content: debianMain, mode: 0o644, owner: 'root', group: 'root'}],
		hasDropInFolder: true,
		supported: {
			kex: ['diffie-hellman-group14-sha256', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group-exchange-sha256', 'curve25519-sha256', 'curve25519-sha256@libssh.org', 'sntrup761x25519-sha512', 'sntrup761x25519-sha512@openssh.com', 'mlkem768x25519-sha256'],
			cipher: ['aes128-cbc', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
			mac: ['hmac-sha1', 'hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'umac-128-etm@openssh.com'],
			key: ['ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com', 'ssh-rsa', 'ssh-rsa-cert-v01@openssh.com'],
			sig: ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'],
		},
		hostKeys: [
			{path: '/etc/ssh/ssh_host_rsa_key', type: 'ssh-rsa', bits: 3072, fingerprint: 'SHA256:rsa'},
			{path: '/etc/ssh/ssh_host_ecdsa_key', type: 'ecdsa-sha2-nistp256', bits: 256, fingerprint: 'SHA256:ecdsa'},
			{path: '/etc/ssh/ssh_host_ed25519_key', type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:ed25519'},
		],
		keys: [keyFile('root', `${samples.ed25519.line}\n`)],
		shortModuli: 0,
		expired: [],
		...changes,
	};
}

/** Effective values of sshd, for the operator and for root alike. */
export function saying(values: Record<string, string | string[]>, changes: Partial<SshFacts> = {}): SshFacts {
	const config = {...effective, ...Object.fromEntries(Object.entries(values).map(([keyword, value]) => [keyword, [value].flat()]))};
	return sshFacts({config, configForRoot: config, ...changes});
}

export function facts(changes: Partial<Facts> = {}): Facts {
	return {
		hostname: 'vps',
		os: {id: 'debian', versionId: '13', codename: 'trixie', prettyName: 'Debian GNU/Linux 13 (trixie)'},
		root: true,
		operator: {user: 'root', address: '198.51.100.7', port: 22, serverAddress: '203.0.113.10', method: 'password'},
		addresses: ['203.0.113.10'],
		listeners: [{protocol: 'tcp', address: '0.0.0.0', port: 22, program: 'sshd'}],
		users: [root],
		packages: {sudo: '1.9.16'},
		units: {'ssh.service': {enabled: true, active: true, masked: false}, 'ssh.socket': {enabled: false, active: false, masked: false}},
		updates: {pending: [], rebootRequired: false},
		ssh: sshFacts(),
		firewall: {backend: 'none', ufw: {installed: false, enabled: false, rules: [], foreign: []}, firewalld: {installed: false, enabled: false, rules: [], foreign: []}, foreignChains: [], published: [], ipv6: true},
		fail2ban: {installed: false, running: false, authLog: false},
		backups: {credentials: false, password: false},
		monitoring: {webhook: false, smtpPassword: false, sendmail: false, waiting: 0, logFolder: true},
		app: {pythons: {'/usr/bin/python3.13': '3.13'}, served: []},
		web: {installed: false, includes: [], servers: [], places: {reads: [], writes: [], sockets: []}, settings: [], packagePage: false, findings: {}},
		permissions: {places: {}, kernel: {settings: {}, theirs: {}, interfaces: [], virtualInterfaces: [], modules: [], audit: false, accessControl: []}, networkFiles: false, crontabs: [], profiles: {}, texts: {}},
		postgres: {clusters: []},
		secrets: {apps: {}, secretIds: [], inCode: []},
		cores: 2,
		memory: 1024,
		...changes,
	};
}
