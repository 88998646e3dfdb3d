import type {FileState, Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {readState, writeState} from '../files.ts';

type State = ResourceStates['block'];

const begin = '# BEGIN harden-python-vps: to change what stands here, run it again';
const end = '# END harden-python-vps';

/** The lines between our marks, and the text around them. */
export function parseBlock(text: string): {before: string; lines?: readonly string[]; after: string} {
	const from = text.startsWith(`${begin}\n`) ? 0 : text.indexOf(`\n${begin}\n`) + 1;
	const isThere = text.slice(from).startsWith(`${begin}\n`);
	const to = isThere ? text.indexOf(`\n${end}\n`, from) : -1;
	if (to === -1) {
		return {before: text, after: ''};
	}

	const body = text.slice(from + begin.length + 1, to + 1);
	return {before: text.slice(0, from), lines: body === '' ? [] : body.slice(0, -1).split('\n'), after: text.slice(to + end.length + 2)};
}

/** The text with the block as it is to be: where it stands, else ahead of the first line that is neither comment nor blank. */
export function withBlock(text: string, state: State): string {
	const {before, lines, after} = parseBlock(text);
	const block = state === null ? '' : [begin, ...state.lines, end].map(line => `${line}\n`).join('');
	if (lines !== undefined) {
		return before + block + after;
	}

	const first = /^[ \t]*[^\s#]/m.exec(text)?.index ?? text.length;
	const isOpen = first === text.length && text !== '' && !text.endsWith('\n');
	return text.slice(0, first) + (isOpen && block !== '' ? '\n' : '') + block + text.slice(first);
}

async function textFile(host: Host, path: string): Promise<(FileState & {content: string}) | undefined> {
	const state = await readState(host, path);
	if (state !== null && ('link' in state || state.encoding !== undefined)) {
		throw new Problem(t('{path} is a link, or no text.', {path}), t('Look at what it is; the lines of this step have to go into a text file.'), 1);
	}

	return state ?? undefined;
}

/** A marked block in a file that is not ours: all other lines stay, and stay as they are. */
export function blockProvider(host: Host): Provider<'block'> {
	return {
		async read(path) {
			const file = await textFile(host, path);
			const {lines} = parseBlock(file?.content ?? '');
			return lines === undefined ? null : {lines};
		},
		async write(path, state) {
			const file = await textFile(host, path);
			if (!file) {
				if (state === null) {
					return;
				}

				throw new Problem(t('{path} is not there.', {path}), t('Its package makes it: install that again, then try again.'), 1);
			}

			await writeState(host, path, {...file, content: withBlock(file.content, state)});
		},
		atomic: true,
	};
}
