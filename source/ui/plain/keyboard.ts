import {PassThrough} from 'node:stream';
import type {Input} from './reader.ts';

/** One prompt's view of the terminal's keys, with an end that is always noticed. */
export type Keyboard = {
	input: NodeJS.ReadableStream;
	/** Aborts when no answer can come from this keyboard any more. */
	closed: AbortSignal;
	/** Whether the user wants out: Ctrl-D, or the terminal is gone. Otherwise the process was only stopped and continued (Ctrl-Z, fg). */
	isOver(): boolean;
	release(): void;
};

/**
 * Inquirer never settles a prompt whose input ended, was closed with Ctrl-D or was stopped with Ctrl-Z, and a terminal that was
 * hung up is an unhandled error to it. So it reads from this stream, which readline pauses in the first three cases.
 */
export function keyboard(stdin: Input): Keyboard {
	const closed = new AbortController();
	let isOver = false;
	const close = () => {
		closed.abort();
	};

	const end = () => {
		isOver = true;
		close();
	};

	const input = Object.assign(new PassThrough(), {
		isTTY: true,
		setRawMode(raw: boolean) {
			stdin.setRawMode?.(raw);
		},
	});
	const forward = (chunk: Uint8Array | string) => {
		isOver ||= String(chunk).includes('\u0004');
		input.write(chunk);
	};

	input.once('pause', close);
	stdin.on('data', forward);
	stdin.once('end', end);
	stdin.on('error', end);
	stdin.resume();

	return {
		input,
		closed: closed.signal,
		isOver: () => isOver,
		release() {
			stdin.off('data', forward);
			stdin.off('end', end);
			stdin.off('error', end);
			stdin.pause();
		},
	};
}
