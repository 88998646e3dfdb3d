import test from 'ava';
import {answersSchema} from '../../source/answers.ts';
import type {WebFacts} from '../../source/engine/facts.ts';
import {parseListen} from '../../source/engine/nginx-config.ts';
import type {Question} from '../../source/engine/step.ts';
import type {FileState, Resource} from '../../source/engine/types.ts';
import {parseAnswer} from '../../steps/web/visit.ts';
import {webStep} from '../../steps/web/index.ts';
import {defaultListensFor, listensFor} from '../../steps/web/listen.ts';
import {headersFor} from '../../steps/web/policy.ts';
import {facts} from './ssh-facts.ts';

const answersWith = (web: Record<string, unknown> = {}, others: Record<string, unknown> = {}) => answersSchema.parse({app: {name: 'shop'}, web, ...others});
const nothing: WebFacts = {installed: false, includes: [], servers: [], places: {reads: [], writes: [], sockets: []}, settings: [], packagePage: false, findings: {}};
const debian: WebFacts = {...nothing, installed: true, includes: ['/etc/nginx/mime.types', '/etc/nginx/conf.d/*.conf', '/etc/nginx/sites-enabled/*'], settings: ['gzip', 'sendfile']};
const site = (file: string, listens: readonly string[], names: readonly string[] = []) => ({file: `/etc/nginx/${file}`, names, listens: listens.map(words => parseListen(words.split(' '))!)});
const fresh = {...debian, packagePage: true, servers: [site('sites-enabled/default', ['80 default_server', '[::]:80 default_server'], ['_'])]};
const withMine = {...debian, servers: [site('sites-enabled/mine', ['80 default_server', '[::]:80 default_server'], ['mine.example'])]};

const named = (resources: readonly Resource[]) => resources.map(({type, name}) => `${type} ${name}`);
const resourcesFor = (web: WebFacts, answers = answersWith()) => webStep.resources(facts({web}), answers);

function textOf(resources: readonly Resource[], name: string): string {
	const state = resources.find(resource => resource.name === name)!.desired as FileState;
	return 'content' in state ? state.content : '';
}

const shared = '/etc/nginx/conf.d/00-harden.conf';
const vhost = '/etc/nginx/sites-available/shop';

test('what nginx refuses without: parts before the site, the site before its link, and the rules before what loads them', t => {
	const names = named(resourcesFor(nothing));
	const order = ['package nginx', 'directory /etc/nginx/harden/shop', 'file /etc/nginx/harden/shop/headers.conf', 'file /etc/nginx/harden/shop/app.conf', 'file /etc/nginx/harden/shop/site.conf', 'file /etc/nginx/harden/shop/server.d/10-limits.conf', 'file /etc/nginx/sites-enabled/default', `file ${shared}`, 'file /etc/nginx/harden/shop/waf/exclusions.conf', 'file /etc/nginx/harden/shop/waf/main.conf', 'file /etc/nginx/harden/shop/server.d/50-waf.conf', `file ${vhost}`, 'file /etc/nginx/sites-enabled/shop', 'unit nginx.service'];
	t.deepEqual(order.map(name => names.indexOf(name)), order.map(name => names.indexOf(name)).toSorted((left, right) => left - right));
	t.false(order.some(name => !names.includes(name)));
	t.false(names.some(name => name.includes('fail2ban')));
});

test('the same before and after its packages came, and again', t => {
	for (const web of [fresh, debian]) {
		const before = resourcesFor(nothing).filter(({name}) => name !== '/etc/nginx/sites-enabled/default');
		t.deepEqual(resourcesFor(web).filter(({name}) => name !== '/etc/nginx/sites-enabled/default'), before);
	}

	t.true(named(resourcesFor(fresh)).includes('file /etc/nginx/sites-enabled/default'));
	t.false(named(resourcesFor(withMine)).includes('file /etc/nginx/sites-enabled/default'), 'what is theirs stays');
});

test('unknown names get no answer, unless a site of the user\'s answers to them', t => {
	t.regex(textOf(resourcesFor(fresh), shared), /listen 80 default_server;\n\tlisten \[::\]:80 default_server;[^]*return 444;/);
	const beside = textOf(resourcesFor(withMine), shared);
	t.notRegex(beside, /\bserver \{/);
	t.regex(beside, /^client_header_timeout 10s;$/m);
	t.notRegex(textOf(resourcesFor({...withMine, settings: ['client_header_timeout']}), shared), /client_header_timeout/);
	t.deepEqual(webStep.warnings!(facts({web: withMine}), answersWith({domains: ['a.example']})), ['/etc/nginx/sites-enabled/mine answers to every name that no other site has, and goes on doing so.']);
});

test('where nginx listens', t => {
	const at = (servers: WebFacts['servers'], ipv6 = true) => facts({web: {...debian, servers}, firewall: {...facts().firewall, ipv6}});
	t.deepEqual(listensFor(at([]), 80), ['80', '[::]:80']);
	t.deepEqual(listensFor(at([], false), 80), ['80']);
	t.deepEqual(listensFor(at([site('a', ['203.0.113.7:80', '443'])]), 80), ['80', '[::]:80', '203.0.113.7:80'], 'nginx asks only the sites of that address there');
	t.deepEqual(listensFor(at([site('a', ['[::]:80 ipv6only=off'])]), 80), ['[::]:80']);
	t.deepEqual(defaultListensFor(at([site('a', ['80 default_server'])]), 80), ['[::]:80']);
	t.deepEqual(defaultListensFor(at([site('a', ['443 default_server'])]), 80), ['80', '[::]:80']);
});

test('names: those that were asked for, or any address', t => {
	t.regex(textOf(resourcesFor(debian, answersWith({domains: ['a.example', 'www.a.example']})), vhost), /server_name a\.example www\.a\.example;/);
	t.regex(textOf(resourcesFor(debian), vhost), /server_name localhost "~\^\\d\{1,3}/);
	const long = `${'a'.repeat(60)}.example`;
	t.regex(textOf(resourcesFor(debian, answersWith({domains: [long]})), shared), /^server_names_hash_bucket_size 128;$/m);
	t.notRegex(textOf(resourcesFor({...debian, settings: ['server_names_hash_bucket_size']}, answersWith({domains: [long]})), shared), /bucket_size/);
	const error = t.throws(() => resourcesFor(withMine, answersWith({domains: ['mine.example']})), {name: 'Problem'});
	t.is(error?.message, 'mine.example is already served by /etc/nginx/sites-enabled/mine.');
});

test('headers: completed, of one mind, and only tried out where that was asked for', t => {
	const policy = (contentSecurityPolicy: string, cspReportOnly = false) => headersFor({contentSecurityPolicy, cspReportOnly});
	const own = 'frame-ancestors $harden_frame_ancestors';
	t.deepEqual(policy('default-src \'self\''), {policy: `default-src 'self'; object-src 'none'; base-uri 'self'; ${own}`, reportOnly: '', frameOptions: 'DENY'});
	t.deepEqual(policy(' object-src *;  frame-ancestors \'self\' ; base-uri \'none\';'), {policy: 'object-src *; frame-ancestors \'self\'; base-uri \'none\'', reportOnly: '', frameOptions: 'SAMEORIGIN'});
	t.is(policy('frame-ancestors https://a.example').frameOptions, '');
	t.deepEqual(policy('img-src *', true), {policy: own, reportOnly: 'img-src *; object-src \'none\'; base-uri \'self\'', frameOptions: 'DENY'});
});

test('the application firewall: off takes its files away, its limit is nginx\'s, rules go by path', t => {
	const off = resourcesFor(debian, answersWith({waf: 'off'}));
	t.deepEqual(off.filter(({name, desired}) => name.includes('waf') && desired === null).map(({name}) => name), ['server.d/50-waf.conf', 'waf/main.conf', 'waf/exclusions.conf'].map(name => `/etc/nginx/harden/shop/${name}`));
	t.false(named(off).includes('package modsecurity-crs'));
	const detect = textOf(resourcesFor(debian), '/etc/nginx/harden/shop/waf/main.conf');
	t.regex(detect, /^SecRuleEngine DetectionOnly$/m);
	t.regex(detect, /^SecRequestBodyLimit 10485760$/m);
	t.regex(detect, /^SecAuditLog \/var\/log\/nginx\/shop-waf\.json$/m);
	t.regex(detect, /ruleRemoveById=920350/);
	const block = resourcesFor(debian, answersWith({waf: 'block', maxBodySize: '512k', domains: ['a.example'], wafExclusions: [{rule: 942_100, path: '/search'}]}));
	const rules = textOf(block, '/etc/nginx/harden/shop/waf/main.conf');
	t.regex(rules, /^SecRuleEngine On$/m);
	t.regex(rules, /^SecRequestBodyLimit 524288$/m);
	t.notRegex(rules, /920350/);
	t.regex(textOf(block, '/etc/nginx/harden/shop/waf/exclusions.conf'), /^SecRule REQUEST_FILENAME "@beginsWith \/search" "id:11000,.*ctl:ruleRemoveById=942100"$/m);
	t.throws(() => resourcesFor({...debian, settings: ['modsecurity_rules_file']}), {name: 'Problem', message: /for every site already/});
	t.notThrows(() => resourcesFor({...debian, settings: ['modsecurity_rules_file']}, answersWith({waf: 'off'})));
});

test('the application firewall lets the staff of a Django app write, where its admin site is', t => {
	const exclusions = (source: Record<string, unknown>, files: Record<string, string> = {}) => textOf(
		webStep.resources(facts({web: debian, app: {...facts().app, code: {path: '/opt/shop', files, hasSourceFolder: false}}}), answersWith({}, {app: {name: 'shop', source}})),
		'/etc/nginx/harden/shop/waf/exclusions.conf',
	);
	const settings = {'shop/settings.py': 'ROOT_URLCONF = "shop.urls"\n'};
	const path = {path: '/opt/shop'};
	t.regex(exclusions({sample: 'django'}), /@rx \^\/admin\/\\w/);
	t.regex(exclusions(path, {...settings, 'shop/urls.py': 'urlpatterns = [\n    path(\'back-office/\', admin.site.urls),\n]\n'}), /@rx \^\/back-office\/\\w/);
	t.regex(exclusions(path, {'src/conf/settings/base.py': 'ROOT_URLCONF = \'conf.urls\'\n', 'src/conf/urls.py': '    path("a/b/", admin.site.urls),\n'}), /@rx \^\/a\/b\/\\w/);
	for (const urls of ['    path("ad.*min/", admin.site.urls)', '    path("", admin.site.urls)', '    # path("admin/", admin.site.urls)', '    path("admin/" "id:1", admin.site.urls)']) {
		t.notRegex(exclusions(path, {...settings, 'shop/urls.py': `${urls}\n`}), /attack-sqli/, urls);
	}

	t.notRegex(exclusions(path, {...settings, 'other/urls.py': '    path("admin/", admin.site.urls)\n'}), /attack-sqli/);
	t.notRegex(exclusions({sample: 'flask'}), /attack-sqli/);
	t.notRegex(exclusions(path), /attack-sqli/);
});

test('jails only where Fail2Ban is in force, and whoever it spares is spared here', t => {
	const resources = webStep.resources(facts({web: debian}), answersWith({}, {fail2ban: {maxRetry: 7, ignore: ['203.0.113.99']}}));
	const jail = textOf(resources, '/etc/fail2ban/jail.d/60-harden-shop.local');
	t.regex(jail, /^\[harden-shop-scan]$[^]*^maxretry = 7$/m);
	t.regex(jail, /^ignoreip = .*198\.51\.100\.7 203\.0\.113\.99$/m);
	t.is(resources.filter(({reload}) => reload?.unit === 'fail2ban.service').length, 3);
});

test('fit, or not', t => {
	t.is(webStep.unfit!(facts({web: nothing}), {version: 1}), undefined);
	t.is(webStep.unfit!(facts({web: debian, listeners: [{protocol: 'tcp', address: '*', port: 80, program: 'nginx'}]}), {version: 1}), undefined);
	t.regex(webStep.unfit!(facts({web: nothing, listeners: [{protocol: 'tcp', address: '*', port: 80, program: 'apache2'}]}), {version: 1})!, /apache2 listens on port 80/);
	t.regex(webStep.unfit!(facts({web: {...debian, includes: ['/etc/nginx/conf.d/*.conf']}}), {version: 1})!, /sites-enabled/);
});

test('SELinux in the way is told, where it refuses', t => {
	const told = (selinux?: {enforcing: boolean; semanage: boolean}) => {
		const {permissions, ...others} = facts({web: debian});
		return webStep.warnings!({...others, permissions: {...permissions, kernel: {...permissions.kernel, ...selinux && {selinux}}}}, answersWith({domains: ['a.example']})).join('\n');
	};

	t.regex(told({enforcing: true, semanage: true}), /does not let nginx reach the app/);
	t.notRegex(told({enforcing: false, semanage: true}) + told(), /SELinux/);
});

test('port 80 closed is told, with the way out', t => {
	const closed = facts({web: debian, firewall: {...facts().firewall, backend: 'ufw', ufw: {...facts().firewall.ufw, enabled: true, incoming: 'deny'}}});
	t.regex(webStep.warnings!(closed, answersWith({domains: ['a.example']})).join('\n'), /Port 80 is closed[^\n]*sudo ufw allow 80\/tcp/);
	t.deepEqual(webStep.exposure!(closed, answersWith()), [{what: '80 nginx', before: 'nothing listens', after: 'nobody'}]);
});

const ask = (web: WebFacts, answers = answersWith()) => webStep.questions(facts({web}), answers);
const question = (id: string) => ask(debian).find(entry => entry.id === id) as Extract<Question, {kind: 'text'}>;

test('questions: Enter all the way is a good server', t => {
	t.deepEqual(ask(debian).map(({id, default: value}) => [id, value]), [['web.domains', ''], ['web.maxBodySize', '10m'], ['web.contentSecurityPolicy', 'default-src \'self\''], ['web.cspReportOnly', false], ['web.waf', 'detect']]);
	const own = {...answersWith(), app: {...answersWith().app!, source: {path: '/srv/src'}}};
	t.true(ask(debian, own).find(({id}) => id === 'web.cspReportOnly')?.default, 'of code that we do not know, the policy is tried out first');
	t.regex(webStep.remember!(facts({web: debian}), {...own, web: {...own.web!, cspReportOnly: true}}).join('\n'), /only tried out so far/);
	t.deepEqual(question('web.domains').parse('Shop.Example.com,  www.shop.example.com shop.example.com'), ['shop.example.com', 'www.shop.example.com']);
	t.is(question('web.domains').validate(''), undefined);
	for (const wrong of ['https://a.example', 'a.example/x', 'localhost', 'a.example;', '*.a.example', '203.0.113.7', 'a_b.example', '-a.example']) {
		t.regex(question('web.domains').validate(wrong)!, /no name of a server/, wrong);
	}
});

test('questions: rules that spoke can be left out, and those that are stay chosen', t => {
	const findings = {shop: [{rule: 942_100, path: '/search', count: 3, message: 'SQL'}, {rule: 941_100, path: '/a b"', count: 2, message: 'XSS'}, {rule: 930_100, path: '/x', count: 1, message: 'LFI'}]};
	const chosen = [{rule: 930_100, path: '/x'}];
	const last = ask({...debian, findings}, answersWith({wafExclusions: chosen})).at(-1) as Extract<Question, {kind: 'checkbox'}>;
	t.is(last.id, 'web.wafExclusions');
	t.deepEqual(last.choices.map(({value}) => value), [...chosen, {rule: 942_100, path: '/search'}], 'a path that no rule could be written for is not offered');
	t.true(last.default.every(value => last.choices.some(choice => choice.value === value)));
	t.is(ask({...debian, findings}, answersWith({waf: 'off'})).at(-1)!.id, 'web.waf');
});

const wrongAnswers: ReadonlyArray<Record<string, unknown>> = [
	{domains: ['a.example; include /etc/passwd']},
	{domains: ['a.example', 'a.example']},
	{maxBodySize: '10'},
	{maxBodySize: '10m; x'},
	{maxBodySize: '9g'},
	{contentSecurityPolicy: 'default-src "x"'},
	{contentSecurityPolicy: 'default-src $x'},
	{contentSecurityPolicy: 'defualt-src *'},
	{contentSecurityPolicy: 'img-src *; img-src *'},
	{contentSecurityPolicy: ''},
	{wafExclusions: [{rule: 942_100, path: '/a" "id:1'}]},
	{wafExclusions: [{rule: 1, path: '/'}]},
	{hsts: -1},
	{requestsPerSecond: 0},
];

for (const wrong of wrongAnswers) {
	test(`answers that do not get into nginx's files: ${JSON.stringify(wrong)}`, t => {
		t.false(answersSchema.safeParse({web: wrong}).success);
	});
}

test('what curl heard', t => {
	const {status, headers} = parseAnswer('HTTP/1.1 100 Continue\r\n\r\nHTTP/2 413 \r\nServer: nginx\r\nContent-Security-Policy: a: b\r\nX: 1\r\nx: 2\r\n\r\n');
	t.is(status, 413);
	t.deepEqual([...headers], [['server', ['nginx']], ['content-security-policy', ['a: b']], ['x', ['1', '2']]]);
	t.is(parseAnswer('').status, 0);
});
