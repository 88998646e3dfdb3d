import {t} from '../../words.ts';
import {visible} from '../lines/text.ts';
import {columnWidths, hanging, paragraph, table} from '../parts.ts';
import {cut, cutMiddle, fold, pad, width, wrap} from '../text.ts';
import type {Look, Style} from '../look.ts';
import {kindName} from '../../engine/kinds.ts';
import type {Preview} from '../../engine/conversation.ts';
import type {Description} from '../../engine/describe.ts';

/** The body of the preview as lines, and which of them are items to stop at. Pure. */

/** One line of the list: a change, or many alike that stand as one. */
export type Item = {description: Description; members: readonly Description[]};

/** More of a kind than this stand as one line that opens. */
const apart = 4;

/** Packages and kernel settings come in dozens: one line for all of a kind and sign, where they stand together. */
export function itemsOf(descriptions: readonly Description[]): readonly Item[] {
	const runs: Description[][] = [];
	for (const description of descriptions) {
		const run = runs.at(-1);
		const alike = run && description.diff === undefined && run[0]!.diff === undefined && run[0]!.type === description.type && run[0]!.sign === description.sign;
		if (alike) {
			run.push(description);
		} else {
			runs.push([description]);
		}
	}

	return runs.flatMap(run => run.length > apart ? [groupOf(run)] : run.map(description => ({description, members: []})));
}

function groupOf(members: readonly Description[]): Item {
	const [first] = members;
	const title = members.slice(0, 2).map(member => member.title).join(', ');
	return {description: {...first!, title: t('{names} and {count} more', {names: title, count: members.length - 2}), detail: ''}, members};
}

export function isOpenable({description, members}: Item): boolean {
	return members.length > 0 || (description.diff?.length ?? 0) > 0;
}

export type PreviewBody = {lines: string[]; stops: number[]};

export function previewBody(view: Preview, {open, cursor, explain}: {open: readonly number[]; cursor: number; explain: boolean}, look: Look, columns: number): PreviewBody {
	const items = itemsOf(view.descriptions);
	const lines: string[] = [];
	const stops: number[] = [];
	const kindWidth = Math.max(...items.map(({description}) => width(kindName(description.type))), 0);
	for (const [index, item] of items.entries()) {
		stops.push(lines.length);
		lines.push(itemLine(item, {here: index === cursor, isOpen: open.includes(index), kindWidth}, look, columns));
		if (explain) {
			lines.push(...paragraph(item.description.why, look, columns - 6, look.dim).map(line => `      ${line}`));
		}

		if (open.includes(index)) {
			lines.push(...insideLines(item, look, columns - 8).map(line => `      ${look.dim(look.glyphs.line)} ${line}`));
		}
	}

	lines.push(...exposureLines(view, look, columns), ...cautionLines(view, look, columns));
	return {lines, stops};
}

const signStyles: Readonly<Record<Description['sign'], (look: Look) => Style>> = {
	'+': look => look.good,
	'~': look => look.warn,
	'-': look => look.bad,
};

/** As much of a detail as there is room for, from its start; the first part stays. The name is worth more. */
function withRoom(detail: string, room: number): string {
	const parts = detail.split(', ');
	while (parts.length > 1 && width(parts.join(', ')) > room) {
		parts.pop();
	}

	return parts.join(', ');
}

function itemLine(item: Item, {here, isOpen, kindWidth}: {here: boolean; isOpen: boolean; kindWidth: number}, look: Look, columns: number): string {
	const {sign, type, title, detail} = item.description;
	const mark = here ? look.accent(look.glyphs.cursor) : ' ';
	const handle = isOpenable(item) ? look.dim(isOpen ? look.glyphs.open : look.glyphs.closed) : ' ';
	const room = columns - kindWidth - 8;
	const full = look.plain(title);
	const right = cut(look.plain(withRoom(detail, room - width(full) - 2)), Math.max(Math.floor(room * 0.4), room - width(full) - 2), look.glyphs.more);
	const name = cutMiddle(full, Math.max(8, room - width(right) - (right === '' ? 0 : 2)), look.glyphs.more);
	const gap = ' '.repeat(Math.max(0, room - width(name) - width(right)));
	return `${mark} ${handle} ${signStyles[sign](look)(sign)} ${look.dim(pad(look.plain(kindName(type)), kindWidth))}  ${here ? look.strong(name) : name}${gap}${look.dim(right)}`.trimEnd();
}

function insideLines({description, members}: Item, look: Look, columns: number): string[] {
	if (members.length > 0) {
		return members.flatMap(({title, detail}) => wrap(look.plain(`${title}  ${detail}`.trimEnd()), columns));
	}

	return (description.diff ?? []).flatMap(line => diffLine(line, look, columns));
}

/** Nothing of a diff is cut off or hidden: long lines go on below, control characters are shown as their code. */
function diffLine(line: string, look: Look, columns: number): string[] {
	const styles: Readonly<Record<string, Style>> = {'+': look.good, '-': look.bad, '@': look.accent};
	const style = styles[line[0] ?? ''] ?? (text => text);
	const [first = '', ...rest] = fold(look.plain(visible(line)), columns - 2);
	return [style(first), ...rest.map(part => style(`  ${part}`))];
}

function exposureLines({exposure}: Preview, look: Look, columns: number): string[] {
	if (exposure.length === 0) {
		return [];
	}

	const heading = [t('Who can reach what'), t('before'), t('after')];
	const rows = exposure.map(({what, before, after}) => [what, before, after]);
	const [whatWidth = 0] = columnWidths([heading, ...rows], [28, 0, 0], columns);
	const half = Math.floor((columns - whatWidth - 6) / 2);
	const widths = [whatWidth, half, half];
	return [
		'',
		...table([heading], widths, look, [look.strong, look.dim, look.dim]),
		...rows.flatMap(row => table([row], widths, look, [undefined, look.dim, row[1] === row[2] ? look.dim : look.accent])),
	].map(line => line === '' ? '' : `  ${line}`);
}

function cautionLines({warnings, safeBecause, descriptions}: Preview, look: Look, columns: number): string[] {
	const lasting = descriptions.filter(description => description.lasting !== undefined);
	const labelled = (label: string, text: string, style: Style) => hanging(label, text, look, {columns: columns - 2, label: style}).map(line => `  ${line}`);
	return [
		...warnings.flatMap(warning => ['', ...labelled(`${look.glyphs.warning} ${t('Mind:')}`, warning, look.warn)]),
		...(lasting.length > 0 ? ['', `  ${look.warn(look.plain(t('What undo cannot bring back')))}`] : []),
		...lasting.flatMap(({title, lasting}) => hanging(`${title}:`, lasting!, look, {columns: columns - 4}).map(line => `    ${line}`)),
		...(safeBecause === undefined ? [] : ['', ...labelled(t('Safe because'), safeBecause, look.good)]),
	];
}
