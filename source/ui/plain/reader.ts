import process from 'node:process';
import {createInterface} from 'node:readline';
import {edited} from './typed.ts';

/** A terminal's or a pipe's input. */
export type Input = NodeJS.ReadableStream & {isTTY?: boolean; setRawMode?(raw: boolean): unknown};

/** Lines as the terminal itself edits them: no cursor is moved, no escape sequence is written. */
export type LineReader = {
	/** The next line; undefined at the end of input, at Ctrl-C, and when `signal` aborts. */
	next(signal?: AbortSignal): Promise<string | undefined>;
	/** The same without echo, on a terminal. */
	secret(): Promise<string | undefined>;
	/** Lets go of the input. What was read ahead from a pipe is lost. */
	close(): void;
};

export function lineReader(stdin: Input): LineReader {
	const lines = createInterface({input: stdin, terminal: false});
	const ahead: string[] = [];
	let ended = false;
	let answer: ((line: string | undefined) => void) | undefined;

	/** One answer a question: what comes at once with it is for the next. */
	const give = (line: string | undefined) => {
		const resolve = answer;
		answer = undefined;
		resolve?.(line);
	};

	const end = () => {
		ended = true;
		give(undefined);
	};

	lines.on('line', line => {
		if (answer) {
			give(line);
		} else if (!stdin.isTTY) {
			// A pipe brings its lines at once. What is typed into a terminal while nothing is asked is no answer to what comes next.
			ahead.push(line);
		}
	});
	lines.on('close', end);
	// A terminal that was hung up reads as an error.
	lines.on('error', end);

	async function next(signal?: AbortSignal): Promise<string | undefined> {
		if (ahead.length > 0) {
			return ahead.shift();
		}

		if (ended || signal?.aborted) {
			return undefined;
		}

		const stop = () => {
			give(undefined);
		};

		process.on('SIGINT', stop);
		signal?.addEventListener('abort', stop);
		try {
			return await new Promise(resolve => {
				answer = resolve;
			});
		} finally {
			answer = undefined;
			process.off('SIGINT', stop);
			signal?.removeEventListener('abort', stop);
		}
	}

	async function secret(): Promise<string | undefined> {
		if (!stdin.isTTY || !stdin.setRawMode) {
			return next();
		}

		// Raw mode is what turns the echo off; editing and the keys that interrupt are then ours to do.
		const interrupt = new AbortController();
		const watch = (chunk: unknown) => {
			if (/[\u0003\u0004]/.test(String(chunk))) { // eslint-disable-line no-control-regex
				interrupt.abort();
			}
		};

		stdin.setRawMode(true);
		stdin.on('data', watch);
		try {
			const line = await next(interrupt.signal);
			return line === undefined ? undefined : edited(line);
		} finally {
			stdin.off('data', watch);
			stdin.setRawMode(false);
		}
	}

	return {
		next,
		secret,
		close() {
			lines.close();
		},
	};
}
