import {t} from '../../words.ts';
import {contentWidth, Inline, type Legend} from '../frame.tsx';
import {moveCursor} from '../list.ts';
import {menu, paragraph} from '../parts.ts';
import type {Look} from '../look.ts';
import {letter, type Keyed} from './screen.ts';

export type ConfirmScreen = {kind: 'confirm'; message: string; cursor: number};

export function confirmScreen(message: string, byDefault: boolean): ConfirmScreen {
	return {kind: 'confirm', message, cursor: byDefault ? 0 : 1};
}

export const confirmKeys: Keyed<ConfirmScreen, boolean> = (screen, key) => {
	if (letter(key) === 'y') {
		return {done: true};
	}

	// Leaving the question without an answer is a no.
	if (letter(key) === 'n' || letter(key) === 'q' || key.name === 'escape' || key.name === 'ctrl-c' || key.name === 'ctrl-q') {
		return {done: false};
	}

	if (key.name === 'enter') {
		return {done: screen.cursor === 0};
	}

	return {...screen, cursor: moveCursor(screen.cursor, 2, key.name === 'left' ? {name: 'up'} : (key.name === 'right' ? {name: 'down'} : key))};
};

export function ConfirmView({screen, look}: {screen: ConfirmScreen; look: Look}) {
	const columns = contentWidth(look);
	const lines = ['', ...paragraph(screen.message, look, columns, look.strong), '', ...menu([{label: t('Yes')}, {label: t('No')}], screen.cursor, look, columns)];
	const legend: Legend = [[look.glyphs.upDown, t('choose')], [look.glyphs.enter, t('go')], ['y', t('yes')], ['n', t('no')]];
	return <Inline look={look} lines={lines} legend={legend}/>;
}
