import {closeSync, openSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type {Scratch} from '../engine/types.ts';

/** Of memory, not of a disk (shm_open(3)). */
const memory = '/dev/shm';

/**
 * See `Host`. A file without a name lives for as long as somebody has it open: the kernel takes it away with this process, also
 * with one that is killed.
 */
export async function scratch(make: (path: string) => Promise<unknown>, room = memory): Promise<Scratch | undefined> {
	const folder = await mkdtemp(path.join(room, 'harden-python-vps-')).catch(() => undefined);
	if (folder === undefined) {
		return undefined;
	}

	try {
		const file = path.join(folder, 'scratch');
		await make(file);
		// Its number and not a FileHandle, which is closed when nobody refers to it.
		const descriptor = openSync(file, 'r');
		return {
			path: `/proc/${process.pid}/fd/${descriptor}`,
			drop() {
				closeSync(descriptor);
			},
		};
	} catch {
		return undefined;
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}
