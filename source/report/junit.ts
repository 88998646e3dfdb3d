import {standingOf} from '../engine/accepted.ts';
import type {Checked} from '../engine/check.ts';
import {t} from '../words.ts';
import {escapeMarkup, escapeMarkupLines} from './escape.ts';
import type {Place} from './sarif.ts';

/** An audit as JUnit XML, the form that every CI shows: a suite a step, a case a check. Pure. */

function attributes(values: Readonly<Record<string, string | number>>): string {
	return Object.entries(values).map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`).join('');
}

function outcome(result: Checked): string {
	const {check: {fix, references = [], severity}, verdict: {evidence}, accepted} = result;
	switch (standingOf(result)) {
		case 'fail': {
			const lines = [
				evidence,
				t('How to fix: {fix}', {fix}),
				...references.length > 0 ? [t('See: {references}', {references: references.join(', ')})] : [],
				...accepted ? [t('It was accepted until {until}: {reason}', {until: accepted.until, reason: accepted.reason})] : [],
			];
			return `<failure${attributes({type: severity, message: evidence.split('\n')[0] ?? ''})}>${escapeMarkupLines(lines.join('\n'))}</failure>`;
		}

		case 'accepted': {
			return `<skipped${attributes({message: t('fails, and was accepted until {until}: {reason}', {until: accepted!.until, reason: accepted!.reason})})}/>`;
		}

		case 'not-run': {
			return `<skipped${attributes({message: evidence})}/>`;
		}

		case 'pass': {
			return `<system-out>${escapeMarkupLines(evidence)}</system-out>`;
		}
	}
}

function counts(results: readonly Checked[]) {
	const of = (...standings: readonly string[]) => results.filter(result => standings.includes(standingOf(result))).length;
	return {tests: results.length, failures: of('fail'), errors: 0, skipped: of('accepted', 'not-run')};
}

const stepOf = ({check: {id}}: Checked) => id.split('.', 1)[0]!;

export function junit(results: readonly Checked[], {hostname, at}: Place): string {
	const suites = [...new Set(results.map(result => stepOf(result)))].map(step => ({step, own: results.filter(result => stepOf(result) === step)}));
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites${attributes({name: 'harden-python-vps', ...counts(results)})}>`,
		...suites.flatMap(({step, own}) => [
			`\t<testsuite${attributes({name: step, hostname, timestamp: at.replace(/\.\d+Z$/, ''), ...counts(own)})}>`,
			...own.map(result => `\t\t<testcase${attributes({classname: step, name: `${result.check.id}: ${result.check.title}`})}>${outcome(result)}</testcase>`),
			'\t</testsuite>',
		]),
		'</testsuites>',
		'',
	].join('\n');
}
