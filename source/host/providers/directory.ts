import {mkdir, readdir, rmdir, type FileHandle} from 'node:fs/promises';
import {posix} from 'node:path';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {idsOf, namesOf} from '../accounts.ts';
import {openAsFolder, permissionsOf, settleOwnership, within} from '../open.ts';
import {asProblem, codeOf, inFolderOf, isHidden, statOf} from '../walk.ts';

type State = ResourceStates['directory'];

function notAFolder(path: string): Problem {
	return new Problem(t('{path} should be a folder, but is a file or a link.', {path}), t('Move it out of the way, then try again.'), 1);
}

async function read(host: Host, path: string): Promise<State> {
	return inFolderOf<State>(path, async (parent, name) => {
		const stat = await statOf(within(parent, name));
		if (!stat) {
			return null;
		}

		if (!stat.isDirectory()) {
			throw notAFolder(path);
		}

		return {mode: permissionsOf(stat), ...await namesOf(host, stat.uid, stat.gid)};
	}, () => null);
}

async function remove(path: string, parent: FileHandle, name: string): Promise<void> {
	const place = within(parent, name);
	try {
		await rmdir(place);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			return;
		}

		if (codeOf(error) !== 'ENOTEMPTY') {
			throw error;
		}

		const names = await readdir(place);
		throw new Problem(
			t('The folder {path} is not empty: {names}.', {path, names: names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')}),
			t('It was left as it is; remove what you do not need, then the folder.'),
			1,
		);
	}
}

async function put(host: Host, path: string, place: string, state: NonNullable<State>): Promise<void> {
	const ids = await idsOf(host, state);
	const stat = await statOf(place);
	if (!stat) {
		await mkdir(place, 0o700);
	} else if (!stat.isDirectory()) {
		throw notAFolder(path);
	}

	const folder = await openAsFolder(place);
	await settleOwnership(folder, ids, state.mode);
}

/** Folders, one level each: the parent has to be there. Only an empty one is ever removed. */
export function directoryProvider(host: Host): Provider<'directory'> {
	return {
		async read(path) {
			try {
				return await read(host, path);
			} catch (error) {
				if (isHidden(error)) {
					return null;
				}

				throw asProblem(path, error);
			}
		},
		async write(path, state) {
			try {
				await inFolderOf(path, async (parent, name) => {
					await (state === null ? remove(path, parent, name) : put(host, path, within(parent, name), state));
					await parent.sync();
				}, async () => {
					if (state !== null) {
						throw new Problem(t('The folder {folder} does not exist.', {folder: posix.dirname(path)}), t('Create it, then try again.'), 1);
					}
				});
			} catch (error) {
				throw asProblem(path, error);
			}
		},
	};
}
