import {copyFile, open, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import type {Host} from '../engine/types.ts';
import {t} from '../words.ts';
import {syncFolder} from './durable.ts';

/** Where a program may be gone after a restart of the server, or before it: cleaned, in memory, or not yet unlocked. */
export function isFleeting(path: string): boolean {
	return /^\/(?:tmp|var\/tmp|run|var\/run|dev\/shm|home|mnt|media)\//.test(path) || path.includes('/_npx/');
}

async function copyDurably(from: string, to: string): Promise<void> {
	await copyFile(from, to);
	const file = await open(to, 'r');
	try {
		await file.sync();
	} finally {
		await file.close();
	}
}

/**
 * Puts a copy of the tool into `folder`, and Node as a link, or a copy where it could vanish; then tries whether the
 * copy runs. `npx` keeps the tool in a cache that anybody may empty.
 */
export async function installTool(host: Host, folder: string, {bundle, node}: {bundle: string; node: string}): Promise<void> {
	const [toolCopy, nodeCopy] = [join(folder, 'harden-python-vps.mjs'), join(folder, 'node')];
	await copyDurably(bundle, toolCopy);
	await (isFleeting(node) ? copyDurably(node, nodeCopy) : symlink(node, nodeCopy));
	await syncFolder(folder);
	const {exitCode, stderr} = await host.run([nodeCopy, toolCopy, '--version']);
	if (exitCode !== 0) {
		const lines = stderr.split('\n').filter(line => line.trim() !== '');
		throw new Error(t('the copy of the tool in {folder} does not run: {words}', {folder, words: lines.find(line => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? String(exitCode)}));
	}
}
