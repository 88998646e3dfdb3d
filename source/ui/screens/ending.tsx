import {t} from '../../words.ts';
import {Inline} from '../frame.tsx';
import {hanging, paragraph} from '../parts.ts';
import {pad, width} from '../text.ts';
import type {Look} from '../look.ts';
import type {Ending} from '../../engine/conversation.ts';
import type {Keyed} from './screen.ts';

/** The last words are printed for good; what is left to draw is the key that leaves. */
export type EndingScreen = {kind: 'ending'; view: Ending};

export function endingScreen(view: Ending): EndingScreen {
	return {kind: 'ending', view};
}

const leaving = new Set(['enter', 'escape', 'ctrl-c', 'ctrl-q']);

export const endingKeys: Keyed<EndingScreen, undefined> = (screen, key) => leaving.has(key.name) || key.text === 'q' ? {done: undefined} : screen;

/** Commands among the lines to remember stand as they are, so that they can be copied. */
export function endingLines({dryRun, changed, remember, file}: Ending, look: Look, columns: number): string[] {
	const longest = Math.max(0, ...changed.map(({title}) => width(look.plain(title))));
	const signs = {done: look.good(look.glyphs.done), failed: look.bad(look.glyphs.failed), skipped: look.dim(look.glyphs.skipped), unfit: look.dim(look.glyphs.skipped), waiting: look.dim(look.glyphs.waiting), current: look.dim(look.glyphs.waiting)};
	return [
		'',
		look.dim(look.glyphs.rule.repeat(columns)),
		'',
		look.strong(look.plain(dryRun ? t('This was a dry run. Nothing was written. This is what would change:') : t('This is what was done.'))),
		'',
		...changed.map(({title, count, state}) => `  ${signs[state]} ${pad(look.plain(title), longest)}   ${look.dim(look.plain(outcome(count, state, dryRun)))}`),
		...(remember.length > 0 ? ['', look.strong(look.plain(t('To remember')))] : []),
		...remember.flatMap(text => ['', ...paragraph(text, look, columns - 2).map(line => line === '' ? '' : `  ${line}`)]),
		...(file === undefined ? [] : ['', ...hanging(look.glyphs.current, t('The same is written down in {file}, for root only.', {file}), look, {columns, label: look.accent})]),
		'',
	];
}

function outcome(count: number, state: Ending['changed'][number]['state'], dryRun: boolean): string {
	if (state === 'failed') {
		return t('failed, and was undone');
	}

	if (state !== 'done') {
		return t('skipped');
	}

	if (count === 0) {
		return t('nothing to change');
	}

	if (dryRun) {
		return count === 1 ? t('1 change to make') : t('{count} changes to make', {count});
	}

	return count === 1 ? t('1 change') : t('{count} changes', {count});
}

export function EndingView({look}: {look: Look}) {
	return <Inline look={look} lines={[]} legend={[[look.glyphs.enter, t('leave')]]}/>;
}
