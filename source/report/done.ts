import {describeAll} from '../engine/describe.ts';
import type {Run} from '../engine/journal.ts';
import {kindName} from '../engine/kinds.ts';
import type {Step} from '../engine/step.ts';
import type {Change} from '../engine/types.ts';
import {t} from '../words.ts';
import {day} from './days.ts';
import type {Block, Line, Section} from './document.ts';
import type {ReportInput} from './input.ts';

/** What is in force of a step's runs: a thing that was written twice is told once, from its first state to its last. */
function inForce(runs: readonly Run[]): readonly Change[] {
	const made = runs.flatMap(({changes}) => changes.filter(({status}) => status === 'done').map(({change}) => change));
	const things = new Map<string, Change>();
	for (const change of made) {
		const key = `${change.type} ${change.name}`;
		const first = things.get(key);
		things.set(key, first ? {...change, before: first.before} as Change : change);
	}

	return [...things.values()];
}

function rowOf({sign, type, title, detail, why, lasting}: ReturnType<typeof describeAll>[number]): readonly Line[] {
	const how = {'+': t('new'), '~': t('changed'), '-': t('taken away')}[sign];
	return [[`${kindName(type)} `, {code: title}], [how, detail].filter(Boolean).join(', '), [why, lasting].filter(Boolean).join(' ')];
}

function blocksOf({title, purpose}: Step, runs: readonly Run[]): readonly Block[] {
	const kept = runs.filter(({status}) => status === 'kept');
	const descriptions = describeAll(inForce(kept));
	return [
		{type: 'heading', text: title},
		{type: 'paragraph', line: purpose},
		{type: 'paragraph', line: t('Applied and verified: {times}.', {times: kept.map(({endedAt, beganAt}) => day(endedAt ?? beganAt)).join(', ')})},
		...descriptions.length === 0 ? [] : [{type: 'table' as const, columns: [t('What'), t('How'), t('Why')], rows: descriptions.map(description => rowOf(description))}],
	];
}

/** From the journal: what this tool did, and why. */
export function done({steps, runs, done: taken}: ReportInput): Section {
	const of = (step: Step) => runs.filter(run => run.step === step.id);
	const changed = steps.filter(step => of(step).some(({status}) => status === 'kept'));
	const unchanged = steps.filter(step => !changed.includes(step) && taken.includes(step.id));
	const not = steps.filter(step => !changed.includes(step) && !taken.includes(step.id));
	const undone = runs.filter(({status}) => status === 'undone');
	const unfinished = runs.filter(({status}) => status === 'open' || status === 'undoing');
	return {
		id: 'done',
		title: t('What was done, and why'),
		blocks: [
			{type: 'paragraph', line: t('Every change was shown before it was made, verified by its effect, and can be undone. This is what is in force.')},
			...changed.length === 0 ? [{type: 'paragraph' as const, line: t('Nothing was changed on this server yet.')}] : [],
			...changed.flatMap(step => blocksOf(step, of(step))),
			...unchanged.length === 0 ? [] : [{type: 'heading' as const, text: t('Found as it should be')}, {type: 'list' as const, items: unchanged.map(({title, purpose}) => `${title}: ${purpose}`)}],
			...not.length === 0 ? [] : [{type: 'heading' as const, text: t('Not taken')}, {type: 'list' as const, items: not.map(({title, purpose}) => `${title}: ${purpose}`)}],
			...undone.length === 0 ? [] : [
				{type: 'heading' as const, text: t('Undone again')},
				{type: 'list' as const, items: undone.map(({title, endedAt, beganAt, why}) => t('{title}, {time}: {why}', {title, time: day(endedAt ?? beganAt), why: why ?? ''}))},
			],
			...unfinished.length === 0 ? [] : [{type: 'paragraph' as const, tone: 'warning' as const, line: t('Not finished: {titles}.', {titles: unfinished.map(({title}) => title).join(', ')})}],
		],
	};
}
