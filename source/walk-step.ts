import {answersSchema, type Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import type {Place} from './engine/conversation.ts';
import {describeAll} from './engine/describe.ts';
import type {Facts} from './engine/facts.ts';
import {unfinishedRun} from './engine/journal.ts';
import {allChanges, plan} from './engine/plan.ts';
import {inForce, withAnswer} from './engine/session.ts';
import type {Question, Step, StepId} from './engine/step.ts';
import type {Plan} from './engine/types.ts';
import {hashPassword} from './host/providers/password.ts';
import {explain, Problem} from './problem.ts';
import {giveUp, runStep, type Outcome} from './run-step.ts';
import {statesOf} from './step-states.ts';
import {t} from './words.ts';

export type Walked =
	| {type: 'kept'; count: number}
	/** Nothing had to be changed. */
	| {type: 'unchanged'}
	| {type: 'looked'; count: number}
	| {type: 'skipped'; why?: string}
	/** `isLast`: and the user wants to leave it at that. */
	| {type: 'failed' | 'expired'; isLast: boolean}
	| {type: 'back'}
	| {type: 'quit'};

type Asked = {type: 'answered'; answers: Answers} | {type: 'back'} | {type: 'skip'} | {type: 'quit'};

/** What is wrong with a value, before it becomes an answer. */
function objection(question: Question, value: unknown): string | undefined {
	return question.kind === 'text' || question.kind === 'password' ? question.validate(String(value)) : undefined;
}

async function answered(bench: Bench, answers: Answers, question: Question, value: unknown): Promise<Answers> {
	const text = String(value);
	if (question.kind === 'password' && question.pasted) {
		return text === '' ? answers : withAnswer(answers, question.id, question.parse?.(text) ?? text);
	}

	if (question.kind === 'password') {
		return withAnswer(answers, question.id, await hashPassword(bench.host, text));
	}

	return withAnswer(answers, question.id, question.kind === 'text' ? question.parse(text) : value);
}

/** Asks a step's questions, one at a time; an answer can open further ones, and `back` goes to the one before. */
async function askAll(bench: Bench, step: Step, facts: Facts, start: Answers, place: Place): Promise<Asked> {
	let answers = start;
	for (let index = 0; ;) {
		const questions = step.questions(facts, answers);
		const question = questions[index];
		if (!question) {
			return {type: 'answered', answers};
		}

		const reply = await bench.conversation.ask(question, {...place, question: {index, total: questions.length}});
		if (reply.type === 'answer') {
			const wrong = objection(question, reply.value);
			if (wrong !== undefined) {
				// The front ends validate while one types; only an answers file or a default can come this far.
				throw new Problem(t('{question}: {wrong}', {question: question.id, wrong}), t('Put it right in the answers, or run the wizard without --yes and answer there.'));
			}

			answers = await answered(bench, answers, question, reply.value);
			await bench.saveSession({answers: {...bench.session.answers, [step.id]: answers[step.id]}});
			index++;
		} else if (reply.type === 'back' && index > 0) {
			index--;
		} else {
			return reply;
		}
	}
}

function placeOf(bench: Bench, step: Step, steps: readonly Step[], facts: Facts): Place {
	return {steps: statesOf(bench, steps, facts, step.id), index: steps.indexOf(step), total: steps.length, dryRun: bench.options.dryRun};
}

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
async function previewAndRun(bench: Bench, step: Step, answers: Answers, place: Place, later: readonly Step[], continued: number | undefined): Promise<Exclude<Outcome, {type: 'again'}> | {type: 'unchanged' | 'back' | 'skip' | 'quit'} | {type: 'looked'; count: number}> {
	let again: string | undefined;
	let run = continued;
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

		bench.busy = true;
		try {
			await bench.recordBaseline();
			bench.conversation.tell({type: 'step', title: step.title, count});
			run ??= await beginRun(bench, step);
			const outcome = await runStep(bench, run, step, answers, planned, later);
			if (outcome.type !== 'again') {
				return outcome;
			}
		} finally {
			bench.busy = false;
		}

		again = t('Installing the packages changed what else has to be done. This is the plan as it is now.');
	}
}

/** Why a step has nothing to work on: one that it needs was not taken. */
function missingStep({needs = []}: Step, steps: readonly Step[], done: readonly StepId[]): string | undefined {
	const missing = needs.find(id => !done.includes(id));
	return missing === undefined ? undefined : t('It builds on the step "{step}", which was not taken.', {step: steps.find(({id}) => id === missing)?.title ?? missing});
}

/** The run of this step that was cut off, to be gone on with. */
function cutOffRun({journal, options}: Bench, {id}: Step): number | undefined {
	const open = options.dryRun ? undefined : unfinishedRun(journal);
	return open?.step === id ? open.run : undefined;
}

/** Takes the user through one step: ask, plan, preview, apply, verify; after a failure as often as they like. */
export async function walkStep(bench: Bench, step: Step, steps: readonly Step[]): Promise<Walked> {
	const {conversation} = bench;
	let pending = cutOffRun(bench, step);
	let mustAsk = true;
	for (;;) {
		const facts = await bench.facts();
		const unfit = missingStep(step, steps, bench.session.done) ?? step.unfit?.(facts, inForce(bench.session, step.id));
		if (unfit !== undefined) {
			conversation.tell({type: 'note', tone: 'warning', text: `${step.title}: ${unfit}`});
			await giveUp(bench, pending);
			return {type: 'skipped', why: unfit};
		}

		const place = placeOf(bench, step, steps, facts);
		let answers = inForce(bench.session, step.id);
		if (mustAsk) {
			const asked = await askAll(bench, step, facts, answers, place);
			if (asked.type === 'back' && pending !== undefined) {
				// The step before it would begin a run of its own.
				continue;
			}

			if (asked.type === 'skip') {
				await giveUp(bench, pending);
				return {type: 'skipped'};
			}

			if (asked.type !== 'answered') {
				return asked;
			}

			({answers} = asked);
		}

		const outcome = await attempt(bench, step, answersSchema.parse(answers), place, steps.slice(place.index + 1), pending);
		pending = undefined;
		switch (outcome.type) {
			case 'kept': {
				conversation.tell({type: 'kept', title: step.title, seconds: 0});
				return outcome;
			}

			case 'unchanged': {
				conversation.tell({type: 'note', tone: 'good', text: t('{step}: nothing to change.', {step: step.title})});
				return {type: 'unchanged'};
			}

			case 'looked': {
				return outcome;
			}

			case 'skip': {
				return {type: 'skipped'};
			}

			case 'quit': {
				return {type: 'quit'};
			}

			case 'back': {
				mustAsk = true;
				continue;
			}

			case 'stopped': {
				// Where it stands in the middle is said at the very end (standing.ts).
				if (outcome.undone) {
					conversation.tell({type: 'note', tone: 'warning', text: t('The step "{step}" is undone.', {step: step.title})});
				}

				return {type: 'quit'};
			}

			default: {
				const choice = await conversation.failure(failureOf(step, outcome), place);
				if (choice === 'quit' || choice === 'skip') {
					const isLast = choice === 'quit';
					return outcome.type === 'undone' ? {type: isLast ? 'quit' : 'skipped'} : {type: outcome.type, isLast};
				}

				mustAsk = choice === 'edit';
				// They may have put something right by hand in the meantime.
				bench.lookAgain();
			}
		}
	}
}

/** A Problem of planning (an answer this host cannot have) is a failure of the step, with nothing to undo. */
async function attempt(bench: Bench, step: Step, answers: Answers, place: Place, later: readonly Step[], continued: number | undefined) {
	try {
		return await previewAndRun(bench, step, answers, place, later, continued);
	} catch (error) {
		if (error instanceof Problem && !bench.options.unattended) {
			return {type: 'failed' as const, fact: explain(error), evidence: [], left: []};
		}

		throw error;
	}
}

function failureOf(step: Step, outcome: Extract<Outcome, {type: 'failed' | 'expired' | 'undone'}>) {
	const left = outcome.left.map(({change, why}) => `${change.type} ${change.name}: ${why}`);
	const {title} = step;
	switch (outcome.type) {
		case 'failed': {
			return {title, fact: outcome.fact, evidence: outcome.evidence, left};
		}

		case 'expired': {
			return {title, fact: t('No new login came in before the deadline, so the guard put everything back.'), evidence: [], left};
		}

		case 'undone': {
			return {title, fact: t('Put back, as you asked.'), evidence: [], left};
		}
	}
}
