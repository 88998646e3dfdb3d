import {setTimeout} from 'node:timers/promises';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Argv, Host, WriteContext} from '../../engine/types.ts';

/** What a transaction needs for itself. A process that only waits for one of them does not keep it open. */
export const packageLocks = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock', '/var/cache/apt/archives/lock', '/var/cache/debconf/config.dat'];
export const listLocks = ['/var/lib/apt/lists/lock'];

/** The processes that hold a write lock on some file: /proc/locks of proc_locks(5). */
export function parseLocks(text: string): readonly number[] {
	const holders = [...text.matchAll(/^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+WRITE\s+(\d+) /gm)].map(match => Number(match[1]));
	return [...new Set(holders)].filter(pid => pid > 0);
}

/** The service that a process belongs to, from /proc/PID/cgroup; undefined for one of a login session. */
export function parseService(cgroup: string): string | undefined {
	return /\/(?<service>(?!user@)[^/\n]+\.service)(?:\/[^\n]*)?$/m.exec(cgroup)?.groups?.service;
}

export type Holder = {pid: number; program: string; service?: string};

async function describeHolder(host: Host, pid: number): Promise<Holder> {
	const [commandLine = '', cgroup = ''] = await Promise.all([host.read(`/proc/${pid}/cmdline`), host.read(`/proc/${pid}/cgroup`)]);
	const words = commandLine.split('\0').filter(Boolean);
	// An interpreter says less than the script it runs.
	const program = words.slice(0, 2).map(word => word.split('/').at(-1)!).find(word => !/^(?:python|perl|sh$|bash$|dash$|-)/.test(word)) ?? words[0] ?? '?';
	const service = parseService(cgroup);
	return {pid, program, ...service !== undefined && {service}};
}

/** Who holds one of the locks now. By open files rather than by inode numbers, which overlay and btrfs tell differently in different places. */
export async function lockHolder(host: Host, paths: readonly string[]): Promise<Holder | undefined> {
	const candidates = parseLocks(await host.read('/proc/locks') ?? '');
	if (candidates.length === 0) {
		return undefined;
	}

	const named = paths.flatMap(path => ['-o', '-lname', path]).slice(1);
	const argv: Argv = ['find', ...candidates.map(pid => `/proc/${pid}/fd`), '-maxdepth', '1', '(', ...named, ')', '-print'];
	const pid = /^\/proc\/(\d+)\//m.exec((await host.run(argv)).stdout)?.[1];
	return pid === undefined ? undefined : describeHolder(host, Number(pid));
}

export function holderWords({pid, program, service}: Holder): string {
	return service === undefined
		? t('{program} (process {pid}) is working on packages; waiting until it is done.', {program, pid})
		: t('{program} ({service}, process {pid}) is working on packages; waiting until it is done.', {program, service, pid});
}

/** First-boot upgrades take minutes, not half an hour. */
const patience = 30 * 60_000;

/** Waits until nobody holds the locks, saying who does. Throws a Problem naming them after half an hour. */
export async function waitForLocks(host: Host, paths: readonly string[], {progress}: WriteContext): Promise<void> {
	const deadline = Date.now() + patience;
	let told = '';
	for (;;) {
		const holder = await lockHolder(host, paths);
		if (!holder) {
			return;
		}

		if (Date.now() > deadline) {
			throw new Problem(
				t('{program} (process {pid}) has kept the package database locked for half an hour.', {program: holder.program, pid: holder.pid}),
				t('Look at what it does with `ps -f {pid}`. When it is done, or ended, try again.', {pid: holder.pid}),
				1,
			);
		}

		const why = holderWords(holder);
		if (why !== told) {
			progress({type: 'waiting', why});
			told = why;
		}

		await setTimeout(1000);
	}
}
