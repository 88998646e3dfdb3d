import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {moveCursor, scrollTo} from '../list.ts';
import {checkboxes} from '../parts.ts';
import type {Look} from '../look.ts';
import type {StepState} from '../../engine/conversation.ts';
import type {StepId} from '../../engine/step.ts';
import {letter, type Keyed} from './screen.ts';

export type StepsScreen = {kind: 'steps'; steps: readonly StepState[]; cursor: number; chosen: readonly StepId[]; error?: string};

/** Nothing is chosen yet but what is still to do; a step that this host cannot have cannot be chosen. */
export function stepsScreen(steps: readonly StepState[]): StepsScreen {
	return {kind: 'steps', steps, cursor: 0, chosen: steps.filter(({state}) => state === 'waiting' || state === 'current' || state === 'failed').map(({id}) => id)};
}

/** No step is the answer of who goes back. */
export const stepsKeys: Keyed<StepsScreen, readonly StepId[]> = (screen, key) => {
	const step = screen.steps[screen.cursor];
	if (key.name === 'escape' || letter(key) === 'q' || key.name === 'ctrl-q' || key.name === 'ctrl-c') {
		return {done: []};
	}

	if (key.name === 'enter') {
		return screen.chosen.length > 0
			? {done: screen.steps.map(({id}) => id).filter(id => screen.chosen.includes(id))}
			: {...screen, error: t('No step is chosen. Space chooses the one under the cursor.')};
	}

	if (letter(key) === ' ' && step) {
		if (step.state === 'unfit') {
			return {...screen, error: step.today};
		}

		const chosen = screen.chosen.includes(step.id) ? screen.chosen.filter(id => id !== step.id) : [...screen.chosen, step.id];
		return {...screen, chosen, error: undefined};
	}

	if (letter(key) === 'a') {
		const possible = screen.steps.filter(({state}) => state !== 'unfit').map(({id}) => id);
		return {...screen, chosen: screen.chosen.length === possible.length ? [] : possible, error: undefined};
	}

	return {...screen, cursor: moveCursor(screen.cursor, screen.steps.length, key), error: undefined};
};

export function StepsView({screen, look, status}: {screen: StepsScreen; look: Look; status?: string}) {
	const columns = contentWidth(look);
	const items = screen.steps.map(({id, title, today}) => ({label: title, hint: today, isTicked: screen.chosen.includes(id)}));
	const body = checkboxes(items, screen.cursor, look, columns);
	const top = [look.strong(look.plain(t('Which steps?'))), ''];
	const bottom = screen.error === undefined ? [''] : [look.warn(look.plain(screen.error))];
	const height = bodyHeight(look, top.length + bottom.length);
	const legend: Legend = [
		[look.glyphs.upDown, t('move'), 'spare'],
		[t('space'), t('choose')],
		['a', t('all or none')],
		[look.glyphs.enter, t('go')],
		['esc', t('back')],
	];
	return <Frame look={look} header={look.strong('harden-python-vps')} top={top} body={body} offset={scrollTo(0, screen.cursor, height, body.length)} bottom={bottom} legend={legend} status={status}/>;
}
