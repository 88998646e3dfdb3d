import {isDeepStrictEqual} from 'node:util';
import type {Question} from '../../engine/step.ts';
import {t} from '../../words.ts';

/** What a typed line means. Pure. */

export type Command = 'back' | 'skip' | 'quit' | 'explain';

/** The words that every question understands, in English and in the language of the screen. */
export function commandOf(line: string): Command | undefined {
	const word = line.trim().toLowerCase();
	if (['?', 'help', t('help')].includes(word)) {
		return 'explain';
	}

	return (['back', 'skip', 'quit'] as const).find(command => isWord(word, command));
}

/** Whether a line is one of our words. */
export function isWord(line: string, word: 'back' | 'skip' | 'quit' | 'yes' | 'y' | 'no' | 'n' | 'all' | 'none' | 'undo'): boolean {
	const typed = line.trim().toLowerCase();
	const translated = {back: t('back'), skip: t('skip'), quit: t('quit'), yes: t('yes'), y: t('y'), no: t('no'), n: t('n'), all: t('all'), none: t('none'), undo: t('undo')}[word];
	return typed === word || typed === translated;
}

/** An answer, or what is wrong with the line and how to put it right. */
export type Reading<T = unknown> = {value: T} | {wrong: string};

export function wrongOf(reading: Reading): string | undefined {
	return 'wrong' in reading ? reading.wrong : undefined;
}

/** The value of a line that was found right before. */
export function valueOf<T>(reading: Reading<T>): T {
	if ('wrong' in reading) {
		throw new Error(`This line was not checked before: ${reading.wrong}`);
	}

	return reading.value;
}

export function readAnswer(question: Extract<Question, {kind: 'confirm' | 'select' | 'checkbox'}>, line: string): Reading {
	switch (question.kind) {
		case 'confirm': {
			return readYesNo(line, question.default);
		}

		case 'select': {
			return readNumber(line, question.choices, defaultNumber(question));
		}

		case 'checkbox': {
			return readNumbers(line, question.choices, question.default);
		}
	}
}

/** The text itself, where it is valid. `-` says none, where none is a valid answer and the default is not. */
export function readText(question: Extract<Question, {kind: 'text'}>, line: string): Reading<string> {
	const trimmed = line.trim();
	const value = trimmed === '-' && canBeNone(question) ? '' : trimmed;
	const wrong = question.validate(value);
	return wrong === undefined ? {value} : {wrong};
}

export function canBeNone(question: Extract<Question, {kind: 'text'}>): boolean {
	return question.default !== '' && question.validate('') === undefined;
}

export function readYesNo(line: string, byDefault: boolean): Reading<boolean> {
	if (line.trim() === '') {
		return {value: byDefault};
	}

	if (isWord(line, 'yes') || isWord(line, 'y')) {
		return {value: true};
	}

	return isWord(line, 'no') || isWord(line, 'n') ? {value: false} : {wrong: t('Type yes or no.')};
}

type Choices<T> = ReadonlyArray<{value: T}>;

/** Counted from 1; 1 where the default is no choice. */
export function defaultNumber(question: Extract<Question, {kind: 'select'}>): number {
	return Math.max(0, question.choices.findIndex(({value}) => isDeepStrictEqual(value, question.default))) + 1;
}

export function readNumber<T>(line: string, choices: Choices<T>, byDefault: number): Reading<T> {
	const word = line.trim() || String(byDefault);
	const choice = /^\d{1,4}$/.test(word) ? choices[Number(word) - 1] : undefined;
	return choice ? {value: choice.value} : {wrong: t('Type a number from 1 to {count}.', {count: choices.length})};
}

/** `1 3`, `1,3`, `all`, `none`; Enter takes what is marked. */
export function readNumbers<T>(line: string, choices: Choices<T>, byDefault: readonly T[]): Reading<readonly T[]> {
	const word = line.trim().toLowerCase();
	if (word === '') {
		return {value: byDefault};
	}

	if (isWord(line, 'none') || word === '-') {
		return {value: []};
	}

	if (isWord(line, 'all')) {
		return {value: choices.map(({value}) => value)};
	}

	const numbers = word.split(/[\s,]+/).filter(Boolean);
	const valid = numbers.length > 0 && numbers.every(number => /^\d{1,4}$/.test(number) && Number(number) >= 1 && Number(number) <= choices.length);
	return valid
		? {value: choices.filter((_, index) => numbers.some(number => Number(number) === index + 1)).map(({value}) => value)}
		: {wrong: t('Type numbers from 1 to {count} with spaces between them, all, or none.', {count: choices.length})};
}

/** What a terminal's line editing would have made of the keys: erase (DEL, BS), kill (Ctrl-U), and nothing of what came before Ctrl-C or Ctrl-D. */
export function edited(keys: string): string {
	let line = '';
	for (const key of keys) {
		if (key === '\u007F' || key === '\b') {
			line = [...line].slice(0, -1).join('');
		} else if (['\u0003', '\u0004', '\u0015'].includes(key)) {
			line = '';
		} else {
			line += key;
		}
	}

	return line;
}
