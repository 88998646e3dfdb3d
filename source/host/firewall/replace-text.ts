import {readState, writeState} from '../files.ts';
import type {Host} from '../../engine/types.ts';

/** Puts new text into a file, all at once, with the mode and owner that the file has; a new one is made like `likeness`. */
export async function replaceText(host: Host, path: string, text: string, likeness: string = path): Promise<void> {
	const state = await readState(host, likeness);
	if (state === null || 'link' in state) {
		throw new Error(`Not a plain file: ${likeness}`);
	}

	await writeState(host, path, {content: text, mode: state.mode, owner: state.owner, group: state.group});
}
