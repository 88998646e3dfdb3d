import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Provider, Providers, ResourceType} from '../../source/engine/types.ts';
import {machine} from '../../source/host/host.ts';
import {providersFor} from '../../source/host/providers/index.ts';
import {Problem} from '../../source/problem.ts';
import {bundleOf} from '../inside.ts';
import {plainEnvironment} from '../vps/command.ts';
import type {Server} from '../vps/server.ts';
import type {Answer, Request} from './provider-harness.ts';

export const onServer = '/root/provider-harness.mjs';
const powerCut = '/root/power-cut.mjs';
const patience = 150_000;

const bundle = async (name: string) => bundleOf(join(import.meta.dirname, name));

type Waiting = {settle: (answer: Answer) => void; fail: (error: Error) => void};
type Listening = {child: ChildProcessWithoutNullStreams; waiting: Map<number, Waiting>};

function listen(server: Server, argv: readonly string[]): Listening {
	const [program = '', ...rest] = server.argv(argv);
	const child = spawn(program, rest, {cwd: '/', env: plainEnvironment});
	const waiting = new Map<number, Waiting>();
	let said = '';
	createInterface({input: child.stdout}).on('line', line => {
		const answer = JSON.parse(line) as Answer;
		waiting.get(answer.id!)?.settle(answer);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	child.stdin.on('error', () => undefined);
	child.on('close', code => {
		for (const {fail} of waiting.values()) {
			fail(new Error(`The harness ended with ${code}: ${said}`));
		}
	});
	return {child, waiting};
}

/** One process on the server that answers request after request, so that Node does not start for each of many. Gone when nobody asks for a while, and started again. */
function listener(server: Server, argv: readonly string[]): (request: Request) => Promise<Answer> {
	let listening: Listening | undefined;
	let idle: NodeJS.Timeout | undefined;
	let last = 0;
	return async request => {
		const id = ++last;
		clearTimeout(idle);
		if (listening?.child.exitCode !== null) {
			listening = listen(server, argv);
		}

		const {child, waiting} = listening;
		const answer = new Promise<Answer>((settle, fail) => {
			waiting.set(id, {settle, fail});
		});
		const late = setTimeout(() => waiting.get(id)?.fail(new Error(`The harness did not answer within ${patience / 1000} s: ${JSON.stringify(request)}`)), patience);
		child.stdin.write(`${JSON.stringify({...request, id})}\n`);
		return answer.finally(() => {
			clearTimeout(late);
			waiting.delete(id);
			// A server that is to reboot waits for whoever is still in it.
			idle = waiting.size > 0 ? undefined : setTimeout(() => {
				child.stdin.end();
				listening = undefined;
			}, 300);
		});
	};
}

/** Puts the harness on the server, and returns how to ask it: as root, or as another user. */
export async function installHarness(server: Server): Promise<(request: Request, user?: string) => Promise<Answer>> {
	await server.write(onServer, await bundle('provider-harness.ts'));
	const listeners = new Map<string, ReturnType<typeof listener>>();
	return async (request, user = '') => {
		const as = user === '' ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
		const listens = listeners.get(user) ?? listener(server, [...as, 'node', onServer]);
		listeners.set(user, listens);
		return listens(request);
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
		complaint: async (name, state) => call({type, operation: 'complaint', name, state}).then(() => undefined, (error: unknown) => {
			if (error instanceof Problem) {
				return error;
			}

			throw error;
		}),
	});
	return Object.fromEntries(Object.keys(here).map(type => [type, remote(type as ResourceType)])) as unknown as Providers;
}
