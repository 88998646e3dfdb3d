import {severityWord, standingOf, standingWord, thatStand, type Accepted} from '../engine/accepted.ts';
import type {Description} from '../engine/describe.ts';
import {kindAndTitle} from '../engine/kinds.ts';
import type {Check, Verdict} from '../engine/types.ts';
import {t} from '../words.ts';
import type {Paint} from './lines/printer.ts';
import {columns, descriptionLines, diffLines} from './lines/screens.ts';
import {clean, cleanLines, clock, safe} from './lines/text.ts';

/** What `status`, `audit` and the plan of `undo` print. Pure: a view in, lines out. */

export type StatusView = {
	version: string;
	/** Who is at work right now. `since` is ISO 8601. */
	holder?: {pid: number; what: string; since: string};
	/** `deadline` in milliseconds since the epoch. */
	guard?: {stepTitle: string; state: string; deadline: number; outcome?: string};
	/** Oldest first. Times are ISO 8601. */
	runs: ReadonlyArray<{
		run: number;
		step: string;
		title: string;
		status: 'open' | 'kept' | 'undoing' | 'undone';
		beganAt: string;
		endedAt?: string;
		why?: string;
		changes: ReadonlyArray<{description: Description; status: string; left?: string}>;
	}>;
};

export type AuditView = {
	/** 0 to 100. */
	score: number;
	/** Before anything was changed: the whole of it, and the checks that could be asked both times. */
	before?: {score: number; /** ISO 8601. */ at: string; checks: number; shared: {count: number; before: number; after: number}};
	checks: ReadonlyArray<{check: Pick<Check, 'id' | 'title' | 'severity' | 'fix' | 'references'>; verdict: Verdict; accepted?: Pick<Accepted, 'reason' | 'until' | 'isOver'>}>;
	/** What anyone on the internet can reach. */
	exposure: ReadonlyArray<{port: string; program: string; remark: string}>;
};

export type UndoView = {
	/** In the order in which they are undone. */
	steps: ReadonlyArray<{
		title: string;
		/** What undo changes: from what is there now to what was there before. */
		lines: readonly Description[];
		/** What stays, and why. */
		left: ReadonlyArray<{description: Description; why: string}>;
	}>;
};

const indent = (lines: readonly string[], by = '  ') => lines.map(line => by + line);

export function statusLines({version, holder, guard, runs}: StatusView, p: Paint): readonly string[] {
	return [
		p.strong(`harden-python-vps ${clean(version)}`),
		...(holder ? [t('At work now: {what}, process {pid}, since {since}.', safe({what: holder.what, pid: holder.pid, since: when(holder.since)}))] : []),
		...guardStatusLines(guard, p),
		...(runs.length === 0 ? ['', t('Nothing was changed on this server yet.')] : runs.flatMap(run => runLines(run, p))),
	];
}

function guardStatusLines(guard: StatusView['guard'], p: Paint): readonly string[] {
	if (guard?.state === 'armed') {
		return ['', p.warn(t('Waiting for confirm: "{step}" is undone at {time}. To keep it, log in anew and run: sudo {tool} confirm', safe({step: guard.stepTitle, time: clock(guard.deadline)})))];
	}

	if (guard?.state === 'fired') {
		return ['', ...p.prose(t('The guard undid "{step}" at {time}: no new login came in. {outcome}', safe({step: guard.stepTitle, time: clock(guard.deadline), outcome: guard.outcome ?? ''})), {style: p.warn})];
	}

	return [];
}

function runLines({title, status, beganAt, endedAt, why, changes}: StatusView['runs'][number], p: Paint): readonly string[] {
	const word = {
		open: p.warn(t('not finished')),
		kept: p.good(t('applied')),
		undoing: p.warn(t('being undone')),
		undone: p.dim(t('undone')),
	}[status];
	const left = changes.flatMap(({description, left}) => left === undefined ? [] : [t('left as it is: {type} {title}. {reason}', safe({...kindAndTitle(description), reason: left}))]);
	return [
		'',
		`${p.strong(clean(title))}: ${word}, ${when(endedAt ?? beganAt)}`,
		...(status === 'undone' && why ? p.prose(why, {indent: '  '}) : []),
		...descriptionLines(changes.map(({description}) => description), p, '  '),
		...left.flatMap(line => p.prose(line, {style: p.warn, indent: '  '})),
	];
}

/** An ISO 8601 time as date and time of this server's zone. */
function when(iso: string): string {
	const date = new Date(iso);
	return Number.isNaN(date.getTime())
		? clean(iso)
		: `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')} ${clock(date.getTime())}`;
}

/** Failed checks first, the heaviest on top; then what was accepted, what passed, and what was not run and why. */
export function auditLines({score, before, checks, exposure}: AuditView, p: Paint): readonly string[] {
	const [failed, accepted, passed, notRun] = [thatStand(checks, 'fail'), thatStand(checks, 'accepted'), thatStand(checks, 'pass'), thatStand(checks, 'not-run')];
	const counts = {passed: passed.length, failed: failed.length, accepted: accepted.length, notRun: notRun.length};
	const scored = failed.length > 0 ? p.bad : p.good;
	return [
		p.strong(t('Score: {score} of 100', {score})),
		...(before ? p.prose(beforeLine(before)) : []),
		scored(accepted.length === 0
			? t('Checks: {passed} passed, {failed} failed, {notRun} not run.', counts)
			: t('Checks: {passed} passed, {failed} failed, {accepted} failed and accepted, {notRun} not run.', counts)),
		...[failed, accepted, passed, notRun].flatMap(results => results.flatMap(result => checkLines(result, p))),
		'',
		...exposureTable(exposure, p),
	];
}

function beforeLine({score, at, checks, shared}: NonNullable<AuditView['before']>): string {
	return t('Before anything was changed, {date}: {score} of 100 in the {checks} checks that could be asked. The {count} of them that can be asked today: {before} then, {after} now.', {score, checks, ...shared, date: when(at)});
}

function acceptedLines({accepted}: AuditView['checks'][number], p: Paint): readonly string[] {
	if (accepted === undefined) {
		return [];
	}

	const values = safe({reason: accepted.reason, until: accepted.until});
	return p.prose(accepted.isOver ? t('It was accepted until {until}, and that is over: {reason}', values) : t('Accepted until {until}: {reason}', values), {style: p.warn, indent: '  '});
}

function checkLines(result: AuditView['checks'][number], p: Paint): readonly string[] {
	const {check: {id, title, severity, fix, references = []}, verdict} = result;
	const evidence = cleanLines(verdict.evidence).filter(line => line !== '');
	const standing = standingOf(result);
	if (standing === 'not-run') {
		return ['', `${p.dim(standingWord(standing))}  ${clean(title)}  ${p.dim(clean(id))}`, ...p.prose(t('not run: {why}', {why: evidence.join(' ')}), {indent: '  '})];
	}

	const word = {pass: p.good, accepted: p.warn, fail: p.bad}[standing](standingWord(standing));
	return [
		'',
		`${word}  ${clean(title)}  ${p.dim(`${clean(id)}, ${severityWord(severity)}`)}`,
		...evidence.flatMap(line => p.prose(line, {style: p.dim, indent: '  '})),
		...acceptedLines(result, p),
		...(verdict.status === 'fail' ? [`  ${t('How to fix: {fix}', safe({fix}))}`] : []),
		...(verdict.status === 'fail' && references.length > 0 ? p.prose(t('See: {references}', safe({references: references.join(', ')})), {indent: '  '}) : []),
	];
}

function exposureTable(exposure: AuditView['exposure'], p: Paint): readonly string[] {
	if (exposure.length === 0) {
		return [t('Nothing on this server can be reached from the internet.')];
	}

	return [
		p.strong(t('What anyone on the internet can reach:')),
		...indent(columns([
			[t('port'), t('program'), t('remark')],
			...exposure.map(({port, program, remark}) => [clean(port), clean(program), clean(remark)]),
		])),
	];
}

function undoTitle({title, lines}: UndoView['steps'][number]): string {
	return lines.length === 1
		? t('Undo {title}: 1 change.', safe({title}))
		: t('Undo {title}: {count} changes.', safe({title, count: lines.length}));
}

/** The same in short, for the end: the plan of several steps is longer than a screen. */
export function undoSummary({steps}: UndoView): readonly string[] {
	return steps.length > 1 ? [t('In short, of what stands above:'), ...indent(steps.map(step => undoTitle(step))), ''] : [];
}

/** The plan of an undo, with the diff of every file, before anything is asked or done. */
export function undoLines({steps}: UndoView, p: Paint): readonly string[] {
	return steps.flatMap(step => [
		p.strong(undoTitle(step)),
		...step.lines.flatMap(description => [
			...descriptionLines([description], p, '  '),
			...indent(diffLines(description.diff ?? [], p), '      '),
		]),
		...step.left.flatMap(({description, why}) => p.prose(t('stays: {type} {title}. {why}', safe({...kindAndTitle(description), why})), {style: p.warn, indent: '  '})),
		'',
	]);
}
