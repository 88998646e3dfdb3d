import type {Bench} from './bench.ts';
import type {Opening} from './engine/conversation.ts';
import {exposedNow} from './engine/exposure.ts';
import type {Facts} from './engine/facts.ts';
import {undoableRuns} from './engine/journal.ts';
import {nextSession} from './engine/session.ts';
import type {Step, StepId} from './engine/step.ts';
import {giveUp} from './run-step.ts';
import {timeOf} from './standing.ts';
import {statesOf} from './step-states.ts';
import {version} from './version.ts';
import {t} from './words.ts';

/** A run that was cut off, and that this start goes on with. */
export type Interrupted = {run: number; step: StepId};

function connectionOf({operator, root}: Facts): string {
	const who = root
		? t('You are root')
		: t('You are {user}', {user: operator.user});
	if (operator.address === undefined) {
		return t('{who}, on this machine\'s own console.', {who});
	}

	const {address, port = 22} = operator;
	return operator.method === undefined
		? t('{who}, over SSH from {address}, on port {port}.', {who, address, port})
		: t('{who}, over SSH from {address}, on port {port}, {how}.', {who, address, port, how: operator.method === 'password' ? t('with a password') : t('with a key')});
}

function promiseOf({journal, options}: Bench): string {
	if (options.dryRun) {
		return t('This is a dry run: every change is shown, none is made.');
	}

	return undoableRuns(journal).length === 0
		? t('Nothing has been changed yet. Every change is shown first and can be undone.')
		: t('Every change is shown first and can be undone.');
}

async function unfinishedSentence({session, guard, options}: Bench, interrupted?: Interrupted): Promise<string | undefined> {
	// Another choice of steps is another errand.
	const isUnfinished = !session.finished && options.steps.some(({id}) => session.chosen.includes(id));
	if (!isUnfinished && !interrupted) {
		return undefined;
	}

	const next = session.chosen.findIndex(id => !session.done.includes(id) && !session.skipped.includes(id));
	const total = session.chosen.length || 1;
	const values = {step: next === -1 ? total : next + 1, total, minutes: Math.round((Date.now() - Date.parse(session.updatedAt || new Date().toISOString())) / 60_000)};
	const record = await guard.read();
	if (interrupted && record?.run === interrupted.run) {
		return t('Stopped in step {step} of {total}, which waits for your new login until {time}.', {...values, time: timeOf(record.deadline)});
	}

	return values.minutes < 2
		? t('Stopped in step {step} of {total}, just now; nothing is half done.', values)
		: t('Stopped in step {step} of {total}, {minutes} minutes ago; nothing is half done.', values);
}

/** The opening screen. Returns the steps to take, or undefined where the user leaves. */
export async function open(bench: Bench, facts: Facts, news: string | undefined, interrupted: Interrupted | undefined): Promise<readonly Step[] | undefined> {
	const {conversation, options, session} = bench;
	const {steps} = options;
	const unfinished = await unfinishedSentence(bench, interrupted);
	const view: Opening = {
		version,
		hostname: facts.hostname,
		os: facts.os.prettyName,
		facts,
		connection: connectionOf(facts),
		promise: promiseOf(bench),
		exposed: exposedNow(facts),
		steps: statesOf(bench, steps, facts),
		dryRun: options.dryRun,
		...unfinished !== undefined && {unfinished},
		...news !== undefined && {news},
	};
	const choice = await conversation.opening(view);
	const start = async (chosen: readonly Step[]): Promise<readonly Step[]> => {
		if (interrupted && !chosen.some(({id}) => id === interrupted.step)) {
			await giveUp(bench, interrupted.run);
		}

		const answers = options.answers ?? session.answers;
		bench.session = nextSession(session, answers, chosen.map(({id}) => id));
		await bench.saveSession({});
		return chosen;
	};

	switch (choice) {
		case 'quit': {
			return undefined;
		}

		case 'look': {
			bench.options = {...options, dryRun: true};
			return start(steps);
		}

		case 'resume': {
			const chosen = session.chosen.length > 0 ? steps.filter(({id}) => session.chosen.includes(id)) : steps;
			return chosen;
		}

		case 'some': {
			const ids = await conversation.chooseSteps(statesOf(bench, steps, facts));
			return ids.length === 0 ? open(bench, facts, news, interrupted) : start(steps.filter(({id}) => ids.includes(id)));
		}

		case 'start':
		case 'fresh': {
			return start(steps);
		}
	}
}
