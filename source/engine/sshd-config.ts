import {t} from '../words.ts';
import type {Host} from './types.ts';

/**
 * sshd_config(5). What holds, tried on OpenSSH 9.2 and 10.0:
 * - The first value read for a keyword counts, in the order in which files are included.
 * - Some keywords add up instead, wherever they stand: see `additive`.
 * - What a matching Match block says beats every value outside of one. Among matching blocks the first counts, so a
 *   `Match all` in the file that is read first has the last word. A Match in an included file ends with that file.
 * - An Include inside a Match block makes the included file part of the block, where Port and others are errors.
 */

export const mainFile = '/etc/ssh/sshd_config';
export const dropInFolder = '/etc/ssh/sshd_config.d';
/** Sorts before what providers put there (`50-cloud-init.conf`). */
export const dropIn = `${dropInFolder}/00-harden-python-vps.conf`;

/** Keywords of which every line counts. */
export const additive: ReadonlySet<string> = new Set(['port', 'listenaddress', 'hostkey', 'acceptenv', 'allowusers', 'denyusers', 'allowgroups', 'denygroups', 'subsystem', 'include', 'match']);

/** One line that says something. `keyword` in small letters; `line` counts from 0. */
export type Directive = {line: number; keyword: string; words: readonly string[]; /** It stands in a Match block. */ conditional: boolean};

const older: Readonly<Record<string, string>> = {
	challengeresponseauthentication: 'kbdinteractiveauthentication',
	skeyauthentication: 'kbdinteractiveauthentication',
	pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
};

/** Words are split at blanks; double quotes hold one together; the keyword may be followed by `=`. */
function wordsOf(line: string): readonly string[] {
	const [, keyword = '', rest = ''] = /^\s*"?(?<keyword>[\w-]+)"?(?:\s*=\s*|\s+)?(?<rest>.*)$/.exec(line) ?? [];
	const words = [...rest.matchAll(/"(?<quoted>[^"]*)"|(?<plain>[^\s"]+)/g)].map(({groups}) => groups!['quoted'] ?? groups!['plain']!);
	const comment = words.findIndex(word => word.startsWith('#'));
	return keyword === '' ? [] : [keyword, ...comment === -1 ? words : words.slice(0, comment)];
}

/** What a file says, comments and blank lines left out. */
export function parseSshdConfig(text: string): readonly Directive[] {
	let conditional = false;
	return text.split('\n').flatMap((content, line): Directive[] => {
		const [word, ...words] = wordsOf(content);
		if (word === undefined) {
			return [];
		}

		const keyword = older[word.toLowerCase()] ?? word.toLowerCase();
		conditional ||= keyword === 'match';
		return [{line, keyword, words, conditional}];
	});
}

/** Whether glob(7) would find a name: `*`, `?` and `[…]`; a leading dot only by a dot. */
export function globMatches(pattern: string, name: string): boolean {
	const source = pattern.replaceAll(/\[!?[^\]]+\]|[^\w/]/g, part => {
		if (part.length > 1) {
			return part.replace('[!', '[^').replaceAll('\\', '\\\\');
		}

		return part === '*' ? '[^/]*' : (part === '?' ? '[^/]' : `\\${part}`);
	});
	return !(name.startsWith('.') && !pattern.startsWith('.')) && new RegExp(`^${source}$`).test(name);
}

/** The absolute patterns of an Include; relative ones are of /etc/ssh. */
export function includePatterns({words}: Directive): readonly string[] {
	return words.map(word => word.startsWith('/') ? word : `/etc/ssh/${word}`);
}

/** A pattern as a folder and what names in it have to match. Wildcards in folders are not followed. */
export function splitPattern(pattern: string): {folder: string; name: string} {
	const slash = pattern.lastIndexOf('/');
	return {folder: pattern.slice(0, slash) || '/', name: pattern.slice(slash + 1)};
}

/** Whether an Include reads our drop-in. */
export function readsDropIn(directive: Directive): boolean {
	const ours = splitPattern(dropIn);
	return directive.keyword === 'include' && includePatterns(directive).map(pattern => splitPattern(pattern))
		.some(({folder, name}) => folder === ours.folder && globMatches(name, ours.name));
}

/** Keyword in small letters → its values, one a line. */
export type Effective = Readonly<Record<string, readonly string[]>>;

/** `sshd -T`: what holds in the end. */
export function parseEffective(output: string): Effective {
	const values: Record<string, string[]> = {};
	for (const line of output.split('\n')) {
		const match = /^(?<keyword>[a-z\d]+)(?: (?<value>.*))?$/.exec(line.trimEnd());
		if (match?.groups) {
			(values[match.groups['keyword']!] ??= []).push(match.groups['value'] ?? '');
		}
	}

	return values;
}

/** Who connects from where, as Match blocks are asked. */
export type Connection = {user: string; address: string; /** Of this host: what it came in on. */ port?: number; serverAddress?: string};

/** `sshd -T -C …`; every field is given, since sshd refuses to judge a Match block by one that is not. */
export function effectiveArgv({user, address, port = 22, serverAddress = '127.0.0.1'}: Connection): readonly [string, ...string[]] {
	const spec = `user=${user},host=${address},addr=${address},laddr=${serverAddress},lport=${port}`;
	return ['sshd', '-T', '-C', spec];
}

/**
 * Asks sshd what holds for a connection. Undefined where it cannot say (no root, no sshd, a broken configuration).
 * While a socket unit waits for the first login there is no /run/sshd, which sshd asks for: systemd lends one for the moment.
 */
export async function askSshd(host: Host, connection: Connection): Promise<{effective: Effective} | {reason: string}> {
	const argv = effectiveArgv(connection);
	const first = await host.run(argv, {timeout: 10_000});
	const found = first.exitCode !== 0 && first.stderr.includes('privilege separation directory')
		? await host.run(['systemd-run', '--quiet', '--wait', '--pipe', '--collect', '--property=RuntimeDirectory=sshd', ...argv], {timeout: 15_000})
		: first;
	return found.exitCode === 0
		? {effective: parseEffective(found.stdout)}
		: {reason: found.exitCode === 127 ? t('sshd is not installed') : found.stderr.trim().split('\n').at(-1) ?? ''};
}
