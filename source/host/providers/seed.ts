import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {readState, writeState} from '../files.ts';

type State = ResourceStates['seed'];

async function read(host: Host, path: string): Promise<State> {
	const state = await readState(host, path);
	if (state !== null && 'link' in state) {
		throw new Problem(t('{path} should be a file, but is a link.', {path}), t('Move it out of the way, then try again.'), 1);
	}

	return state;
}

/** The first content of a file that something on the server goes on writing: from then on all that counts is that it is there. */
export function seedProvider(host: Host): Provider<'seed'> {
	return {
		read: async path => read(host, path),
		async write(path, state) {
			if (state === null || await read(host, path) === null) {
				await writeState(host, path, state);
			}
		},
		same: (left, right) => (left === null) === (right === null),
		atomic: true,
	};
}
