import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {moveCursor} from '../list.ts';
import {columnWidths, hanging, menu, paragraph, table, type MenuItem} from '../parts.ts';
import {cut, pad, padStart, spread, width} from '../text.ts';
import type {Look} from '../look.ts';
import type {Opening, StepState} from '../../engine/conversation.ts';
import {letter, type Keyed} from './screen.ts';

export type OpeningChoice = 'start' | 'some' | 'look' | 'resume' | 'fresh' | 'quit';
export type OpeningScreen = {kind: 'opening'; view: Opening; cursor: number; explain: boolean; scroll: number};

export function openingScreen(view: Opening): OpeningScreen {
	return {kind: 'opening', view, cursor: 0, explain: false, scroll: 0};
}

function choices({unfinished, dryRun}: Opening): ReadonlyArray<MenuItem & {choice: OpeningChoice}> {
	const start = {choice: 'start', label: t('Start'), hint: t('step by step; each change is shown before it is made')} as const;
	const some = {choice: 'some', label: t('Only some steps'), hint: t('choose which')} as const;
	const look = {choice: 'look', label: t('Look only'), hint: t('the same questions and previews, nothing written')} as const;
	if (unfinished !== undefined) {
		return [
			{choice: 'resume', label: t('Go on'), hint: t('with the answers given so far')},
			{choice: 'fresh', label: t('Start again'), hint: t('with new answers; what is done stays done')},
			some,
			...(dryRun ? [] : [look]),
		];
	}

	return dryRun ? [{...start, hint: t('a dry run: nothing is written')}, some] : [start, some, look];
}

export const openingKeys: Keyed<OpeningScreen, OpeningChoice> = (screen, key, look) => {
	const items = choices(screen.view);
	if (key.name === 'enter') {
		return {done: items[screen.cursor]!.choice};
	}

	if (key.name === 'ctrl-c' || key.name === 'ctrl-q' || letter(key) === 'q') {
		return {done: 'quit'};
	}

	if (letter(key) === '?' || key.name === 'tab') {
		return {...screen, explain: !screen.explain, scroll: 0};
	}

	if (key.name === 'escape') {
		return {...screen, explain: false, scroll: 0};
	}

	if (key.name === 'page-down' || key.name === 'page-up') {
		const {body, bottom} = openingLines(screen, look);
		const height = bodyHeight(look, bottom.length);
		const scroll = screen.scroll + ((key.name === 'page-down' ? 1 : -1) * Math.max(1, height - 2));
		return {...screen, scroll: Math.max(0, Math.min(body.length - height, scroll))};
	}

	return {...screen, cursor: moveCursor(screen.cursor, items.length, key)};
};

const explanation = () => [
	t('This is a wizard for a fresh server that is to run a Python app. It goes through its steps one at a time: it asks, shows every change, and makes it only when you say yes.'),
	t('Each change is written to a journal first, so that it can be undone: now, later, or by itself when something goes wrong. A change that could lock you out is taken back by the server unless you come in again in time.'),
	t('Enter takes the safe default of every question. You can stop anywhere and go on later.'),
];

function exposedLines({exposed}: Opening, look: Look, columns: number, room: number): string[] {
	if (exposed.length === 0) {
		return [look.strong(look.plain(t('Nothing on this server can be reached from the internet now.')))];
	}

	if (room < 3) {
		const names = exposed.map(({port, program}) => `${port} ${program}`).join(', ');
		return [look.plain(cut(t('Anyone on the internet can reach: {names}', {names}), columns, look.glyphs.more))];
	}

	const shown = exposed.length > room ? exposed.slice(0, Math.max(1, room - 1)) : exposed;
	const rows = shown.map(({port, program, remark}) => [look.plain(port), look.plain(program), look.plain(remark)]);
	const widths = columnWidths(rows, [10, 20, columns], columns - 2);
	const more = exposed.length - shown.length;
	return [
		look.strong(look.plain(t('What anyone on the internet can reach now'))),
		...table(rows.map(row => row.map((cell, column) => cut(cell, widths[column]!, look.glyphs.more))), widths, look, [look.accent, undefined, look.dim]).map(line => `  ${line}`),
		...(more > 0 ? [`  ${look.dim(look.plain(t('and {count} more', {count: more})))}`] : []),
	];
}

function stepLines(steps: readonly StepState[], look: Look, columns: number): string[] {
	const longest = Math.max(...steps.map(({title}) => width(look.plain(title))));
	const signs = {done: look.good(look.glyphs.done), failed: look.bad(look.glyphs.failed), skipped: look.dim(look.glyphs.skipped), unfit: look.dim(look.glyphs.skipped)};
	const digits = String(steps.length).length;
	return steps.map(({title, today, state}, index) => {
		const sign = state in signs ? `${' '.repeat(digits - 1)}${signs[state as keyof typeof signs]}` : look.dim(padStart(String(index + 1), digits));
		return `  ${sign}  ${pad(look.plain(title), longest)}   ${look.dim(cut(look.plain(today), columns - longest - digits - 7, look.glyphs.more))}`;
	});
}

export function openingLines(screen: OpeningScreen, look: Look): {body: string[]; bottom: string[]} {
	const {view} = screen;
	const columns = contentWidth(look);
	const offer = view.unfinished === undefined ? [] : [...hanging(look.glyphs.current, view.unfinished, look, {columns, label: look.accent}), ''];
	const bottom = ['', ...offer, ...menu(choices(view), screen.cursor, look, columns)];
	if (screen.explain) {
		return {body: explanation().flatMap(text => [...paragraph(text, look, Math.min(columns, 76)), '']), bottom};
	}

	const top = [
		...(view.news === undefined ? [] : [...hanging(look.glyphs.warning, view.news, look, {columns, label: look.warn, text: look.warn}), '']),
		...paragraph(view.connection, look, columns),
		...paragraph(view.promise, look, columns, look.dim),
		'',
	];
	const steps = ['', ...stepLines(view.steps, look, columns)];
	const room = bodyHeight(look, bottom.length) - top.length - steps.length - 1;
	return {body: [...top, ...exposedLines(view, look, columns, room), ...steps], bottom};
}

export function OpeningView({screen, look, status}: {screen: OpeningScreen; look: Look; status?: string}) {
	const {view} = screen;
	const columns = contentWidth(look);
	const {body, bottom} = openingLines(screen, look);
	const legend: Legend = [
		[look.glyphs.upDown, t('choose'), 'spare'],
		[look.glyphs.enter, t('go')],
		['?', screen.explain ? t('back') : t('what is this')],
		['q', t('quit')],
	];
	const host = `${look.plain(view.hostname)} ${look.plain('·')} ${look.plain(view.os)}`;
	const header = spread(`${look.strong('harden-python-vps')} ${look.dim(look.plain(view.version))}`, look.dim(cut(host, columns - 30, look.glyphs.more)), columns);
	return <Frame look={look} header={header} body={body} offset={screen.scroll} bottom={bottom} legend={legend} status={status}/>;
}
