/* eslint ava/no-ignored-test-files: off -- it is used by test files. */
import type {ExecutionContext} from 'ava';
import type {Providers} from '../../source/engine/types.ts';
import {onServer} from '../vps/on-server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import type {Server} from '../vps/server.ts';
import {installHarness, remoteProviders, type Ask} from './remote-providers.ts';

/** A server with the harness on it, and its providers. */
export type World = {server: Server; providers: Providers; ask: Ask};

export const quiet = {progress() {/* nobody listens */}};

export function withProviders(title: string, story: (t: ExecutionContext, world: World) => Promise<void>): void {
	onServer(title, async (t, server) => {
		const ask = await installHarness(server);
		await story(t, {server, ask, providers: remoteProviders(ask)});
	});
}

export async function sh(server: Server, script: string): Promise<string> {
	const {stdout} = await server.run(['sh', '-euc', script]);
	return stdout;
}

/** The work leaves the server as it was, in every respect that a snapshot knows. */
export async function unchanged(t: ExecutionContext, server: Server, work: () => Promise<void>): Promise<void> {
	const before = await snapshot(server);
	await work();
	t.deepEqual(compare(before, await snapshot(server), [
		{line: /^file \/var\/lib\/harden-python-vps(?:\/secrets)?:/, because: 'the tool\'s own folder, empty'},
		{line: /^file \/root\/power-cut\.mjs:/, because: 'the test\'s own'},
	]), []);
}
