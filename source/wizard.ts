import {lookAtBaseline} from './auditing.ts';
import type {Bench} from './bench.ts';
import {writeAptCache} from './engine/apt-cache.ts';
import type {Facts} from './engine/facts.ts';
import {unfinishedRun} from './engine/journal.ts';
import {withBlock} from './engine/session.ts';
import type {Step, StepId} from './engine/step.ts';
import {settle} from './engine/undo.ts';
import {farewell} from './farewell.ts';
import {refreshLists} from './host/apt/lists.ts';
import {collectOs} from './host/facts/system.ts';
import {foresee, lookAhead} from './look-ahead.ts';
import {offerToTakeNodeOff} from './node-offer.ts';
import {open, type Interrupted} from './opening.ts';
import {Problem} from './problem.ts';
import {timeOf} from './standing.ts';
import {undoingOf} from './undoing.ts';
import {walkStep, type Walked} from './walk-step.ts';
import {t} from './words.ts';

/** Exit codes of the contract. */
export const exitCodes = {done: 0, failed: 1, problem: 2, auditFailed: 3, expired: 4, partlyUndone: 5, stopped: 130} as const;

/**
 * The story: settle what a crash left, say where things stand, then take one step after the other:
 * ask, plan, preview, apply, verify, keep. Returns the exit code.
 */
export async function wizard(bench: Bench): Promise<number> {
	const news = await newsOfGuard(bench);
	const interrupted = await settleUnfinished(bench);
	await settleGuard(bench);
	await readyApt(bench);
	const facts = await bench.facts();
	assertSupported(facts);

	const chosen = await open(bench, facts, news, interrupted);
	if (chosen === undefined) {
		return exitCodes.stopped;
	}

	const fetching = fetchPackageLists(bench);
	bench.recordBaseline = lookAtBaseline(bench, fetching);
	await fetching;
	await foresee(bench, chosen, facts);
	void lookAhead(bench, chosen, ['package'], facts);
	const walked = await walkAll(bench, chosen, interrupted);
	const worst = worstOf(walked);
	if (worst === 'quit') {
		return exitCodes.stopped;
	}

	const isComplete = chosen.every(({id}) => walked.has(id));
	if (isComplete) {
		await bench.saveSession({finished: true});
		const isNodeGone = await offerToTakeNodeOff(bench, chosen);
		await farewell(bench, chosen, walked, isNodeGone);
	}

	return worst === 'failed' ? exitCodes.failed : (worst === 'expired' ? exitCodes.expired : exitCodes.done);
}

/** What the guard did while nobody looked, told once. */
async function newsOfGuard({guard, options}: Bench): Promise<string | undefined> {
	const record = await guard.read();
	if (record?.state !== 'fired') {
		return undefined;
	}

	if (!options.dryRun) {
		await guard.disarm();
	}

	return t('The step "{step}" was undone at {time}: no new login came in before its deadline. {outcome}', {
		step: record.stepTitle,
		time: timeOf(record.deadline),
		outcome: record.outcome ?? '',
	});
}

/** Who is not asked has said yes to changes: then apt's own cache may be the first, where this is a server for us. Not waited for. */
async function readyApt({host, options}: Bench): Promise<void> {
	if (options.unattended && !options.dryRun && isKnown(await collectOs(host))) {
		void writeAptCache(host);
	}
}

/** What is planned has to be what is offered today. A dry run plans with what is there. */
async function fetchPackageLists(bench: Bench): Promise<void> {
	const {host, conversation, options} = bench;
	if (options.dryRun) {
		return;
	}

	const began = bench.clock();
	bench.busy = true;
	try {
		for (const warning of await refreshLists(host, {progress: event => conversation.tell({type: 'write', event})})) {
			conversation.tell({type: 'note', tone: 'warning', text: warning});
		}

		void writeAptCache(host);
	} finally {
		bench.busy = false;
	}

	if (bench.clock() - began > 1000) {
		await bench.reopenJournal();
	}
}

/** Carries an undo to its end, or undoes the one open change of a run that can go on. */
async function settleUnfinished(bench: Bench): Promise<Interrupted | undefined> {
	const {journal, options} = bench;
	const open = unfinishedRun(journal);
	if (!open || options.dryRun) {
		return undefined;
	}

	const {continued} = await settle(open, undoingOf(bench));
	if (continued && !options.steps.some(({id}) => id === continued.step)) {
		throw new Problem(
			t('The step "{step}" was interrupted, and is not among the steps to take now.', {step: continued.title}),
			t('Start the tool without --only and --skip to go on with it, or put it back with: {tool} undo --step {id}', {id: continued.step}),
		);
	}

	return continued && {run: continued.run, step: continued.step};
}

/** A crash between keeping a run and disarming its guard leaves a guard that has nothing to watch over. */
async function settleGuard({guard, journal, options}: Bench): Promise<void> {
	const record = options.dryRun ? undefined : await guard.read();
	const run = journal.runs.find(candidate => candidate.run === record?.run);
	if (record && record.state !== 'fired' && (run?.status === 'kept' || run?.status === 'undone')) {
		await guard.disarm();
	}
}

function isKnown({id, versionId}: Facts['os']): boolean {
	return (id === 'debian' && Number(versionId) >= 12) || (id === 'ubuntu' && Number(versionId) >= 22);
}

function assertSupported({os, units}: Facts): void {
	if (!Object.values(units).some(({active}) => active)) {
		throw new Problem(
			t('This server was not started by systemd, as inside most containers.'),
			t('Nothing was touched. Use a server that runs systemd: any virtual machine does.'),
		);
	}

	if (!isKnown(os)) {
		throw new Problem(
			t('This is {os}. harden-python-vps knows Debian 12 and later, and Ubuntu 22.04 and later.', {os: os.prettyName}),
			t('Nothing was touched. Choose one of these when you create the server.'),
		);
	}
}

/** One step after the other; `back` from a step's first question leads to the step before it. */
async function walkAll(bench: Bench, steps: readonly Step[], interrupted: Interrupted | undefined): Promise<ReadonlyMap<StepId, Walked>> {
	const walked = new Map<StepId, Walked>();
	let index = 0;
	while (index < steps.length) {
		const step = steps[index]!;
		const isDone = bench.session.done.includes(step.id);
		const isBehindUs = (isDone || bench.session.skipped.includes(step.id)) && step.id !== interrupted?.step;
		if (isBehindUs && !walked.has(step.id)) {
			walked.set(step.id, {type: isDone ? 'unchanged' : 'skipped'});
			index++;
			continue;
		}

		const outcome = await walkStep(bench, step, steps);
		if (outcome.type === 'back') {
			index = Math.max(0, index - 1);
			walked.set(steps[index]!.id, {type: 'back'});
			continue;
		}

		walked.set(step.id, outcome);
		if (outcome.type === 'quit' || ((outcome.type === 'failed' || outcome.type === 'expired') && outcome.isLast)) {
			break;
		}

		const {done, skipped, answers} = bench.session;
		const isTaken = outcome.type === 'kept' || outcome.type === 'unchanged' || outcome.type === 'looked';
		await bench.saveSession({
			answers: isTaken ? withBlock(answers, step.id) : answers,
			done: isTaken ? [...new Set([...done, step.id])] : done,
			skipped: isTaken ? skipped.filter(id => id !== step.id) : [...new Set([...skipped, step.id])],
		});
		index++;
	}

	return walked;
}

function worstOf(walked: ReadonlyMap<StepId, Walked>): 'quit' | 'expired' | 'failed' | 'fine' {
	const types = new Set([...walked.values()].map(({type}) => type));
	for (const type of ['quit', 'expired', 'failed'] as const) {
		if (types.has(type)) {
			return type;
		}
	}

	return 'fine';
}
