import {lstat} from 'node:fs/promises';
import type {FileState, Host} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';

/** Files that a package's own script deletes when it is purged, though they may have been there before it. */
const deletedBy: Readonly<Record<string, readonly string[]>> = {
	locales: ['/etc/default/locale', '/etc/locale.conf'],
};

async function changedAt(path: string): Promise<number | undefined> {
	return lstat(path).then(({mtimeMs}) => mtimeMs, () => undefined);
}

/** Those that are older than their package here: it did not make them. */
async function olderThan(host: Host, name: string): Promise<ReadonlyMap<string, FileState>> {
	const installed = await changedAt(`/var/lib/dpkg/info/${name}.list`);
	const found = new Map<string, FileState>();
	for (const path of installed === undefined ? [] : deletedBy[name] ?? []) {
		const [changed, state] = await Promise.all([changedAt(path), readState(host, path)]);
		if (changed !== undefined && state !== null && changed < installed!) {
			found.set(path, state);
		}
	}

	return found;
}

/** Purges, and puts back what was not the packages' to delete. */
export async function sparing(host: Host, names: readonly string[], purge: () => Promise<unknown>): Promise<void> {
	const kept = await Promise.all(names.map(async name => olderThan(host, name)));
	try {
		await purge();
	} finally {
		for (const [path, state] of kept.flatMap(files => [...files])) {
			if (await readState(host, path) === null) {
				await writeState(host, path, state);
			}
		}
	}
}
