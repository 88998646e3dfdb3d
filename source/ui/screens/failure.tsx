import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {cleanLines} from '../lines/text.ts';
import {moveCursor} from '../list.ts';
import {menu, paragraph, type MenuItem} from '../parts.ts';
import type {Look} from '../look.ts';
import type {Failure, Place} from '../../engine/conversation.ts';
import {letter, type Keyed} from './screen.ts';

export type FailureChoice = 'retry' | 'edit' | 'skip' | 'quit';
export type FailureScreen = {kind: 'failure'; view: Failure; place: Place; cursor: number; scroll: number};

export function failureScreen(view: Failure, place: Place): FailureScreen {
	return {kind: 'failure', view, place, cursor: 0, scroll: 0};
}

const choices = (): ReadonlyArray<MenuItem & {choice: FailureChoice}> => [
	{choice: 'retry', label: t('Try again'), hint: t('the same once more')},
	{choice: 'edit', label: t('Edit answers'), hint: t('go through this step\'s questions')},
	{choice: 'skip', label: t('Skip'), hint: t('leave this step, go on with the next')},
	{choice: 'quit', label: t('Save and quit'), hint: t('go on another time')},
];

export const failureKeys: Keyed<FailureScreen, FailureChoice> = (screen, key, look) => {
	if (key.name === 'enter') {
		return {done: choices()[screen.cursor]!.choice};
	}

	if (key.name === 'ctrl-c' || key.name === 'ctrl-q' || letter(key) === 'q') {
		return {done: 'quit'};
	}

	if (key.name === 'ctrl-s' || letter(key) === 's') {
		return {done: 'skip'};
	}

	if (key.name === 'page-down' || key.name === 'page-up') {
		const {body, top, bottom} = failureLines(screen, look);
		const height = bodyHeight(look, top.length + bottom.length);
		const by = (key.name === 'page-down' ? 1 : -1) * Math.max(1, height - 1);
		return {...screen, scroll: Math.max(0, Math.min(body.length - height, screen.scroll + by))};
	}

	return {...screen, cursor: moveCursor(screen.cursor, choices().length, key)};
};

function failureLines({view, place, cursor}: FailureScreen, look: Look): {top: string[]; body: string[]; bottom: string[]} {
	const columns = contentWidth(look, place);
	const title = look.plain(t('{title} did not work out.', {title: view.title}));
	return {
		top: [`${look.bad(look.glyphs.failed)} ${look.strong(title)}`, ''],
		body: [
			...cleanLines(view.fact).flatMap(line => paragraph(line, look, columns)),
			...(view.evidence.length > 0 ? [''] : []),
			...view.evidence.flatMap(text => cleanLines(text)).flatMap(line => paragraph(line, look, columns - 4)).map(line => `  ${look.bad(look.glyphs.line)} ${line}`),
		],
		bottom: ['', ...leftLines(view, look, columns), '', ...menu(choices(), cursor, look, columns)],
	};
}

/** What the server is like now: that is the first thing a frightened reader looks for. */
function leftLines({left}: Failure, look: Look, columns: number): string[] {
	if (left.length === 0) {
		return [look.good(look.plain(t('Your server is as it was before this step.')))];
	}

	return [
		look.warn(look.plain(t('Undone, but for this:'))),
		...left.slice(0, 6).flatMap(line => paragraph(line, look, columns - 4).slice(0, 2)).map(line => `    ${line}`),
		...(left.length > 6 ? [`    ${look.dim(look.plain(t('and {count} more', {count: left.length - 6})))}`] : []),
	];
}

export function FailureView({screen, look, status}: {screen: FailureScreen; look: Look; status?: string}) {
	const {top, body, bottom} = failureLines(screen, look);
	const legend: Legend = [
		[look.glyphs.upDown, t('choose'), 'spare'],
		[look.glyphs.enter, t('go')],
		['s', t('skip')],
		['q', t('save and quit')],
		...(body.length > bodyHeight(look, top.length + bottom.length) ? [['PgUp/PgDn', t('read on')] as const] : []),
	];
	return <Frame look={look} place={screen.place} top={top} body={body} offset={screen.scroll} bottom={bottom} legend={legend} status={status}/>;
}
