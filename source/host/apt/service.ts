import {mkdir, rm} from 'node:fs/promises';
import {setTimeout} from 'node:timers/promises';
import {writeAptCache} from '../../engine/apt-cache.ts';
import {t} from '../../words.ts';
import type {Argv, Host, WriteContext, WriteProgress} from '../../engine/types.ts';
import {mustRun} from '../host.ts';
import {overall, parseStatus, type Work} from './status.ts';

/**
 * apt and dpkg run in a service of their own, a child of systemd and not of ours: whatever ends the wizard, its
 * terminal or its session, a package transaction goes on to its end. What it prints goes to files, so that nobody
 * has to be there to read it. One name for all of them: there is never more than one.
 */
export const unit = 'harden-packages.service';
/** In /run: gone after a reboot, like the service itself. Only root can look in. */
export const folder = '/run/harden-python-vps/packages';
export const outputFile = `${folder}/output`;
const errorFile = `${folder}/errors`;
const statusFile = `${folder}/status`;

/** No question can be asked, since nobody would hear it; no service is restarted behind our back. */
const environment: Readonly<Record<string, string>> = {
	DEBIAN_FRONTEND: 'noninteractive',
	DEBCONF_NOWARNINGS: 'yes',
	APT_LISTCHANGES_FRONTEND: 'none',
	APT_LISTBUGS_FRONTEND: 'none',
	NEEDRESTART_SUSPEND: '1',
	NEEDRESTART_MODE: 'l',
	UCF_FORCE_CONFFOLD: '1',
	LC_ALL: 'C.UTF-8',
	HOME: '/root',
	TERM: 'dumb',
	PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

/** Not 1 or 2: apt closes it for dpkg, whose scripts would then have nowhere to write. */
export const statusDescriptor = 3;
/** Of sh(1): opens it, and becomes the program that follows. */
const toItsEnd = `exec "$@" ${statusDescriptor}>"$0"`;

type UnitState = {active: boolean; failed: boolean; exitCode: number};

/** `systemctl show` of the service. One that ended well is forgotten by systemd at once, and reads as inactive with 0. */
export function parseUnit(output: string): UnitState {
	const values = new Map(output.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
	const state = values.get('ActiveState') ?? 'inactive';
	const exitCode = Number(values.get('ExecMainStatus') ?? 0);
	return {
		active: ['active', 'activating', 'deactivating', 'reloading'].includes(state),
		failed: state === 'failed',
		exitCode: state === 'failed' ? exitCode || 1 : 0,
	};
}

/** How to see whether the service's own process is still there. Cheap enough to ask many times a second. */
export async function processLook(host: Host): Promise<() => Promise<boolean>> {
	const {stdout} = await host.run(['systemctl', 'show', '--property=MainPID', '--value', unit]);
	const stat = `/proc/${Number(stdout)}/stat`;
	// The time of its start stands in it: another process of that number would be another one.
	const startOf = async () => (await host.read(stat))?.split(') ').at(-1)?.split(' ')[19];
	const start = Number(stdout) > 0 ? await startOf() : undefined;
	return async () => start !== undefined && await startOf() === start;
}

export async function unitState(host: Host): Promise<UnitState> {
	return parseUnit((await host.run(['systemctl', 'show', '--property=ActiveState,ExecMainStatus', unit])).stdout);
}

const atWork: UnitState = {active: true, failed: false, exitCode: 0};

/** Begins with an empty folder. `prepare` may put something into it; `script` of sh(1) runs the command, with the status file as `$0`. */
export async function start(host: Host, argv: Argv, {prepare, script = toItsEnd}: {prepare?: () => Promise<void>; script?: string} = {}): Promise<void> {
	await rm(folder, {recursive: true, force: true});
	await mkdir(folder, {recursive: true, mode: 0o700});
	await prepare?.();
	const properties = [
		`StandardOutput=truncate:${outputFile}`,
		`StandardError=truncate:${errorFile}`,
		// A shutdown lets it finish: the signal that asks it to stop means nothing to it, for ten minutes.
		'KillSignal=SIGCONT',
		'TimeoutStopSec=10min',
	];
	const options = [
		`--unit=${unit}`,
		'--quiet',
		'--service-type=exec',
		'--description=Packages for harden-python-vps',
		...properties.map(property => `--property=${property}`),
		...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
	];
	await mustRun(host, ['systemd-run', ...options, '--', '/bin/sh', '-c', script, statusFile, ...argv]);
}

/** The whole lines that a growing file has gained since the last look. */
function follower(host: Host, path: string): () => Promise<readonly string[]> {
	let seen = 0;
	return async () => {
		const text = await host.read(path) ?? '';
		const end = text.lastIndexOf('\n') + 1;
		const lines = text.slice(seen, end).split(/[\r\n]+/).filter(Boolean);
		seen = Math.max(seen, end);
		return lines;
	};
}

/** Says what a line means; returns the percentage after it. */
function tell(line: string, percent: number, work: Work, progress: (event: WriteProgress) => void): number {
	const status = parseStatus(line);
	if (status?.phase === 'download' || status?.phase === 'work') {
		const now = overall(percent, work, status);
		progress({type: 'percent', percent: now, label: status.label});
		return now;
	}

	if (!status && !line.startsWith('(Reading database')) {
		progress({type: 'output', line});
	}

	return percent;
}

/** Milliseconds of silence that are worth a word. A transaction is never ended by us: half a package is worse than a slow one. */
const patience = 180_000;

/** Whether it is still at work after a moment; says so at once when it no longer is. */
async function stays(isAtWork: () => Promise<boolean>): Promise<boolean> {
	for (let look = 0; look < 6; look++) {
		if (!await isAtWork()) {
			return false;
		}

		await setTimeout(25);
	}

	return isAtWork();
}

type Ended = {exitCode: number; lines: readonly string[]};

/** Follows the service to its end, from its first line on, whoever started it. */
export async function follow(host: Host, work: Work, {progress}: WriteContext): Promise<Ended> {
	const readers = [statusFile, outputFile, errorFile].map(path => follower(host, path));
	const lines: string[] = [];
	let percent = 0;
	let lastHeard = Date.now();
	const isAtWork = await processLook(host);
	for (;;) {
		// Asked before reading, so that what it printed last is read too. systemd is asked once its process is gone.
		const {active, failed, exitCode} = await stays(isAtWork) ? atWork : await unitState(host);
		for (const read of readers) {
			for (const line of await read()) {
				lastHeard = Date.now();
				percent = tell(line, percent, work, progress);
				if (!parseStatus(line)) {
					lines.push(line);
				}
			}
		}

		if (!active) {
			if (failed) {
				await host.run(['systemctl', 'reset-failed', unit]);
			} else if (percent < 100) {
				progress({type: 'percent', percent: 100, label: t('Done')});
			}

			if (exitCode === 0) {
				// apt's memory of the lists and the packages is out of date now; with it, the next looks take half the time.
				await writeAptCache(host);
			}

			return {exitCode, lines};
		}

		if (Date.now() - lastHeard > patience) {
			lastHeard = Date.now();
			progress({type: 'waiting', why: t('The package manager has said nothing for three minutes, but is still at work. Look what it does with: systemctl status {unit}', {unit})});
		}

		await setTimeout(25);
	}
}
