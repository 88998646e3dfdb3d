import inquirer from 'inquirer';
import {t} from '../../words.ts';
import {columnsOf, type Output, type Paint, type Printer} from '../lines/printer.ts';
import {clean} from '../lines/text.ts';
import {width, wrap} from '../text.ts';
import {keyboard} from './keyboard.ts';
import {lineReader, type Input, type LineReader} from './reader.ts';

export type Prompt = {
	message: string;
	/** Shown in brackets; what Enter stands for. */
	byDefault?: string;
	/** What is wrong with a line and how to put it right; the question stays until there is nothing. */
	check(line: string): string | undefined;
};

/** Undefined everywhere is the end of input, or Ctrl-C: the user wants out. */
export type Prompter = {
	line(prompt: Prompt): Promise<string | undefined>;
	secret(prompt: Prompt): Promise<string | undefined>;
	/** Several lines, up to an empty one. `alone` says that a first line is all there is. */
	paste(message: string, alone: (line: string) => boolean): Promise<string | undefined>;
	/** One line, while other lines may be printed. */
	listen(signal: AbortSignal): Promise<string | undefined>;
	close(): void;
};

export type Terminal = {
	stdin: Input;
	stdout: Output;
	env: Readonly<Record<string, string | undefined>>;
	paint: Paint;
} & Printer;

/** Inquirer moves the cursor and redraws the line at each key: only for a terminal that can, and where a person types. */
export function canMoveCursor({stdin, stdout, env}: Pick<Terminal, 'stdin' | 'stdout' | 'env'>): boolean {
	return Boolean(stdin.isTTY && stdout.isTTY) && !['', 'dumb', 'unknown'].includes(env.TERM ?? '');
}

export function prompter(terminal: Terminal): Prompter {
	return canMoveCursor(terminal) ? inquirerPrompter(terminal) : linePrompter(terminal);
}

/** A question that is too long for one line stands above its prompt, but for its last line. */
function asked({stdout, print, paint}: Terminal, {message, byDefault = ''}: Prompt): string {
	const room = columnsOf(stdout) - width(`>  (${clean(byDefault)}) `);
	const lines = room < 20 ? [clean(message)] : wrap(clean(message), room);
	print(lines.slice(0, -1).map(line => paint.strong(line)));
	return lines.at(-1)!;
}

function withDefault(message: string, {byDefault}: Prompt): string {
	return byDefault ? `${message} (${clean(byDefault)})` : message;
}

/** Writes a prompt and reads lines after it. */
function reading({stdin, stdout, form}: Terminal) {
	const finish = (line: string | undefined, echoed: boolean) => {
		if (line === undefined || !echoed) {
			stdout.write('\n');
		}

		return line;
	};

	return {
		async line(reader: LineReader, message: string) {
			stdout.write(`${form(message)} `);
			return finish(await reader.next(), Boolean(stdin.isTTY));
		},
		async secret(reader: LineReader, message: string) {
			stdout.write(`${form(message)} `);
			return finish(await reader.secret(), false);
		},
		async paste(reader: LineReader, message: string, alone: (line: string) => boolean) {
			stdout.write(`${form(clean(message))} `);
			const lines: string[] = [];
			for (;;) {
				const line = finish(await reader.next(), Boolean(stdin.isTTY));
				if (line === undefined) {
					return undefined;
				}

				if (line.trim() === '' || (lines.length === 0 && alone(line))) {
					return [...lines, line].join('\n').trim();
				}

				lines.push(line);
			}
		},
	};
}

/** For dumb terminals and pipes. */
function linePrompter(terminal: Terminal): Prompter {
	const reader = lineReader(terminal.stdin);
	const {line, secret, paste} = reading(terminal);

	async function until(prompt: Prompt, read: (reader: LineReader, message: string) => Promise<string | undefined>) {
		for (;;) {
			const typed = await read(reader, withDefault(asked(terminal, prompt), prompt));
			const answer = typed === '' ? prompt.byDefault ?? '' : typed;
			const wrong = answer === undefined ? undefined : prompt.check(answer);
			if (wrong === undefined) {
				return answer;
			}

			terminal.print(terminal.paint.prose(wrong, {style: terminal.paint.bad}));
		}
	}

	return {
		line: async prompt => until(prompt, line),
		secret: async prompt => until(prompt, secret),
		paste: async (message, alone) => paste(reader, message, alone),
		listen: async signal => reader.next(signal),
		close() {
			reader.close();
		},
	};
}

/** For terminals that can edit a line. Where several lines come at once, or others are printed meanwhile, the plain reader stands in. */
function inquirerPrompter(terminal: Terminal): Prompter {
	const {stdin, stdout, form, paint} = terminal;
	const theme = {
		prefix: '>',
		style: {
			message: paint.strong,
			answer: paint.accent,
			defaultAnswer: (text: string) => paint.dim(`(${text})`),
			error: (text: string) => paint.prose(form(text), {style: paint.bad}).join('\n'),
			help: paint.dim,
			maskedText: t('[hidden]'),
		},
	};
	let over = false;
	const end = () => {
		over = true;
	};

	stdin.once('end', end);
	// A terminal that was hung up reads as an error.
	stdin.on('error', end);

	async function ask(type: 'input' | 'password', prompt: Prompt): Promise<string | undefined> {
		if (over) {
			return undefined;
		}

		const keys = keyboard(stdin);
		try {
			const {value} = await inquirer.createPromptModule({input: keys.input, output: stdout, signal: keys.closed})<{value: string}>({
				type,
				name: 'value',
				message: form(asked(terminal, prompt)),
				default: prompt.byDefault === undefined ? undefined : form(clean(prompt.byDefault)),
				validate: (line: string) => prompt.check(line) ?? true,
				toggleMask: false,
				theme,
			});
			return value;
		} catch (error) {
			if (!(error instanceof Error) || !['ExitPromptError', 'AbortPromptError'].includes(error.name)) {
				throw error;
			}

			return error.name === 'ExitPromptError' || keys.isOver() ? undefined : await ask(type, prompt);
		} finally {
			keys.release();
		}
	}

	async function meanwhile(read: (reader: LineReader) => Promise<string | undefined>) {
		if (over) {
			return undefined;
		}

		const reader = lineReader(stdin);
		try {
			return await read(reader);
		} finally {
			reader.close();
		}
	}

	return {
		line: async prompt => ask('input', prompt),
		secret: async prompt => ask('password', prompt),
		paste: async (message, alone) => meanwhile(async reader => reading(terminal).paste(reader, message, alone)),
		listen: async signal => meanwhile(async reader => reader.next(signal)),
		close() {
			stdin.pause();
		},
	};
}
