import {dropIn, mainFile, parseSshdConfig, readsDropIn, type Directive} from '../../source/engine/sshd-config.ts';
import {t} from '../../source/words.ts';
import type {SshFacts} from '../../source/engine/facts.ts';

/**
 * What has to change in sshd's other files so that our drop-in has the last word: as little as can be, line by line,
 * shown as a diff. Pure.
 */

export type Edited = {path: string; content: string; why: string; mode: number; owner: string; group: string};

function commentedOut(line: string): string {
	return `#${line}   # now in ${dropIn}`;
}

/** `10.0.0.1:22` and `[::1]:22` → the address alone; the port is Port's. Undefined where there is none. */
export function addressWithoutPort(value: string): string | undefined {
	const {bracketed, plain} = /^(?:\[(?<bracketed>[^\]]+)\]:\d+|(?<plain>[^:[\]]+):\d+)$/.exec(value)?.groups ?? {};
	return bracketed ?? plain;
}

/** What is instead of a line; undefined where the line stays. */
type Edit = (directive: Directive, line: string) => string | undefined;

/** Port and HostKey add up over all files, and a port at a ListenAddress beats every Port. */
const additions: Edit = ({keyword, words}, line) => {
	if (keyword === 'port' || keyword === 'hostkey') {
		return commentedOut(line);
	}

	const address = keyword === 'listenaddress' ? addressWithoutPort(words[0] ?? '') : undefined;
	return address === undefined ? undefined : `ListenAddress ${[address, ...words.slice(1)].join(' ')}   # the port is now in ${dropIn}`;
};

/** In a file that is read before ours its values would count, and not ours. */
function earlier(ours: ReadonlySet<string>): Edit {
	return ({keyword}, line) => ours.has(keyword) && keyword !== 'allowusers' && keyword !== 'match' ? commentedOut(line) : undefined;
}

function edit(content: string, edits: readonly Edit[]): string {
	const lines = content.split('\n');
	for (const directive of parseSshdConfig(content)) {
		const line = lines[directive.line]!;
		const replacement = edits.map(change => change(directive, line)).find(text => text !== undefined);
		if (replacement !== undefined) {
			lines[directive.line] = replacement;
		}
	}

	return lines.join('\n');
}

/** Whether sshd_config lets something be said before it reads our file: there is no Include of it, or it comes late. */
export function includeComesLate(main: string, ours: ReadonlySet<string>): 'missing' | 'late' | undefined {
	const directives = parseSshdConfig(main);
	const includes = directives.filter(directive => readsDropIn(directive));
	if (includes.length === 0) {
		return 'missing';
	}

	const first = includes[0]!;
	return directives.some(({line, keyword, conditional}) => line <= first.line && (conditional || ours.has(keyword))) ? 'late' : undefined;
}

/**
 * sshd_config with our file read first, and once. An Include that comes late, or inside a Match block, where sshd would
 * refuse our Port, is moved to the top, as Debian has it. Where there is none, only our own file is included: what else
 * lies in that folder is not read today, and that is not ours to change.
 */
function editMain(content: string, ours: ReadonlySet<string>): string {
	const late = includeComesLate(content, ours);
	const [first, ...rest] = parseSshdConfig(content).filter(directive => readsDropIn(directive));
	const going = new Set([...late && first ? [first] : [], ...rest].map(({line}) => line));
	const moves: Edit = ({line}, text) => going.has(line) ? `#${text}   # now at the top` : undefined;
	const edited = edit(content, [additions, moves]);
	const words = first?.words.map(word => word.includes(' ') ? `"${word}"` : word).join(' ');
	return late === undefined ? edited : `# First, so that what is in there counts (harden-python-vps)\nInclude ${words ?? dropIn}\n\n${edited}`;
}

/** The files that have to change. `ours` are the keywords of our drop-in, in small letters. */
export function otherFiles({files}: Pick<SshFacts, 'files'>, ours: ReadonlySet<string>): readonly Edited[] {
	return files.filter(({path}) => path !== dropIn).flatMap(({path, content, mode = 0o644, owner = 'root', group = 'root'}) => {
		const isEarlier = path < dropIn && path.startsWith(dropIn.slice(0, dropIn.lastIndexOf('/') + 1));
		const edited = path === mainFile ? editMain(content, ours) : edit(content, [additions, ...isEarlier ? [earlier(ours)] : []]);
		return edited === content ? [] : [{
			path,
			content: edited,
			mode,
			owner,
			group,
			why: path === mainFile && includeComesLate(content, ours)
				? t('sshd has to read our file before anything else, or the older lines would count.')
				: t('These lines would count beside ours, or instead of them.'),
		}];
	});
}
