import {link, readFile, rm, unlink} from 'node:fs/promises';
import {join} from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {z} from 'zod';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {writeDurably} from './durable.ts';

const holderSchema = z.object({pid: z.int(), startTime: z.string(), boot: z.string(), since: z.string(), what: z.string()});

/** Who holds a lock. `startTime` and `boot` tell a process from a later one with the same number. */
export type Holder = z.infer<typeof holderSchema>;

async function bootId(): Promise<string> {
	return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Field 22 of proc(5) stat: start time in clock ticks since boot. The program's name may hold spaces and brackets. */
export function startTimeOf(stat: string): string {
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function startTime(pid: number): Promise<string | undefined> {
	try {
		return startTimeOf(await readFile(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return undefined;
	}
}

async function holderOf(path: string): Promise<Holder | undefined> {
	try {
		const holder = holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
		const isAlive = holder.boot === await bootId() && holder.startTime === await startTime(holder.pid);
		return isAlive ? holder : undefined;
	} catch {
		return undefined;
	}
}

/** Who works on this host now, if anybody. */
export async function lockHolder(folder: string): Promise<Holder | undefined> {
	return holderOf(join(folder, 'lock'));
}

/**
 * Keeps a second wizard out, and says who is in and since when. A lock whose process is gone (SIGKILL, power cut) is taken over.
 * Returns the release.
 */
export async function takeLock(folder: string, what: string): Promise<() => Promise<void>> {
	const path = join(folder, 'lock');
	const own = join(folder, `lock-${process.pid}`);
	const me: Holder = {pid: process.pid, startTime: await startTime(process.pid) ?? '', boot: await bootId(), since: new Date().toISOString(), what};
	await writeDurably(own, JSON.stringify(me));
	try {
		for (;;) {
			try {
				// link(2) fails where the name exists: one winner, and its content is there at once.
				await link(own, path);
				break;
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
					throw error;
				}

				const holder = await holderOf(path);
				if (holder) {
					throw new Problem(
						t('Another harden-python-vps is at work here: {what}, process {pid}, since {since}.', {what: holder.what, pid: holder.pid, since: holder.since}),
						t('Go back to its window, or end it with: kill {pid}', {pid: holder.pid}),
					);
				}

				await rm(path, {force: true});
			}
		}
	} finally {
		await unlink(own);
	}

	return async () => rm(path, {force: true});
}

/** Waits until nobody holds the lock; false where somebody still does after so many milliseconds. */
async function becomesFree(folder: string, milliseconds: number): Promise<boolean> {
	for (let waited = 0; waited < milliseconds; waited += 100) {
		if (!await lockHolder(folder)) {
			return true;
		}

		await setTimeout(100);
	}

	return !await lockHolder(folder);
}

/** Takes the lock as soon as its holder, who is known to be about to leave, has left. */
export async function takeLockPatiently(folder: string, what: string): Promise<() => Promise<void>> {
	await becomesFree(folder, 15_000);
	return takeLock(folder, what);
}

/**
 * Makes way for the guard: whoever is in steps aside, or is asked to end, or is ended. Nothing of theirs is lost: the
 * journal knows it.
 */
export async function takeLockByForce(folder: string, what: string): Promise<() => Promise<void>> {
	if (!await becomesFree(folder, 2000)) {
		for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
			const holder = await lockHolder(folder);
			if (holder) {
				process.kill(holder.pid, signal);
				await becomesFree(folder, 5000);
			}
		}
	}

	return takeLock(folder, what);
}
