import {severityWord, standingOf, thatStand} from '../engine/accepted.ts';
import type {Checked} from '../engine/check.ts';
import type {Step} from '../engine/step.ts';
import {t} from '../words.ts';
import type {Block, Line, Section} from './document.ts';
import type {ReportInput} from './input.ts';

function named({check: {id, title}}: Checked): Line {
	return [title, ' ', {id}];
}

/** Whether nothing of a step could be asked, for one reason: then that is said once. */
function wholeReason(results: readonly Checked[]): string | undefined {
	const [first, ...rest] = results;
	return first !== undefined && rest.length > 1 && results.every(({verdict}) => verdict.status === 'not-run' && verdict.evidence === first.verdict.evidence) ? first.verdict.evidence : undefined;
}

const ofStep = (results: readonly Checked[], {id}: Step) => results.filter(({check}) => check.id.startsWith(`${id}.`));

/** A row a check; one row for many of a step that were not run for the same reason. */
function notRunRows(results: readonly Checked[], steps: readonly Step[]): ReadonlyArray<readonly Line[]> {
	return steps.flatMap(step => {
		const own = ofStep(results, step);
		return [...new Set(own.map(({verdict}) => verdict.evidence))].flatMap(why => {
			const same = own.filter(({verdict}) => verdict.evidence === why);
			return same.length > 3 ? [[t('{step}: {count} checks', {step: step.title, count: same.length}), why]] : same.map(result => [named(result), why]);
		});
	});
}

/** What is not as it should be, and what nobody could say. */
export function remains({results, steps}: ReportInput): Section {
	const [failed, accepted, notRun] = [thatStand(results, 'fail'), thatStand(results, 'accepted'), thatStand(results, 'not-run')];
	const over = results.filter(result => result.accepted?.isOver);
	const table = (title: string, none: string, columns: readonly string[], rows: ReadonlyArray<readonly Line[]>): readonly Block[] => [
		{type: 'heading', text: title},
		rows.length === 0 ? {type: 'paragraph', line: none} : {type: 'table', columns, rows},
	];
	return {
		id: 'remains',
		title: t('What remains'),
		blocks: [
			...table(t('Failing'), t('Nothing.'), [t('Weight'), t('Check'), t('Evidence'), t('How to fix')], failed.map(result => [{word: severityWord(result.check.severity)}, named(result), result.verdict.evidence, result.check.fix])),
			...over.length === 0 ? [] : [{type: 'list' as const, items: over.map(({check, accepted: risk}) => t('{id} was accepted until {until}, and that is over: {reason}', {id: check.id, until: risk!.until, reason: risk!.reason}))}],
			...table(t('Accepted'), t('No risk is accepted.'), [t('Weight'), t('Check'), t('Why'), t('Until'), t('Evidence')], accepted.map(result => [{word: severityWord(result.check.severity)}, named(result), result.accepted!.reason, {word: result.accepted!.until}, result.verdict.evidence])),
			...table(t('Not run'), t('All checks were run.'), [t('Check'), t('Why not')], notRunRows(notRun, steps)),
		],
	};
}

/** Every check with what it found, a table a step. */
export function evidence({results, steps, baseline}: ReportInput): Section {
	const before = new Map(baseline?.checks.map(({id, status}) => [id, status]));
	return {
		id: 'evidence',
		title: t('Evidence'),
		blocks: steps.flatMap((step): readonly Block[] => {
			const own = ofStep(results, step);
			const reason = wholeReason(own);
			const heading = {type: 'heading' as const, text: step.title};
			if (reason !== undefined) {
				return [heading, {type: 'paragraph', line: t('{count} checks, none of them run. {reason}', {count: own.length, reason})}];
			}

			return own.length === 0 ? [] : [
				heading,
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
