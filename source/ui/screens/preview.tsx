import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {page, scrollTo} from '../list.ts';
import {paragraph} from '../parts.ts';
import {cut, spread, width} from '../text.ts';
import {isOpenable, itemsOf, kindName, previewBody} from './preview-body.ts';
import {letter, type Keyed} from './screen.ts';
import type {Look} from '../look.ts';
import type {Place, Preview} from '../../engine/conversation.ts';

export type PreviewChoice = 'apply' | 'back' | 'skip' | 'quit';
export type PreviewScreen = {kind: 'preview'; view: Preview; place: Place; cursor: number; offset: number; open: readonly number[]; explain: boolean};

export function previewScreen(view: Preview, place: Place): PreviewScreen {
	return {kind: 'preview', view, place, cursor: 0, offset: 0, open: [], explain: false};
}

export const previewKeys: Keyed<PreviewScreen, PreviewChoice> = (screen, key, look) => {
	switch (letter(key)) {
		case 'y': {
			return {done: 'apply'};
		}

		case 'b': {
			return {done: 'back'};
		}

		case 's': {
			return {done: 'skip'};
		}

		case 'q': {
			return {done: 'quit'};
		}

		case 'e':
		case '?': {
			return keepInSight({...screen, explain: !screen.explain}, look);
		}

		case ' ': {
			return toggle(screen, look);
		}

		case 'a': {
			const openable = itemsOf(screen.view.descriptions).flatMap((item, index) => isOpenable(item) ? [index] : []);
			return keepInSight({...screen, open: screen.open.length < openable.length ? openable : []}, look);
		}

		default: {
			break;
		}
	}

	switch (key.name) {
		case 'ctrl-c':
		case 'ctrl-q': {
			return {done: 'quit'};
		}

		case 'ctrl-s': {
			return {done: 'skip'};
		}

		case 'escape': {
			return {done: 'back'};
		}

		case 'tab': {
			return keepInSight({...screen, explain: !screen.explain}, look);
		}

		case 'enter':
		case 'right':
		case 'left': {
			return toggle(screen, look);
		}

		default: {
			const {lines, stops} = bodyOf(screen, look);
			return {...screen, ...page(screen, key, {stops, total: lines.length, height: heightOf(screen, look)})};
		}
	}
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
	const counts = cut(countsOf(view), columns - width(mind) - 2, look.glyphs.more);
	return [
		spread(look.strong(cut(title, columns - width(right) - 2, look.glyphs.more)), look.dim(look.plain(right)), columns),
		spread(look.dim(look.plain(counts)), look.warn(look.plain(mind)), columns).trimEnd(),
		...paragraph(view.purpose, look, columns),
		...(view.again === undefined ? [] : paragraph(view.again, look, columns, look.warn)),
		'',
	];
}

/** `2 packages · 3 files · 1 service`, as the list has them. */
function countsOf({descriptions}: Preview): string {
	const counts = new Map<string, number>();
	for (const {type} of descriptions) {
		counts.set(kindName(type), (counts.get(kindName(type)) ?? 0) + 1);
	}

	return [...counts].map(([kind, count]) => `${kind} ${count}`).join(' · ');
}

export function PreviewView({screen, look, status}: {screen: PreviewScreen; look: Look; status?: string}) {
	const top = topLines(screen, look);
	const {lines} = bodyOf(screen, look);
	const offset = Math.min(screen.offset, Math.max(0, lines.length - bodyHeight(look, top.length)));
	const legend: Legend = [
		['y', screen.place.dryRun ? t('next') : t('apply')],
		['e', screen.explain ? t('less') : t('explain')],
		[look.glyphs.upDown, t('move')],
		[look.glyphs.enter, t('open a change')],
		['b', t('back')],
		['s', t('skip')],
		['q', t('quit')],
	];
	return <Frame look={look} place={screen.place} top={top} body={lines} offset={offset} legend={legend} status={status}/>;
}
