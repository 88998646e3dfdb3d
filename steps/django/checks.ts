import {manage, parsePending} from '../../source/engine/manage.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {hasHttps, hostsFor, settingsOf} from './settings.ts';

const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
const fail = (evidence: string): Verdict => ({status: 'fail', evidence});

/** `?: (security.W008) Your SECURE_SSL_REDIRECT setting is not set to True. …` */
export function parseIssues(output: string): ReadonlyArray<{id: string; words: string}> {
	return [...output.matchAll(/^\S+: \((?<id>[\w.]+)\) (?<words>.*)$/gm)].map(({groups}) => ({id: groups!['id']!, words: groups!['words']!}));
}

/** What only HTTPS can put right: HSTS, the redirect, cookies. */
const needsHttps = new Set(['W004', 'W005', 'W008', 'W012', 'W016', 'W021'].map(id => `security.${id}`));

async function verifyDeploy(host: Host, name: string, isHttps: boolean): Promise<Verdict> {
	const {exitCode, stdout, stderr} = await manage(host, name, 'check', '--deploy');
	const output = `${stdout}\n${stderr}`;
	if (exitCode === 127 || !output.includes('System check identified')) {
		return fail(t('manage.py check --deploy did not come to an end: {words}', {words: output.trim().split('\n').at(-1) ?? ''}));
	}

	const issues = parseIssues(output);
	const counted = issues.filter(({id}) => isHttps || !needsHttps.has(id));
	if (counted.length > 0) {
		return fail(t('manage.py check --deploy: {issues}', {issues: counted.map(({id, words}) => `${id} ${words}`).join(' ')}));
	}

	return pass(issues.length === 0
		? t('manage.py check --deploy finds nothing.')
		: t('manage.py check --deploy finds only what HTTPS puts right, which is not there yet: {issues}', {issues: issues.map(({id}) => id).join(', ')}));
}

/** Asked of the module by which the app is served: a wsgi.py may set other settings itself. */
async function verifyInForce(host: Host, name: string): Promise<Verdict> {
	const program = 'from django.conf import settings; print("settings", settings.SETTINGS_MODULE, settings.DEBUG, "debug_toolbar" in settings.INSTALLED_APPS)';
	const {stdout, stderr} = await manage(host, name, 'shell', '--command', program);
	const {module, debug, toolbar} = /^settings (?<module>\S+) (?<debug>\w+) (?<toolbar>\w+)$/m.exec(stdout)?.groups ?? {};
	if (module === undefined) {
		return fail(t('Django does not start: {words}', {words: stderr.trim().split('\n').at(-1) ?? ''}));
	}

	const evidence = t('Django runs with {module}, DEBUG {debug}', {module, debug: debug!});
	return module === 'harden_settings' && debug === 'False' && toolbar === 'False' ? pass(evidence) : fail(evidence);
}

async function request(host: Host, socket: string, name: string): Promise<{status: number; words: string}> {
	const {stdout, stderr} = await host.run(['python3', '-I', '-', socket, name, '/'], {input: snippet('app/ask.py'), timeout: 40_000});
	return {status: Number(stdout.split(' ', 1)[0]), words: stdout.slice(0, 100) || stderr.split('\n').at(-1) || ''};
}

async function verifyAnswers(host: Host, socket: string, name: string): Promise<Verdict> {
	const {status, words} = await request(host, socket, name);
	const evidence = t('{name} answers {words}', {name, words});
	return status > 0 && status < 500 && status !== 400 ? pass(evidence) : fail(evidence);
}

async function verifyHosts(host: Host, socket: string): Promise<Verdict> {
	const {status, words} = await request(host, socket, 'not-a-name-of-this-site.invalid');
	return status === 400 ? pass(t('A request for another name is refused with 400.')) : fail(t('A request for another name is answered: {words}', {words}));
}

async function verifyMigrations(host: Host, name: string): Promise<Verdict> {
	const {exitCode, stdout, stderr} = await manage(host, name, 'showmigrations', '--plan', '--skip-checks');
	if (exitCode !== 0) {
		return fail(t('The database does not answer: {words}', {words: stderr.trim().split('\n').at(-1) ?? ''}));
	}

	const pending = parsePending(stdout);
	return pending.length === 0 ? pass(t('None is pending.')) : fail(t('{count} are pending: {names}', {count: pending.length, names: pending.slice(0, 5).join(', ')}));
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const {app} = answers;
	if (!app || settingsOf(facts, answers) === undefined) {
		return [];
	}

	const {name} = app;
	const {socket} = layoutOf(name);
	const [first = 'localhost'] = hostsFor(facts, answers);
	const fix = t('Run this wizard with `--only django`.');
	return [
		{id: 'django.settings', title: t('Django runs with the hardened settings'), severity: 'high', references: ['Django deployment checklist', 'OWASP Django Security'], fix: t('The module that serves the app must leave DJANGO_SETTINGS_MODULE as it finds it: os.environ.setdefault, as django-admin writes it. Then run this wizard with `--only django`.'), verify: async host => verifyInForce(host, name)},
		{id: 'django.deploy', title: t('Django itself finds nothing wrong for production'), severity: 'high', references: ['Django deployment checklist'], fix, verify: async host => verifyDeploy(host, name, hasHttps(answers))},
		{id: 'django.answers', title: t('It answers to its own name'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Look at: journalctl -u {unit}', {unit: `${name}.service`}), verify: async host => verifyAnswers(host, socket, first)},
		{id: 'django.hosts', title: t('It answers to no other name'), severity: 'medium', references: ['OWASP WSTG-INPV-17'], fix, verify: async host => verifyHosts(host, socket)},
		{id: 'django.migrations', title: t('No migration is pending'), severity: 'medium', advice: true, references: ['CIS Controls 4.1'], fix: t('Run this wizard with `--only django`, and say yes to the migrations.'), verify: async host => verifyMigrations(host, name)},
	];
}
