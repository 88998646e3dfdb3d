import type {Stats} from 'node:fs';
import {lstat, readlink, type FileHandle} from 'node:fs/promises';
import {posix} from 'node:path';
import process from 'node:process';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {isRootsAlone, openAsFolder, within} from './open.ts';

/** As the kernel has it (path_resolution(7)). */
const mostLinks = 40;

export function codeOf(error: unknown): string | undefined {
	return (error as NodeJS.ErrnoException).code;
}

/** lstat(2), with undefined for what is not there. */
export async function statOf(path: string): Promise<Stats | undefined> {
	try {
		return await lstat(path);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

type Opened = {handle: FileHandle; path: string; /** Only root can have put what is in it, all the way up. */ isRoots: boolean};

/** The folder, or where a link in its place leads, if only root can have put that link there. */
async function enter(parent: Opened, name: string): Promise<Opened | string> {
	const place = within(parent.handle, name);
	const path = posix.join(parent.path, name);
	try {
		const handle = await openAsFolder(place);
		return {handle, path, isRoots: parent.isRoots && isRootsAlone(await handle.stat())};
	} catch (error) {
		if (codeOf(error) !== 'ENOTDIR' && codeOf(error) !== 'ELOOP') {
			throw error;
		}
	}

	const stat = await lstat(place);
	if (!stat.isSymbolicLink()) {
		throw new Problem(t('{path} is not a folder.', {path}), t('Move it out of the way, then try again.'), 1);
	}

	if (!parent.isRoots || stat.uid !== 0) {
		throw new Problem(
			t('{path} is a link that somebody other than root could have put there, so it is not followed.', {path}),
			t('Look at where it leads; if it is not needed, remove it and try again.'),
			1,
		);
	}

	return readlink(place);
}

const componentsOf = (path: string) => path.split('/').filter(part => part !== '' && part !== '.');

/**
 * Opens a folder by walking its path one name at a time, so that no link is followed that anyone but root could have
 * placed (`~/.ssh → /etc`). The caller closes it. Undefined where a part of the path is missing.
 */
export async function openFolder(path: string): Promise<FileHandle | undefined> {
	if (!posix.isAbsolute(path) || posix.normalize(path) !== path) {
		throw new Error(`Not an absolute, plain path: ${path}`);
	}

	const opened: Opened[] = [{handle: await openAsFolder('/'), path: '/', isRoots: true}];
	const ahead = componentsOf(path);
	let links = 0;
	const leave = async (depth: number) => Promise.all(opened.splice(depth).map(async ({handle}) => handle.close()));
	try {
		while (ahead.length > 0) {
			const name = ahead.shift()!;
			if (name === '..') {
				await leave(Math.max(1, opened.length - 1));
				continue;
			}

			const next = await enter(opened.at(-1)!, name);
			if (typeof next !== 'string') {
				opened.push(next);
				continue;
			}

			if (++links > mostLinks) {
				throw new Problem(t('{path} leads through a circle of links.', {path}), t('Put the links right, then try again.'), 1);
			}

			if (next.startsWith('/')) {
				await leave(1);
			}

			ahead.unshift(...componentsOf(next));
		}

		return opened.pop()!.handle;
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			return undefined;
		}

		throw error;
	} finally {
		await leave(0);
	}
}

/** Runs `work` in the folder that holds `path`, by its open handle and the last name. `missing` where that folder is not there. */
export async function inFolderOf<T>(path: string, work: (folder: FileHandle, name: string) => Promise<T>, missing: () => T | Promise<T>): Promise<T> {
	const folder = await openFolder(posix.dirname(path));
	if (!folder) {
		return missing();
	}

	try {
		return await work(folder, posix.basename(path));
	} finally {
		await folder.close();
	}
}

const reasons: Readonly<Record<string, () => string>> = {
	ENOENT: () => t('a part of the path is not there, or nothing can be made in it'),
	EACCES: () => t('access is denied'),
	EPERM: () => t('the system does not allow it; it may be marked immutable (see `lsattr`)'),
	EROFS: () => t('the file system is read-only'),
	ENOSPC: () => t('the disk is full'),
	EDQUOT: () => t('the disk quota is used up'),
	EBUSY: () => t('it is in use, or something is mounted there'),
	EIO: () => t('the disk reports an error'),
	ELOOP: () => t('a link took its place meanwhile'),
	EISDIR: () => t('a folder is in its place'),
	EEXIST: () => t('something took its place meanwhile'),
};

/** Makes a Problem of an error that the system's owner can put right; any other is a bug and stays what it is. */
export function asProblem(path: string, error: unknown): unknown {
	const reason = reasons[codeOf(error) ?? ''];
	return reason
		? new Problem(t('{path} could not be read or written: {reason}.', {path, reason: reason()}), t('Put that right, then try again.'), 1)
		: error;
}

/** A preview without root meets things it may not read; it shows them as if they were not there, and nothing is written. */
export function isHidden(error: unknown): boolean {
	return codeOf(error) === 'EACCES' && process.getuid?.() !== 0;
}
