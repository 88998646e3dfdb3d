import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {Guarding, StepId} from '../engine/step.ts';
import type {Host} from '../engine/types.ts';
import {explain, Problem} from '../problem.ts';
import {t} from '../words.ts';
import {guardRecordIn, type Armed, type GuardRecord} from './guard-record.ts';
import {installTool} from './guard-tool.ts';
import {guardUnits} from './guard-units.ts';
import {millisecondsSince, momentNow, monotonicMilliseconds} from './moment.ts';

export type {GuardRecord} from './guard-record.ts';

export type Arming = {
	run: number;
	step: StepId;
	title: string;
	milliseconds: number;
	login: Guarding['login'];
	/** The single file of the running tool. It is called with `--version`, and with `guard-fire` when the time is up. */
	bundle: string;
	/** The absolute path of the Node that runs it. */
	node: string;
};

/** How far the timer may be from what was asked for, in milliseconds. */
const tolerance = {early: 5000, late: 2000};

function tooLate(): Problem {
	return new Problem(
		t('The time is up: the guard is putting everything back.'),
		t('Wait a moment, then look at how it went: {tool} status'),
		4,
	);
}

function assertPossible(folder: string): void {
	if (!existsSync('/run/systemd/system')) {
		throw new Problem(
			t('This server was not started by systemd, and so nothing can watch over a change that may lock you out.'),
			t('Use a server that runs systemd (a full virtual machine does), or take the risk with --no-guard.'),
		);
	}

	if (!/^\/[\w.+@/-]+$/.test(folder)) {
		throw new Problem(
			t('The state folder {folder} has characters in its name that systemd reads in its own way.', {folder}),
			t('Use one of letters, digits, dots and dashes.'),
		);
	}
}

/**
 * The armed revert. It lives outside of this process and of the SSH session: as a timer of systemd, and as a service
 * that the next boot runs at once. Either runs a copy of the tool with `guard-fire`, which needs no network.
 * Only `disarm` ends it; a proven login alone does not, since closing the old way in comes after that.
 */
export function guardFor(host: Host, stateFolder: string) {
	const folder = join(stateFolder, 'guard');
	const record = guardRecordIn(folder);
	const units = guardUnits(host);

	/** What the countdown looks like to systemd, which has the last word on it. */
	async function countdown(milliseconds: number): Promise<Pick<Armed, 'since' | 'window' | 'deadline'>> {
		const since = await momentNow(host);
		const left = await units.left();
		if (left === undefined || left < milliseconds - tolerance.early || left > milliseconds + tolerance.late) {
			throw new Error(left === undefined ? t('systemd does not run its timer') : t('its timer ends in {seconds} s', {seconds: Math.round(left / 1000)}));
		}

		return {since, window: left + monotonicMilliseconds() - since.milliseconds, deadline: Date.now() + left};
	}

	async function read(): Promise<GuardRecord | undefined> {
		const found = await record.read();
		const passed = found && await millisecondsSince(host, found.since);
		// Told anew by a clock that nobody sets, so that a countdown does not jump when the time is first synchronised.
		return found && passed !== undefined && found.state !== 'fired' ? {...found, deadline: Date.now() - passed + found.window} : found;
	}

	/** Begins the window anew: `milliseconds` from now, and only logins from now on are new ones. */
	async function extend(milliseconds: number): Promise<GuardRecord> {
		const armed = await record.read();
		if (!armed || armed.state === 'fired') {
			throw new Problem(t('Nothing is waiting for a new login.'), t('Look at what was done: {tool} status'));
		}

		if (await units.isFiring()) {
			throw tooLate();
		}

		await units.restartTimer(milliseconds);
		if (await units.isFiring()) {
			throw tooLate();
		}

		if ((await record.read())?.state === 'fired') {
			// It began and ended in between, and took a timer away that is now there again.
			await units.remove();
			throw tooLate();
		}

		const {version, run, step, stepTitle, armedAt, login} = armed;
		await record.write({version, run, step, stepTitle, armedAt, login, ...await countdown(milliseconds)});
		return (await read())!;
	}

	async function isLive(): Promise<boolean> {
		const [isFiring, left] = await Promise.all([units.isFiring(), units.left()]);
		return isFiring || left !== undefined;
	}

	async function disarm(): Promise<void> {
		await units.stopTimer();
		if (!await units.isOurselves() && await units.isFiring()) {
			throw tooLate();
		}

		await record.forget();
		await units.remove();
		await record.remove();
	}

	async function arm({run, step, title, milliseconds, login, bundle, node}: Arming): Promise<GuardRecord> {
		assertPossible(folder);
		const earlier = await record.read();
		if (await isLive()) {
			if (earlier?.run === run && earlier.state === 'armed') {
				return extend(milliseconds);
			}

			if (earlier && earlier.state !== 'fired') {
				throw new Problem(
					t('The step "{step}" still waits for its new login, until {time}.', {step: earlier.stepTitle, time: new Date(earlier.deadline).toTimeString().slice(0, 5)}),
					t('Log in anew and run `sudo {tool} confirm` to keep it, or put it back with `{tool} undo --step {id}`.', {id: earlier.step}),
				);
			}

			// A start that was cut short left it, before anything was changed.
			await disarm();
		}

		try {
			await record.prepare();
			await installTool(host, join(folder, 'tool'), {bundle, node});
			await units.install({guardFolder: folder, stateFolder, milliseconds});
			// Last, so that whoever finds it knows that the timer was running.
			await record.write({version: 1, run, step, stepTitle: title, armedAt: Date.now(), login, ...await countdown(milliseconds)});
		} catch (error) {
			await disarm();
			throw new Problem(
				t('The safety net could not be armed, and so nothing was changed: {reason}', {reason: explain(error)}),
				t('Put that right and try again, or take the risk with --no-guard.'),
				1,
			);
		}

		return (await read())!;
	}

	return {
		/** Arms the revert for a run. On disk, ticking, and tried when it resolves; called again for the same run it begins the window anew. */
		arm,
		extend,
		/** Takes the revert away for good: the change was kept, or put back by somebody else. /etc is as it was before. */
		disarm,
		/** What is armed, or what the last one came to. */
		read,
		/** Whether systemd really runs it now. */
		isLive,
		/**
		 * For `confirm`: the new login was proven, and the old way in may be closed, for which there are `milliseconds`.
		 * Whoever closes it disarms. Throws a Problem where it comes too late.
		 */
		async proven(by: string, milliseconds = 300_000): Promise<void> {
			const armed = await extend(milliseconds);
			if (armed.state === 'armed' && (await record.decide({decision: 'keep', by})).decision !== 'keep') {
				throw tooLate();
			}
		},
		/**
		 * For `guard-fire`: what is to be put back, after which nobody can confirm any more; undefined where there is nothing,
		 * or where a confirmed change was given more time. Asked again after a crash it says the same again.
		 */
		async claim(): Promise<GuardRecord | undefined> {
			await units.bootIsOver();
			const armed = await read();
			if (!armed || armed.state === 'fired') {
				await units.remove();
				return undefined;
			}

			const mine = {decision: 'put-back', by: 'guard'} as const;
			const stands = await record.decide(mine);
			if (stands.decision === 'keep') {
				const passed = await millisecondsSince(host, armed.since);
				if (passed !== undefined && passed < armed.window - 1000) {
					return undefined;
				}

				await record.overrule(mine);
			}

			return read();
		},
		/** For `guard-fire`: how it went, in one sentence that the next screen shows. Ends the guard; the record stays until `disarm`. */
		async fired(outcome: string): Promise<void> {
			await record.finish(outcome);
			await units.remove();
		},
	};
}
