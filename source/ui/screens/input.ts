import {isDeepStrictEqual} from 'node:util';
import {t} from '../../words.ts';
import {createField, typed, type Field} from '../field.ts';
import {moveCursor} from '../list.ts';
import {checkboxes, hanging, menu, type MenuItem} from '../parts.ts';
import {cutMiddle, graphemes, tail, width} from '../text.ts';
import type {Key} from '../keys.ts';
import type {Look} from '../look.ts';
import type {Question} from '../../engine/step.ts';
import {letter, type Done} from './screen.ts';

/** What stands below a question to answer it with: a field, a list, or a field that shows nothing. */
export type Input =
	| {kind: 'field'; field: Field; error?: string}
	| {kind: 'list'; cursor: number; ticked: readonly number[]}
	/** `first` is what was typed the first time. */
	| {kind: 'password'; field: Field; first?: string; error?: string};

export function createInput(question: Question): Input {
	if (question.kind === 'text') {
		return {kind: 'field', field: createField(question.default, question.lines)};
	}

	if (question.kind === 'password') {
		return {kind: 'password', field: createField('')};
	}

	const values = choicesOf(question).map(({value}) => value);
	const defaults = question.kind === 'checkbox' ? question.default : [question.default];
	const isDefault = (value: unknown) => defaults.some(one => isDeepStrictEqual(one, value));
	return {kind: 'list', cursor: question.kind === 'checkbox' ? 0 : Math.max(0, values.findIndex(value => isDefault(value))), ticked: values.flatMap((value, index) => isDefault(value) ? [index] : [])};
}

/** Whether a letter is text here, not a command. */
export function isTyping(input: Input): boolean {
	return input.kind !== 'list';
}

function choicesOf(question: Question): ReadonlyArray<MenuItem & {value: unknown}> {
	if (question.kind === 'confirm') {
		return [{value: true, label: t('Yes')}, {value: false, label: t('No')}];
	}

	return question.kind === 'select' || question.kind === 'checkbox' ? question.choices : [];
}

/** The input after a key, or the answer: for a field the text as typed, which the question parses. */
export function inputKeys(input: Input, key: Key, question: Question): Input | Done<unknown> {
	switch (input.kind) {
		case 'field': {
			return question.kind === 'text' ? fieldKeys(input, key, question) : input;
		}

		case 'password': {
			return question.kind === 'password' ? passwordKeys(input, key, question) : input;
		}

		case 'list': {
			return listKeys(input, key, question);
		}
	}
}

type Of<Kind extends Input['kind']> = Extract<Input, {kind: Kind}>;
type TextQuestion = Extract<Question, {kind: 'text'}>;

function fieldKeys(input: Of<'field'>, key: Key, question: TextQuestion): Input | Done<unknown> {
	if (key.name !== 'enter') {
		return {kind: 'field', field: typed(input.field, key)};
	}

	const value = input.field.value.trim();
	const error = question.validate(value);
	return error === undefined ? {done: value} : {...input, error};
}

function passwordKeys(input: Of<'password'>, key: Key, question: Extract<Question, {kind: 'password'}>): Input | Done<unknown> {
	if (key.name !== 'enter') {
		return {...input, field: typed(input.field, key), error: undefined};
	}

	const {value} = input.field;
	if (input.first !== undefined) {
		return value === input.first ? {done: value} : {kind: 'password', field: createField(''), error: t('The two differ. Type it again, twice.')};
	}

	const error = question.validate(value);
	if (error === undefined && question.pasted) {
		return {done: value};
	}

	return error === undefined ? {kind: 'password', field: createField(''), first: value} : {kind: 'password', field: createField(''), error};
}

function listKeys(input: Of<'list'>, key: Key, question: Question): Input | Done<unknown> {
	const choices = choicesOf(question);
	const isCheckbox = question.kind === 'checkbox';
	if (key.name === 'enter') {
		const ticked = choices.filter((_, index) => input.ticked.includes(index));
		return {done: isCheckbox ? ticked.map(({value}) => value) : choices[input.cursor]?.value};
	}

	if (question.kind === 'confirm' && (letter(key) === 'y' || letter(key) === 'n')) {
		return {done: letter(key) === 'y'};
	}

	if (isCheckbox && letter(key) === ' ') {
		const {cursor, ticked} = input;
		return {...input, ticked: ticked.includes(cursor) ? ticked.filter(index => index !== cursor) : [...ticked, cursor]};
	}

	if (isCheckbox && letter(key) === 'a') {
		return {...input, ticked: input.ticked.length === choices.length ? [] : choices.map((_, index) => index)};
	}

	return {...input, cursor: moveCursor(input.cursor, choices.length, key)};
}

/** What is drawn, and the line that has to stay in sight. */
export function inputLines(input: Input, question: Question, look: Look, columns: number): {lines: string[]; focus: number} {
	switch (input.kind) {
		case 'field': {
			return question.kind === 'text' ? fieldLines(input, question, look, columns) : {lines: [], focus: 0};
		}

		case 'password': {
			return passwordLines(input, question.kind === 'password' && question.pasted === true, look, columns);
		}

		case 'list': {
			const items = choicesOf(question);
			const ticked = items.map((item, index) => ({...item, isTicked: input.ticked.includes(index)}));
			const lines = question.kind === 'checkbox' ? checkboxes(ticked, input.cursor, look, columns) : menu(items, input.cursor, look, columns);
			return {lines, focus: input.cursor};
		}
	}
}

function fieldLines({field, error}: Of<'field'>, question: TextQuestion, look: Look, columns: number): {lines: string[]; focus: number} {
	const prompt = look.accent(look.glyphs.cursor);
	const rows = typedLines(field, look, columns - 3);
	const shown = field.value === '' && question.placeholder !== undefined ? [`${look.accent(look.glyphs.text)}${look.dim(look.plain(question.placeholder))}`] : rows;
	const lines = shown.map((row, index) => `${index === 0 ? prompt : ' '} ${row}`);
	return {lines: [...lines, ...judgement({field, error}, question, look, columns)], focus: lines.length - 1};
}

/** What is to be said of the value: what is wrong with it, calmly while it is being typed, or a fact about it. */
function judgement({field, error}: Pick<Of<'field'>, 'field' | 'error'>, question: TextQuestion, look: Look, columns: number): string[] {
	const value = field.value.trim();
	if (error !== undefined) {
		return ['', ...hanging(look.glyphs.failed, error, look, {columns, label: look.bad, text: look.bad})];
	}

	if (value === '') {
		return field.lines ? ['', look.dim(look.plain(t('Paste one or more lines; Ctrl-U takes the last one away.')))] : [];
	}

	const wrong = question.validate(value);
	if (wrong !== undefined) {
		return ['', ...hanging(look.glyphs.waiting, wrong, look, {columns, label: look.dim, text: look.dim})];
	}

	const remark = question.remark?.(value);
	return remark === undefined ? [] : ['', ...remark.split('\n').flatMap(line => hanging(look.glyphs.done, line, look, {columns, label: look.good}))];
}

/** The value with the cursor in it. Of a value of several lines each is shown by its two ends. */
function typedLines(field: Field, look: Look, columns: number): string[] {
	const cursor = look.accent(look.glyphs.text);
	if (field.lines) {
		const rows = field.value.split('\n').map(row => cutMiddle(look.plain(row), columns - 1, look.glyphs.more));
		return rows.map((row, index) => index === rows.length - 1 ? row + cursor : row);
	}

	const signs = graphemes(look.plain(field.value));
	const before = signs.slice(0, field.cursor).join('');
	const after = signs.slice(field.cursor).join('');
	const shown = tail(before, columns - 1 - Math.min(width(after), Math.floor(columns / 3)));
	const room = columns - 1 - width(shown);
	return [shown + cursor + graphemes(after).slice(0, Math.max(0, room)).join('')];
}

function passwordLines({field, first, error}: Of<'password'>, pasted: boolean, look: Look, columns: number): {lines: string[]; focus: number} {
	const what = first === undefined ? (pasted ? t('Value:') : t('Password:')) : t('Once more:');
	const typing = field.value === '' ? look.dim(look.plain(t('nothing is shown while you type'))) : look.dim(look.plain(t('typing…')));
	return {
		lines: [
			`${look.accent(look.glyphs.cursor)} ${look.plain(what)} ${look.accent(look.glyphs.text)}${typing}`,
			...(error === undefined ? [] : ['', ...hanging(look.glyphs.failed, error, look, {columns, label: look.bad, text: look.bad})]),
		],
		focus: 0,
	};
}
