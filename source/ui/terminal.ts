import process from 'node:process';
import {StringDecoder} from 'node:string_decoder';
import {parseKeys, settle, type Key} from './keys.ts';
import {clearScreen, erase, insertAbove, repaint} from './paint.ts';

/** The one place with effects: raw keys in, paint out, and the terminal as it was at the end. */

export type TerminalOptions = {
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	/** A frame that is on screen already. */
	shown?: readonly string[];
	onKey: (key: Key) => void;
	/** What is in sight may be wrong, since the size changed or the user says so: draw everything anew. */
	onStale: () => void;
	/** Back from the background, on a line of its own: draw the frame again. */
	onResume: () => void;
	/** Nobody is there any more. */
	onGone: () => void;
};

export type Terminal = {
	size(): {columns: number; rows: number};
	/** Prints `finished` lines for good and shows `frame` below them, in one write. */
	draw(finished: readonly string[], frame: readonly string[]): void;
	/** Clears what is in sight and draws it anew: `above` is what was printed last. */
	redraw(above: readonly string[], frame: readonly string[]): void;
	/** Takes the frame away and gives the terminal back. Safe to call twice. */
	close(): void;
};

const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';
const bracketPastes = '\u001B[?2004h';
const plainPastes = '\u001B[?2004l';
/** How long an Escape may be the start of something longer; a slow line splits sequences. */
const escapeDelay = 50;
/** A shell's job control stops us within this time, or there is none. */
const suspendDelay = 100;

export function openTerminal({stdin, stdout, shown = [], onKey, onStale, onResume, onGone}: TerminalOptions): Terminal {
	const decoder = new StringDecoder('utf8');
	let frame = shown;
	let rest = '';
	let escapeTimer: NodeJS.Timeout | undefined;
	let suspendTimer: NodeJS.Timeout | undefined;
	let isOpen = true;
	let isGone = false;

	const size = () => ({columns: stdout.columns || 80, rows: stdout.rows || 24});
	const write = (text: string) => {
		if (text !== '' && stdout.writable) {
			stdout.write(text);
		}
	};

	const take = () => {
		stdin.setRawMode?.(true);
		stdin.resume();
		write(hideCursor + bracketPastes);
	};

	const giveBack = () => {
		write(erase(frame) + plainPastes + showCursor);
		frame = [];
		stdin.setRawMode?.(false);
	};

	const press = (key: Key) => {
		if (key.name === 'ctrl-z') {
			suspend();
		} else if (key.name === 'ctrl-l') {
			onStale();
		} else {
			onKey(key);
		}
	};

	/** What Ctrl-Z does in any program: the whole job stops; it is taken up again where the shell says so, or at once where there is no job control. */
	const suspend = () => {
		giveBack();
		process.kill(0, 'SIGTSTP');
		suspendTimer = setTimeout(resume, suspendDelay);
	};

	const resume = () => {
		clearTimeout(suspendTimer);
		if (isOpen) {
			// The shell has changed the terminal's mode behind our back, and libuv would not set it again.
			stdin.setRawMode?.(false);
			take();
			frame = [];
			onResume();
		}
	};

	const read = (chunk: string | Uint8Array) => {
		clearTimeout(escapeTimer);
		const {keys, rest: unread} = parseKeys(rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk)));
		rest = unread;
		if (rest !== '') {
			escapeTimer = setTimeout(() => {
				const settled = settle(rest);
				rest = settled.length > 0 ? '' : rest;
				for (const key of settled) {
					press(key);
				}
			}, escapeDelay);
		}

		for (const key of keys) {
			press(key);
		}
	};

	const gone = () => {
		if (isOpen && !isGone) {
			isGone = true;
			onGone();
		}
	};

	const close = () => {
		if (!isOpen) {
			return;
		}

		isOpen = false;
		clearTimeout(escapeTimer);
		clearTimeout(suspendTimer);
		giveBack();
		stdin.off('data', read);
		stdin.off('end', gone);
		stdin.pause();
		stdout.off('resize', onStale);
		process.off('SIGCONT', resume);
		process.off('exit', close);
	};

	take();
	stdin.on('data', read);
	stdin.on('end', gone);
	// Stays to the end: giving a terminal back that hung up is an error, too.
	stdin.on('error', gone);
	stdout.on('resize', onStale);
	process.on('SIGCONT', resume);
	process.on('exit', close);

	return {
		size,
		draw(finished, next) {
			if (isOpen) {
				write(repaint(frame, next) + insertAbove(finished, next, size().rows));
				frame = next;
			}
		},
		redraw(above, next) {
			if (isOpen) {
				frame = [];
				write(clearScreen(size().rows) + insertAbove(above, [], size().rows) + repaint([], next));
				frame = next;
			}
		},
		close,
	};
}
