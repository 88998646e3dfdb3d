import {unlink} from 'node:fs/promises';
import {posix} from 'node:path';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {idsOf, namesOf} from '../accounts.ts';
import {openNew, openToRead, permissionsOf, settleOwnership, within} from '../open.ts';
import {asProblem, inFolderOf, isHidden, statOf} from '../walk.ts';

type State = ResourceStates['log'];

function notALog(path: string): Problem {
	return new Problem(t('{path} should be a log, but is a folder, a link or a device.', {path}), t('Move it out of the way, then try again.'), 1);
}

async function read(host: Host, path: string): Promise<State> {
	return inFolderOf<State>(path, async (folder, name) => {
		const stat = await statOf(within(folder, name));
		if (!stat) {
			return null;
		}

		if (!stat.isFile()) {
			throw notALog(path);
		}

		return {mode: permissionsOf(stat), ...await namesOf(host, stat.uid, stat.gid)};
	}, () => null);
}

async function put(host: Host, path: string, place: string, state: NonNullable<State>): Promise<void> {
	const ids = await idsOf(host, state);
	const stat = await statOf(place);
	if (stat && !stat.isFile()) {
		throw notALog(path);
	}

	const file = stat ? await openToRead(place) : await openNew(place);
	await settleOwnership(file, ids, state.mode);
}

/** Files that others write into: made empty where missing, so that they are nobody else's to read from the first line on. What they hold is never touched. */
export function logProvider(host: Host): Provider<'log'> {
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
				await inFolderOf(path, async (folder, name) => {
					const place = within(folder, name);
					if (state !== null) {
						await put(host, path, place, state);
					} else if (await read(host, path) !== null) {
						await unlink(place);
					}

					await folder.sync();
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
