import {open, rm} from 'node:fs/promises';
import {setTimeout} from 'node:timers/promises';
import {snippet} from '../snippet.ts';
import type {Host} from '../engine/types.ts';
import {syncFolder} from './durable.ts';
import {mustRun} from './host.ts';
import {monotonicMilliseconds} from './moment.ts';

const folder = '/etc/systemd/system';
const service = 'harden-guard.service';
const timer = 'harden-guard.timer';

/**
 * Written in place and not by way of a temporary file, which a power cut would leave in /etc: a unit file is not read
 * before we say so, or before the next boot, when a torn one guards nothing because nothing was changed yet.
 */
async function writeUnit(name: string, content: string): Promise<void> {
	const file = await open(`${folder}/${name}`, 'w', 0o644);
	try {
		await file.writeFile(content);
		await file.sync();
	} finally {
		await file.close();
	}
}

const units: Readonly<Record<string, number>> = {y: 31_557_600_000, month: 2_629_800_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1, us: 0.001};

/** A time span as systemd prints it (`1h 2min 3.5s`), in milliseconds; undefined for `infinity` and anything else. */
export function parseTimeSpan(text: string): number | undefined {
	const parts = text.split(' ').map(part => /^(?<count>\d+(?:\.\d+)?)(?<unit>[a-z]+)$/.exec(part)?.groups);
	const lengths = parts.map(part => Number(part?.count ?? Number.NaN) * (units[part?.unit ?? ''] ?? Number.NaN));
	const sum = lengths.reduce((total, length) => total + length, 0);
	return Number.isNaN(sum) ? undefined : sum;
}

/** The lines of `systemctl show`. */
export function parseProperties(output: string): Readonly<Record<string, string>> {
	return Object.fromEntries(output.split('\n').filter(line => line.includes('=')).map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Whether a process of the cgroup that /proc/PID/cgroup names belongs to the guard's own service. */
export function isInService(cgroup: string): boolean {
	return cgroup.split('\n').some(line => line.split('/').includes(service));
}

/**
 * Where SELinux is on it may refuse Node the memory that it compiles to (Debian's policy does, unless allow_execmem is on), if not
 * now, then after the next boot: V8 then ends at once. Without its compiler it runs in any case, if slowly.
 */
async function nodeOptions(host: Host): Promise<string> {
	return await host.read('/sys/fs/selinux/enforce') === undefined ? '' : ' --jitless';
}

/** The guard's service and timer in systemd. */
export function guardUnits(host: Host) {
	async function show(unit: string): Promise<Readonly<Record<string, string>>> {
		return parseProperties(await mustRun(host, ['systemctl', 'show', unit, '--property=ActiveState,UnitFileState,Job,NextElapseUSecMonotonic']));
	}

	async function writeTimer(milliseconds: number): Promise<void> {
		await writeUnit(timer, snippet('systemd/harden-guard.timer', {milliseconds: Math.round(milliseconds)}));
	}

	async function isOurselves(): Promise<boolean> {
		return isInService(await host.read('/proc/self/cgroup') ?? '');
	}

	return {
		/** Begins the countdown anew. */
		async restartTimer(milliseconds: number): Promise<void> {
			await writeTimer(milliseconds);
			await mustRun(host, ['systemctl', 'daemon-reload']);
			await mustRun(host, ['systemctl', 'restart', timer]);
		},
		/** Whether this is the service itself. */
		isOurselves,
		/** Puts the service in place for the next boot, and starts the countdown. On disk when it resolves. */
		async install({guardFolder, stateFolder, milliseconds}: {guardFolder: string; stateFolder: string; milliseconds: number}): Promise<void> {
			await writeUnit(service, snippet('systemd/harden-guard.service', {folder: guardFolder, stateFolder, nodeOptions: await nodeOptions(host)}));
			await writeTimer(milliseconds);
			// This also lets systemd read both.
			await mustRun(host, ['systemctl', 'enable', service]);
			await syncFolder(`${folder}/multi-user.target.wants`);
			await syncFolder(folder);
			await mustRun(host, ['systemctl', 'restart', timer]);
		},
		/** Milliseconds until the timer ends, as systemd itself says; undefined where no timer runs or the next boot would not run the service. */
		async left(): Promise<number | undefined> {
			const [ofTimer, ofService] = await Promise.all([show(timer), show(service)]);
			if (ofTimer.ActiveState !== 'active' || ofService.UnitFileState !== 'enabled') {
				return undefined;
			}

			const elapse = parseTimeSpan(ofTimer.NextElapseUSecMonotonic ?? '');
			return elapse === undefined ? undefined : Math.round(elapse - monotonicMilliseconds());
		},
		/** Whether things are being put back, or are about to be: also between two tries. */
		async isFiring(): Promise<boolean> {
			const {ActiveState: state = '', Job: job = ''} = await show(service);
			return !['inactive', 'failed', ''].includes(state) || !['', '0'].includes(job);
		},
		/** Ends the countdown. What has begun by then goes on. */
		stopTimer: async () => host.run(['systemctl', 'stop', timer]),
		/** Takes everything away again, also from within the service, and from whatever an interrupted start left. */
		async remove(): Promise<void> {
			await host.run(['systemctl', 'stop', timer]);
			await host.run(['systemctl', 'disable', '--no-reload', service]);
			await rm(`${folder}/multi-user.target.wants/${service}`, {force: true});
			await rm(`${folder}/${timer}`, {force: true});
			await rm(`${folder}/${service}`, {force: true});
			await syncFolder(folder);
			await mustRun(host, ['systemctl', 'daemon-reload']);
			await host.run(['systemctl', 'reset-failed', service, timer]);
		},
		/** Waits for a boot to be over, so that units are read as they will be and not as they are half way; 30 s at most. */
		async bootIsOver(): Promise<void> {
			await Promise.race([
				host.run(['systemctl', 'is-system-running', '--wait'], {timeout: 30_000}),
				setTimeout(31_000, undefined, {ref: false}),
			]);
		},
	};
}
