/**
 * One apt-cacher-ng for all test processes of this machine: a package that a server installs is downloaded once.
 * It is the only way out of the lab, and one for Debian packages alone: servers reach it over a UNIX socket that
 * each network's relay connects to (network.ts), since no network of the lab has a route to anywhere.
 */
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, readFile} from 'node:fs/promises';
import {createConnection} from 'node:net';
import path from 'node:path';
import {waitFor} from './command.ts';
import {cacheFolder, controlGroup, exclusively, inGroup, sharedGroupName} from './owner.ts';

const folder = path.join(cacheFolder, 'packages');
/** Where the cache listens for the lab's networks. */
export const packageSocket = path.join(folder, 'socket');
/** Where it listens for image builds on this machine; not 3142, which a cache of the developer's may have. */
const port = 31_420;
export const packageProxyHere = `http://127.0.0.1:${port}`;

async function answers(): Promise<boolean> {
	return new Promise(resolve => {
		const connection = createConnection(packageSocket);
		connection.once('connect', () => {
			connection.destroy();
			resolve(true);
		});
		connection.once('error', () => {
			resolve(false);
		});
	});
}

/** Starts the cache unless it runs. It ends with the last test process (owner.ts). */
export async function startPackageCache(): Promise<void> {
	await exclusively('packages', async () => {
		if (existsSync(packageSocket) && await answers()) {
			return;
		}

		await mkdir(path.join(folder, 'log'), {recursive: true});
		const group = await controlGroup(sharedGroupName);
		const settings = {
			CacheDir: path.join(folder, 'files'),
			LogDir: path.join(folder, 'log'),
			SocketPath: packageSocket,
			Port: port,
			BindAddress: '127.0.0.1',
			ForeGround: 1,
			// Keep what is there when the internet is slow or away; expiry is a job of the packaged cron script.
			ReuseConnections: 1,
			VerboseLog: 0,
		};
		const [program, ...rest] = inGroup(group, ['/usr/sbin/apt-cacher-ng', '-c', '/etc/apt-cacher-ng', ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)]);
		spawn(program!, rest, {detached: true, stdio: 'ignore'}).unref();
		try {
			await waitFor('apt-cacher-ng to listen', answers);
		} catch (error) {
			const log = await readFile(path.join(folder, 'log', 'apt-cacher.err'), 'utf8').catch(() => 'no log');
			throw new Error(`The package cache did not start: ${log.slice(-2000)}`, {cause: error});
		}
	});
}
