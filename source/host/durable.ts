import {randomBytes} from 'node:crypto';
import {open, rename} from 'node:fs/promises';
import {dirname, join} from 'node:path';

/** Makes the names in a folder durable: without it a new or renamed file can be gone after a power cut. */
export async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

/**
 * Replaces a file of our own state folder (0600), on disk when it resolves.
 * For files anywhere else there is files.ts, which trusts no folder on the way.
 */
export async function writeDurably(path: string, content: string): Promise<void> {
	const temporary = join(dirname(path), `.new-${randomBytes(6).toString('hex')}`);
	const file = await open(temporary, 'wx', 0o600);
	try {
		await file.writeFile(content);
		await file.sync();
	} finally {
		await file.close();
	}

	await rename(temporary, path);
	await syncFolder(dirname(path));
}
