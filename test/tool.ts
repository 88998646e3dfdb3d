import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {stringify} from 'yaml';
import {command, type Output} from './vps/command.ts';
import {createKey, type KeyPair} from './vps/ssh.ts';
import {cacheFolder} from './vps/owner.ts';
import type {Booted} from './vps/booted.ts';
import type {Server} from './vps/server.ts';

/** The tool on a booted server, as users meet it: the built bundle, run by the server's own Node. */

const root = path.join(import.meta.dirname, '..');
const bundle = path.join(root, 'dist/harden-python-vps.mjs');
export const onServer = '/root/harden-python-vps.mjs';

/** The key with which the developer comes in after SSH was hardened. */
export async function adminKey(): Promise<KeyPair> {
	return createKey(path.join(cacheFolder, 'keys', 'admin_ed25519'), 'ed25519', 'me@laptop');
}

/** Puts the one file of the tool on the server. `npm run build` has to have been run. */
export async function installTool(server: Booted): Promise<void> {
	await server.copyIn(bundle, onServer);
}

/** Packs what npm would publish, in a folder of its own; returns the tarball's path. */
export async function packTool(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'pack-'));
	await command(['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {cwd: root, timeout: 120_000, env: {PATH: process.env['PATH'] ?? ''}});
	const tarball = (await readdir(folder)).find(name => name.endsWith('.tgz'));
	return path.join(folder, tarball!);
}

/** Runs a command of the tool as root; never throws for an exit code. */
export async function tool(server: Booted, argv: readonly string[], options: {timeout?: number; env?: Record<string, string>} = {}): Promise<Output> {
	const {timeout = 180_000, env = {}} = options;
	const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	return server.run(['env', ...settings, 'node', onServer, ...argv], {check: false, timeout});
}

export type GuardView = {state: string; step: string; login: {user: string; port: number}};
export type Status = {guard?: GuardView; runs: ReadonlyArray<{run: number; step: string; status: string; changes: ReadonlyArray<{status: string; left?: string; description: {type: string; name: string}}>}>};

export async function status(server: Booted): Promise<Status> {
	const {stdout, stderr} = await tool(server, ['status', '--json']);
	try {
		return JSON.parse(stdout) as Status;
	} catch (error) {
		throw new Error(`status --json said: ${stdout} ${stderr}`, {cause: error});
	}
}

export type AnswersFile = Record<string, unknown>;

/** Answers for a whole run of all steps, with the admin's key; a test changes what it is about. */
export async function fullAnswers(changes: Record<string, Record<string, unknown>> = {}): Promise<AnswersFile> {
	const {publicKey} = await adminKey();
	const blocks: Record<string, Record<string, unknown>> = {
		updates: {},
		ssh: {user: 'deploy', port: 5922, authorizedKeys: [publicKey]},
		firewall: {web: false},
		fail2ban: {},
	};
	const names = Object.keys({...blocks, ...changes});
	return {version: 1, ...Object.fromEntries(names.map(name => [name, {...blocks[name], ...changes[name]}]))};
}

export async function writeAnswers(server: Booted, answers: AnswersFile, file = '/root/answers.yaml'): Promise<string> {
	await server.write(file, stringify(answers));
	return file;
}

/** The guard that waits for a login now, if one does. `status` is only asked where there is a guard: it starts Node each time. */
export async function armedGuard(server: Server): Promise<GuardView | undefined> {
	if (!await server.exists('/var/lib/harden-python-vps/guard/armed.json')) {
		return undefined;
	}

	const {guard} = await status(server).catch(() => ({guard: undefined}));
	return guard?.state === 'armed' ? guard : undefined;
}

/** The admin comes in over the new port for as long as a guard is armed: a login counts only once the change is made. */
export async function comeInWhenAsked(server: Server, isOver: () => boolean, options: {log?: (line: string) => void} = {}): Promise<void> {
	const {privateFile} = await adminKey();
	while (!isOver()) {
		const guard = await armedGuard(server);
		if (guard) {
			const login = await server.ssh({user: guard.login.user, port: guard.login.port, key: privateFile, command: 'sudo -n true; sleep 3'});
			options.log?.(`new login as ${guard.login.user} on port ${guard.login.port}: ${login.ok ? 'in' : `refused: ${login.stderr}`}`);
		}

		await new Promise(resolve => {
			setTimeout(resolve, 500);
		});
	}
}

/** An unattended run from the answers to its end, with the admin's logins. */
export async function harden(server: Server, answers: AnswersFile, argv: readonly string[] = [], options: {timeout?: number; log?: (line: string) => void} = {}): Promise<Output> {
	const file = await writeAnswers(server, answers);
	let isOver = false;
	const running = tool(server, ['--answers', file, '--yes', ...argv], {timeout: options.timeout ?? 300_000}).finally(() => {
		isOver = true;
	});
	const logins = comeInWhenAsked(server, () => isOver, options);
	const [output] = await Promise.all([running, logins]);
	return output;
}

/** A file of this machine that is gone with the callback. */
export async function withTemporaryFile<T>(content: string, use: (file: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(path.join(tmpdir(), 'harden-'));
	const file = path.join(folder, 'file');
	try {
		await writeFile(file, content);
		return await use(file);
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}
