import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {page, scrollTo} from '../list.ts';
import {paragraph} from '../parts.ts';
import {cut, spread, width} from '../text.ts';
import type {Look} from '../look.ts';
import {kindCount} from '../../engine/kinds.ts';
import type {Place, Preview} from '../../engine/conversation.ts';
import {isOpenable, itemsOf, previewBody} from './preview-body.ts';
import {letter, type Keyed} from './screen.ts';

export type PreviewChoice = 'apply' | 'back' | 'skip' | 'quit';
export type PreviewScreen = {kind: 'preview'; view: Preview; place: Place; cursor: number; offset: number; open: readonly number[]; explain: boolean};

export function previewScreen(view: Preview, place: Place): PreviewScreen {
	return {kind: 'preview', view, place, cursor: 0, offset: 0, open: [], explain: false};
}

const choices: Readonly<Record<string, PreviewChoice>> = {y: 'apply', b: 'back', escape: 'back', s: 'skip', 'ctrl-s': 'skip', q: 'quit', 'ctrl-q': 'quit', 'ctrl-c': 'quit'};
const explaining = new Set(['e', '?', 'tab']);
const opening = new Set([' ', 'enter', 'right', 'left']);

export const previewKeys: Keyed<PreviewScreen, PreviewChoice> = (screen, key, look) => {
	const name = letter(key) || key.name;
	const choice = choices[name];
	if (choice !== undefined) {
		return {done: choice};
	}

	if (explaining.has(name)) {
		return keepInSight({...screen, explain: !screen.explain}, look);
	}

	if (opening.has(name)) {
		return toggle(screen, look);
	}

	if (name === 'a') {
		const openable = itemsOf(screen.view.descriptions).flatMap((item, index) => isOpenable(item) ? [index] : []);
		return keepInSight({...screen, open: screen.open.length < openable.length ? openable : []}, look);
	}

	const {lines, stops} = bodyOf(screen, look);
	return {...screen, ...page(screen, key, {stops, total: lines.length, height: heightOf(screen, look)})};
};

function toggle(screen: PreviewScreen, look: Look): PreviewScreen {
	const item = itemsOf(screen.view.descriptions)[screen.cursor];
	if (!item || !isOpenable(item)) {
		return screen;
	}

	const {cursor, open} = screen;
	return keepInSight({...screen, open: open.includes(cursor) ? open.filter(index => index !== cursor) : [...open, cursor]}, look);
}

/** After the lines have moved: the item under the cursor is in sight, and what it opened as far as there is room. */
function keepInSight(screen: PreviewScreen, look: Look): PreviewScreen {
	const {lines, stops} = bodyOf(screen, look);
	const height = heightOf(screen, look);
	const line = stops[screen.cursor] ?? 0;
	const end = Math.min((stops[screen.cursor + 1] ?? line + 1) - 1, line + height - 1);
	return {...screen, offset: scrollTo(scrollTo(screen.offset, end, height, lines.length), line, height, lines.length)};
}

function bodyOf(screen: PreviewScreen, look: Look) {
	return previewBody(screen.view, screen, look, contentWidth(look, screen.place));
}

function heightOf(screen: PreviewScreen, look: Look): number {
	return bodyHeight(look, topLines(screen, look).length);
}

/** What stays in sight above the list: the title with its counts, why, and what must not be missed below. */
function topLines({view, place}: PreviewScreen, look: Look): string[] {
	const columns = contentWidth(look, place);
	const count = view.descriptions.length;
	const title = look.plain(count === 1 ? t('{title}: 1 change', {title: view.title}) : t('{title}: {count} changes', {title: view.title, count}));
	const right = place.dryRun ? t('dry run: nothing will be written') : t('nothing changed yet');
	const warnings = view.warnings.length;
	const mind = warnings === 0 ? '' : (warnings === 1 ? t('1 warning below') : t('{count} warnings below', {count: warnings}));
	const counts = countsOf(view, columns - width(mind) - 2, look.glyphs.more);
	return [
		spread(look.strong(cut(title, columns - width(right) - 2, look.glyphs.more)), look.dim(look.plain(right)), columns),
		spread(look.dim(look.plain(counts)), look.warn(look.plain(mind)), columns).trimEnd(),
		...paragraph(view.purpose, look, columns),
		...(view.again === undefined ? [] : paragraph(view.again, look, columns, look.warn)),
		'',
	];
}

/** `2 packages · 3 files · 1 service`, in the order of the list; of many as many as there is room for. */
function countsOf({descriptions}: Preview, columns: number, more: string): string {
	const types = [...new Set(descriptions.map(({type}) => type))];
	const counts = types.map(type => kindCount(type, descriptions.reduce((sum, {type: its, count = 1}) => its === type ? sum + count : sum, 0)));
	const lines = Array.from({length: counts.length + 1}, (_, left) => (left === 0 ? counts : [...counts.slice(0, -left), more]).join(' · '));
	return lines.find(line => width(line) <= columns) ?? more;
}

export function PreviewView({screen, look, status}: {screen: PreviewScreen; look: Look; status?: string}) {
	const top = topLines(screen, look);
	const {lines} = bodyOf(screen, look);
	const offset = Math.min(screen.offset, Math.max(0, lines.length - bodyHeight(look, top.length)));
	const legend: Legend = [
		['y', screen.place.dryRun ? t('next') : t('apply')],
		['e', screen.explain ? t('less') : t('explain')],
		[look.glyphs.upDown, t('move'), 'spare'],
		[look.glyphs.enter, t('open a change')],
		['b', t('back')],
		['s', t('skip')],
		['q', t('quit')],
	];
	return <Frame look={look} place={screen.place} top={top} body={lines} offset={offset} legend={legend} status={status}/>;
}
