import {cut, pad, width, wrap} from './text.ts';
import type {Look, Style} from './look.ts';

/** Pieces that several screens are made of: lines of text, ready styled. All pure. */

/** Outside text or a sentence in lines, each styled alike. */
export function paragraph(text: string, look: Look, columns: number, style: Style = line => line): string[] {
	return text.split(/\r?\n/).flatMap(line => wrap(look.plain(line), columns)).map(line => style(line));
}

type Hanging = {columns: number; label?: Style; text?: Style};

/** A paragraph whose further lines hang below the first one's text, after a label or a bullet. */
export function hanging(label: string, text: string, look: Look, {columns, label: labelStyle = line => line, text: textStyle}: Hanging): string[] {
	const plain = look.plain(label);
	const indent = width(plain) + 1;
	const [first = '', ...rest] = paragraph(text, look, columns - indent, textStyle);
	return [`${labelStyle(plain)} ${first}`, ...rest.map(line => ' '.repeat(indent) + line)];
}

export type MenuItem = {label: string; hint?: string};

/** A menu to choose one of: the cursor marks the line, the accent only repeats it. */
export function menu(items: readonly MenuItem[], cursor: number, look: Look, columns: number): string[] {
	const longest = Math.max(...items.map(({label}) => width(look.plain(label))));
	const labelWidth = Math.min(longest, Math.max(10, Math.floor(columns * 0.6)));
	return items.map(({label, hint}, index) => {
		const text = pad(cut(look.plain(label), labelWidth, look.glyphs.more), labelWidth);
		const here = index === cursor;
		const tail = hint ? look.dim(cut(look.plain(hint), Math.max(0, columns - labelWidth - 6), look.glyphs.more)) : '';
		return `${here ? look.accent(look.glyphs.cursor) : ' '} ${here ? look.accent(look.strong(text)) : text}   ${tail}`.trimEnd();
	});
}

/** A menu to choose several of. */
export function checkboxes(items: ReadonlyArray<MenuItem & {isTicked: boolean}>, cursor: number, look: Look, columns: number): string[] {
	const boxed = items.map(item => ({...item, label: `[${item.isTicked ? 'x' : ' '}] ${item.label}`}));
	return menu(boxed, cursor, look, columns);
}

/** A table of plain cells with the widths given; a cell that is too long goes on below. The last column takes what is left. */
export function table(rows: ReadonlyArray<readonly string[]>, widths: readonly number[], look: Look, styles: ReadonlyArray<Style | undefined> = []): string[] {
	return rows.flatMap(row => {
		const cells = row.map((cell, column) => wrap(look.plain(cell), widths[column] ?? 10));
		const height = Math.max(...cells.map(cell => cell.length));
		return Array.from({length: height}, (_, line) => cells
			.map((cell, column) => {
				const styled = (styles[column] ?? (text => text))(cell[line] ?? '');
				return column === cells.length - 1 ? styled : pad(styled, widths[column] ?? 10);
			})
			.join('  ')
			.trimEnd());
	});
}

/** Widths for `table`: as wide as the content, up to a limit; the last takes the rest. */
export function columnWidths(rows: ReadonlyArray<readonly string[]>, limits: readonly number[], columns: number): number[] {
	const widths = limits.map((limit, column) => Math.min(limit, Math.max(0, ...rows.map(row => width(row[column] ?? '')))));
	const used = widths.slice(0, -1).reduce((sum, value) => sum + value + 2, 0);
	widths[widths.length - 1] = Math.max(8, columns - used);
	return widths;
}

/** `4.1 s`, `1 min 12 s`. */
export function duration(seconds: number): string {
	const whole = Math.round(seconds);
	return seconds < 59.95 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `4:12`; never below zero. */
export function countdown(milliseconds: number): string {
	const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The time of day on this server, `14:32`; takes milliseconds since the epoch. */
export function clock(milliseconds: number): string {
	const date = new Date(milliseconds);
	return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':');
}

/** A bar for 0 to 100. */
export function bar(percent: number, columns: number, look: Look): string {
	const filled = Math.round(Math.max(0, Math.min(100, percent)) / 100 * columns);
	return look.accent(look.glyphs.full.repeat(filled)) + look.dim(look.glyphs.empty.repeat(columns - filled));
}

/** A styled start, a text that gives way, and what stands at the right edge. */
export function toTheEdge({start, text, right}: {start: string; text: string; right: string}, look: Look, columns: number): string {
	const edge = look.plain(right);
	const room = columns - width(start) - width(edge) - 2;
	const middle = cut(look.plain(text), Math.max(4, room), look.glyphs.more);
	return edge === '' ? start + middle : `${start}${pad(middle, Math.max(4, room))}  ${look.dim(edge)}`;
}

/** The column of kinds among the finished lines: so wide that most kinds fit; what is longer pushes its name on. */
export const kindWidth = 11;
