import {standingOf, type Standing} from '../engine/accepted.ts';
import type {Checked} from '../engine/check.ts';
import {t} from '../words.ts';
import type {Block, Line, Section} from './document.ts';
import type {ReportInput} from './input.ts';

const severities = ['high', 'medium', 'low'] as const;

export function severityWord(severity: typeof severities[number]): string {
	return {high: t('high'), medium: t('medium'), low: t('low')}[severity];
}

function named({check: {id, title}}: Checked): Line {
	return [title, ' ', {code: id}];
}

/** What is not as it should be, and what nobody could say. */
export function remains({results}: ReportInput): Section {
	const of = (standing: Standing) => results
		.filter(result => standingOf(result) === standing)
		.toSorted((left, right) => severities.indexOf(left.check.severity) - severities.indexOf(right.check.severity));
	const [failed, accepted, notRun] = [of('fail'), of('accepted'), of('not-run')];
	const over = results.filter(result => result.accepted?.isOver);
	const table = (title: string, none: string, columns: readonly string[], rows: ReadonlyArray<readonly Line[]>): readonly Block[] => [
		{type: 'heading', text: title},
		rows.length === 0 ? {type: 'paragraph', line: none} : {type: 'table', columns, rows},
	];
	return {
		id: 'remains',
		title: t('What remains'),
		blocks: [
			...table(t('Failing'), t('Nothing.'), [t('Weight'), t('Check'), t('Evidence'), t('How to fix')], failed.map(result => [severityWord(result.check.severity), named(result), result.verdict.evidence, result.check.fix])),
			...over.length === 0 ? [] : [{type: 'list' as const, items: over.map(({check, accepted: risk}) => t('{id} was accepted until {until}, and that is over: {reason}', {id: check.id, until: risk!.until, reason: risk!.reason}))}],
			...table(t('Accepted'), t('No risk is accepted.'), [t('Weight'), t('Check'), t('Why'), t('Until'), t('Evidence')], accepted.map(result => [severityWord(result.check.severity), named(result), result.accepted!.reason, result.accepted!.until, result.verdict.evidence])),
			...table(t('Not run'), t('All checks were run.'), [t('Check'), t('Why not')], notRun.map(result => [named(result), result.verdict.evidence])),
		],
	};
}

/** Every check with what it found, a table a step. */
export function evidence({results, steps, baseline}: ReportInput): Section {
	const before = new Map(baseline?.checks.map(({id, status}) => [id, status]));
	return {
		id: 'evidence',
		title: t('Evidence'),
		blocks: steps.flatMap(({id, title}) => {
			const own = results.filter(({check}) => check.id.startsWith(`${id}.`));
			return own.length === 0 ? [] : [
				{type: 'heading' as const, text: title},
				{
					type: 'table' as const,
					columns: [t('Now'), ...baseline ? [t('Before')] : [], t('Check'), t('What it found'), t('See')],
					rows: own.map(result => [
						{standing: standingOf(result)},
						...baseline ? [before.has(result.check.id) ? {standing: before.get(result.check.id)!} : t('not asked')] : [],
						named(result),
						result.verdict.evidence,
						(result.check.references ?? []).join(', '),
					]),
				},
			];
		}),
	};
}
