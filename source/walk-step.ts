import {answersSchema, type Answers} from './answers.ts';
import {attempt} from './attempt.ts';
import type {Bench} from './bench.ts';
import type {Place} from './engine/conversation.ts';
import type {Facts} from './engine/facts.ts';
import {unfinishedRun} from './engine/journal.ts';
import {thingOf} from './engine/kinds.ts';
import {inForce, withAnswer} from './engine/session.ts';
import type {Question, Step, StepId} from './engine/step.ts';
import {hashPassword} from './host/providers/password.ts';
import {Problem} from './problem.ts';
import {giveUp, type Outcome} from './run-step.ts';
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
			case 'unchanged': {
				conversation.tell({type: 'note', tone: 'good', text: t('{step}: nothing to change.', {step: step.title})});
				return {type: 'unchanged'};
			}

			case 'kept':
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

function failureOf(step: Step, outcome: Extract<Outcome, {type: 'failed' | 'expired' | 'undone'}>) {
	const left = outcome.left.map(({change, why}) => `${thingOf(change)}: ${why}`);
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
