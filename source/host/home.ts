import {readdir, rmdir, unlink, type FileHandle} from 'node:fs/promises';
import {openAsFolder, openToRead, within} from './open.ts';
import {codeOf, inFolderOf, openFolder, statOf} from './walk.ts';

const skeleton = '/etc/skel';

async function bytesOf(folder: FileHandle, name: string): Promise<Buffer> {
	const file = await openToRead(within(folder, name));
	try {
		return await file.readFile();
	} finally {
		await file.close();
	}
}

async function isFromSkeleton(home: FileHandle, skel: FileHandle | undefined, name: string): Promise<boolean> {
	const [own, original] = await Promise.all([statOf(within(home, name)), skel && statOf(within(skel, name))]);
	return Boolean(skel && own?.isFile() && original?.isFile() && own.size === original.size)
		&& (await bytesOf(home, name)).equals(await bytesOf(skel!, name));
}

async function isEmptyFolder(home: FileHandle, name: string): Promise<boolean> {
	return Boolean((await statOf(within(home, name)))?.isDirectory()) && (await readdir(within(home, `${name}/`))).length === 0;
}

async function isEmptyFile(home: FileHandle, name: string): Promise<boolean> {
	const stat = await statOf(within(home, name));
	return Boolean(stat?.isFile()) && stat!.size === 0;
}

async function isNobodysWork(home: FileHandle, skel: FileHandle | undefined, name: string): Promise<boolean> {
	switch (name) {
		case '.ssh': {
			return isEmptyFolder(home, name);
		}

		// Put there by sudo(8) itself, the first time.
		case '.sudo_as_admin_successful': {
			return isEmptyFile(home, name);
		}

		default: {
			return isFromSkeleton(home, skel, name);
		}
	}
}

async function removeEach(home: FileHandle, names: readonly string[]): Promise<void> {
	for (const name of names) {
		await (name === '.ssh' ? rmdir(within(home, name)) : unlink(within(home, name)));
	}
}

/**
 * Removes a home that holds nothing but what came from /etc/skel (and an empty .ssh, and sudo's mark), if it belongs to that user.
 * Returns the names of what keeps it there, all of them left alone; none where it is gone.
 */
export async function removeUntouchedHome(path: string, uid: number): Promise<readonly string[]> {
	return inFolderOf<readonly string[]>(path, async (parent, last) => {
		const stat = await statOf(within(parent, last));
		if (!stat?.isDirectory() || stat.uid !== uid) {
			return [];
		}

		const home = await openAsFolder(within(parent, last));
		const skel = await openFolder(skeleton);
		try {
			const names = await readdir(within(home, '.'));
			const judged = await Promise.all(names.map(async name => ({name, isKept: !await isNobodysWork(home, skel, name)})));
			const theirs = judged.filter(({isKept}) => isKept).map(({name}) => name);
			if (theirs.length > 0) {
				return theirs.toSorted();
			}

			await removeEach(home, names);
			await rmdir(within(parent, last));
			await parent.sync();
			return [];
		} catch (error) {
			// Something appeared in it, or was swapped, while we looked.
			if (['ENOTEMPTY', 'ELOOP', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EBUSY'].includes(codeOf(error) ?? '')) {
				return await readdir(within(home, '.'));
			}

			throw error;
		} finally {
			await Promise.all([home.close(), skel?.close()]);
		}
	}, () => []);
}
