import {randomBytes} from 'node:crypto';
import {lstat, open, rename, rm} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';

const reasons: Readonly<Record<string, () => string>> = {
	ENOENT: () => t('there is no such folder'),
	ENOTDIR: () => t('there is no such folder'),
	EROFS: () => t('that file system is read-only'),
	ENOSPC: () => t('that disk is full'),
};

function problem(path: string, reason: string): Problem {
	return new Problem(t('{path} cannot be written: {reason}.', {path, reason}), t('Name another file with --output.'));
}

/** Writes a file where the user wants it: for root only (0600), whole or not at all. It takes the place of a file, and of nothing else: no link, no device. */
export async function handOut(file: string, content: string): Promise<string> {
	const path = resolve(file);
	const there = await lstat(path).catch(() => undefined);
	if (there && !there.isFile()) {
		throw problem(path, t('it is there, and is no file'));
	}

	const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}`);
	try {
		const handle = await open(temporary, 'wx', 0o600);
		try {
			await handle.writeFile(content);
		} finally {
			await handle.close();
		}

		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, {force: true}).catch(() => undefined);
		const {code = '', message} = error as NodeJS.ErrnoException;
		throw problem(path, reasons[code]?.() ?? message);
	}

	return path;
}
