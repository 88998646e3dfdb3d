import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import type {Host, Provider} from '../../engine/types.ts';
import {t} from '../../words.ts';
import {installTool} from '../guard-tool.ts';

async function digestOf(path: string): Promise<string | undefined> {
	const hash = createHash('sha256');
	try {
		await pipeline(createReadStream(path), hash);
		return hash.digest('hex');
	} catch {
		return undefined;
	}
}

async function isThere(folder: string): Promise<boolean> {
	return readdir(folder).then(names => names.includes('harden-python-vps.mjs') && names.includes('node'), () => false);
}

/**
 * This very tool, kept where timers find it: npx keeps it in a cache that anybody may empty. An older copy is replaced by the one that
 * runs, and stays the newer one when that is undone.
 */
export function toolCopyProvider(host: Host): Provider<'tool-copy'> {
	const bundle = fileURLToPath(import.meta.url);
	return {
		async read(folder) {
			return await isThere(folder) ? {current: await digestOf(join(folder, 'harden-python-vps.mjs')) === await digestOf(bundle)} : null;
		},
		async write(folder, state) {
			if (state === null) {
				await rm(folder, {recursive: true, force: true});
				return;
			}

			await rm(folder, {recursive: true, force: true});
			await mkdir(folder, {recursive: true, mode: 0o700});
			await installTool(host, folder, {bundle, node: process.execPath});
		},
		same: (left, right) => (left === null) === (right === null) && left?.current === right?.current,
		lasting: ({before}) => before === null ? undefined : t('The older copy does not come back.'),
	};
}
