import process from 'node:process';
import type {Conversation} from '../engine/conversation.ts';
import {openDisplay, type Display} from './display.tsx';
import {erase} from './paint.ts';
import {confirmScreen} from './screens/confirm.tsx';
import {endingScreen} from './screens/ending.tsx';
import {failureScreen} from './screens/failure.tsx';
import {guardScreen} from './screens/guard.tsx';
import {openingScreen} from './screens/opening.tsx';
import {previewScreen} from './screens/preview.tsx';
import {questionScreen} from './screens/question.tsx';
import {stepsScreen} from './screens/steps.tsx';
import {initialState, reduce, type Asking, type Event} from './state.ts';
import type {Environment} from './look.ts';

export type InkOptions = {
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	env: Environment;
	/** False for --no-color; NO_COLOR is looked at here. */
	color: boolean;
	/** What commands print stays on screen. */
	verbose?: boolean;
	/** Lines that are on screen already, for the first frame to take the place of. */
	shown?: readonly string[];
	/** Ctrl-C while nothing is asked. SIGINT to ourselves where not given, since a raw terminal sends none. */
	onInterrupt?: () => void;
	/** The terminal is gone. SIGHUP to ourselves where not given: nobody asked to stop, so it must not look like Ctrl-C. */
	onGone?: () => void;
};

const signalOurselves = (signal: NodeJS.Signals) => () => {
	process.kill(process.pid, signal);
};

type Waiting = {resolve: (value: unknown) => void; reject: (error: unknown) => void};

/** The conversation on a whole terminal. The terminal is taken with the first word said, and given back by `close`. */
export function inkConversation({stdin, stdout, env, color, verbose = false, shown = [], onInterrupt = signalOurselves('SIGINT'), onGone = signalOurselves('SIGHUP')}: InkOptions): Conversation {
	let state = {...initialState, verbose};
	let display: Display | undefined;
	let waiting: Waiting | undefined;
	let isClosed = false;

	const close = () => {
		if (display) {
			display.close();
		} else if (!isClosed) {
			stdout.write(erase(shown));
		}

		isClosed = true;
	};

	/** A bug of ours: the terminal goes back to its owner, and whoever waits for an answer hears of it. */
	const fail = (error: unknown) => {
		close();
		if (!waiting) {
			throw error;
		}

		waiting.reject(error);
	};

	const answer = (value: unknown) => {
		const answered = waiting;
		waiting = undefined;
		answered?.resolve(value);
	};

	const dispatch = (event: Event) => {
		if (isClosed) {
			return;
		}

		const {state: next, outcome} = reduce(state, event);
		state = next;
		display ??= openDisplay({
			stdin,
			stdout,
			env,
			color,
			shown,
			onKey(key, look) {
				dispatch({type: 'key', key, look, now: Date.now()});
			},
			onGone,
			onError: fail,
		}, state);
		display.show(state);
		if (outcome?.type === 'answered') {
			answer(outcome.value);
		} else if (outcome?.type === 'interrupt') {
			onInterrupt();
		}
	};

	const ask = async <Value,>(screen: Asking): Promise<Value> => new Promise<Value>((resolve, reject) => {
		if (isClosed) {
			reject(new Error('The conversation is over: nothing can be asked any more.'));
			return;
		}

		waiting = {resolve: resolve as (value: unknown) => void, reject};
		dispatch({type: 'ask', screen});
	});

	return {
		opening: async view => ask(openingScreen(view)),
		chooseSteps: async steps => ask(stepsScreen(steps)),
		ask: async (question, place) => ask(questionScreen(question, place)),
		preview: async (view, place) => ask(previewScreen(view, place)),
		failure: async (view, place) => ask(failureScreen(view, place)),
		confirm: async (message, byDefault) => ask(confirmScreen(message, byDefault)),
		ending: async view => ask(endingScreen(view)),
		async guard(view, signal) {
			if (signal.aborted) {
				return 'quit';
			}

			const withdraw = () => {
				dispatch({type: 'withdraw', now: Date.now()});
				answer('quit');
			};

			signal.addEventListener('abort', withdraw, {once: true});
			try {
				return await ask(guardScreen(view, state.place));
			} finally {
				signal.removeEventListener('abort', withdraw);
			}
		},
		sighted(sighting) {
			dispatch({type: 'sighted', sighting});
		},
		tell(telling) {
			dispatch({type: 'tell', telling, now: Date.now()});
		},
		close,
	};
}
