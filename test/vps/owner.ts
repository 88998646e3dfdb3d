/**
 * Who owns what in the lab, and how it is cleaned up.
 *
 * Everything the lab makes on this machine is a process, a network namespace, a control group or a folder, and each
 * carries its owner in its name: the process id and start time of the test process. So nothing has to be recorded,
 * and whatever belongs to a process that is gone can be found and removed, however that process died.
 * Mounts and network devices live in namespaces that vanish with their last process.
 */
import {spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, readdir, rm, rmdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {command, waitFor} from './command.ts';

/** Images, downloads and keys: worth keeping between runs. */
export const cacheFolder = path.join(process.env.XDG_CACHE_HOME ?? '/var/cache', 'harden-python-vps-lab');
const diskFolder = path.join(cacheFolder, 'disks');
/** What all test processes of this machine share while it runs. */
export const runFolder = '/run/harden-python-vps-lab';
const ownersFolder = path.join(runFolder, 'owners');
const namespacesFolder = '/run/netns';
const prefix = 'hpv-';
/** The control group of the package cache, which all owners share. */
export const sharedGroupName = 'shared';

/** `PID-STARTTIME`; the start time (clock ticks since boot) tells a process from a later one with the same id. */
function ownerName(pid: number): string | undefined {
	try {
		// The program's name, in parentheses, may hold spaces: count the fields after it. Start time is field 22.
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
		return fields[0] === 'Z' ? undefined : `${pid}-${fields[19]}`;
	} catch {
		return undefined;
	}
}

export const owner = ownerName(process.pid)!;

function isAlive(name: string): boolean {
	return ownerName(Number(name.split('-')[0])) === name;
}

/** The lab's folder in the machine's cgroup2 hierarchy; beside the v1 ones on a hybrid host. */
function groupsFolder(): string {
	const mount = readFileSync('/proc/self/mounts', 'utf8').split('\n').map(line => line.split(' ')).find(fields => fields[2] === 'cgroup2');
	if (!mount) {
		throw new Error('The lab needs a mounted cgroup2 hierarchy');
	}

	return path.join(mount[1]!, 'harden-python-vps-lab');
}

/** The absolute folder of a control group of this owner, or of the shared one. Made when missing. */
export async function controlGroup(...names: string[]): Promise<string> {
	const folder = path.join(groupsFolder(), ...(names[0] === sharedGroupName ? names : [owner, ...names]));
	await mkdir(folder, {recursive: true});
	return folder;
}

/** The same group as a process inside the cgroup2 hierarchy names it, for a mount of the hierarchy elsewhere. */
export function groupInsideHierarchy(folder: string): string {
	return path.join('harden-python-vps-lab', path.relative(groupsFolder(), folder));
}

/** Starts `argv` inside a control group: the shell joins it, then becomes the program, keeping its process id. */
export function inGroup(group: string, argv: readonly string[]): string[] {
	return ['sh', '-c', 'echo $$ >"$0" && exec "$@"', `${group}/cgroup.procs`, ...argv];
}

/** Kills every process of a control group and its sub-groups at once, like a power cut, and removes the folders unless they are to be kept. */
export async function killGroup(folder: string, {keep = false} = {}): Promise<void> {
	if (!existsSync(folder)) {
		return;
	}

	await writeFile(path.join(folder, 'cgroup.kill'), '1');
	await waitFor(`the processes of ${folder} to end`, () => readFileSync(path.join(folder, 'cgroup.events'), 'utf8').includes('populated 0'), {every: 10});
	if (!keep) {
		await removeGroup(folder);
	}
}

/** Innermost first, as the kernel wants it. A folder that is gone is what was wanted; a busy one is soon idle. */
async function removeGroup(folder: string): Promise<void> {
	for (const name of await list(folder, true)) {
		await removeGroup(path.join(folder, name));
	}

	await waitFor(`${folder} to be idle`, async () => {
		await rmdir(folder).catch((error: unknown) => {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				throw error;
			}
		});
		return true;
	}, {every: 10});
}

/** The name of a network namespace of this owner; at most as long as `ip netns` takes. */
export function namespaceName(name: string): string {
	return `${prefix}${owner}-${name}`;
}

export function namespacePath(name: string): string {
	return path.join(namespacesFolder, namespaceName(name));
}

/** A folder of this owner on the disk, e.g. of a network. Not made. */
export function ownDisk(...names: string[]): string {
	return path.join(diskFolder, owner, ...names);
}

/** Removes a folder of `ownDisk`. Refuses while something is mounted in it, whose files would go as well. */
export async function removeDisk(folder: string): Promise<void> {
	if (readFileSync('/proc/self/mounts', 'utf8').includes(` ${folder}/`)) {
		throw new Error(`Something is mounted in ${folder}`);
	}

	await rm(folder, {recursive: true, force: true});
}

/** Everything of the lab on this machine that belongs to `name`; empty when it cleaned up after itself. For tests. */
export async function belongings(name = owner): Promise<string[]> {
	const namespaces = (await list(namespacesFolder)).filter(entry => entry.startsWith(`${prefix}${name}-`)).map(entry => path.join(namespacesFolder, entry));
	const groups = path.join(groupsFolder(), name);
	const disks = path.join(diskFolder, name);
	const groupEntries = (await list(groups, true)).map(entry => path.join(groups, entry));
	const diskEntries = (await list(disks)).map(entry => path.join(disks, entry));
	return [...namespaces, ...groupEntries, ...diskEntries];
}

async function list(folder: string, foldersOnly = false): Promise<string[]> {
	try {
		const entries = await readdir(folder, {withFileTypes: true});
		return entries.filter(entry => !foldersOnly || entry.isDirectory()).map(entry => entry.name);
	} catch {
		return [];
	}
}

/**
 * Runs `work` while no other process runs work under the same name; the others wait.
 * The lock is held by a flock(1) that ends when its standard input closes, so a killed test process frees it.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
	await mkdir(runFolder, {recursive: true});
	const holder = spawn('flock', [path.join(runFolder, `${name}.lock`), 'sh', '-c', 'echo held; exec cat'], {stdio: ['pipe', 'pipe', 'inherit']});
	try {
		await new Promise((resolve, reject) => {
			holder.stdout.once('data', resolve);
			holder.once('error', reject);
			holder.once('exit', code => {
				reject(new Error(`flock exited with ${code}`));
			});
		});
		return await work();
	} finally {
		holder.stdin.end();
	}
}

/** Removes what belongs to processes that are gone, and stops the package cache when nobody is left to use it. */
export async function reap(): Promise<void> {
	await exclusively('reap', async () => {
		const names = [
			...await list(ownersFolder),
			...await list(diskFolder),
			...(await list(groupsFolder(), true)).filter(name => name !== sharedGroupName),
			...(await list(namespacesFolder)).filter(name => name.startsWith(prefix)).map(name => name.split('-').slice(1, 3).join('-')),
		];
		const dead = new Set(names.filter(name => !isAlive(name)));
		for (const name of dead) {
			await removeOwner(name);
		}

		if (names.every(name => dead.has(name))) {
			await killGroup(path.join(groupsFolder(), sharedGroupName));
			if (existsSync(groupsFolder())) {
				await removeGroup(groupsFolder());
			}
		}
	});
}

async function removeOwner(name: string): Promise<void> {
	await killGroup(path.join(groupsFolder(), name));
	for (const namespace of await list(namespacesFolder)) {
		if (namespace.startsWith(`${prefix}${name}-`)) {
			await command(['ip', 'netns', 'delete', namespace]);
		}
	}

	await removeDisk(path.join(diskFolder, name));
	await rm(path.join(ownersFolder, name), {force: true});
}

let registration: Promise<void> | undefined;

/**
 * Makes this process known as a user of the lab, removes leftovers of dead ones, and starts a watchdog: a shell that
 * waits for the end of its standard input, which comes with the end of this process in whatever way, and then reaps.
 */
export async function register(): Promise<void> {
	registration ??= (async () => {
		await mkdir(ownersFolder, {recursive: true});
		await writeFile(path.join(ownersFolder, owner), '');
		await reap();
		const reaper = [process.execPath, '--import', import.meta.resolve('tsx'), fileURLToPath(new URL('reap.ts', import.meta.url))];
		const watchdog = spawn('sh', ['-c', 'cat >/dev/null; exec "$@"', 'watchdog', ...reaper], {detached: true, stdio: ['pipe', 'ignore', 'ignore']});
		watchdog.unref();
		// The pipe must not keep this process running either. (The stream is a socket, which its type does not say.)
		(watchdog.stdin as unknown as {unref(): void}).unref();
	})();
	await registration;
}
