import {isUtf8} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import type {Stats} from 'node:fs';
import {readdir, readlink, rename, symlink, unlink, type FileHandle} from 'node:fs/promises';
import {posix} from 'node:path';
import type {FileState, Host} from '../engine/types.ts';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {idsOf, namesOf} from './accounts.ts';
import {openNew, openToRead, permissionsOf, within} from './open.ts';
import {asProblem, inFolderOf, isHidden, statOf} from './walk.ts';

/** Configuration is small; a user could put a file of any size into their home. */
const largest = 16 * 1024 * 1024;
/** What a power cut leaves. A leading dot and this ending are loaded by none of the daemons that read whole folders. */
const temporaryName = /^\.harden-python-vps-[\da-f]{24}\.tmp$/;

function assertFileOrLink(path: string, stat: Stats | undefined): void {
	if (stat && !stat.isFile() && !stat.isSymbolicLink()) {
		throw new Problem(
			t('{path} should be a file, but is a folder, a device or a socket.', {path}),
			t('Move it out of the way, then try again.'),
			1,
		);
	}
}

/** Binary means not UTF-8, or with a zero byte: kept as base64, so that every byte comes back. */
function encode(bytes: Buffer): {content: string; encoding?: 'base64'} {
	return isUtf8(bytes) && !bytes.includes(0)
		? {content: bytes.toString('utf8')}
		: {content: bytes.toString('base64'), encoding: 'base64'};
}

async function readOpenFile(host: Host, path: string, file: FileHandle): Promise<FileState> {
	const stat = await file.stat();
	assertFileOrLink(path, stat);
	if (stat.size > largest) {
		throw new Problem(t('{path} is larger than 16 MiB.', {path}), t('A configuration file of that size is a mistake or a trap: look at it, then move it out of the way.'), 1);
	}

	const names = await namesOf(host, stat.uid, stat.gid);
	return {...encode(await file.readFile()), mode: permissionsOf(stat), ...names};
}

/**
 * A file's or link's whole state, or null where there is none. The path may lead through places where others can write.
 * Throws a Problem where something else than a file is in its place.
 */
export async function readState(host: Host, path: string): Promise<FileState | null> {
	try {
		return await inFolderOf<FileState | null>(path, async (folder, name) => {
			const place = within(folder, name);
			const stat = await statOf(place);
			if (!stat) {
				return null;
			}

			assertFileOrLink(path, stat);
			if (stat.isSymbolicLink()) {
				return {link: await readlink(place)};
			}

			const file = await openToRead(place);
			try {
				return await readOpenFile(host, path, file);
			} finally {
				await file.close();
			}
		}, () => null);
	} catch (error) {
		if (isHidden(error)) {
			return null;
		}

		throw asProblem(path, error);
	}
}

/** Removes what earlier writes that were cut short left in the folder. */
async function sweep(folder: FileHandle): Promise<void> {
	for (const name of await readdir(within(folder, '.'))) {
		if (temporaryName.test(name)) {
			await unlink(within(folder, name)).catch(() => undefined);
		}
	}
}

async function writeTemporary(host: Host, place: string, state: FileState): Promise<void> {
	if ('link' in state) {
		await symlink(state.link, place);
		return;
	}

	const {uid, gid} = await idsOf(host, state);
	const file = await openNew(place);
	try {
		await file.writeFile(Buffer.from(state.content, state.encoding ?? 'utf8'));
		// The mode comes last: a change of owner clears setuid and setgid.
		await file.chown(uid, gid);
		await file.chmod(state.mode);
		await file.sync();
	} finally {
		await file.close();
	}
}

async function replace(host: Host, folder: FileHandle, name: string, state: FileState): Promise<void> {
	const temporary = within(folder, `.harden-python-vps-${randomBytes(12).toString('hex')}.tmp`);
	try {
		await writeTemporary(host, temporary, state);
		await rename(temporary, within(folder, name));
	} catch (error) {
		await unlink(temporary).catch(() => undefined);
		throw error;
	}
}

/**
 * Puts a file, a link or nothing (null) in a place, in one step and on disk when it resolves: whoever looks sees the
 * old or the new, never a half. The folder has to exist. Access lists and extended attributes are not carried over.
 *
 * Not write-file-atomic: that follows a link in the file's place, and does not sync the folder.
 */
export async function writeState(host: Host, path: string, state: FileState | null): Promise<void> {
	try {
		const exists = await inFolderOf(path, async (folder, name) => {
			const place = within(folder, name);
			const stat = await statOf(place);
			assertFileOrLink(path, stat);
			await sweep(folder);
			if (state !== null) {
				await replace(host, folder, name, state);
			} else if (stat) {
				await unlink(place);
			}

			await folder.sync();
			return true;
		}, () => state === null);
		if (!exists) {
			throw new Problem(t('The folder {folder} does not exist.', {folder: posix.dirname(path)}), t('Create it, then try again.'), 1);
		}
	} catch (error) {
		throw asProblem(path, error);
	}
}
