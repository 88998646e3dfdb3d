import {z} from 'zod';
import {bytesOf} from '../../source/answers/values.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {timerState} from '../timer.ts';
import {verifyForwarding} from './check-forwarding.ts';
import {centralLog, program, settingsFolder, tellingUnits, type MonitoringAnswers} from './settings.ts';

const healthSchema = z.object({error: z.string().nullish(), since: z.number().nullish(), success: z.number().nullish()});
const statusSchema = z.object({channels: z.record(z.string(), healthSchema), waiting: z.int(), oldest: z.number().nullable(), lastLook: z.number().nullable()});
const testSchema = z.record(z.string(), z.string().nullable());

const hour = 3600;
const mebibyte = 1_048_576;
const now = () => Date.now() / 1000;
/** "System Journal (/var/log/journal/…) is 8.0M, max 500.0M", which journald says of itself when it starts. */
const usageMessage = 'ec387f577b844b8fa948f33cad9a75e6';
const usageSchema = z.object({JOURNAL_PATH: z.string(), LIMIT: z.coerce.number(), CURRENT_USE: z.coerce.number()});

async function verifyJournal(host: Host, {journal: {maxUse}}: MonitoringAnswers): Promise<Verdict> {
	const {stdout, stderr} = await host.run(['journalctl', '--quiet', '--no-pager', '--boot=0', '--output=json', '--lines=1', `MESSAGE_ID=${usageMessage}`, 'JOURNAL_NAME=System Journal']);
	if (stdout === '') {
		return {status: 'fail', evidence: t('journald does not say that it keeps a log on disk. {words}', {words: stderr})};
	}

	const {JOURNAL_PATH: path, LIMIT: limit, CURRENT_USE: use} = usageSchema.parse(JSON.parse(stdout));
	const megabytes = (bytes: number) => Math.round(bytes / mebibyte);
	return {
		status: path.startsWith('/var/log/journal/') && limit <= bytesOf(maxUse) ? 'pass' : 'fail',
		evidence: t('journald: {path}, {use} MiB in use, at most {limit} MiB', {path, use: megabytes(use), limit: megabytes(limit)}),
	};
}

async function verifyTimers(host: Host): Promise<Verdict> {
	const timers = ['harden-watch.timer', 'harden-audit.timer'];
	const states = await Promise.all(timers.map(async timer => timerState(host, timer)));
	const off = timers.filter((_, index) => !states[index]!.isOn);
	return {status: off.length === 0 ? 'pass' : 'fail', evidence: off.length === 0 ? t('On: {timers}', {timers: timers.join(', ')}) : t('Off: {timers}', {timers: off.join(', ')})};
}

/** Runs a unit as its timer would. */
async function runUnit(host: Host, unit: string): Promise<Verdict> {
	const {exitCode} = await host.run(['systemctl', 'start', unit], {timeout: 20 * 60_000});
	const {stdout} = await host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', '--lines=1', `--unit=${unit}`]);
	return {status: exitCode === 0 ? 'pass' : 'fail', evidence: exitCode === 0 ? t('{unit} ran to its end', {unit}) : stdout};
}

async function statusOf(host: Host) {
	const {exitCode, stdout, stderr} = await host.run([program, '--status', '--json']);
	return exitCode === 0 ? statusSchema.parse(JSON.parse(stdout)) : stderr || t('{program} ended with {code}', {program, code: exitCode});
}

async function verifyLooks(host: Host): Promise<Verdict> {
	const status = await statusOf(host);
	if (typeof status === 'string') {
		return {status: 'fail', evidence: status};
	}

	const {stdout: result} = await host.run(['systemctl', 'show', '--property=Result', '--value', '--', 'harden-watch.service']);
	const age = status.lastLook === null ? undefined : now() - status.lastLook;
	const isFresh = age !== undefined && age < hour;
	return {
		status: isFresh && result === 'success' ? 'pass' : 'fail',
		evidence: age === undefined ? t('It has not looked yet.') : t('The last look was {minutes} minutes ago: {result}', {minutes: Math.round(age / 60), result}),
	};
}

async function verifyReceived(host: Host): Promise<Verdict> {
	const {stdout, stderr} = await host.run([program, '--test', '--json'], {timeout: 120_000});
	if (stdout === '') {
		return {status: 'fail', evidence: stderr};
	}

	const answers = Object.entries(testSchema.parse(JSON.parse(stdout)));
	const failed = answers.filter(([, error]) => error !== null);
	if (answers.length === 0) {
		return {status: 'not-run', evidence: t('No receiver is named, so nothing was sent.')};
	}

	return failed.length > 0
		? {status: 'fail', evidence: failed.map(([channel, error]) => `${channel}: ${error ?? ''}`).join('\n')}
		: {status: 'pass', evidence: t('A test message was taken: {channels}', {channels: answers.map(([channel]) => channel).join(', ')})};
}

async function verifyDelivery(host: Host): Promise<Verdict> {
	const status = await statusOf(host);
	if (typeof status === 'string') {
		return {status: 'fail', evidence: status};
	}

	const away = Object.entries(status.channels).filter(([, {error}]) => error);
	if (Object.keys(status.channels).length === 0) {
		return {status: 'not-run', evidence: t('No receiver is named.')};
	}

	const isLate = status.oldest !== null && now() - status.oldest > hour;
	return {
		status: away.length > 0 || isLate ? 'fail' : 'pass',
		evidence: [t('{count} alerts wait.', {count: status.waiting}), ...away.map(([channel, {error}]) => `${channel}: ${error ?? ''}`)].join(' '),
	};
}

async function verifyReceiver(host: Host): Promise<Verdict> {
	const status = await statusOf(host);
	const channels = typeof status === 'string' ? [] : Object.keys(status.channels);
	return channels.length > 0
		? {status: 'pass', evidence: channels.join(', ')}
		: {status: 'fail', evidence: t('Nobody is told: alerts are in the journal and in {program} --recent, where somebody has to look.', {program})};
}

/** Asked of systemd: whom it would start for a unit that fails. */
async function verifyTelling(host: Host, units: readonly string[]): Promise<Verdict> {
	const {stdout} = await host.run(['systemctl', 'show', '--property=Id,OnFailure', '--', ...units]);
	const blocks = stdout.split('\n\n').map(block => block.split('\n'));
	const silent = units.filter(unit => !blocks.some(lines => lines.includes(`Id=${unit}`) && lines.some(line => line.startsWith('OnFailure=') && line.includes(`harden-alert@${unit}.service`))));
	const {stdout: loaded} = await host.run(['systemctl', 'show', '--property=LoadState', '--value', '--', 'harden-alert@test.service']);
	return {
		status: silent.length === 0 && loaded === 'loaded' ? 'pass' : 'fail',
		evidence: loaded === 'loaded' ? (silent.length === 0 ? t('Told at once: {units}', {units: units.join(', ')}) : t('Would fail in silence: {units}', {units: silent.join(', ')})) : t('{unit} is {state}.', {unit: 'harden-alert@.service', state: loaded}),
	};
}

async function verifyRootOnly(host: Host): Promise<Verdict> {
	const {exitCode, stdout, stderr} = await host.run(['find', settingsFolder, '(', '-perm', '/077', '-o', '!', '-user', 'root', ')', '-print']);
	const open = stdout.split('\n').filter(Boolean);
	return exitCode === 0 && open.length === 0
		? {status: 'pass', evidence: t('Addresses and passwords are root\'s alone')}
		: {status: 'fail', evidence: open.length > 0 ? t('Others may look into: {list}', {list: open.join(', ')}) : stderr};
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const block = answers.monitoring!;
	const again = t('Run the step "Monitoring"; if it still fails, the evidence says what to put right.');
	const units = tellingUnits(facts, answers);
	const place = centralLog(block);
	return [
		{id: 'monitoring.journal', title: t('The system\'s log is kept on disk, with a limit'), severity: 'medium', references: ['CIS 6.2.1', 'ANSSI-BP-028 R71'], fix: again, verify: async host => verifyJournal(host, block)},
		{id: 'monitoring.runs', title: t('The look for what somebody should know can be made'), severity: 'high', references: ['CIS Controls 8.11'], fix: t('Put right what it says, then try: systemctl start harden-watch, journalctl -u harden-watch'), writes: true, verify: async host => runUnit(host, 'harden-watch.service')},
		{id: 'monitoring.looks', title: t('It is made every two minutes'), severity: 'high', references: ['CIS Controls 8.11'], fix: t('Look why it fails: journalctl -u harden-watch'), verify: verifyLooks},
		{id: 'monitoring.timers', title: t('It is made by itself, and so is the weekly audit'), severity: 'high', references: ['CIS Controls 8.11'], fix: again, verify: verifyTimers},
		{id: 'monitoring.received', title: t('A test message is taken by whoever is told'), severity: 'high', references: ['CIS Controls 17.2'], fix: t('Put right what it says, then try: sudo harden-alert --test'), writes: true, final: true, verify: verifyReceived},
		{id: 'monitoring.delivery', title: t('Alerts reach whoever is told'), severity: 'high', references: ['CIS Controls 13.1'], fix: t('Put right what it says, then try: sudo harden-alert --retry'), verify: verifyDelivery},
		{id: 'monitoring.receiver', title: t('Somebody is told'), severity: 'medium', references: ['CIS Controls 17.2'], advice: true, final: true, fix: t('Run the step "Monitoring" and give it a webhook or a mail address.'), verify: verifyReceiver},
		{id: 'monitoring.failures', title: t('What this tool set up, and the app, do not fail in silence'), severity: 'medium', references: ['OWASP A09:2021'], fix: again, verify: async host => verifyTelling(host, units)},
		{id: 'monitoring.drift', title: t('The weekly audit can be made, and knows how things stand now'), severity: 'medium', references: ['CIS Controls 4.1'], fix: t('Put right what it says, then try: systemctl start harden-audit, journalctl -u harden-audit'), writes: true, final: true, verify: async host => runUnit(host, 'harden-audit.service')},
		{id: 'monitoring.root-only', title: t('The addresses of those who are told are for root only'), severity: 'high', references: ['CIS Controls 3.3'], fix: t('Take the rights of others away: chmod -R go= {folder}', {folder: settingsFolder}), verify: verifyRootOnly},
		...place ? [{id: 'monitoring.central-log', title: t('The log goes to the central place'), severity: 'medium' as const, references: ['CIS 6.2.2', 'ANSSI-BP-028 R71'], fix: t('Look at what rsyslog says: journalctl -u harden-forward'), verify: async (host: Host) => verifyForwarding(host, place)}] : [],
	];
}
