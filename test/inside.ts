import path from 'node:path';
import {build} from 'esbuild';
import {embed} from '../scripts/embed.ts';
import type {Server} from './vps/server.ts';

/** Code of ours, run as root on a booted server by its own Node: bundled into one file, input and output as JSON. */

const bundles = new Map<string, Promise<Uint8Array>>();

/** An entry file with all that it imports, snippets too, as one file for a server's Node. */
export async function bundleOf(entry: string): Promise<Uint8Array> {
	const {outputFiles} = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		plugins: [embed],
		banner: {js: 'import {createRequire} from "node:module"; const require = createRequire(import.meta.url);'},
	});
	return outputFiles[0]!.contents;
}

/** Puts the bundle of an entry file on the server, once a server, and returns its path there. */
export async function installInside(server: Server, entry: string): Promise<string> {
	const place = `/root/inside/${path.basename(entry, '.ts')}.mjs`;
	if (!await server.exists(place)) {
		const bundled = bundles.get(entry) ?? bundleOf(entry);
		bundles.set(entry, bundled);
		await server.write(place, await bundled);
	}

	return place;
}

/** Runs an entry file that reads JSON from standard input and prints JSON; returns what it printed. */
export async function runInside<T>(server: Server, entry: string, input: unknown, {timeout = 180_000} = {}): Promise<T> {
	const {stdout} = await server.run(['node', await installInside(server, entry)], {input: JSON.stringify(input), timeout});
	return JSON.parse(stdout) as T;
}
