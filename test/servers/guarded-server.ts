/** The guard's harness on a server, with its own way of asking, and a user deploy who can log in on two ports. */
import {join} from 'node:path';
import {build} from 'esbuild';
import {snippets} from '../../source/embedded/from-disk.ts';
import type {GuardRecord} from '../../source/host/guard.ts';
import {rootKey} from '../vps/image.ts';
import type {Server} from '../vps/server.ts';
import {createKey} from '../vps/ssh.ts';

/** In a folder that everybody can reach, as sudo has to. */
export const harness = '/opt/guard-harness.mjs';

let bundled: Promise<Uint8Array> | undefined;

async function bundle(): Promise<Uint8Array> {
	const {outputFiles} = await build({
		entryPoints: [join(import.meta.dirname, 'guard-harness.ts')],
		bundle: true,
		write: false,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		banner: {js: 'import {createRequire} from "node:module"; const require = createRequire(import.meta.url);'},
		plugins: [{
			name: 'snippets',
			setup(builder) {
				builder.onResolve({filter: /^#snippets$/}, () => ({path: 'snippets', namespace: 'embedded'}));
				builder.onLoad({filter: /.*/, namespace: 'embedded'}, () => ({contents: `export const snippets = ${JSON.stringify(snippets)};`, loader: 'js'}));
			},
		}],
	});
	return outputFiles[0]!.contents;
}

export type Guarded = {
	/** Runs one command of the harness and returns the JSON lines that it printed. */
	ask<T = object>(command: string, argument?: object | number): Promise<readonly T[]>;
	record(): Promise<GuardRecord | 'nothing'>;
	/** When the stand-in for the tool did what, in milliseconds since the epoch. */
	fired(): Promise<ReadonlyArray<{at: number; what: string}>>;
	/** deploy's key. */
	key: string;
};

export async function guarded(server: Server, {sudo = 'NOPASSWD: ALL'}: {sudo?: string} = {}): Promise<Guarded> {
	bundled ??= bundle();
	await server.write(harness, await bundled, {mode: 0o644});
	const key = await createKey(rootKey.replace('root', 'deploy'));
	await server.write('/home/deploy/.ssh/authorized_keys', `${key.publicKey}\n`, {mode: 0o600});
	await server.write('/etc/sudoers.d/deploy', `deploy ALL=(ALL) ${sudo}\n`, {mode: 0o440});
	await server.write('/etc/ssh/sshd_config.d/10-two-ports.conf', 'Port 22\nPort 5922\n');
	await server.run(['sh', '-ec', 'install -d -m 700 /var/lib/harden-python-vps; useradd --shell /bin/bash deploy; echo deploy:correct | chpasswd; chmod 700 /home/deploy/.ssh; chown -R deploy: /home/deploy; systemctl restart ssh']);
	async function ask<T>(name: string, argument?: object | number): Promise<readonly T[]> {
		const text = argument === undefined ? [] : [JSON.stringify(argument)];
		const {stdout} = await server.run(['node', harness, name, ...text]);
		return stdout.split('\n').filter(Boolean).map(line => JSON.parse(line) as T);
	}

	return {
		key: key.privateFile,
		ask,
		async record() {
			const [record] = await ask<GuardRecord | 'nothing'>('read');
			return record!;
		},
		async fired() {
			const {stdout} = await server.run(['cat', '/root/fired'], {check: false});
			return stdout.split('\n').filter(Boolean).map(line => ({at: Number(line.split(' ')[0]), what: line.slice(line.indexOf(' ') + 1)}));
		},
	};
}
