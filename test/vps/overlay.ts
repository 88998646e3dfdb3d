import {mkdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

/** A disk of several layers. All are folders; `upper` takes the writes, `root` is where the whole is seen. */
export type Disk = {
	/** Read-only, topmost first. */
	layers: readonly string[];
	upper: string;
	work: string;
	root: string;
};

const script = fileURLToPath(new URL('overlay.sh', import.meta.url));

/** The argv that runs `inside` with the disk mounted at its `root`, for as long as that runs (overlay.sh says how). */
export async function overlay(disk: Disk, inside: readonly string[]): Promise<string[]> {
	for (const folder of [disk.upper, disk.work, disk.root]) {
		await mkdir(folder, {recursive: true});
	}

	// `volatile` leaves out syncs, which makes dpkg several times faster. After a power cut of ours the data is whole
	// all the same, in the page cache; the kernel cannot know and refuses the disk until its mark is removed.
	await rm(path.join(disk.work, 'work', 'incompat'), {recursive: true, force: true});
	const options = `lowerdir=${disk.layers.join(':')},upperdir=${disk.upper},workdir=${disk.work},volatile,redirect_dir=on`;
	return ['unshare', '--mount', '--propagation', 'private', 'sh', script, options, disk.root, ...inside];
}
