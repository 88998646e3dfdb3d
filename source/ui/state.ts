import type {Place, Sighting, Telling} from '../engine/conversation.ts';
import {idle, progressed, type Activity} from './activity.ts';
import {entriesOf, type Entry} from './log.ts';
import {confirmKeys, type ConfirmScreen} from './screens/confirm.tsx';
import {endingKeys, type EndingScreen} from './screens/ending.tsx';
import {failureKeys, type FailureScreen} from './screens/failure.tsx';
import {guardKeys, saw, type GuardScreen} from './screens/guard.tsx';
import {openingKeys, type OpeningScreen} from './screens/opening.tsx';
import {previewKeys, type PreviewScreen} from './screens/preview.tsx';
import {questionKeys, type QuestionScreen} from './screens/question.tsx';
import {isDone} from './screens/screen.ts';
import {stepsKeys, type StepsScreen} from './screens/steps.tsx';
import type {Key} from './keys.ts';
import type {Look} from './look.ts';

/** The whole of what is on screen, and how events change it. Pure. */

export type Asking = OpeningScreen | StepsScreen | QuestionScreen | PreviewScreen | FailureScreen | GuardScreen | ConfirmScreen | EndingScreen;
export type Screen = {kind: 'blank'} | {kind: 'progress'} | Asking;

export type State = {
	screen: Screen;
	/** Milliseconds since the epoch: since when the screen's question has been answered, and the wizard is at work. */
	settledAt?: number;
	/** The user asked to stop while the wizard was at work. */
	stopping: boolean;
	activity: Activity;
	/** Where the user was last. */
	place?: Place;
	/** What is printed for good. */
	log: readonly Entry[];
	/** What commands print is printed for good, too. */
	verbose: boolean;
};

export const initialState: State = {screen: {kind: 'blank'}, stopping: false, activity: idle, log: [], verbose: false};

export type Event =
	| {type: 'ask'; screen: Asking}
	| {type: 'tell'; telling: Telling; now: number}
	| {type: 'sighted'; sighting: Sighting}
	| {type: 'key'; key: Key; look: Look; now: number}
	/** The question answered itself. */
	| {type: 'withdraw'; now: number};

export type Outcome =
	| {type: 'answered'; value: unknown}
	/** Ctrl-C while nothing is asked. */
	| {type: 'interrupt'};

export function reduce(state: State, event: Event): {state: State; outcome?: Outcome} {
	switch (event.type) {
		case 'ask': {
			return {state: asked(state, event.screen)};
		}

		case 'tell': {
			return {state: told(state, event.telling, event.now)};
		}

		case 'sighted': {
			return {state: state.screen.kind === 'guard' ? {...state, screen: saw(state.screen, event.sighting)} : state};
		}

		case 'withdraw': {
			return {state: {...state, settledAt: event.now}};
		}

		case 'key': {
			return pressed(state, event.key, event.look, event.now);
		}
	}
}

function asked(state: State, screen: Asking): State {
	const place = 'place' in screen ? screen.place : state.place;
	const log: readonly Entry[] = screen.kind === 'ending' ? [...state.log, {type: 'ending', view: screen.view}] : state.log;
	return {...state, screen, settledAt: undefined, stopping: false, place, log};
}

/** While nothing is asked, what is told brings up the progress; a note alone does not. */
function told(state: State, telling: Telling, now: number): State {
	const isFree = state.settledAt !== undefined || state.screen.kind === 'blank';
	const becomesProgress = isFree && telling.type !== 'note';
	return {
		...state,
		activity: progressed(state.activity, telling, now),
		log: [...state.log, ...entriesOf(telling, {isFirstCheck: !state.activity.checking, verbose: state.verbose})],
		...becomesProgress && {screen: {kind: 'progress'}, settledAt: undefined},
	};
}

function pressed(state: State, key: Key, look: Look, now: number): {state: State; outcome?: Outcome} {
	const {screen} = state;
	if (state.settledAt !== undefined || screen.kind === 'blank' || screen.kind === 'progress') {
		return key.name === 'ctrl-c' ? {state: {...state, stopping: true}, outcome: {type: 'interrupt'}} : {state};
	}

	const result = screenKeys(screen, key, look);
	return isDone<unknown>(result)
		? {state: {...state, settledAt: now}, outcome: {type: 'answered', value: result.done}}
		: {state: {...state, screen: result}};
}

function screenKeys(screen: Asking, key: Key, look: Look): Asking | {done: unknown} {
	switch (screen.kind) {
		case 'opening': {
			return openingKeys(screen, key, look);
		}

		case 'steps': {
			return stepsKeys(screen, key, look);
		}

		case 'question': {
			return questionKeys(screen, key, look);
		}

		case 'preview': {
			return previewKeys(screen, key, look);
		}

		case 'failure': {
			return failureKeys(screen, key, look);
		}

		case 'guard': {
			return guardKeys(screen, key, look);
		}

		case 'confirm': {
			return confirmKeys(screen, key, look);
		}

		case 'ending': {
			return endingKeys(screen, key, look);
		}
	}
}

const spinnerInterval = 200;
/** An answer that is acted on this fast needs no spinner. */
export const patience = 400;

/** In how many milliseconds the screen looks different by itself; never, where it only waits. */
export function nextWake({screen, settledAt}: State, now: number): number | undefined {
	if (settledAt !== undefined) {
		return now - settledAt < patience ? patience - (now - settledAt) : spinnerInterval;
	}

	if (screen.kind === 'progress') {
		return spinnerInterval;
	}

	if (screen.kind === 'guard' && screen.view.deadline > now) {
		return ((screen.view.deadline - now) % 1000) + 1;
	}

	return undefined;
}
