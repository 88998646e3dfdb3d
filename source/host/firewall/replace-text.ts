import {randomBytes} from 'node:crypto';
import {chmod, chown, lstat, open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {syncFolder} from '../durable.ts';

/**
 * Puts new text into a file that exists, all at once, with the mode and owner it has; on disk when it resolves.
 * Only for folders that none but root can write (/etc/ufw, /etc/default, /etc/firewalld).
 */
export async function replaceText(path: string, text: string, likeness: string = path): Promise<void> {
	const {mode, uid, gid} = await lstat(likeness);
	const temporary = join(dirname(path), `.harden-${randomBytes(6).toString('hex')}`);
	try {
		const file = await open(temporary, 'wx', 0o600);
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}

		await chown(temporary, uid, gid);
		// eslint-disable-next-line no-bitwise
		await chmod(temporary, mode & 0o7777);
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, {force: true});
		throw error;
	}

	await syncFolder(dirname(path));
}
