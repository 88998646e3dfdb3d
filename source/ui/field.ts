import {clean, graphemes} from './text.ts';
import type {Key, KeyName} from './keys.ts';

/** A line, or several, being typed. `cursor` counts graphemes from the start. */
export type Field = {
	value: string;
	cursor: number;
	/** The default, not touched yet: typing replaces it, editing keys edit it. */
	pristine: boolean;
	lines: boolean;
};

export function createField(value: string, lines = false): Field {
	return {value, cursor: graphemes(value).length, pristine: true, lines};
}

/** What stands before and after the cursor. */
type Halves = {before: readonly string[]; after: readonly string[]};

const insert = (text: string) => ({before, after}: Halves): Halves => ({before: [...before, ...graphemes(text)], after});

/** What each editing key makes of the two halves, as in any shell's line. */
const edits: Partial<Record<KeyName, (halves: Halves) => Halves>> = {
	backspace: ({before, after}) => ({before: before.slice(0, -1), after}),
	delete: ({before, after}) => ({before, after: after.slice(1)}),
	'ctrl-d': ({before, after}) => ({before, after: after.slice(1)}),
	'ctrl-u': ({before, after}) => ({before: before.slice(0, startOfLine(before)), after}),
	'ctrl-k': ({before}) => ({before, after: []}),
	'ctrl-w': ({before, after}) => ({before: graphemes(before.join('').replace(/\S*\s*$/, '')), after}),
	left: ({before, after}) => ({before: before.slice(0, -1), after: [...before.slice(-1), ...after]}),
	right: ({before, after}) => ({before: [...before, ...after.slice(0, 1)], after: after.slice(1)}),
	home: ({before, after}) => ({before: [], after: [...before, ...after]}),
	'ctrl-a': ({before, after}) => ({before: [], after: [...before, ...after]}),
	end: ({before, after}) => ({before: [...before, ...after], after: []}),
	'ctrl-e': ({before, after}) => ({before: [...before, ...after], after: []}),
};

/** Where the line that the cursor is in begins; at its very start, the line before, so that pasted lines go one by one. */
function startOfLine(before: readonly string[]): number {
	const start = before.lastIndexOf('\n') + 1;
	return start === before.length && start > 0 ? before.lastIndexOf('\n', start - 2) + 1 : start;
}

function typedText(key: Key, lines: boolean): string {
	if (key.name === 'text') {
		return clean(key.text ?? '');
	}

	return key.name === 'paste' ? pasted(key.text ?? '', lines) : '';
}

/** The field after a key, or the very same field where the key means nothing to it. Pure. */
export function typed(field: Field, key: Key): Field {
	const signs = graphemes(field.value);
	const halves = {before: signs.slice(0, field.cursor), after: signs.slice(field.cursor)};
	const text = key.name === 'newline' && field.lines && !field.pristine ? '\n' : typedText(key, field.lines);
	if (text !== '') {
		return withHalves(field, insert(text)(field.pristine ? {before: [], after: []} : halves));
	}

	const edit = edits[key.name];
	return edit ? withHalves(field, edit(halves)) : field;
}

function withHalves({lines}: Field, {before, after}: Halves): Field {
	return {value: [...before, ...after].join(''), cursor: before.length, pristine: false, lines};
}

function pasted(text: string, lines: boolean): string {
	const rows = text.split(/\r\n|\r|\n/).map(row => clean(row).trim()).filter(row => row !== '');
	return lines ? rows.map(row => `${row}\n`).join('') : rows.join(' ');
}
