import {z} from 'zod';
import {isLocal} from '../../source/answers/backups.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {timerState} from '../timer.ts';
import {drillMaxAge, program, settingsFolder, sheet, stateFolder, timing, type BackupAnswers} from './settings.ts';

const reachSchema = z.object({id: z.string(), count: z.int(), newest: z.object({id: z.string(), time: z.string(), ageSeconds: z.number()}).nullable()});
type Reached = z.infer<typeof reachSchema>;

const runSchema = z.object({
	state: z.enum(['running', 'done', 'failed']),
	startedAt: z.string(),
	error: z.string().optional(),
	repository: z.string().optional(),
	lastSuccess: z.object({startedAt: z.string(), repository: z.string(), files: z.number(), rows: z.number().optional(), restoreSeconds: z.number().optional(), notes: z.array(z.string()).optional()}).optional(),
});

const halfAnHour = 30 * 60_000;

/** `30h` in seconds. */
export function secondsOf(duration: string): number {
	const {count, unit = 's'} = /^(?<count>\d+)(?<unit>[smhdw])?$/.exec(duration)!.groups!;
	return Number(count) * {s: 1, m: 60, h: 3600, d: 86_400, w: 604_800}[unit as 's'];
}

function ageWords(seconds: number): string {
	return seconds < 7200 ? t('{count} minutes', {count: Math.round(seconds / 60)}) : t('{count} hours', {count: Math.round(seconds / 3600)});
}

/** Asked once for all checks of a round; each of them waits for the same answer. */
function once<T>(ask: (host: Host) => Promise<T>): (host: Host) => Promise<T> {
	let answer: Promise<T> | undefined;
	return async host => {
		answer ??= ask(host);
		return answer;
	};
}

async function askRepository(host: Host): Promise<Reached | string> {
	const {exitCode, stdout, stderr} = await host.run([program, 'reach'], {timeout: 200_000});
	return exitCode === 0 ? reachSchema.parse(JSON.parse(stdout)) : stderr || t('{program} ended with {code}', {program, code: exitCode});
}

type Reach = (host: Host) => Promise<Reached | string>;

async function verifyReach(host: Host, reach: Reach, {repository}: BackupAnswers): Promise<Verdict> {
	const reached = await reach(host);
	return typeof reached === 'string'
		? {status: 'fail', evidence: reached}
		: {status: 'pass', evidence: t('restic opened {repository} with the stored key: repository {id}, backups of this server: {count}', {repository, id: reached.id.slice(0, 10), count: reached.count})};
}

async function verifyNewest(host: Host, reach: Reach, block: BackupAnswers): Promise<Verdict> {
	const reached = await reach(host);
	if (typeof reached === 'string') {
		return {status: 'fail', evidence: reached};
	}

	if (reached.newest === null) {
		return {status: 'fail', evidence: t('There is none.')};
	}

	const {maxAge} = timing(block);
	const {id, ageSeconds} = reached.newest;
	return {
		status: ageSeconds <= secondsOf(maxAge) ? 'pass' : 'fail',
		evidence: t('Snapshot {id} is {age} old; the limit is {maxAge}', {id, age: ageWords(ageSeconds), maxAge}),
	};
}

/** Nobody is left to say that a run failed after a power cut: then systemd knows that it does not run. */
async function lastRun(host: Host, kind: 'backup' | 'drill') {
	const text = await host.read(`${stateFolder}/${kind}.json`);
	if (text === undefined) {
		return undefined;
	}

	const run = runSchema.parse(JSON.parse(text));
	const isCutOff = run.state === 'running' && (await host.run(['systemctl', 'show', '--property=ActiveState', '--value', '--', `harden-${kind}.service`])).stdout !== 'activating';
	return isCutOff ? {...run, state: 'failed' as const, error: t('It was cut off, as by a power cut: begun {time}, never ended.', {time: run.startedAt})} : run;
}

/** Runs the unit as its timer would. One that takes long goes on by itself. */
async function runUnit(host: Host, kind: 'backup' | 'drill'): Promise<Verdict> {
	const unit = `harden-${kind}.service`;
	const {exitCode} = await host.run(['systemctl', 'start', unit], {timeout: halfAnHour});
	if (exitCode === 124) {
		return {status: 'not-run', evidence: t('It has been at work for half an hour and goes on by itself. How it ends: journalctl -u {unit}', {unit})};
	}

	const run = await lastRun(host, kind);
	return exitCode === 0 && run?.state === 'done'
		? {status: 'pass', evidence: t('{unit} ran to its end: {files} files', {unit, files: run.lastSuccess?.files ?? 0})}
		: {status: 'fail', evidence: run?.error ?? t('{unit} failed; its journal says why: journalctl -u {unit}', {unit})};
}

async function verifyFirstDrill(host: Host, {repository}: BackupAnswers): Promise<Verdict> {
	const success = (await lastRun(host, 'drill'))?.lastSuccess;
	return success?.repository === repository
		? {status: 'pass', evidence: t('One passed on {time}.', {time: success.startedAt})}
		: runUnit(host, 'drill');
}

async function verifyLast(host: Host): Promise<Verdict> {
	const run = await lastRun(host, 'backup');
	if (run === undefined) {
		return {status: 'fail', evidence: t('None was ever made.')};
	}

	return {status: run.state === 'failed' ? 'fail' : 'pass', evidence: run.error ?? t('{state}, begun {time}', {state: run.state, time: run.startedAt})};
}

async function verifyDrill(host: Host, block: BackupAnswers): Promise<Verdict> {
	const maxAge = drillMaxAge(block);
	const run = await lastRun(host, 'drill');
	if (maxAge === undefined) {
		return {status: 'fail', evidence: t('Drills are switched off, so nobody knows whether these backups can be restored.')};
	}

	if (run === undefined) {
		return {status: 'fail', evidence: t('None was ever made.')};
	}

	if (run.state === 'failed') {
		return {status: 'fail', evidence: run.error ?? ''};
	}

	const success = run.lastSuccess;
	if (success === undefined) {
		return {status: 'not-run', evidence: t('The first one is at work, since {time}.', {time: run.startedAt})};
	}

	const age = (Date.now() - Date.parse(success.startedAt)) / 1000;
	return {
		status: age <= maxAge ? 'pass' : 'fail',
		evidence: [t('{files} files and {rows} rows came back in {seconds} s, {age} ago', {files: success.files, rows: success.rows ?? 0, seconds: success.restoreSeconds ?? 0, age: ageWords(age)}), ...success.notes ?? []].join('. '),
	};
}

async function verifyTimers(host: Host, {drill}: BackupAnswers): Promise<Verdict> {
	const timers = ['harden-backup.timer', ...drill === 'never' ? [] : ['harden-drill.timer']];
	const answers = await Promise.all(timers.map(async timer => ({timer, ...await timerState(host, timer)})));
	const off = answers.filter(({isOn}) => !isOn);
	return {
		status: off.length === 0 ? 'pass' : 'fail',
		evidence: off.length === 0 ? answers.map(({timer, next = ''}) => t('{timer}: next {next}', {timer, next})).join(', ') : t('Off: {timers}', {timers: off.map(({timer}) => timer).join(', ')}),
	};
}

async function verifyRootOnly(host: Host, {repository}: BackupAnswers): Promise<Verdict> {
	const places = [settingsFolder, stateFolder, sheet, ...isLocal(repository) ? [repository] : []];
	const {exitCode, stdout, stderr} = await host.run(['find', ...places, '-maxdepth', '1', '(', '-perm', '/077', '-o', '!', '-user', 'root', ')', '-print']);
	// A repository's own inner folders and files are behind its own, which is closed.
	const open = stdout.split('\n').filter(path => path !== '' && !(isLocal(repository) && path.startsWith(`${repository}/`)));
	if (exitCode !== 0) {
		return {status: 'fail', evidence: stderr.split('\n')[0] ?? ''};
	}

	return {status: open.length === 0 ? 'pass' : 'fail', evidence: open.length === 0 ? t('Key, credentials and settings are root\'s alone') : t('Others may look into: {list}', {list: open.join(', ')})};
}

/** The list is told once a round: a backup that failed is not made again to see whether it fails again. */
export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const block = answers.backups!;
	const again = t('Run the step "Backups"; if it still fails, the evidence says what to put right.');
	const log = t('Put right what it says, then try: systemctl start harden-backup, journalctl -u harden-backup');
	const reach = once(askRepository);
	const backup = once(async host => runUnit(host, 'backup'));
	const drill = once(async host => verifyFirstDrill(host, block));
	return [
		{id: 'backups.works', title: t('A backup can be made'), severity: 'high', references: ['CIS Controls 11.2'], fix: log, writes: true, verify: backup},
		{id: 'backups.repository', title: t('The place of the backups opens with the stored key'), severity: 'high', references: ['CIS Controls 11.2'], fix: again, verify: async host => verifyReach(host, reach, block)},
		{id: 'backups.newest', title: t('The newest backup is fresh enough'), severity: 'high', references: ['CIS Controls 11.2'], fix: log, verify: async host => verifyNewest(host, reach, block)},
		{id: 'backups.last', title: t('The last backup did not fail'), severity: 'high', references: ['CIS Controls 11.2'], fix: log, verify: verifyLast},
		...block.drill === 'never' ? [] : [{id: 'backups.restores', title: t('A backup can be restored'), severity: 'high' as const, references: ['CIS Controls 11.5'], fix: t('Put right what it says, then try: systemctl start harden-drill, journalctl -u harden-drill'), writes: true as const, verify: drill}],
		{id: 'backups.drill', title: t('The last restore drill passed'), severity: 'high', references: ['CIS Controls 11.5'], fix: t('Put right what it says, then try: systemctl start harden-drill, journalctl -u harden-drill'), ...block.drill === 'never' && {advice: true as const}, verify: async host => verifyDrill(host, block)},
		{id: 'backups.timers', title: t('Backups and drills are made by themselves'), severity: 'medium', references: ['CIS Controls 11.2'], fix: again, verify: async host => verifyTimers(host, block)},
		{id: 'backups.root-only', title: t('Key and credentials are for root only'), severity: 'high', references: ['CIS Controls 11.3'], fix: t('Take the rights of others away: chmod -R go= {folder}', {folder: settingsFolder}), verify: async host => verifyRootOnly(host, block)},
		{id: 'backups.elsewhere', title: t('Backups lie on another machine'), severity: 'medium', references: ['CIS Controls 11.4'], advice: true, final: true, fix: t('Run the step "Backups" and name a place elsewhere.'), verify: async () => verifyElsewhere(block)},
		{id: 'backups.recovery-sheet', title: t('The recovery sheet is kept elsewhere'), severity: 'medium', advice: true, references: ['CIS Controls 11.3'], fix: t('Copy {sheet} away from this server, then run the step "Backups" again and type its last word.', {sheet}), verify: async () => verifySheet(facts, block)},
	];
}

function verifyElsewhere({repository}: BackupAnswers): Verdict {
	return isLocal(repository)
		? {status: 'fail', evidence: t('{repository} is a folder of this server. What takes the server takes the backups.', {repository})}
		: {status: 'pass', evidence: repository};
}

function verifySheet({backups: {word}}: Facts, {recoveryWord}: BackupAnswers): Verdict {
	return word !== undefined && recoveryWord === word
		? {status: 'pass', evidence: t('Somebody typed its word back.')}
		: {status: 'not-run', evidence: t('Nobody has typed its word back yet, so this cannot be known.')};
}
