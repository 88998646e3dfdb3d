import {join} from 'node:path';
import type {Provider, Providers, ResourceType} from '../../source/engine/types.ts';
import {machine} from '../../source/host/host.ts';
import {providersFor} from '../../source/host/providers/index.ts';
import {Problem} from '../../source/problem.ts';
import {bundleOf} from '../inside.ts';
import type {Server} from '../vps/server.ts';
import type {Answer, Request} from './provider-harness.ts';

export const onServer = '/root/provider-harness.mjs';
const powerCut = '/root/power-cut.mjs';

const bundle = async (name: string) => bundleOf(join(import.meta.dirname, name));

/** Puts the harness on the server, and returns how to ask it: as root, or as another user. */
export async function installHarness(server: Server): Promise<(request: Request, user?: string) => Promise<Answer>> {
	await server.write(onServer, await bundle('provider-harness.ts'));
	return async (request, user) => {
		const argv = [...user ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : [], 'node', onServer];
		const {stdout} = await server.run(argv, {input: JSON.stringify(request), timeout: 150_000});
		return JSON.parse(stdout) as Answer;
	};
}

/**
 * Makes the request again and again, cutting the power at one effect after the other (or every n-th), until it gets
 * through. `judge` looks at the server after each cut. Returns how many effects there are.
 */
export async function cutAtEveryEffect(server: Server, request: Request, judge: (effect: number) => Promise<void>, every = 1): Promise<number> {
	await server.write(powerCut, await bundle('power-cut.ts'));
	for (let effect = 0; ; effect += every) {
		const {ok, exitCode, stderr} = await server.run(['env', `CUT_AFTER=${effect}`, 'node', '--import', powerCut, onServer], {input: JSON.stringify(request), check: false});
		// -1: ended by a signal, and timeout(1) with it.
		if (!ok && exitCode !== -1) {
			throw new Error(`The harness ended with ${exitCode} at effect ${effect}: ${stderr}`);
		}

		await judge(effect);
		if (ok) {
			return effect;
		}
	}
}

export type Ask = Awaited<ReturnType<typeof installHarness>>;

/** The server's providers, usable from here: every call runs the real code as root over there. */
export function remoteProviders(ask: Ask): Providers {
	const here = providersFor(machine);
	const call = async (request: Request) => {
		const {value, told, problem, wayOut, bug} = await ask(request);
		if (bug !== undefined) {
			throw new Error(bug);
		}

		if (problem !== undefined) {
			throw new Problem(problem, wayOut ?? '');
		}

		return {value, told};
	};

	const remote = (type: ResourceType): Provider => ({
		...here[type] as Provider,
		read: async name => (await call({type, operation: 'read', name})).value as never,
		async write(name, state, {progress}) {
			const {told} = await call({type, operation: 'write', name, state});
			for (const event of told) {
				progress(event);
			}
		},
	});
	return Object.fromEntries(Object.keys(here).map(type => [type, remote(type as ResourceType)])) as unknown as Providers;
}
