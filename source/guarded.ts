import {setTimeout} from 'node:timers/promises';
import process from 'node:process';
import type {Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import {Stopped} from './engine/apply.ts';
import {plan} from './engine/plan.ts';
import type {Guarding, Step} from './engine/step.ts';
import type {Left} from './engine/undo.ts';
import type {GuardRecord} from './host/guard.ts';
import {watchLogin} from './host/login-watch.ts';
import {Problem} from './problem.ts';
import {applyAndReload, assertLasting, verify} from './run-step.ts';
import {t} from './words.ts';

/** Nobody came in before the deadline, and the guard put everything back. */
export class GuardExpired extends Error {
	override readonly name = 'GuardExpired';
	readonly left: readonly Left[];

	constructor(left: readonly Left[]) {
		super();
		this.left = left;
	}
}

/** The user, at the guard's screen: put it back now. */
export class UndoAsked extends Error {
	override readonly name = 'UndoAsked';
}

/** The line to paste into a second terminal. */
export function loginCommand(address: string, {user, port, sudo}: Guarding['login']): string {
	const target = `ssh -p ${port} ${user}@${address}`;
	return sudo === 'password' ? `${target} -t sudo true` : target;
}

type Answer = 'proven' | 'undo' | 'quit' | 'expired';

/** Waits for the new login, the command `confirm`, the user's word, or the deadline, whichever is first. */
async function waitForLogin(bench: Bench, step: Step, login: Guarding['login']): Promise<Answer> {
	const {host, guard, conversation} = bench;
	const record = await guard.read();
	if (!record) {
		return 'expired';
	}

	const over = new AbortController();
	const {signal} = over;

	async function seen(): Promise<Answer> {
		for await (const sighting of watchLogin(host, record!, signal)) {
			conversation.sighted(sighting);
		}

		return signal.aborted ? 'expired' : 'proven';
	}

	async function clock(): Promise<Answer> {
		while (!signal.aborted) {
			const current = await guard.read();
			if (current?.state === 'confirmed') {
				return 'proven';
			}

			if (current?.state !== 'armed' || current.firing || Date.now() >= current.deadline) {
				return 'expired';
			}

			if (bench.stopRequested() !== undefined) {
				return bench.stopRequested() === 'SIGINT' ? 'undo' : 'quit';
			}

			await setTimeout(300);
		}

		return 'expired';
	}

	const [address = t('this-server')] = (await bench.facts()).addresses;
	const view = {title: step.title, command: loginCommand(address, login), login, deadline: record.deadline};
	try {
		return await Promise.race([seen(), clock(), conversation.guard(view, signal)]);
	} finally {
		over.abort();
	}
}

/** Steps aside for the guard, and reads what it did. */
async function letTheGuardUndo(bench: Bench, run: number): Promise<never> {
	const {guard, conversation} = bench;
	conversation.tell({type: 'note', tone: 'warning', text: t('The time is up. The guard is putting everything back.')});
	await bench.releaseLock();
	for (let waited = 0; waited < 90_000; waited += 500) {
		const record = await guard.read();
		if (record === undefined || record.state === 'fired') {
			break;
		}

		await setTimeout(500);
	}

	await bench.takeLock();
	await bench.reopenJournal();
	const left = bench.journal.run(run).changes
		.filter(({status}) => status !== 'undone')
		.map(({change, left}) => ({change, why: left ?? t('The guard did not put it back. Look at: journalctl -u harden-guard')}));
	throw new GuardExpired(left);
}

/** After the proven login: closes the old way in, with the guard still armed, verifies, keeps, disarms. */
export async function closeOldWay(bench: Bench, run: number, step: Step, answers: Answers): Promise<void> {
	const {guard, providers, journal} = bench;
	const {configuration} = await plan(step.resources(await bench.facts(), answers), providers);
	await applyAndReload(bench, run, configuration);
	await verify(bench, step, answers);
	await journal.record({event: 'kept', run});
	await guard.disarm();
}

/** Waits at the guard's screen of a run whose bridge is already in place, and finishes it. Also how an interrupted one is resumed. */
export async function finishGuarded(bench: Bench, run: number, step: Step, answers: Answers, login: Guarding['login']): Promise<void> {
	const answer = await waitForLogin(bench, step, login);
	switch (answer) {
		case 'proven': {
			try {
				await bench.guard.proven(t('a new login as {user} on port {port}', login), bench.options.guardTimeout);
			} catch (error) {
				// The login came in the very moment in which the time was up.
				if (error instanceof Problem) {
					await letTheGuardUndo(bench, run);
				}

				throw error;
			}

			await closeOldWay(bench, run, step, answers);
			break;
		}

		case 'undo': {
			throw new UndoAsked();
		}

		case 'quit': {
			throw new Stopped();
		}

		case 'expired': {
			await letTheGuardUndo(bench, run);
		}
	}
}

/** The guard that an interrupted run had armed, where it still ticks. */
export async function armedFor({guard}: Bench, run: number): Promise<GuardRecord | undefined> {
	const known = await guard.read();
	return known?.run === run && known.state !== 'fired' && await guard.isLive() ? known : undefined;
}

/** Arms the guard, opens the new way in beside the old one, and closes the old one once a new login was proven. */
export async function keepThroughGuard(bench: Bench, run: number, step: Step, answers: Answers, guarding: Guarding): Promise<void> {
	const {guard, providers, options} = bench;
	const milliseconds = options.guardTimeout!;
	// An interrupted run comes back here, perhaps out of the very login that proves it: its window goes on as it is.
	const isUnderWay = await armedFor(bench, run) !== undefined;
	if (!isUnderWay) {
		await guard.arm({run, step: step.id, title: step.title, milliseconds, login: guarding.login, bundle: bench.bundle, node: process.execPath});
	}

	const {configuration} = await plan(guarding.bridge, providers);
	await applyAndReload(bench, run, configuration);
	await assertLasting(bench);
	if (!isUnderWay) {
		await guard.extend(milliseconds);
	}

	await finishGuarded(bench, run, step, answers, guarding.login);
}
