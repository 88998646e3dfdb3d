import {appendFile, chmod, lstat, mkdir, open, readFile, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import process from 'node:process';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import type {JournalStore} from '../engine/journal.ts';
import {syncFolder, writeDurably} from './durable.ts';

export const defaultStateFolder = '/var/lib/harden-python-vps';

/** Makes the folder (0700, ours), and refuses one that somebody else could have prepared. */
export async function prepareStateFolder(path: string): Promise<void> {
	await mkdir(join(path, 'secrets'), {recursive: true, mode: 0o700});
	for (const folder of [path, join(path, 'secrets')]) {
		const stat = await lstat(folder);
		if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
			throw new Problem(
				t('{folder} belongs to somebody else, or is a link.', {folder}),
				t('Find out who made it; then remove it and start again.'),
			);
		}

		await chmod(folder, 0o700);
	}
}

async function textOf(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

/** The journal on disk: one file of JSON lines and a folder of secrets, each call durable when it resolves. */
export function journalIn(folder: string): JournalStore {
	const path = join(folder, 'journal.jsonl');
	return {
		read: async () => await textOf(path) ?? '',
		async append(text) {
			const file = await open(path, 'a', 0o600);
			try {
				await appendFile(file, text);
				await file.sync();
			} finally {
				await file.close();
			}

			await syncFolder(folder);
		},
		truncate: async length => truncate(path, Buffer.byteLength((await readFile(path, 'utf8')).slice(0, length))),
		putSecret: async (name, text) => writeDurably(join(folder, 'secrets', name), text),
		getSecret: async name => readFile(join(folder, 'secrets', name), 'utf8'),
	};
}

/** A small file of ours as JSON; undefined where there is none. A damaged one reads as none: it only ever speeds up a resume. */
export async function readJson(folder: string, name: string): Promise<unknown> {
	const text = await textOf(join(folder, name));
	try {
		return text === undefined ? undefined : JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

export async function writeJson(folder: string, name: string, value: unknown): Promise<void> {
	await writeDurably(join(folder, name), JSON.stringify(value, undefined, '\t') + '\n');
}
