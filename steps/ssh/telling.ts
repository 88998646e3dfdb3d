import {isUsable, keyName} from '../../source/engine/authorized-key.ts';
import {sourceWords} from '../../source/engine/exposure.ts';
import {dropIn, mainFile, parseSshdConfig} from '../../source/engine/sshd-config.ts';
import {t} from '../../source/words.ts';
import type {Facts, KeyFile, User} from '../../source/engine/facts.ts';
import type {Exposure} from '../../source/engine/step.ts';
import {allowedUsers, isAmong} from './access-lists.ts';
import {adminOf, keysFound, keysThere, type SshAnswers} from './admin.ts';
import {hostKeysToMake, isStrongHostKey} from './algorithms.ts';
import {includeComesLate} from './other-files.ts';
import {isClosedToday, secondFactors, usersAllowed} from './settings.ts';

/** What the SSH step says: where things stand, what will be different, what to remember. Pure. */

const valueOf = ({ssh}: Facts, keyword: string) => (ssh.configForRoot ?? ssh.config)?.[keyword]?.[0];

/** Words for the opening screen: `passwords allowed, root allowed, 1 key found`. */
export function today(facts: Facts): string {
	const {ssh} = facts;
	if (!ssh.installed) {
		return t('not installed');
	}

	if (!ssh.config) {
		return t('port {ports}; more only as root', {ports: ssh.ports.join(', ')});
	}

	const count = keysFound(facts).length;
	const keys = count === 1 ? t('1 key found') : t('{count} keys found', {count});
	return isClosedToday(facts)
		? t('keys only, root refused, port {ports}', {ports: ssh.ports.join(', ')})
		: [
			ssh.config['passwordauthentication']?.[0] === 'no' ? t('keys only') : t('passwords allowed'),
			valueOf(facts, 'permitrootlogin') === 'no' ? t('root refused') : t('root allowed'),
			keys,
		].join(', ');
}

function usableKeys({ssh}: Facts, name: string): number {
	return ssh.keys.find(({user}) => user === name)?.keys.filter(key => isUsable(key)).length ?? 0;
}

/** How somebody gets in today. */
function waysIn(facts: Facts, {name, passwordUsable}: Pick<User, 'name' | 'passwordUsable'>): string {
	const {ssh} = facts;
	const root = name === 'root' ? valueOf(facts, 'permitrootlogin') : 'yes';
	const list = allowedUsers(facts);
	if (root === 'no' || (list.length > 0 && !isAmong(list, name))) {
		return t('nobody');
	}

	const byPassword = root === 'yes' && ssh.config?.['passwordauthentication']?.[0] === 'yes' && passwordUsable !== false;
	const byKey = usableKeys(facts, name) > 0;
	if (byPassword) {
		return byKey ? t('by password or key') : t('by password');
	}

	return byKey ? t('by key') : t('no password, no key');
}

export function exposure(facts: Facts, ssh: SshAnswers): readonly Exposure[] {
	const admin = adminOf(facts, ssh);
	const from = sourceWords(ssh.allowFrom.length === 0 ? ['any'] : ssh.allowFrom);
	const old = facts.ssh.ports.filter(port => port !== ssh.port);
	return [
		{what: t('Log in as root'), before: waysIn(facts, facts.users.find(({name}) => name === 'root') ?? {name: 'root'}), after: t('nobody')},
		{what: t('Log in as {user}', {user: ssh.user}), before: admin.user ? waysIn(facts, admin.user) : t('no such user'), after: t('by key, from {sources}', {sources: from})},
		...old.map(port => ({what: t('SSH on port {port}', {port}), before: t('open'), after: t('closed, once you have come in on {port}', {port: ssh.port})})),
		...facts.ssh.ports.includes(ssh.port) ? [] : [{what: t('SSH on port {port}', {port: ssh.port}), before: t('closed'), after: t('open')}],
	];
}

/** People who can log in today, and then no more. */
function leftOut(facts: Facts, ssh: SshAnswers): readonly KeyFile[] {
	const allowed = [...usersAllowed(facts, ssh), ...foreignAllowed(facts)];
	return facts.ssh.keys.filter(({user}) => user !== 'root' && !isAmong(allowed, user)
		&& (usableKeys(facts, user) > 0 || facts.users.find(({name}) => name === user)?.passwordUsable === true));
}

/** AllowUsers of the user's own files: they add up with ours. */
function foreignAllowed({ssh}: Facts): readonly string[] {
	return ssh.files.filter(({path}) => path !== dropIn).flatMap(({content}) => parseSshdConfig(content))
		.filter(({keyword, conditional}) => keyword === 'allowusers' && !conditional).flatMap(({words}) => words);
}

/** Match blocks that would let in by other means than keys. */
function blocksOvercome({ssh}: Facts): readonly string[] {
	const opening = new Set(['passwordauthentication', 'kbdinteractiveauthentication', 'permitrootlogin', 'permitemptypasswords']);
	return [...new Set(ssh.files.filter(({path, content}) => path !== dropIn
		&& parseSshdConfig(content).some(({keyword, words, conditional}) => conditional && opening.has(keyword) && words[0] !== 'no')).map(({path}) => path))];
}

function conditionalLists({ssh}: Facts): readonly string[] {
	return [...new Set(ssh.files.filter(({content}) => parseSshdConfig(content).some(({keyword, conditional}) => conditional && keyword === 'allowusers')).map(({path}) => path))];
}

export function warnings(facts: Facts, ssh: SshAnswers): readonly string[] {
	const admin = adminOf(facts, ssh);
	const out = leftOut(facts, ssh).map(({user}) => user);
	const main = facts.ssh.files.find(({path}) => path === mainFile);
	const late = main && includeComesLate(main.content, new Set(['port', 'passwordauthentication', 'permitrootlogin'])) === 'late';
	const factors = secondFactors(facts);
	const replaced = hostKeysToMake(facts.ssh).length > 0 && facts.ssh.hostKeys.some(key => !isStrongHostKey(key));
	return [
		...facts.ssh.config ? [] : [t('Only root can ask sshd what holds today, so this plan is made from what is known without it.')],
		...out.length > 0 ? [t('These can log in today, and then no more: {users}. To keep one, write AllowUsers NAME into a file of your own in /etc/ssh/sshd_config.d.', {users: out.join(', ')})] : [],
		...(admin.keyFile?.problems ?? []).length > 0 ? [t('sshd would not take the keys of {user} as they lie today: {problems}. This is put right.', {user: ssh.user, problems: admin.keyFile!.problems.join('; ')})] : [],
		...blocksOvercome(facts).map(path => t('A Match block in {path} lets some log in with a password or as root. It no longer does.', {path})),
		...conditionalLists(facts).map(path => t('A Match block in {path} has its own AllowUsers: whoever it is about has to be named there too.', {path})),
		...late ? [t('The files in /etc/ssh/sshd_config.d are read first from now on, as Debian has it. Until now, sshd_config had the first word.')] : [],
		...factors.length > 0 ? [t('Your second factor ({methods}) stays on beside the key. {user} needs it too.', {methods: factors.join(', '), user: ssh.user})] : [],
		...replaced ? [t('The server shows a new RSA key. Computers that know it by its old one, and not by its ED25519 key, will warn about it.')] : [],
		...facts.ssh.socketActivated ? [t('sshd listens by itself instead of through ssh.socket. Sessions that are open stay open.')] : [],
		...facts.ssh.expired.some(({user}) => user === 'root') ? [t('root\'s own password has expired. Change it soon (passwd root), or jobs that run as root may fail.')] : [],
		...(facts.ssh.config?.['addressfamily']?.[0] ?? 'any') === 'any' ? [] : [t('Your sshd listens on one family of addresses only (AddressFamily). That stays so.')],
	];
}

/** One thing to remember, of several lines that can be copied as they stand. */
function configSnippet(facts: Facts, {user, port}: SshAnswers, address: string): string {
	return [
		t('For ~/.ssh/config on your computer:'),
		`    Host ${facts.hostname}`,
		`        HostName ${address}`,
		`        Port ${port}`,
		`        User ${user}`,
	].join('\n');
}

export function remember(facts: Facts, ssh: SshAnswers): readonly string[] {
	const [address = facts.hostname] = facts.addresses;
	const identity = facts.ssh.hostKeys.find(({type}) => type === 'ssh-ed25519');
	return [
		t('Log in with:\n    {command}', {command: `ssh -p ${ssh.port} ${ssh.user}@${address}`}),
		configSnippet(facts, ssh, address),
		...identity ? [t('The first time, your computer asks whether this is the right server. It is, if it shows {fingerprint} (ED25519).', {fingerprint: identity.fingerprint})] : [],
		...keysThere(adminOf(facts, ssh)).map(key => t('This key lets you in: {key}', {key: [keyName(key), key.fingerprint, key.comment].filter(Boolean).join(' ')})),
	];
}
