import {setTimeout} from 'node:timers/promises';
import type {Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import {apply, Stopped} from './engine/apply.ts';
import {outcomeOf, runChecks} from './engine/check.ts';
import {describeAll} from './engine/describe.ts';
import type {Run} from './engine/journal.ts';
import {newsIn, plan} from './engine/plan.ts';
import type {Step} from './engine/step.ts';
import type {Change, Check, Plan} from './engine/types.ts';
import {undoRun, type Left} from './engine/undo.ts';
import {armedFor, finishGuarded, GuardExpired, keepThroughGuard, UndoAsked} from './guarded.ts';
import {sharingUnderWay} from './host/sharing.ts';
import {lookAhead} from './look-ahead.ts';
import {explain, Problem} from './problem.ts';
import {tellApplying} from './telling.ts';
import {takeUp, undoingOf} from './undoing.ts';
import {t} from './words.ts';

export type Outcome =
	| {type: 'kept'; count: number}
	/** Installing packages changed the rest of the plan: it has to be shown again. */
	| {type: 'again'; plan: Plan}
	| {type: 'failed'; fact: string; evidence: readonly string[]; left: readonly Left[]}
	/** The guard put everything back. */
	| {type: 'expired'; left: readonly Left[]}
	| {type: 'undone'; left: readonly Left[]}
	/** The user asked to stop: undone. The connection dropped: left open, for the next start to go on. */
	| {type: 'stopped'; undone: boolean; left: readonly Left[]};

/** A check of a step said no. */
class CheckFailed extends Problem {
	readonly evidence: readonly string[];

	constructor(evidence: readonly string[]) {
		super(t('It was applied, but it does not have the effect it should have.'), t('Look at the evidence below.'), 1);
		this.evidence = evidence;
	}
}

/** Undoes a run with everything the user should see of it. */
export async function undoStep(bench: Bench, run: number, why: string): Promise<readonly Left[]> {
	bench.watched = [];
	return undoRun(bench.journal.run(run), why, undoingOf(bench));
}

/** Undoes a run, with its guard armed until that is done. */
export async function putBack(bench: Bench, run: number, why: string): Promise<readonly Left[]> {
	const left = await undoStep(bench, run, why);
	if ((await bench.guard.read())?.run === run) {
		// Where the guard has begun as well, it will find the run undone and end by itself.
		await bench.guard.disarm().catch(() => undefined);
	}

	return left;
}

/** No run stays open behind a user who turns to something else. */
export async function giveUp(bench: Bench, run: number | undefined): Promise<void> {
	if (run === undefined) {
		return;
	}

	const {busy} = bench;
	bench.busy = true;
	try {
		await putBack(bench, run, t('You chose not to go on with it.'));
	} finally {
		bench.busy = busy;
	}
}

async function applyOnly(bench: Bench, run: number, changes: readonly Change[]): Promise<void> {
	const {providers, journal, conversation, clock} = bench;
	await apply({
		run,
		changes,
		providers,
		journal,
		tell: event => tellApplying(conversation, event),
		watch(watching) {
			// Heard when it is waited for; a run that is undone for another reason does not ask.
			watching.catch(() => undefined);
			bench.watched.push(watching);
		},
		stopped: () => bench.stopRequested() !== undefined,
		clock,
	});
}

/** Throws where a change did not last. */
export async function assertLasting(bench: Bench): Promise<void> {
	await Promise.all(bench.watched);
	bench.watched = [];
}

/** Makes changes and lets the services take them up. What was written earlier in the run is reloaded too. */
export async function applyAndReload(bench: Bench, run: number, changes: readonly Change[]): Promise<void> {
	await applyOnly(bench, run, changes);
	const written = bench.journal.run(run).changes.filter(({status}) => status === 'done').map(({change}) => change);
	await takeUp(bench, written);
}

/** Milliseconds between the tries: soon at first, four seconds in all. */
const pauses = [100, 100, 200, 400, 400, 400, 400, 400, 400, 400, 400, 400];

/** A reload returns before the service listens again: a failing check is asked again, for four seconds in all; for half of that where the step does not hang on it. */
async function whileSettling(tries: number, {advice, final}: Check): Promise<boolean> {
	const pause = final ? undefined : (advice ? pauses.slice(0, 7) : pauses)[tries - 1];
	await setTimeout(pause ?? 0);
	return pause !== undefined;
}

/** Verifies a step by its effects; throws where one is missing. */
export async function verify(bench: Bench, step: Step, answers: Answers): Promise<void> {
	const {host, conversation} = bench;
	const checks = step.checks(await bench.facts(), answers);
	const results = await runChecks(checks, sharingUnderWay(host), (check, verdict) => conversation.tell({type: 'check', check, verdict}), whileSettling);
	const failed = results.filter(({check, verdict}) => outcomeOf(check, verdict) === 'fail');
	if (failed.length > 0) {
		throw new CheckFailed(failed.map(({check, verdict}) => `${check.title}: ${verdict.evidence}`));
	}

	await assertLasting(bench);
}

/** How many things are other than before, as the preview counts them: one that was written twice is one. */
function countOf({changes}: Run): number {
	const made = changes.filter(({status}) => status === 'done').map(({change}) => change);
	return describeAll(made.filter(({type, name}, index) => made.findIndex(other => other.type === type && other.name === name) === index)).length;
}

async function applyStep(bench: Bench, run: number, step: Step, answers: Answers, accepted: Plan, later: readonly Step[]): Promise<Outcome> {
	const {providers, journal} = bench;
	void lookAhead(bench, later, ['host-key']);
	// Nothing is reloaded yet: what was installed or fetched is only ready with its configuration.
	await applyOnly(bench, run, accepted.packages);
	void step.ahead?.(bench.host).catch(() => undefined);
	const facts = await bench.facts();
	void lookAhead(bench, later, ['package']);
	const now = await plan(step.resources(facts, answers), providers);
	if (newsIn(now.configuration, accepted.configuration).length > 0) {
		return {type: 'again', plan: now};
	}

	const guarding = bench.options.guardTimeout === undefined ? undefined : step.guard?.(facts, answers);
	const armed = await armedFor(bench, run);
	if (guarding && now.configuration.length > 0) {
		await keepThroughGuard(bench, run, step, answers, guarding);
	} else if (armed) {
		// Cut off when all was written, but before it was kept: the login is still to be proven.
		await finishGuarded(bench, run, step, answers, armed.login);
	} else {
		await applyAndReload(bench, run, now.configuration);
		await verify(bench, step, answers);
		await journal.record({event: 'kept', run});
	}

	return {type: 'kept', count: countOf(journal.run(run))};
}

/**
 * Applies an accepted plan, verifies it by its effects, and keeps it, or undoes it. Where the run was interrupted
 * before, its reloads, checks and undo are those of the whole run. `later` are the steps that may follow it.
 */
export async function runStep(bench: Bench, run: number, step: Step, answers: Answers, accepted: Plan, later: readonly Step[]): Promise<Outcome> {
	try {
		return await applyStep(bench, run, step, answers, accepted, later);
	} catch (error) {
		if (error instanceof GuardExpired) {
			return {type: 'expired', left: error.left};
		}

		if (error instanceof UndoAsked) {
			return {type: 'undone', left: await putBack(bench, run, t('You asked for it.'))};
		}

		if (error instanceof Stopped && bench.stopRequested() !== 'SIGINT') {
			return {type: 'stopped', undone: false, left: []};
		}

		const why = error instanceof Stopped ? t('You stopped it.') : explain(error);
		const left = await putBack(bench, run, why);
		if (error instanceof Stopped) {
			return {type: 'stopped', undone: true, left};
		}

		if (!(error instanceof Problem) && error instanceof Error) {
			// A bug of ours: the server is as it was, and the stack is what its report needs.
			return {type: 'failed', fact: error.message, evidence: (error.stack ?? '').split('\n').slice(1, 6), left};
		}

		return {type: 'failed', fact: why, evidence: error instanceof CheckFailed ? error.evidence : [], left};
	}
}
