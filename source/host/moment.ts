import process from 'node:process';
import {z} from 'zod';
import type {Host} from '../engine/types.ts';
import {startTimeOf} from './lock.ts';

/**
 * A point in time that no setting of the clock can move.
 * `cursor` is a place in the system's journal, absent where that is empty; `ticks` is a process's start time as in
 * field 22 of proc(5) stat; `milliseconds` is CLOCK_MONOTONIC. All of them mean nothing in another boot.
 */
export const momentSchema = z.object({bootId: z.string(), cursor: z.string().optional(), ticks: z.int(), milliseconds: z.number()});
export type Moment = z.infer<typeof momentSchema>;

/** CLOCK_MONOTONIC, which systemd's timers go by too. */
export function monotonicMilliseconds(): number {
	return Number(process.hrtime.bigint() / 1_000_000n);
}

export async function bootId(host: Host): Promise<string> {
	return (await host.read('/proc/sys/kernel/random/boot_id') ?? '').trim();
}

/** `-- cursor: s=…;i=…` as `journalctl --show-cursor` ends. */
export function parseCursor(output: string): string | undefined {
	return /^-- cursor: (?<cursor>\S+)$/m.exec(output)?.groups?.cursor;
}

/** Now. */
export async function momentNow(host: Host): Promise<Moment> {
	const [boot, journal, self] = await Promise.all([
		bootId(host),
		host.run(['journalctl', '--quiet', '--no-pager', '--lines=0', '--show-cursor']),
		host.run(['cat', '/proc/self/stat']),
	]);
	return {bootId: boot, cursor: parseCursor(journal.stdout), ticks: Number(startTimeOf(self.stdout)), milliseconds: monotonicMilliseconds()};
}

/** Milliseconds since then; undefined where the server was started again in between. */
export async function millisecondsSince(host: Host, moment: Moment): Promise<number | undefined> {
	return moment.bootId === await bootId(host) ? monotonicMilliseconds() - moment.milliseconds : undefined;
}
