/* eslint-disable no-bitwise -- the flags of open(2) and the modes of files are bits */
import {constants, type Stats} from 'node:fs';
import {open, type FileHandle} from 'node:fs/promises';

const {O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY} = constants;

/** The path of a name in an open folder: of that very folder, whatever its own path leads to by now (openat(2) for Node). */
export function within(folder: FileHandle, name: string): string {
	return `/proc/self/fd/${folder.fd}/${name}`;
}

/** A folder, and never through a link: ENOTDIR for one. */
export async function openAsFolder(path: string): Promise<FileHandle> {
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** A file to read, never through a link (ELOOP), and without waiting, should a pipe be in its place. */
export async function openToRead(path: string): Promise<FileHandle> {
	return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** A new file that nobody else may read yet (0600). EEXIST where anything is there, a link included. */
export async function openNew(path: string): Promise<FileHandle> {
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

/** The mode without the type: read, write, execute, setuid, setgid, sticky. */
export function permissionsOf({mode}: Stats): number {
	return mode & 0o7777;
}

/** Whether a folder is root's and nobody else may write in it. */
export function isRootsAlone({uid, mode}: Stats): boolean {
	return uid === 0 && (mode & 0o022) === 0;
}

/** Gives an open file or folder its owner and mode, on disk when it resolves, and closes it. */
export async function settleOwnership(file: FileHandle, {uid, gid}: {uid: number; gid: number}, mode: number): Promise<void> {
	try {
		// The mode comes last: a change of owner clears setuid and setgid.
		await file.chown(uid, gid);
		await file.chmod(mode);
		await file.sync();
	} finally {
		await file.close();
	}
}
