import {readWafLog} from '../../source/engine/waf-log.ts';
import {t} from '../../source/words.ts';
import type {Host} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import type {Web} from './site.ts';
import {fail, notRun, pass, type Verdict} from './verdict.ts';
import {hostOf, siteAt} from './visit.ts';

const attacks: ReadonlyArray<{attack: string; query: string; options?: readonly string[]}> = [
	{attack: 'SQL injection', query: '1%27%20OR%20%271%27=%271'},
	{attack: 'path traversal', query: '../../../../etc/passwd'},
	{attack: 'cross-site scripting', query: '%3Cscript%3Ealert(1)%3C/script%3E'},
	{attack: 'a scanner', query: '', options: ['--user-agent', 'sqlmap/1.8']},
];

/** Harmless attacks on a file that is not there: refused where that was asked for, and seen in either case. */
export async function verifyWaf(host: Host, web: Web, name: string): Promise<Verdict> {
	if (web.waf === 'off') {
		return notRun(t('The application firewall is off, as you chose.'));
	}

	const {visit} = await siteAt(host, hostOf(web));
	const mark = `harden-check-${Date.now()}`;
	const answers = await Promise.all(attacks.map(async ({attack, query, options}) => ({attack, status: (await visit({path: `/static/${mark}?q=${query}`, ...options && {options}})).status})));
	const evidence = answers.map(({attack, status}) => `${attack}: ${status}`).join(', ');
	if (web.waf === 'block') {
		return answers.every(({status}) => status === 403) ? pass(evidence) : fail(evidence);
	}

	const {stdout} = await host.run(['tail', '--bytes=200000', layoutOf(name).wafLog]);
	const seen = stdout.split('\n').filter(line => line.includes(mark) && line.includes('949110')).length;
	const isLettingThrough = answers.every(({status}) => status !== 403);
	return seen >= attacks.length && isLettingThrough ? pass(t('Seen and let through, as you chose: {evidence}', {evidence})) : fail(t('Its log has {seen} of {count} attacks. {evidence}', {seen, count: attacks.length, evidence}));
}

export async function verifyWafLog(host: Host, web: Web, name: string): Promise<Verdict> {
	if (web.waf === 'off') {
		return notRun(t('The application firewall is off, as you chose.'));
	}

	const {exitCode, stdout, stderr} = await host.run(['tail', '--bytes=2000000', layoutOf(name).wafLog]);
	if (exitCode !== 0) {
		return fail(stderr);
	}

	const {refused, findings} = readWafLog(stdout);
	if (refused === 0) {
		return pass(t('No visitor\'s request looked like an attack.'));
	}

	const words = findings.slice(0, 10).map(({rule, path, count}) => t('rule {rule} at {path}: {count}', {rule, path, count})).join('; ');
	return pass(web.waf === 'block' ? t('{refused} requests were refused. {words}. Where one of these was your own use of the app, run the web server step (--only web) and choose it.', {refused, words}) : t('{refused} requests would have been refused. {words}. Where one of these was your own use of the app, run the web server step (--only web) and choose it.', {refused, words}));
}
