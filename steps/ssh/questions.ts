import {isSource} from '../../source/answers/values.ts';
import {keyLine, keyName} from '../../source/engine/authorized-key.ts';
import {canonicalSource, sourceContains} from '../../source/engine/network.ts';
import {howToMakeOne, keyList, readPastedKeys} from '../../source/engine/pasted-keys.ts';
import {t} from '../../source/words.ts';
import type {AuthorizedKey, Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {needsPassword} from './account.ts';
import {adminOf, keysFound, keysThere, userObjection, type SshAnswers} from './admin.ts';

/** What the SSH step asks. Pure. */

function nameKeys(keys: readonly AuthorizedKey[]): string {
	return keys.map(key => [keyName(key), key.fingerprint, key.comment].filter(Boolean).join(' ')).join('\n');
}

function userQuestion(facts: Facts, {user}: SshAnswers): Question {
	const {operator} = facts;
	return {
		kind: 'text',
		id: 'ssh.user',
		message: t('Which user do you want to log in as?'),
		why: operator.user === 'root'
			? t('From now on you log in as this user and become root with sudo: so the logs say who did what. root itself is refused.')
			: t('You log in as this user and become root with sudo. You, {user}, can still log in too.', {user: operator.user}),
		risk: t('scripts that log in as root.'),
		default: user,
		validate: value => userObjection(facts, value),
		remark: value => facts.users.some(({name}) => name === value) ? t('{user} is there already and is kept as it is', {user: value}) : t('{user} will be created', {user: value}),
		parse: value => value,
	};
}

/** Nothing pasted is fine where the user has a key already. */
function keysObjection(value: string, hasOne: boolean): string | undefined {
	const {keys, objection} = readPastedKeys(value);
	return objection ?? (keys.length === 0 && !hasOne ? t('Without a key nobody could log in. {how}', {how: howToMakeOne()}) : undefined);
}

function keysQuestion(facts: Facts, ssh: SshAnswers): Question {
	const {user} = ssh;
	const there = keysThere(adminOf(facts, ssh));
	const found = keysFound(facts);
	const proposed = ssh.authorizedKeys.length > 0 ? ssh.authorizedKeys : found.map(key => keyLine(key));
	return {
		kind: 'text',
		id: 'ssh.authorizedKeys',
		message: t('Which keys may log in as {user}?', {user}),
		why: proposed.length + there.length > 0
			? t('The public keys of your computers, one a line. Those that let you in today are proposed; what {user} has already is kept.', {user})
			: t('No key is on this server yet, and passwords are switched off next. {how}', {how: howToMakeOne()}),
		explain: t('A key pair has a private half, which stays on your computer, and a public half, which you paste here. {how}', {how: howToMakeOne()}),
		placeholder: 'ssh-ed25519 AAAA… you@laptop',
		default: proposed.join('\n'),
		lines: true,
		validate: value => keysObjection(value, there.length > 0),
		remark: value => nameKeys(readPastedKeys(value).keys) || undefined,
		parse: value => keyList(readPastedKeys(value)),
	};
}

function sudoQuestion({user, sudo}: SshAnswers): Question {
	return {
		kind: 'select',
		id: 'ssh.sudo',
		message: t('How should {user} become root?', {user}),
		why: t('A password protects root from whoever gets hold of your key alone. Without one, deploy scripts can use sudo.'),
		default: sudo,
		choices: [
			{value: 'nopasswd', label: t('Without a password'), hint: t('the key is enough; works for scripts')},
			{value: 'password', label: t('With a password'), hint: t('asked for by sudo, never by SSH')},
		],
	};
}

/** Who else listens there; undefined for a free port, or one that sshd has. */
export function holderOf({listeners, ssh}: Facts, port: number): string | undefined {
	const found = listeners.find(listener => listener.protocol === 'tcp' && listener.port === port);
	return !found || found.program === 'sshd' || ssh.ports.includes(port) ? undefined : found.program ?? t('another program');
}

export function portObjection(facts: Facts, port: number): string | undefined {
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		return t('A port is a number from 1 to 65535.');
	}

	if (port === 80 || port === 443) {
		return t('Ports 80 and 443 are for the web. Choose another one, such as 5922.');
	}

	const holder = holderOf(facts, port);
	return holder === undefined ? undefined : t('{program} listens on port {port} already. Choose another one.', {program: holder, port});
}

function portRemark({ssh}: Facts, port: number): string {
	if (ssh.ports.includes(port)) {
		return t('sshd listens there today');
	}

	return port >= 32_768 ? t('{port} is free, but from 32768 up outgoing connections may take it at a bad moment', {port}) : t('{port} is free on this server', {port});
}

function portQuestion(facts: Facts, {port}: SshAnswers): Question {
	const read = (value: string) => /^\d{1,5}$/.test(value.trim()) ? Number(value) : Number.NaN;
	return {
		kind: 'text',
		id: 'ssh.port',
		message: t('Which port should SSH listen on?'),
		why: t('Most password-guessing robots only try port 22. A high port keeps your logs quiet. It is not a lock: the keys are.'),
		risk: t('scripts and firewalls elsewhere that assume 22. The new command is shown at the end.'),
		explain: t('Anyone who scans your server finds the new port in a minute, but nearly all attempts come from robots that try one port on millions of servers. If your provider has a firewall of its own (a security group), open the port there first. 22 is a fine answer too.'),
		default: String(port),
		validate: value => portObjection(facts, read(value)),
		remark: value => portRemark(facts, read(value)),
		parse: read,
	};
}

const split = (value: string) => value.split(/[\s,]+/).filter(Boolean);

/** Why SSH cannot be narrowed to these addresses; undefined where it can. An allow-list without the caller locks them out. */
export function sourcesObjection({operator}: Facts, sources: readonly string[]): string | undefined {
	const wrong = sources.find(source => !isSource(source));
	if (wrong !== undefined) {
		return t('{text} is not an address or a network. Write them like 203.0.113.7 or 2001:db8::/48, with spaces between.', {text: wrong});
	}

	const {address} = operator;
	const isIn = address === undefined || sources.some(source => sourceContains(canonicalSource(source) ?? source, address));
	return sources.length === 0 || isIn ? undefined : t('Your own address, {address}, is not among them: you would lock yourself out. Add it, or leave the list empty.', {address});
}

function sourcesQuestion(facts: Facts, {allowFrom}: SshAnswers): Question {
	const {operator} = facts;
	return {
		kind: 'text',
		id: 'ssh.allowFrom',
		message: t('From which addresses may anybody log in? (empty: from everywhere)'),
		why: t('If you always come from the same address or VPN, nobody else needs to reach SSH. If your address changes, leave it empty: the keys are the lock.'),
		risk: operator.address === undefined
			? t('you lock yourself out when your address changes.')
			: t('you lock yourself out when your address, {address}, changes.', {address: operator.address}),
		default: allowFrom.join(' '),
		placeholder: operator.address ?? '203.0.113.7',
		validate: value => sourcesObjection(facts, split(value)),
		parse: split,
	};
}

function forwardingQuestion({forwarding}: SshAnswers): Question {
	return {
		kind: 'confirm',
		id: 'ssh.forwarding',
		message: t('Do you need tunnels through this server?'),
		why: t('VS Code Remote, database tools and `ssh -L` or `-A` need them. Without them, a stolen key cannot reach other machines from here.'),
		default: forwarding,
	};
}

function passwordQuestion({user}: SshAnswers): Question {
	return {
		kind: 'password',
		id: 'ssh.passwordHash',
		message: t('Choose a password for {user}, to use with sudo.', {user}),
		why: t('It is not for logging in: SSH takes keys only. Only its hash is kept, by the system.'),
		default: '',
		validate: value => [...value].length >= 12 ? undefined : t('At least 12 characters, please: a short sentence is easy to remember.'),
	};
}

export function sshQuestions(facts: Facts, ssh: SshAnswers): readonly Question[] {
	return [
		userQuestion(facts, ssh),
		keysQuestion(facts, ssh),
		sudoQuestion(ssh),
		portQuestion(facts, ssh),
		sourcesQuestion(facts, ssh),
		forwardingQuestion(ssh),
		// Last, since it is gone once it was answered.
		...needsPassword(facts, ssh) && ssh.passwordHash === undefined ? [passwordQuestion(ssh)] : [],
	];
}
