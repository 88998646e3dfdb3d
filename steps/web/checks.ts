import {bytesOf} from '../../source/answers/values.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {parseNginx, type Directive} from '../../source/engine/nginx-config.ts';
import type {Check, Host} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {client, parseJails, verifyBan} from '../fail2ban/checks.ts';
import {spareAddress} from '../fail2ban/settings.ts';
import {jailsOf} from './jails.ts';
import {defaultListensFor} from './listen.ts';
import {headersFor} from './policy.ts';
import type {Web} from './site.ts';
import {hostOf, siteAt, visitStranger, type Answer} from './visit.ts';
import {fail, notRun, pass, type Verdict} from './verdict.ts';
import {verifyWaf, verifyWafLog} from './waf-checks.ts';

/** Every directive that nginx has loaded, blocks within blocks included. */
function flat(directives: readonly Directive[]): readonly Directive[] {
	return directives.flatMap(directive => [directive, ...flat(directive.block ?? [])]);
}

/** The configuration as nginx itself reads it. */
async function loaded(host: Host): Promise<readonly Directive[] | string> {
	const {exitCode, stdout, stderr} = await host.run(['nginx', '-T', '-q']);
	return exitCode === 0 ? flat(parseNginx(stdout)) : (stderr.split('\n').find(line => line.includes('[emerg]')) ?? stderr);
}

const saying = (all: readonly Directive[], name: string, ...words: readonly string[]) => all.some(directive => directive.name === name && words.every((word, index) => directive.words[index] === word));

async function verifyConfiguration(host: Host, web: Web): Promise<Verdict> {
	const all = await loaded(host);
	if (typeof all === 'string') {
		return fail(t('nginx does not accept its files: {words}', {words: all}));
	}

	const served = new Set(all.filter(({name}) => name === 'server_name').flatMap(({words}) => words));
	const missing = [hostOf(web), ...web.domains].filter(name => !served.has(name));
	return missing.length === 0 ? pass(t('nginx -T: it serves {names}', {names: [...served].filter(name => name !== '_').join(', ')})) : fail(t('nginx -T: it does not serve {names}', {names: missing.join(', ')}));
}

async function verifyForwarded(host: Host): Promise<Verdict> {
	const all = await loaded(host);
	if (typeof all === 'string') {
		return fail(all);
	}

	const wanted = [['X-Forwarded-Proto', '$scheme'], ['X-Forwarded-For', '$remote_addr'], ['X-Forwarded-Host', '$host'], ['Forwarded', ''], ['Proxy', '']] as const;
	const missing = wanted.filter(words => !saying(all, 'proxy_set_header', ...words));
	return missing.length === 0 ? pass(t('nginx -T: {names} are set here', {names: wanted.map(([name]) => name).join(', ')})) : fail(t('nginx -T: {names} come from the client', {names: missing.map(([name]) => name).join(', ')}));
}

async function verifyLimits(host: Host, {requestsPerSecond}: Web): Promise<Verdict> {
	const all = await loaded(host);
	if (typeof all === 'string') {
		return fail(all);
	}

	const rate = `rate=${requestsPerSecond}r/s`;
	const missing = [
		...all.some(({name, words}) => name === 'limit_req_zone' && words.includes(rate)) ? [] : [rate],
		...saying(all, 'limit_req', 'zone=harden_requests') ? [] : ['limit_req'],
		...saying(all, 'limit_conn', 'harden_connections') ? [] : ['limit_conn'],
		...saying(all, 'client_header_timeout', '10s') ? [] : ['client_header_timeout'],
	];
	return missing.length === 0 ? pass(t('nginx -T: {rate} of one address, 100 requests at a time, 10 s for a request\'s headers', {rate})) : fail(t('nginx -T: {missing} is not there', {missing: missing.join(', ')}));
}

async function verifyAnswers(host: Host, web: Web): Promise<Verdict> {
	const {visit, base} = await siteAt(host, hostOf(web));
	const {status} = await visit();
	const evidence = t('{url} answers {status}', {url: `${base}/`, status});
	return status === 0 || status === 502 || status === 504 ? fail(status === 0 ? t('{url} does not answer', {url: `${base}/`}) : t('{evidence}: nginx does not reach the app', {evidence})) : pass(evidence);
}

async function verifyStranger(host: Host, facts: Facts): Promise<Verdict> {
	if (defaultListensFor(facts, 80).length === 0) {
		return notRun(t('Another site of yours answers to every name on port 80, and was left to do so.'));
	}

	const {status} = await visitStranger(host, 'unknown-name.invalid');
	return status === 0 ? pass(t('A request for unknown-name.invalid got no answer')) : fail(t('A request for unknown-name.invalid was answered with {status}', {status}));
}

/** Which of the security headers an answer lacks. The app may have sent its own: what counts is that there is one. */
function lacking({headers}: Answer, web: Web): readonly string[] {
	const {policy, frameOptions} = headersFor(web);
	return [
		...policy === '' ? [] : ['content-security-policy'],
		...frameOptions === '' ? [] : ['x-frame-options'],
		'x-content-type-options',
		'referrer-policy',
		'permissions-policy',
		'cross-origin-opener-policy',
	].filter(name => headers.get(name)?.[0] === undefined);
}

async function verifyHeaders(host: Host, web: Web): Promise<Verdict> {
	const {visit} = await siteAt(host, hostOf(web));
	const paths = ['/', '/.env', '/static/'];
	const answers = await Promise.all(paths.map(async path => ({path, answer: await visit({path})})));
	const wrong = answers.map(({path, answer}) => ({path, names: lacking(answer, web)})).filter(({names}) => names.length > 0);
	const [policy = ''] = answers[0]?.answer.headers.get('content-security-policy') ?? [];
	return wrong.length === 0 ? pass(t('On {paths}; the policy of / is: {policy}', {paths: paths.join(', '), policy})) : fail(wrong.map(({path, names}) => `${path}: ${names.join(', ')}`).join('; '));
}

async function verifyBanner(host: Host, web: Web): Promise<Verdict> {
	const {visit} = await siteAt(host, hostOf(web));
	const answers = await Promise.all(['/', '/.env'].map(async path => visit({path})));
	const told = answers.flatMap(({headers}) => [...headers.get('server') ?? [], ...headers.get('x-powered-by') ?? []]);
	const telling = told.filter(text => /\d/.test(text));
	return telling.length === 0 ? pass(t('Server: {words}', {words: [...new Set(told)].join(', ') || t('nothing')})) : fail(t('It tells: {words}', {words: telling.join(', ')}));
}

async function verifyHidden(host: Host, web: Web): Promise<Verdict> {
	const {visit} = await siteAt(host, hostOf(web));
	const paths = ['/.env', '/.git/config', '/static/.env', '/media/.htpasswd'];
	const answers = await Promise.all(paths.map(async path => ({path, status: (await visit({path})).status})));
	const open = answers.filter(({status}) => status !== 404 && status !== 403);
	return open.length === 0 ? pass(answers.map(({path, status}) => `${path} ${status}`).join(', ')) : fail(open.map(({path, status}) => `${path} ${status}`).join(', '));
}

/**
 * Only the length is told: nginx refuses before a single byte of it comes. In HTTP/1.1, where that can be said: in HTTP/2 a
 * request that ends without its body is malformed (RFC 9113 8.1.1), and its length is never looked at.
 */
async function verifyBodyLimit(host: Host, web: Web): Promise<Verdict> {
	const {visit} = await siteAt(host, hostOf(web));
	const length = bytesOf(web.maxBodySize) + 1;
	const {status} = await visit({options: ['--http1.1', '--request', 'POST', '--header', `Content-Length: ${length}`, '--header', 'Expect:']});
	return status === 413 ? pass(t('{length} bytes are refused with 413', {length})) : fail(t('{length} bytes are answered with {status}', {length, status}));
}

async function verifyJails(host: Host, answers: Answers, name: string): Promise<Verdict> {
	if (answers.fail2ban === undefined) {
		return notRun(t('Fail2Ban is not set up, so nobody is banned.'));
	}

	const jails = parseJails(await client(host, 'status'));
	const status = await client(host, 'status', jailsOf(name)[0]);
	const missing = jailsOf(name).filter(jail => !jails.includes(jail));
	const reads = status.includes(layoutOf(name).accessLog);
	return missing.length === 0 && reads ? pass(t('{jails} read {log}', {jails: jailsOf(name).join(', '), log: layoutOf(name).accessLog})) : fail(missing.length > 0 ? t('Not running: {jails}', {jails: missing.join(', ')}) : status);
}

async function verifyBans(host: Host, facts: Facts, answers: Answers, name: string): Promise<Verdict> {
	return answers.fail2ban === undefined ? notRun(t('Fail2Ban is not set up, so nobody is banned.')) : verifyBan(host, jailsOf(name)[0], spareAddress(facts, answers));
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const {web, app} = answers;
	if (web === undefined || app === undefined) {
		return [];
	}

	const {name} = app;
	const fix = t('Run the web server step.');
	return [
		{id: 'web.configuration', title: t('nginx accepts its files and serves the names of the site'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Run `nginx -t` and put right what it says, or run the web server step.'), verify: async host => verifyConfiguration(host, web)},
		{id: 'web.answers', title: t('The app answers through nginx'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Look at `systemctl status {name}` and /var/log/nginx/{name}.error.log.', {name}), verify: async host => verifyAnswers(host, web)},
		{id: 'web.unknown-host', title: t('Who asks for an unknown name gets no answer'), severity: 'medium', references: ['CIS NGINX 2.4.2'], fix, verify: async host => verifyStranger(host, facts)},
		{id: 'web.headers', title: t('Security headers are on every answer, errors and files too'), severity: 'high', references: ['OWASP Secure Headers', 'Mozilla Web Security', 'CIS NGINX 5.3'], fix, verify: async host => verifyHeaders(host, web)},
		{id: 'web.version', title: t('No version of the server is told'), severity: 'low', references: ['CIS NGINX 2.5.1'], fix, verify: async host => verifyBanner(host, web)},
		{id: 'web.hidden-files', title: t('Hidden files are not given out'), severity: 'high', references: ['CIS NGINX 2.5.3'], fix, verify: async host => verifyHidden(host, web)},
		{id: 'web.body-limit', title: t('An upload beyond {size} is refused', {size: web.maxBodySize}), severity: 'medium', references: ['CIS NGINX 5.2.2'], fix, verify: async host => verifyBodyLimit(host, web)},
		{id: 'web.limits', title: t('Floods and slow requests are bounded'), severity: 'medium', references: ['CIS NGINX 5.2.1', 'CIS NGINX 5.2.4', 'CIS NGINX 5.2.5'], fix, verify: async host => verifyLimits(host, web)},
		{id: 'web.forwarded', title: t('The app hears who the client is from nginx, never from the client'), severity: 'high', references: ['CIS NGINX 3.4', 'OWASP ASVS 4.1.3'], fix, verify: async host => verifyForwarded(host)},
		{id: 'web.waf', title: web.waf === 'block' ? t('The application firewall refuses attacks') : t('The application firewall sees attacks'), severity: 'medium', references: ['OWASP CRS'], fix, verify: async host => verifyWaf(host, web, name)},
		{id: 'web.waf-log', title: t('What the application firewall took for attacks'), severity: 'low', references: ['OWASP CRS'], fix: t('Run the web server step and choose the rules that are wrong about your app.'), verify: async host => verifyWafLog(host, web, name)},
		{id: 'web.jails', title: t('Fail2Ban watches the access log'), severity: 'medium', references: ['CIS Controls 13.7', 'OWASP ASVS 6.3.1'], fix: t('Run the Fail2Ban step, then the web server step.'), verify: async host => verifyJails(host, answers, name)},
		{id: 'web.bans', title: t('A banned robot is turned away by the kernel'), severity: 'medium', references: ['CIS Controls 13.7', 'OWASP ASVS 6.3.1'], fix: t('Run the Fail2Ban step, then the web server step.'), writes: true, verify: async host => verifyBans(host, facts, answers, name)},
	];
}
