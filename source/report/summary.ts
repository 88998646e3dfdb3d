import {thatStand} from '../engine/accepted.ts';
import {compared} from '../engine/baseline.ts';
import {scoreOf} from '../engine/check.ts';
import {exposedNow, exposureSince, reachesToday} from '../engine/exposure.ts';
import {t} from '../words.ts';
import {day} from './days.ts';
import type {Block, Section} from './document.ts';
import type {ReportInput} from './input.ts';

function figures({results, baseline, facts}: ReportInput): Block {
	const [failed, accepted, passed, notRun] = [thatStand(results, 'fail'), thatStand(results, 'accepted'), thatStand(results, 'pass'), thatStand(results, 'not-run')];
	const shared = baseline && compared(baseline, results);
	const high = failed.filter(({check}) => check.severity === 'high').length;
	const ports = exposedNow(facts).length;
	const portsBefore = baseline?.reaches.filter(({sources}) => sources.length > 0).length;
	return {
		type: 'figures',
		figures: [
			{label: t('Score of 100'), value: String(scoreOf(results)), tone: failed.length === 0 ? 'good' : (high > 0 ? 'bad' : 'warning'), note: baseline ? t('before: {score}', {score: baseline.score}) : t('before: not noted')},
			...shared && shared.count > 0 ? [{label: t('The same {count} checks', {count: shared.count}), value: `${shared.before} → ${shared.after}`, note: t('asked before and now')}] : [],
			{label: t('Checks passed'), value: `${passed.length}`, note: t('of {count} that could be asked', {count: passed.length + failed.length + accepted.length})},
			{label: t('Failing'), value: `${failed.length}`, tone: failed.length === 0 ? 'good' as const : (high > 0 ? 'bad' as const : 'warning' as const), note: t('{high} of them heavy; {accepted} more accepted', {high, accepted: accepted.length})},
			{label: t('Not run'), value: `${notRun.length}`, note: t('each says why')},
			{label: t('Ports open to others'), value: `${ports}`, ...portsBefore !== undefined && {note: t('before: {count}', {count: portsBefore})}},
		],
	};
}

/** The first page: for whoever reads no further. */
export function summary(input: ReportInput): Section {
	const {facts, results, steps, done, runs, answers} = input;
	const failing = thatStand(results, 'fail');
	const taken = steps.filter(({id}) => done.includes(id));
	const first = runs[0]?.beganAt;
	return {
		id: 'summary',
		title: t('In short'),
		blocks: [
			figures(input),
			{type: 'paragraph', line: t('The score is the weight of the checks that passed, of all that could be asked. Each check asks the program that decides (sshd, the kernel, the web server), not a settings file. An accepted risk does not raise it.')},
			...failing.length === 0
				? [{type: 'paragraph' as const, tone: 'good' as const, line: t('No check fails that was not accepted.')}]
				: [{type: 'paragraph' as const, tone: 'warning' as const, line: t('{count} checks fail: see "What remains".', {count: failing.length})}],
			{
				type: 'pairs',
				pairs: [
					[t('Server'), `${facts.hostname}, ${facts.os.prettyName}`],
					[t('Addresses'), facts.addresses.join(', ') || t('unknown')],
					...answers.app ? [[t('App'), answers.app.name] as const] : [],
					...answers.web && answers.web.domains.length > 0 ? [[t('Domains'), answers.web.domains.join(', ')] as const] : [],
					[t('First change'), first === undefined ? t('none yet') : day(first)],
					[t('Steps taken'), taken.length === 0 ? t('none') : taken.map(({title}) => title).join(', ')],
				],
			},
		],
	};
}

export function exposure({facts, baseline}: ReportInput): Section {
	const now = reachesToday(facts);
	const rows = exposureSince(baseline?.reaches ?? [], now);
	return {
		id: 'exposure',
		title: t('What can be reached from outside'),
		blocks: [
			{type: 'paragraph', line: baseline
				? t('Before is {date}, ahead of the first change.', {date: day(baseline.at)})
				: t('How it stood before the first change was not noted: it was made by an earlier version, or no change was made yet.')},
			{type: 'paragraph', line: t('What listens on this server for others, and whom its firewall lets in. A firewall of the provider, outside the server, is not seen from here.')},
			...rows.length === 0 ? [{type: 'paragraph' as const, line: t('Nothing listens for others.')}] : [{
				type: 'table' as const,
				columns: [t('Port'), t('Before'), t('Now')],
				rows: rows.map(({what, before, after}) => [what, baseline ? before : t('not noted'), after]),
			}],
		],
	};
}
