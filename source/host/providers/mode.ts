import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {idsOf, namesOf} from '../accounts.ts';
import {isRootsAlone, openToRead, permissionsOf, within} from '../open.ts';
import {asProblem, inFolderOf, isHidden, statOf} from '../walk.ts';

type State = ResourceStates['mode'];

function notPlain(path: string): Problem {
	return new Problem(
		t('{path} is neither a file nor a folder, so its owner and mode are left alone.', {path}),
		t('If it is a link, look at where it leads; put a real file or folder in its place, then try again.'),
		1,
	);
}

async function read(host: Host, path: string): Promise<State> {
	return inFolderOf<State>(path, async (parent, name) => {
		const stat = await statOf(within(parent, name));
		if (!stat) {
			return null;
		}

		if (!stat.isFile() && !stat.isDirectory()) {
			throw notPlain(path);
		}

		return {mode: permissionsOf(stat), ...await namesOf(host, stat.uid, stat.gid)};
	}, () => null);
}

async function write(host: Host, path: string, state: NonNullable<State>): Promise<boolean> {
	const {uid, gid} = await idsOf(host, state);
	return inFolderOf(path, async (parent, name) => {
		const file = await openToRead(within(parent, name));
		try {
			const stat = await file.stat();
			if (!stat.isFile() && !stat.isDirectory()) {
				throw notPlain(path);
			}

			// A second name for /etc/shadow, put where others may write, would make its owner ours to give away.
			if (stat.isFile() && stat.nlink > 1 && !isRootsAlone(await parent.stat())) {
				throw new Problem(t('{path} has other names elsewhere (hard links), and others than root can make those.', {path}), t('Copy it and put the copy in its place, then try again.'), 1);
			}

			// The mode comes last: a change of owner clears setuid and setgid.
			await file.chown(uid, gid);
			await file.chmod(state.mode);
			await file.sync();
		} finally {
			await file.close();
		}

		return true;
	}, () => false);
}

/** Owner, group and mode of files and folders that are there; nothing is made, removed or rewritten, and no link followed. */
export function modeProvider(host: Host): Provider<'mode'> {
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
			// Gone meanwhile, or never there: there is nothing to set, and reading it tells.
			if (state === null) {
				return;
			}

			try {
				if (!await write(host, path, state)) {
					throw new Problem(t('{path} is not there.', {path}), t('Look at the preview again.'), 1);
				}
			} catch (error) {
				throw asProblem(path, error);
			}
		},
	};
}
