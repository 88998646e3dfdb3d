import {App} from './app.tsx';
import {entryLines, type Entry} from './log.ts';
import {createLook, type Environment, type Look} from './look.ts';
import {createRenderer} from './render.ts';
import {nextWake, type State} from './state.ts';
import {openTerminal} from './terminal.ts';
import type {Key} from './keys.ts';

/** Keeps the terminal as the state says: paints when it changed, and when it moves by itself, never more often than it may. */
export type Display = {
	show(state: State): void;
	/** Prints what is not printed yet, takes the frame away, and gives the terminal back. */
	close(): void;
};

export type DisplayOptions = {
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	env: Environment;
	color: boolean;
	shown?: readonly string[];
	onKey: (key: Key, look: Look) => void;
	onGone: () => void;
	/** A view broke. */
	onError: (error: unknown) => void;
};

/** Milliseconds between two paints: ten a second for who types, five for what moves by itself. */
const intervals = {asking: 100, progress: 200} as const;

export function openDisplay({stdin, stdout, env, color, shown, onKey, onGone, onError}: DisplayOptions, first: State): Display {
	const renderer = createRenderer(onError);
	let state = first;
	let printed = 0;
	let isStale = false;
	let isClosed = false;
	let paintedAt = 0;
	let timer: NodeJS.Timeout | undefined;
	let due = Number.POSITIVE_INFINITY;

	const look = () => createLook({env, color, ...terminal.size()});

	const paint = () => {
		const now = Date.now();
		const seen = look();
		const lines = (entries: readonly Entry[]) => entries.flatMap(entry => entryLines(entry, seen));
		const frame = renderer.lines(<App state={state} look={seen} now={now}/>, seen.columns).slice(0, Math.max(1, seen.rows - 1));
		const fresh = lines(state.log.slice(printed));
		if (isStale) {
			const before = lines(state.log.slice(Math.max(0, printed - seen.rows), printed));
			const room = Math.max(0, seen.rows - 1 - frame.length - fresh.length);
			terminal.redraw([...before.slice(Math.max(0, before.length - room)), ...fresh], frame);
		} else {
			terminal.draw(fresh, frame);
		}

		isStale = false;
		printed = state.log.length;
		paintedAt = now;
		wakeIn(nextWake(state, now));
	};

	const wakeIn = (delay: number | undefined) => {
		if (delay === undefined || isClosed || Date.now() + delay >= due) {
			return;
		}

		clearTimeout(timer);
		due = Date.now() + delay;
		timer = setTimeout(() => {
			due = Number.POSITIVE_INFINITY;
			try {
				paint();
			} catch (error) {
				onError(error);
			}
		}, delay);
	};

	const paintSoon = () => {
		const interval = intervals[state.screen.kind === 'progress' ? 'progress' : 'asking'];
		wakeIn(Math.max(0, paintedAt + interval - Date.now()));
	};

	const terminal = openTerminal({
		stdin,
		stdout,
		shown,
		onKey(key) {
			onKey(key, look());
		},
		onStale() {
			isStale = true;
			paintSoon();
		},
		onResume: paintSoon,
		onGone,
	});

	paintSoon();
	return {
		show(next) {
			if (next !== state) {
				state = next;
				paintSoon();
			}
		},
		close() {
			if (isClosed) {
				return;
			}

			isClosed = true;
			clearTimeout(timer);
			terminal.draw(state.log.slice(printed).flatMap(entry => entryLines(entry, look())), []);
			terminal.close();
			renderer.unmount();
		},
	};
}
