import {keptAnswers} from '../engine/kept-answers.ts';
import {marksOf, namesIn} from '../engine/marks.ts';
import type {Host} from '../engine/types.ts';
import {sshdFiles} from './sshd-files.ts';

/** What these say is the same until a file changes; facts, plans and checks ask it again and again. */
type Known = {
	/** How the command begins. */
	argv: readonly string[];
	/** While these have not changed, neither has the answer. */
	files?: readonly string[];
	/** The same for these with all that is in them. */
	folders?: readonly string[];
	/** And while in these there is the same: systemd writes them anew each time. */
	names?: readonly string[];
	/** And while these say the same: they are of the kernel, which keeps no times. */
	texts?: readonly string[];
	/** And while this is the same; undefined where nobody could tell. */
	state?: (host: Host) => Promise<string | undefined>;
};

/** Every change of dpkg's and apt's leaves its time in one of these. */
const ofPackages = ['/var/lib/dpkg/status', '/var/lib/dpkg/updates', '/var/lib/apt/lists', '/etc/apt/preferences.d'] as const;

const ofAccounts = ['/etc/passwd', '/etc/group'] as const;

/** Accounts that come from a directory on another machine can change at any time (nsswitch.conf). */
async function nameService(host: Host): Promise<string | undefined> {
	const lines = (await host.read('/etc/nsswitch.conf') ?? '').split('\n').filter(line => /^\s*(?:passwd|group|initgroups|shadow)\s*:/.test(line));
	const sources = lines.flatMap(line => line.slice(line.indexOf(':') + 1).replace(/#.*/, '').split(/\s+/).filter(Boolean));
	return sources.every(source => ['files', 'compat', 'systemd'].includes(source)) ? lines.join('\n') : undefined;
}

/** All that sshd reads to know what holds for a login. */
async function sshdSettings(host: Host): Promise<string | undefined> {
	const accounts = await nameService(host);
	return accounts === undefined ? undefined : JSON.stringify([accounts, await sshdFiles(host)]);
}

const remembered: readonly Known[] = [
	{argv: ['dpkg-query', '--show'], files: ofPackages},
	{argv: ['apt-cache', 'policy'], files: ofPackages},
	// Not of hosts, which DNS knows.
	...['passwd', 'group', '--'].map((word): Known => ({argv: ['getent', word], files: [...ofAccounts, '/etc/shadow', '/etc/gshadow'], names: ['/run/systemd/dynamic-uid', '/run/systemd/userdb'], state: nameService})),
	{argv: ['sshd', '-T'], files: [...ofAccounts, '/usr/sbin/sshd', '/run/sshd'], folders: ['/etc/ssh'], state: sshdSettings},
	{argv: ['ssh', '-Q'], files: ['/usr/bin/ssh', '/etc/ssl/openssl.cnf']},
	{argv: ['ssh', '-V'], files: ['/usr/bin/ssh']},
	{argv: ['ip', '-json', 'address'], texts: ['/proc/net/fib_trie', '/proc/net/if_inet6', '/proc/net/dev_mcast']},
	// Of the kernel that runs, for as long as it runs.
	{argv: ['uname']},
	{argv: ['systemd-detect-virt']},
	{argv: ['systemd-creds', '--version'], files: ['/usr/bin/systemd-creds']},
	{argv: ['systemd-creds', 'has-tpm2'], files: ['/usr/bin/systemd-creds', '/sys/class/tpm']},
];

async function stateOf(host: Host, {files = [], folders = [], names = [], texts = [], state}: Known): Promise<string | undefined> {
	const found = await Promise.all([
		state?.(host) ?? '',
		...files.map(async path => (await host.stat(path))?.mark ?? '-'),
		...folders.map(async path => (await marksOf(host, path)).join('\n')),
		...names.map(async path => (await namesIn(host, path)).join('\n')),
		...texts.map(async path => await host.read(path) ?? '-'),
	]);
	return found.includes(undefined) ? undefined : found.join('\n');
}

/** A host that remembers what changes with certain files only, for as long as none of them changed. */
export function remembering(host: Host, commands: readonly Known[] = remembered): Host {
	const kept = keptAnswers();
	return {
		...host,
		async run(argv, options) {
			const known = commands.find(command => command.argv.every((word, index) => argv[index] === word));
			const state = known && await stateOf(host, known);
			return state === undefined
				? host.run(argv, options)
				: kept(JSON.stringify([argv, options ?? {}]), state, async () => host.run(argv, options));
		},
	};
}
