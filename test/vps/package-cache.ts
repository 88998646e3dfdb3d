/**
 * One apt-cacher-ng for all test processes of this machine: a package that a server installs is downloaded once.
 * It is the only way out of the lab, and one for Debian packages alone: servers reach it over a UNIX socket that
 * each network's relay connects to (network.ts), since no network of the lab has a route to anywhere.
 */
import {spawn} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {createConnection} from 'node:net';
import path from 'node:path';
import {command, waitFor} from './command.ts';
import {cacheFolder, controlGroup, exclusively, inGroup, runFolder, sharedGroupName} from './owner.ts';

const folder = path.join(cacheFolder, 'packages');
/** Where the cache listens for the lab's networks. */
export const packageSocket = path.join(runFolder, 'packages');
/** Where it listens for image builds on this machine; not 3142, which a cache of the developer's may have. */
const port = 31_420;
export const packageProxyHere = `http://127.0.0.1:${port}`;

/** Whether a listener is at a UNIX socket or a port of this machine. */
async function listens(where: string | number): Promise<boolean> {
	return new Promise(resolve => {
		const connection = typeof where === 'string' ? createConnection(where) : createConnection(where, '127.0.0.1');
		connection.once('connect', () => {
			connection.destroy();
			resolve(true);
		});
		connection.once('error', () => {
			resolve(false);
		});
	});
}

function start(group: string, argv: readonly string[]): void {
	const [program, ...rest] = inGroup(group, argv);
	spawn(program!, rest, {detached: true, stdio: 'ignore', cwd: '/'}).unref();
}

/** Starts the cache unless it runs. It ends with the last test process (owner.ts). */
export async function startPackageCache(): Promise<void> {
	await exclusively('packages', async () => {
		const group = await controlGroup(sharedGroupName);
		if (!await listens(port)) {
			await mkdir(path.join(folder, 'log'), {recursive: true});
			await mkdir(path.join(folder, 'settings'), {recursive: true});
			const {stdout: proxy} = await command(['apt-config', 'dump', '--format', '%v', 'Acquire::http::Proxy']);
			// Its packaged settings redirect to mirrors near their packager; ours are the whole of it.
			const settings = [
				`CacheDir: ${folder}/files`,
				`LogDir: ${folder}/log`,
				`SocketPath: ${folder}/admin`,
				`Port: ${port}`,
				'BindAddress: 127.0.0.1',
				'VerboseLog: 0',
				...(proxy ? [`Proxy: ${proxy}`] : []),
			];
			await writeFile(path.join(folder, 'settings', 'acng.conf'), `${settings.join('\n')}\n`);
			start(group, ['/usr/sbin/apt-cacher-ng', '-c', path.join(folder, 'settings'), 'ForeGround=1']);
			await waitFor('apt-cacher-ng to listen', async () => listens(port));
		}

		if (!await listens(packageSocket)) {
			// The cache hangs up on whoever comes over its own UNIX socket: give it one that looks like a local client.
			start(group, ['socat', `UNIX-LISTEN:${packageSocket},unlink-early,fork,backlog=128`, `TCP:127.0.0.1:${port}`]);
			await waitFor('the relay of the package cache to listen', async () => listens(packageSocket));
		}
	});
}
