import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {dependencyChecks} from './dependencies.ts';
import {layoutOf} from './layout.ts';
import {findings} from './telling.ts';

type Layout = ReturnType<typeof layoutOf>;

const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
const fail = (evidence: string): Verdict => ({status: 'fail', evidence});

/** What systemd-analyze(1) may find at most. */
const mostExposed = 1.5;
/** The same where a part of the sandbox had to be left out. */
const looseExposed = 3;

/** `→ Overall exposure level for shop.service: 1.2 OK 🙂` */
export function parseExposure(output: string): number | undefined {
	const level = /Overall exposure level for \S+: (?<level>\d+(?:\.\d+)?)/.exec(output)?.groups?.['level'];
	return level === undefined ? undefined : Number(level);
}

/** The lines of /proc/PID/status that say who a process is and what it may become. */
export function parseStatus(text: string): {uid?: number; noNewPrivileges: boolean; capabilities: string; filtered: boolean} {
	const value = (key: string) => new RegExp(String.raw`^${key}:\s*(?<value>.*)$`, 'm').exec(text)?.groups?.['value'] ?? '';
	const uid = value('Uid').split(/\s+/)[1];
	return {...uid && {uid: Number(uid)}, noNewPrivileges: value('NoNewPrivs') === '1', capabilities: value('CapBnd'), filtered: value('Seccomp') === '2'};
}

async function mainProcess(host: Host, {service}: Layout): Promise<string | undefined> {
	const {stdout} = await host.run(['systemctl', 'show', '--property=MainPID', '--value', '--', service]);
	return /^[1-9]\d*$/.test(stdout) ? stdout : undefined;
}

/** Whether it answers at all: one whose new database has no tables yet may well say 500, one that cannot start says nothing. */
export async function verifyAlive(host: Host, layout: Layout): Promise<Verdict> {
	return verifyAnswers(host, layout, 'localhost', () => true);
}

/** Over its socket, as the web server asks. `domain` is a host name that it answers to. */
async function verifyAnswers(host: Host, {socket}: Layout, domain: string, isGood: (status: number) => boolean): Promise<Verdict> {
	const {exitCode, stdout, stderr} = await host.run(['python3', '-I', '-', socket, domain, '/'], {input: snippet('app/ask.py'), timeout: 40_000});
	const status = Number(stdout.split(' ', 1)[0]);
	if (exitCode !== 0 || !status) {
		return fail(t('Nobody answers at {socket}: {words}', {socket, words: stderr.split('\n').at(-1) ?? ''}));
	}

	// Not what it says: that may be anything, a secret too.
	const evidence = t('{socket} answers {status}', {socket, status});
	return isGood(status) ? pass(evidence) : fail(evidence);
}

async function verifyUser(host: Host, layout: Layout): Promise<Verdict> {
	const pid = await mainProcess(host, layout);
	if (pid === undefined) {
		return fail(t('{unit} is not running.', {unit: layout.service}));
	}

	const [status, id] = await Promise.all([host.read(`/proc/${pid}/status`), host.run(['id', '--user', layout.user])]);
	const {uid, noNewPrivileges, capabilities, filtered} = parseStatus(status ?? '');
	const evidence = t('process {pid} is user {uid}, capabilities {capabilities}, no new privileges: {locked}, system calls filtered: {filtered}', {
		pid, uid: uid ?? '?', capabilities, locked: noNewPrivileges ? t('yes') : t('no'), filtered: filtered ? t('yes') : t('no'),
	});
	return String(uid) === id.stdout && uid !== 0 && noNewPrivileges && filtered && /^0+$/.test(capabilities) ? pass(evidence) : fail(evidence);
}

/** What the drop-in of the sandbox says was left out, as systemd has it loaded. */
async function leftOut(host: Host, {service}: Layout): Promise<string | undefined> {
	const {stdout} = await host.run(['systemctl', 'cat', '--', service]);
	return /^# It does not start with these, so they are left out: (?<names>.+)$/m.exec(stdout)?.groups?.['names'];
}

async function verifyWhole(host: Host, layout: Layout): Promise<Verdict> {
	const names = await leftOut(host, layout);
	return names === undefined ? pass(t('The app lives with all of it.')) : fail(t('The app does not start with {names}, so that is left out; all else stays.', {names}));
}

async function verifyExposure(host: Host, layout: Layout): Promise<Verdict> {
	const {service} = layout;
	const {stdout, stderr} = await host.run(['systemd-analyze', 'security', '--no-pager', '--', service]);
	const level = parseExposure(stdout);
	if (level === undefined) {
		return {status: 'not-run', evidence: t('systemd-analyze does not say: {words}', {words: stderr.split('\n')[0] ?? ''})};
	}

	const names = await leftOut(host, layout);
	const evidence = names === undefined ? t('systemd-analyze security: {level} of 10', {level}) : t('systemd-analyze security: {level} of 10, without {names}', {level, names});
	// What the app cannot live with is told by a check of its own, and is no reason to take the rest away.
	return level <= (names === undefined ? mostExposed : looseExposed) ? pass(evidence) : fail(evidence);
}

/** Asks as the app's user, from inside the app's own sandbox. */
async function inside(host: Host, layout: Layout, ...test: readonly string[]): Promise<boolean | undefined> {
	const pid = await mainProcess(host, layout);
	if (pid === undefined) {
		return undefined;
	}

	const {exitCode} = await host.run(['nsenter', `--target=${pid}`, '--mount', '--', 'setpriv', `--reuid=${layout.user}`, `--regid=${layout.user}`, '--clear-groups', '--', 'test', ...test]);
	return exitCode === 0 ? true : (exitCode === 1 ? false : undefined);
}

async function verifyWalls(host: Host, layout: Layout): Promise<Verdict> {
	const {code, venv, gunicorn, credentials, state} = layout;
	const wrong: string[] = [];
	for (const path of [`${code}/.`, `${venv}/.`, gunicorn, '/etc/.', '/usr/bin/.']) {
		if (await inside(host, layout, '-w', path) !== false) {
			wrong.push(t('it can write to {path}', {path}));
		}
	}

	// Of a home that is hidden, an empty folder may be seen; nothing of what is in it.
	for (const path of ['/etc/shadow', credentials, '/root/.bashrc', '/root/.ssh/authorized_keys']) {
		if (await inside(host, layout, '-r', path) !== false) {
			wrong.push(t('it can read {path}', {path}));
		}
	}

	if (await inside(host, layout, '-w', `${state}/.`) !== true) {
		wrong.push(t('it cannot write to {path}', {path: state}));
	}

	return wrong.length === 0
		? pass(t('It writes to {state}, and neither to its code nor to the system; it cannot read secrets that are not its own.', {state}))
		: fail(wrong.join(', '));
}

async function verifyRestart(host: Host, layout: Layout, domain: string, isGood: (status: number) => boolean): Promise<Verdict> {
	const {exitCode, stderr} = await host.run(['systemctl', 'restart', '--', layout.service], {timeout: 90_000});
	return exitCode === 0 ? verifyAnswers(host, layout, domain, isGood) : fail(stderr);
}

/** Told, not undone: what the code says is the user's. */
async function verifyDebugging(facts: Facts, answers: Answers): Promise<Verdict> {
	const found = findings(facts, answers);
	return found.length === 0 ? pass(t('None was found in the settings, the code and the file of dependencies.')) : fail(found.join(' '));
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const {app} = answers;
	if (!app) {
		return [];
	}

	const layout = layoutOf(app.name);
	const isSample = 'sample' in app.source;
	const isGood = (status: number) => isSample ? status === 200 : status < 500;
	const domain = 'localhost';
	const fix = t('Run this wizard with `--only app`.');
	return [
		{id: 'app.answers', title: t('The app answers over its socket'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Look at: journalctl -u {unit}', {unit: layout.service}), verify: async host => verifyAnswers(host, layout, domain, isGood)},
		{id: 'app.user', title: t('It runs as its own user, who can become nobody else'), severity: 'high', references: ['OWASP ASVS 14.1'], fix, verify: async host => verifyUser(host, layout)},
		{id: 'app.walls', title: t('It can change neither its code nor the system'), severity: 'high', references: ['ANSSI-BP-028 R64', 'ANSSI-BP-028 R65', 'CIS Controls 3.3'], fix, verify: async host => verifyWalls(host, layout)},
		{id: 'app.exposure', title: t('Its sandbox is tight'), severity: 'medium', references: ['systemd-analyze security'], fix, verify: async host => verifyExposure(host, layout)},
		{id: 'app.debugging', title: t('No tool for debugging is left in it'), severity: 'high', references: ['OWASP ASVS 13.4.2'], advice: true, final: true, fix: t('Turn it off for production; in Django, the step Django does that.'), verify: async () => verifyDebugging(facts, answers)},
		{id: 'app.sandbox', title: t('Nothing of its sandbox had to be left out'), severity: 'low', advice: true, references: ['ANSSI-BP-028 R65'], fix: t('Where you can, do without the package that needs it; then run this wizard with `--only app`.'), verify: async host => verifyWhole(host, layout)},
		...dependencyChecks(app),
		{id: 'app.restart', title: t('It survives a restart'), severity: 'medium', references: ['CIS Controls 4.1'], fix, writes: true, verify: async host => verifyRestart(host, layout, domain, isGood)},
	];
}
