import type {Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import type {Place} from './engine/conversation.ts';
import {describeAll} from './engine/describe.ts';
import type {Facts} from './engine/facts.ts';
import {unfinishedRun} from './engine/journal.ts';
import {allChanges, plan} from './engine/plan.ts';
import type {Step} from './engine/step.ts';
import type {Plan} from './engine/types.ts';
import {explain, Problem} from './problem.ts';
import {giveUp, runStep, type Outcome} from './run-step.ts';
import {t} from './words.ts';

/** How an attempt at a step with given answers ended. */
export type Attempt =
	| Exclude<Outcome, {type: 'again'}>
	| {type: 'unchanged' | 'back' | 'skip' | 'quit'}
	| {type: 'looked'; count: number};

async function preview(bench: Bench, step: Step, facts: Facts, answers: Answers, planned: Plan, place: Place, again?: string) {
	const guarding = step.guard?.(facts, answers);
	return bench.conversation.preview({
		title: step.title,
		purpose: step.purpose,
		descriptions: describeAll(allChanges(planned)),
		exposure: step.exposure?.(facts, answers) ?? [],
		warnings: [
			...step.warnings?.(facts, answers) ?? [],
			...guarding && bench.options.guardTimeout === undefined ? [t('--no-guard: nothing puts this back if it locks you out. Only your provider\'s console will help then.')] : [],
		],
		...guarding && bench.options.guardTimeout !== undefined && {safeBecause: guarding.safeBecause},
		...again !== undefined && {again},
	}, place);
}

/** One run at a time: one of another step that was cut off, and that the user has passed over, is put back first. */
async function beginRun(bench: Bench, {id, title}: Step): Promise<number> {
	await giveUp(bench, unfinishedRun(bench.journal)?.run);
	return bench.journal.begin(id, title);
}

/** Previews and applies until it is kept, or the user wants something else. */
async function previewAndRun(bench: Bench, step: Step, answers: Answers, place: Place, later: readonly Step[], continued: number | undefined): Promise<Attempt> {
	let again: string | undefined;
	let run = continued;
	let spent = 0;
	for (;;) {
		const facts = await bench.facts();
		const planned = await plan(step.resources(facts, answers), bench.providers);
		// As they are shown: packages that come along count as one.
		const count = describeAll(allChanges(planned)).length;
		if (count === 0 && run === undefined) {
			return {type: 'unchanged'};
		}

		// An interrupted run whose changes are all made still has its reloads and checks to come.
		const choice = count === 0 ? 'apply' : await preview(bench, step, facts, answers, planned, place, again);
		if (choice !== 'apply') {
			await giveUp(bench, run);
			return {type: choice};
		}

		if (bench.options.dryRun) {
			return {type: 'looked', count};
		}

		const began = bench.clock();
		bench.busy = true;
		try {
			await bench.recordBaseline();
			run ??= await beginRun(bench, step);
			bench.conversation.tell({type: 'step', title: step.title, count});
			const outcome = await runStep(bench, run, step, answers, planned, later);
			spent += bench.clock() - began;
			if (outcome.type === 'kept') {
				bench.conversation.tell({type: 'kept', title: step.title, seconds: spent / 1000});
			}

			if (outcome.type !== 'again') {
				return outcome;
			}
		} finally {
			bench.busy = false;
		}

		again = t('Installing the packages changed what else has to be done. This is the plan as it is now.');
	}
}

/** A Problem of planning (an answer this host cannot have) is a failure of the step, with nothing to undo. */
export async function attempt(bench: Bench, step: Step, answers: Answers, place: Place, later: readonly Step[], continued: number | undefined): Promise<Attempt> {
	try {
		return await previewAndRun(bench, step, answers, place, later, continued);
	} catch (error) {
		if (error instanceof Problem && !bench.options.unattended) {
			return {type: 'failed', fact: explain(error), evidence: [], left: []};
		}

		throw error;
	}
}
