import {t} from '../../words.ts';
import type {Paint} from '../lines/printer.ts';
import type {Prompter} from './prompter.ts';
import {commandOf, readNumber, valueOf, wrongOf, type Command, type Reading} from './typed.ts';

/** What a plain conversation speaks with. */
export type Talk = {
	prompter: Prompter;
	paint: Paint;
	print(lines: readonly string[]): void;
};

/** A value, or the command that was typed instead. */
export type Said<T> = {value: T} | {command: Exclude<Command, 'explain'>};

export type Inquiry<T> = {
	message: string;
	/** What Enter stands for. */
	byDefault?: string;
	read(line: string): Reading<T>;
	/** What `?` shows. */
	explain: readonly string[];
};

/** Sentences, fitted to the terminal. */
export function say({print, paint}: Talk, sentences: readonly string[]): void {
	print(sentences.flatMap(sentence => paint.prose(sentence)));
}

/** Asks until there is a valid value or a command; `?` is answered here. Ctrl-C and the end of input are `quit`. */
export async function inquire<T>(talk: Talk, {message, byDefault, read, explain}: Inquiry<T>): Promise<Said<T>> {
	for (;;) {
		const line = await talk.prompter.line({message, byDefault, check: typed => commandOf(typed) ? undefined : wrongOf(read(typed))});
		if (line === undefined) {
			return {command: 'quit'};
		}

		const command = commandOf(line);
		if (command === undefined) {
			return {value: valueOf(read(line))};
		}

		if (command !== 'explain') {
			return {command};
		}

		say(talk, explain);
	}
}

/** Numbered choices, the first by default. A command counts where it is one of the choices; `quit` always does. */
export async function menu<T extends string>(talk: Talk, message: string, choices: ReadonlyArray<{value: T; label: string}>, explain: readonly string[]): Promise<T | 'quit'> {
	talk.print(['', ...choices.map(({label}, index) => `  ${index + 1}. ${label}`)]);
	for (;;) {
		const said = await inquire(talk, {message, byDefault: '1', explain, read: line => readNumber(line, choices, 1)});
		if ('value' in said) {
			return said.value;
		}

		const choice = choices.find(({value}) => value === said.command);
		if (choice ?? said.command === 'quit') {
			return choice?.value ?? 'quit';
		}

		talk.print([t('Type a number from 1 to {count}.', {count: choices.length})]);
	}
}
