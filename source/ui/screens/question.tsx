import {t} from '../../words.ts';
import {bodyHeight, contentWidth, Frame, type Legend} from '../frame.tsx';
import {scrollTo} from '../list.ts';
import {hanging, paragraph} from '../parts.ts';
import type {Look} from '../look.ts';
import type {Place, Reply} from '../../engine/conversation.ts';
import type {Question} from '../../engine/step.ts';
import {isDone, letter, type Keyed} from './screen.ts';
import {createInput, inputKeys, inputLines, isTyping, type Input} from './input.ts';

export type QuestionScreen = {kind: 'question'; question: Question; place: Place; input: Input; /** As the user wants it; by itself where there is plenty of room. */ explain?: boolean; scroll: number};

export function questionScreen(question: Question, place: Place): QuestionScreen {
	return {kind: 'question', question, place, input: createInput(question), scroll: 0};
}

/** Letters are commands only where nothing is being typed; their control forms and Tab work everywhere. */
export const questionKeys: Keyed<QuestionScreen, Reply> = (screen, key, look) => {
	const command = isTyping(screen.input) ? '' : letter(key);
	if (key.name === 'ctrl-c' || key.name === 'ctrl-q' || command === 'q') {
		return {done: {type: 'quit'}};
	}

	if (key.name === 'escape' || command === 'b') {
		return {done: {type: 'back'}};
	}

	if (key.name === 'ctrl-s' || command === 's') {
		return {done: {type: 'skip'}};
	}

	if (key.name === 'tab' || command === '?') {
		return {...screen, explain: !isExplaining(screen, look), scroll: 0};
	}

	const {height, lines} = layout(screen, look);
	if (key.name === 'page-down' || key.name === 'page-up') {
		const by = (key.name === 'page-down' ? 1 : -1) * Math.max(1, height - 2);
		return {...screen, scroll: Math.max(0, Math.min(lines.length - height, screen.scroll + by))};
	}

	const input = inputKeys(screen.input, key, screen.question);
	return isDone<unknown>(input) ? {done: {type: 'answer', value: input.done}} : {...screen, input, scroll: 0};
};

const plentyOfRows = 36;

function isExplaining({question, explain}: QuestionScreen, look: Look): boolean {
	return explain ?? (question.explain !== undefined && look.rows >= plentyOfRows);
}

function layout(screen: QuestionScreen, look: Look): {lines: string[]; height: number; offset: number} {
	const {question, place, input, scroll} = screen;
	const columns = contentWidth(look, place);
	const prose = Math.min(columns, 80);
	const field = inputLines(input, question, look, columns);
	const message = [...paragraph(question.message, look, prose, look.strong), ''];
	const lines = [
		...message,
		...field.lines,
		'',
		...paragraph(question.why, look, prose),
		...(question.risk === undefined ? [] : hanging(t('May break:'), question.risk, look, {columns: prose, label: look.warn})),
		...(isExplaining(screen, look) ? ['', ...paragraph(question.explain ?? t('There is nothing more to say about this one.'), look, prose, look.dim)] : []),
	];
	const height = bodyHeight(look);
	return {lines, height, offset: Math.max(scroll, scrollTo(0, message.length + field.focus, height, lines.length))};
}

function legendFor(screen: QuestionScreen, look: Look): Legend {
	const {question, input} = screen;
	const typing = isTyping(input);
	const moves: Legend = input.kind === 'list' ? [[look.glyphs.upDown, t('choose'), 'spare'], ...(question.kind === 'checkbox' ? [[t('space'), t('tick')] as const] : [])] : [];
	return [
		...moves,
		[look.glyphs.enter, t('next')],
		['esc', t('back')],
		[typing ? '^S' : 's', input.kind === 'list' ? t('skip') : t('skip this step')],
		...(question.explain === undefined ? [] : [[typing ? 'tab' : '?', isExplaining(screen, look) ? t('less') : t('explain')] as const]),
		[typing ? '^Q' : 'q', t('save and quit')],
	];
}

export function QuestionView({screen, look, status}: {screen: QuestionScreen; look: Look; status?: string}) {
	const {lines, offset} = layout(screen, look);
	return <Frame look={look} place={screen.place} body={lines} offset={offset} legend={legendFor(screen, look)} status={status}/>;
}
