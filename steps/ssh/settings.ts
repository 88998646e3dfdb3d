import {isIP} from 'node:net';
import {canonicalSource} from '../../source/engine/network.ts';
import {snippet} from '../../source/snippet.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {allowedUsers} from './access-lists.ts';
import type {SshAnswers} from './admin.ts';
import {algorithmLines, hostKeyFiles, versionNumber} from './algorithms.ts';

/** The text of our drop-in. Pure. */

/** `bridge`: what lets people in today still does, beside the new way. `final`: only the new way is left. */
export type Phase = 'bridge' | 'final';

/** What sshd says today, for the operator's own connection and for root from anywhere. */
function today({ssh}: Facts, keyword: string): ReadonlyArray<string | undefined> {
	return [ssh.config?.[keyword]?.[0], ssh.configForRoot?.[keyword]?.[0]];
}

/** The ways to log in that sshd asks for together with a key, or instead of one: AuthenticationMethods of sshd_config(5). */
function methodLists({ssh}: Facts): ReadonlyArray<readonly string[]> {
	const value = ssh.config?.['authenticationmethods']?.[0] ?? 'any';
	return value === 'any' ? [] : value.split(' ').map(list => list.split(',').map(method => method.split(':')[0]!));
}

/** Second factors that are asked for beside the key, such as a code from a phone: they stay. */
export function secondFactors(facts: Facts): readonly string[] {
	const lists = methodLists(facts);
	return lists.every(list => list.includes('publickey')) ? [...new Set(lists.flat())].filter(method => method !== 'publickey') : [];
}

type Closing = {line: string; isClosed: boolean};

/** The settings that shut a way in, and whether that way is shut already. */
function closings(facts: Facts): readonly Closing[] {
	const factors = secondFactors(facts);
	const closed = (keyword: string) => today(facts, keyword).every(value => value === 'no');
	const lists = methodLists(facts);
	return [
		{line: 'PermitRootLogin no', isClosed: today(facts, 'permitrootlogin')[1] === 'no'},
		...factors.includes('password') ? [] : [{line: 'PasswordAuthentication no', isClosed: closed('passwordauthentication')}],
		...factors.includes('keyboard-interactive') ? [] : [{line: 'KbdInteractiveAuthentication no', isClosed: closed('kbdinteractiveauthentication')}],
		// Lists that could not be met any more would let nobody in.
		...lists.length > 0 && factors.length === 0
			? [{line: 'AuthenticationMethods publickey', isClosed: lists.every(list => list.join(',') === 'publickey')}]
			: [],
	];
}

/** Whether root, passwords and all are refused today, so that nothing is left to close. */
export function isClosedToday(facts: Facts): boolean {
	return closings(facts).every(({isClosed}) => isClosed);
}

/** A name that stands for itself in a list of patterns. */
const isPlain = (name: string) => /^[\w][\w.-]*\$?$/.test(name);

/** The admin, and whoever runs this unless it is root; from the allowed addresses only, where there are some. */
export function usersAllowed(facts: Facts, {user, allowFrom}: SshAnswers): readonly string[] {
	const {operator, users} = facts;
	const isSomebody = operator.user !== 'root' && isPlain(operator.user) && users.some(({name, uid}) => name === operator.user && uid >= 1000);
	const names = [...new Set([user, ...isSomebody ? [operator.user] : []])];
	return allowFrom.length === 0 ? names : names.flatMap(name => allowFrom.map(source => `${name}@${canonicalSource(source) ?? source}`));
}

function allowUsers(facts: Facts, ssh: SshAnswers, phase: Phase): readonly string[] {
	const wanted = usersAllowed(facts, ssh);
	const listed = allowedUsers(facts);
	if (phase === 'final') {
		return wanted;
	}

	// No list at all lets everybody try, and so does the bridge.
	return listed.length === 0 ? [] : [...new Set([...wanted, ...listed])];
}

/** sshd ≥ 9.8 shuts out addresses that fail too often (PerSourcePenalties): never this host, nor those of the allow-list. */
function penalties(facts: Facts, {allowFrom}: SshAnswers): readonly string[] {
	const addresses = ['127.0.0.0/8', '::1', ...allowFrom].map(source => canonicalSource(source) ?? source).filter(source => isIP(source.split('/')[0]!));
	return versionNumber(facts.ssh) >= 908 ? [`PerSourcePenaltyExemptList ${[...new Set(addresses)].join(',')}`] : [];
}

/** The ports that sshd listens on in a phase: the new one first. */
export function portsIn(phase: Phase, {ssh: {ports}}: Facts, {port}: SshAnswers): readonly number[] {
	return phase === 'final' ? [port] : [...new Set([port, ...ports])];
}

export function dropInText(facts: Facts, ssh: SshAnswers, phase: Phase): string {
	return snippet('ssh/sshd_config.d/00-harden-python-vps.conf', {
		ports: portsIn(phase, facts, ssh).map(String),
		allowUsers: allowUsers(facts, ssh, phase).join(' '),
		closing: closings(facts).filter(({isClosed}) => phase === 'final' || isClosed).map(({line}) => line),
		maxAuthTries: ssh.maxAuthTries,
		penalties: penalties(facts, ssh),
		forwarding: ssh.forwarding ? 'yes' : 'no',
		hostKeys: hostKeyFiles(facts.ssh),
		algorithms: algorithmLines(facts.ssh),
	});
}
