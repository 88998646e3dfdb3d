import process from 'node:process';
import {steps as allSteps} from '../../steps/index.ts';
import type {Bench} from '../bench.ts';
import type {Flags} from '../cli.ts';
import {describe, describeAll, reversed} from '../engine/describe.ts';
import {undoableRuns, unfinishedRun, type Run} from '../engine/journal.ts';
import {thingOf} from '../engine/kinds.ts';
import {stepIds, type StepId} from '../engine/step.ts';
import {fatesOf, type Left} from '../engine/undo.ts';
import {makeBench} from '../make-bench.ts';
import {Problem} from '../problem.ts';
import {assertRoot} from '../root.ts';
import {undoStep} from '../run-step.ts';
import {chooseConversation} from '../ui/choose.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {undoLines, undoSummary, type UndoView} from '../ui/report-lines.ts';
import {exitCodes} from '../wizard.ts';
import {t} from '../words.ts';

function parseStep(value: string | undefined): StepId | undefined {
	if (value === undefined) {
		return undefined;
	}

	const found = stepIds.find(id => id === value);
	if (!found) {
		throw new Problem(t('There is no step "{name}".', {name: value}), t('The steps are: {steps}', {steps: stepIds.join(', ')}));
	}

	return found;
}

/** A step and all that rely on its effect: a firewall that lets in one port must not outlive the sshd that listens there. */
export function withDependents(step: StepId): readonly StepId[] {
	const wanted = new Set<StepId>([step]);
	for (const {id, standsOn} of allSteps) {
		if (standsOn?.some(other => wanted.has(other))) {
			wanted.add(id);
		}
	}

	return [...wanted];
}

async function viewOf(bench: Bench, runs: readonly Run[]): Promise<UndoView> {
	const steps = [];
	for (const run of runs) {
		const fates = await fatesOf(run, bench.providers);
		steps.push({
			title: run.title,
			lines: describeAll(fates.filter(({fate}) => fate === 'restore').map(({entry}) => reversed(entry.change))),
			left: [
				...fates.filter(({fate}) => fate === 'leave').map(({entry}) => ({description: describe(entry.change), why: t('It was changed by someone else since, so it is left alone.')})),
				...fates.filter(({entry}) => entry.change.lasting !== undefined).map(({entry}) => ({description: describe(entry.change), why: entry.change.lasting!})),
			],
		});
	}

	return {steps};
}

/** `undo`: shows the plan, asks, puts back newest first, and goes on past what cannot be put back. */
export async function undoCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('Run it with sudo.'));
	const step = parseStep(options['step'] as string | undefined);
	const isAgreed = Boolean(options['yes']) || Boolean(flags.yes);
	if (isAgreed && step === undefined && !options['all']) {
		throw new Problem(t('undo --yes does not say what to undo.'), t('Use --step ssh for one step, or --all for everything.'));
	}

	if (!isAgreed && !process.stdin.isTTY) {
		throw new Problem(t('There is no terminal to ask you on.'), t('Use --yes with --step or --all.'));
	}

	const conversation = await chooseConversation({...flags, yes: isAgreed, plain: true});
	const bench = await makeBench(conversation, {dryRun: flags.dryRun ?? false, unattended: isAgreed, steps: []}, 'undo');
	try {
		const runs = undoableRuns(bench.journal, step && withDependents(step));
		if (runs.length === 0) {
			conversation.tell({type: 'note', tone: 'good', text: t('There is nothing to undo.')});
			return exitCodes.done;
		}

		const view = await viewOf(bench, runs);
		const summary = isAgreed ? [] : undoSummary(view);
		const {print, paint} = linesOn(process.stdout, flags.color);
		print([...undoLines(view, paint), ...summary]);
		if (bench.options.dryRun) {
			return exitCodes.done;
		}

		if (!isAgreed && !await conversation.confirm(t('Put all of this back?'), false)) {
			conversation.tell({type: 'note', tone: 'info', text: t('Nothing was touched.')});
			return exitCodes.stopped;
		}

		return await undoAll(bench, runs);
	} finally {
		await bench.releaseLock();
		conversation.close();
	}
}

async function undoAll(bench: Bench, runs: readonly Run[]): Promise<number> {
	const left: Left[] = [];
	const record = await bench.guard.read();
	bench.busy = true;
	for (const {run} of runs) {
		left.push(...await undoStep(bench, run, t('You asked for it.')));
	}

	if (record && runs.some(({run}) => run === record.run)) {
		await bench.guard.disarm();
	}

	const steps = new Set(runs.map(run => run.step));
	const {done, skipped} = bench.session;
	await bench.saveSession({done: done.filter(id => !steps.has(id)), skipped: skipped.filter(id => !steps.has(id)), finished: unfinishedRun(bench.journal) === undefined});
	bench.busy = false;
	for (const {change, why} of left) {
		bench.conversation.tell({type: 'note', tone: 'warning', text: t('Left: {thing}. {why}', {thing: thingOf(change), why})});
	}

	if (left.length === 0) {
		bench.conversation.tell({type: 'note', tone: 'good', text: t('Everything is as it was before.')});
	}

	return left.length === 0 ? exitCodes.done : exitCodes.partlyUndone;
}
