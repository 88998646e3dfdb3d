import process from 'node:process';
import type {Conversation} from '../engine/conversation.ts';
import {App} from './app.tsx';
import {entryLines} from './log.ts';
import {createLook, type Environment} from './look.ts';
import {createRenderer} from './render.ts';
import {confirmScreen} from './screens/confirm.tsx';
import {endingScreen} from './screens/ending.tsx';
import {failureScreen} from './screens/failure.tsx';
import {guardScreen} from './screens/guard.tsx';
import {openingScreen} from './screens/opening.tsx';
import {previewScreen} from './screens/preview.tsx';
import {questionScreen} from './screens/question.tsx';
import {stepsScreen} from './screens/steps.tsx';
import {initialState, nextWake, reduce, type Asking, type Event} from './state.ts';
import {openTerminal, type Terminal} from './terminal.ts';

export type InkOptions = {
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	env: Environment;
	/** False for --no-color; NO_COLOR is looked at here. */
	color: boolean;
	/** What commands print stays on screen. */
	verbose?: boolean;
	/** Ctrl-C while nothing is asked, and a terminal that is gone. SIGINT to ourselves where not given, since a raw terminal sends none. */
	onInterrupt?: () => void;
};

/** Milliseconds between two paints: ten a second for who types, five for what moves by itself. */
const paintInterval = {asking: 100, progress: 200} as const;

/** The conversation on a whole terminal. The terminal is taken with the first word said, and given back by `close`. */
export function inkConversation({stdin, stdout, env, color, verbose = false, onInterrupt = () => process.kill(process.pid, 'SIGINT')}: InkOptions): Conversation {
	const renderer = createRenderer();
	let state = {...initialState, verbose};
	let terminal: Terminal | undefined;
	let waiting: {resolve: (value: unknown) => void; reject: (error: unknown) => void} | undefined;
	let printed = 0;
	let isStale = false;
	let isClosed = false;
	let paintedAt = 0;
	let timer: NodeJS.Timeout | undefined;
	let due = Number.POSITIVE_INFINITY;

	const look = () => createLook({env, color, ...terminal!.size()});

	const paint = () => {
		if (isClosed || !terminal) {
			return;
		}

		const now = Date.now();
		const seen = look();
		const frame = renderer.lines(<App state={state} look={seen} now={now}/>, seen.columns).slice(0, Math.max(1, seen.rows - 1));
		const entries = state.log.slice(isStale ? -seen.rows : printed);
		const finished = entries.flatMap(entry => entryLines(entry, seen));
		if (isStale) {
			const room = Math.max(0, seen.rows - 1 - frame.length);
			terminal.redraw(finished.slice(Math.max(0, finished.length - room)), frame);
		} else {
			terminal.draw(finished, frame);
		}

		isStale = false;
		printed = state.log.length;
		paintedAt = now;
		wakeIn(nextWake(state, now));
	};

	const wakeIn = (delay: number | undefined) => {
		if (delay === undefined || isClosed) {
			return;
		}

		const at = Date.now() + delay;
		if (at < due) {
			clearTimeout(timer);
			due = at;
			timer = setTimeout(() => {
				due = Number.POSITIVE_INFINITY;
				paintOrFail();
			}, delay);
		}
	};

	const paintOrFail = () => {
		try {
			paint();
		} catch (error) {
			close();
			waiting?.reject(error);
		}
	};

	const paintSoon = () => {
		const interval = state.screen.kind === 'progress' ? paintInterval.progress : paintInterval.asking;
		wakeIn(Math.max(0, paintedAt + interval - Date.now()));
	};

	const dispatch = (event: Event) => {
		if (isClosed) {
			return;
		}

		terminal ??= openTerminal({
			stdin,
			stdout,
			onKey(key) {
				dispatch({type: 'key', key, look: look(), now: Date.now()});
			},
			onStale() {
				isStale = true;
				paintSoon();
			},
			onResume: paintSoon,
			onGone: onInterrupt,
		});
		const result = reduce(state, event);
		const isChanged = result.state !== state;
		state = result.state;
		if (isChanged) {
			paintSoon();
		}

		if (result.outcome?.type === 'answered') {
			const answered = waiting;
			waiting = undefined;
			answered?.resolve(result.outcome.value);
		} else if (result.outcome?.type === 'interrupt') {
			onInterrupt();
		}
	};

	const ask = async <Value,>(screen: Asking): Promise<Value> => new Promise<Value>((resolve, reject) => {
		waiting = {resolve: resolve as (value: unknown) => void, reject};
		dispatch({type: 'ask', screen});
	});

	const close = () => {
		if (isClosed) {
			return;
		}

		// What was told last is not to be lost with the frame.
		if (terminal && printed < state.log.length) {
			terminal.draw(state.log.slice(printed).flatMap(entry => entryLines(entry, look())), []);
		}

		isClosed = true;
		clearTimeout(timer);
		terminal?.close();
		renderer.unmount();
	};

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
				waiting?.resolve('quit');
				waiting = undefined;
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
