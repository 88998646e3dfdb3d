import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {loadAnswers} from '../../source/complete-answers.ts';
import {parseNginx} from '../../source/engine/nginx-config.ts';
import type {Facts, FirewallRule} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {firstCertificate, isDue, parseDates} from '../../steps/https/check-certificate.ts';
import {httpsStep} from '../../steps/https/index.ts';
import {hasHttp2Directive} from '../../steps/https/settings.ts';
import {parseHandshake, parseHeaders} from '../../steps/https/tls-client.ts';
import {facts as someFacts} from './ssh-facts.ts';

const facts = (changes: Partial<Facts> = {}) => someFacts({packages: {nginx: '1.26.3-3+deb13u1'}, ...changes});

const twoDomains = {domains: ['shop.example.com', 'www.example.com']};

function answers(https: Record<string, unknown> = {}, web: Record<string, unknown> = twoDomains): Answers {
	return answersSchema.parse({app: {name: 'my-shop'}, web, https});
}

const named = (resources: readonly Resource[]) => resources.map(({type, name, desired}) => `${desired === null ? 'no ' : ''}${type} ${name}`);

function contentOf(resources: readonly Resource[], name: string): string {
	const found = resources.find(resource => resource.type === 'file' && resource.name === name);
	return (found?.desired as {content: string} | undefined)?.content ?? '';
}

function ufw(...rules: FirewallRule[]): Facts['firewall'] {
	const {firewall} = facts();
	return {...firewall, backend: 'ufw', ufw: {...firewall.ufw, installed: true, enabled: true, incoming: 'deny', rules}};
}

const letIn = (port: number, from = 'any'): FirewallRule => ({action: 'allow', port, protocol: 'tcp', from});

const header = ['file /etc/nginx/conf.d/10-harden-hsts.conf', 'file /etc/nginx/harden/my-shop/headers.d/hsts.conf'];
const noRamp = ['unit harden-hsts.timer', 'no file /etc/systemd/system/harden-hsts.timer', 'no file /etc/systemd/system/harden-hsts.service', 'no file /usr/local/sbin/harden-hsts', 'no seed /var/lib/harden-hsts/my-shop.conf'];
const noHeader = ['no file /etc/nginx/harden/my-shop/headers.d/hsts.conf', 'no file /etc/nginx/conf.d/10-harden-hsts.conf', ...noRamp];
const site = ['file /etc/nginx/sites-available/my-shop-tls', 'file /etc/nginx/sites-enabled/my-shop-tls'];
const tls = 'file /etc/nginx/harden/my-shop/tls.d/10-tls.conf';
const unknown = 'file /etc/nginx/conf.d/01-harden-tls.conf';
const redirect = 'file /etc/nginx/harden/my-shop/http.d/10-redirect.conf';
const ramp = {
	before: ['directory /var/lib/harden-hsts', 'seed /var/lib/harden-hsts/my-shop.conf'],
	after: ['file /usr/local/sbin/harden-hsts', 'file /etc/systemd/system/harden-hsts.service', 'file /etc/systemd/system/harden-hsts.timer', 'unit harden-hsts.timer'],
};
const byAuthority = (directory: string) => ['package curl', 'package certbot', 'package openssl', 'file /usr/local/sbin/harden-certificate-renewed', 'no file /etc/systemd/system/certbot.service.d/50-harden-python-vps.conf', `acme-account ${directory}`, 'certificate my-shop', 'unit certbot.timer'];
const selfSigned = ['package curl', 'package openssl', 'certificate my-shop/self-signed'];
const last = [redirect, 'no certificate my-shop/self-signed'];
const production = 'https://acme-v02.api.letsencrypt.org/directory';
const staging = 'https://acme-staging-v02.api.letsencrypt.org/directory';

// The order is what keeps Nginx content after each single change: a certificate before who serves it, a variable before who
// uses it, and whoever sends visitors to https last.
const table: ReadonlyArray<[title: string, answers: Answers, expected: readonly string[]]> = [
	['defaults with a domain', answers(), [...byAuthority(production), tls, unknown, ...site, ...ramp.before, ...header, ...ramp.after, ...last]],
	['so many seconds', answers({}, {domains: ['shop.example.com'], hsts: 600}), [...byAuthority(production), tls, unknown, ...site, ...header, ...noRamp, ...last]],
	['no promise to browsers', answers({}, {domains: ['shop.example.com'], hsts: 'off'}), [...byAuthority(production), tls, unknown, ...site, ...noHeader, ...last]],
	['practice is nothing to promise on', answers({directory: 'letsencrypt-staging'}), [...byAuthority(staging), tls, unknown, ...site, ...noHeader, ...last]],
	['self-signed for a domain', answers({directory: 'self-signed'}), [...selfSigned, tls, unknown, ...site, ...noHeader, redirect]],
	['no domain: self-signed whatever was asked for, and it answers every name', answers({}, {}), [...selfSigned, tls, `no ${unknown}`, ...site, ...noHeader, redirect]],
	['nothing without an app', answersSchema.parse({web: {}, https: {}}), []],
];

for (const [title, given, expected] of table) {
	test(`resources: ${title}`, t => {
		t.deepEqual(named(httpsStep.resources(facts(), given)), [...expected]);
	});
}

test('a private authority: its root certificates go to the client and to renewals, and nowhere else', t => {
	const resources = httpsStep.resources(facts(), answers({directory: 'https://ca.internal:9000/acme/acme/directory', caFile: '/etc/ssl/own.pem'}, {domains: ['shop.internal']}));
	t.true(named(resources).includes('directory /etc/systemd/system/certbot.service.d'));
	const dropIn = contentOf(resources, '/etc/systemd/system/certbot.service.d/50-harden-python-vps.conf');
	t.regex(dropIn, /^ExecStartPre=\/bin\/sh -c 'cat \/etc\/ssl\/certs\/ca-certificates\.crt "\$1" >\/run\/harden-acme\/ca\.pem' acme \/etc\/ssl\/own\.pem$/m);
	t.like(resources.find(({type}) => type === 'certificate')?.desired, {domains: ['shop.internal'], directory: 'https://ca.internal:9000/acme/acme/directory', keyType: 'ecdsa', caFile: '/etc/ssl/own.pem'});
});

test('HTTP/2 in the words of each Nginx', t => {
	const old = {packages: {nginx: '1.22.1-9+deb12u1'}};
	const before = contentOf(httpsStep.resources(facts(old), answers()), '/etc/nginx/sites-available/my-shop-tls');
	t.regex(before, /^\tlisten 443 ssl http2;\n\tlisten \[::]:443 ssl http2;$/m);
	t.notRegex(before, /http2 on/);
	const after = contentOf(httpsStep.resources(facts(), answers()), '/etc/nginx/sites-available/my-shop-tls');
	t.regex(after, /^\tlisten 443 ssl;\n\tlisten \[::]:443 ssl;\n\thttp2 on;$/m);
	const os = (codename: string) => ({id: 'debian', versionId: '', codename, prettyName: ''});
	for (const [version, codename, expected] of [['1.22.1-9', 'trixie', false], ['1.25.0-1~bookworm', 'bookworm', false], ['1.25.1-1~bookworm', 'bookworm', true], ['1:1.27.4-1', 'bookworm', true], ['2.0', 'trixie', true], [undefined, 'bookworm', false], [undefined, 'trixie', true]] as const) {
		t.is(hasHttp2Directive(facts({packages: version === undefined ? {} : {nginx: version}, os: os(codename)})), expected, version);
	}
});

test('a site of the user\'s that answers unknown names stays the one that does', t => {
	const listens = [{address: '*', port: 443, defaultServer: true, ssl: true, both: false}, {address: '[::]', port: 443, defaultServer: true, ssl: true, both: false}];
	const taken = facts({web: {...facts().web, installed: true, servers: [{file: '/etc/nginx/sites-enabled/blog', listens, names: ['blog.example.com']}]}});
	t.false(named(httpsStep.resources(taken, answers())).includes(unknown));
	t.regex(httpsStep.warnings!(taken, answers()).join('\n'), /A site of yours is the one that answers unknown names/);
	t.notRegex(contentOf(httpsStep.resources(taken, answers({}, {})), '/etc/nginx/sites-available/my-shop-tls'), /default_server/);
	t.regex(contentOf(httpsStep.resources(facts(), answers({}, {})), '/etc/nginx/sites-available/my-shop-tls'), /listen 443 ssl default_server;/);
	const withoutIpv6 = facts({firewall: {...facts().firewall, ipv6: false}});
	t.notRegex(contentOf(httpsStep.resources(withoutIpv6, answers()), unknown.slice(5)), /::/);
});

test('every file for Nginx is whole, and says whose it is', t => {
	const resources = [{domains: ['a.example.com'], hsts: 'ramp'}, {domains: ['a.example.com'], hsts: 9}, {}].flatMap(web => httpsStep.resources(facts(), answers({}, web)));
	const files = resources.flatMap(({type, name, desired}) => type === 'file' && desired && 'content' in desired && name.startsWith('/etc/nginx/') ? [{name, content: desired.content}] : []);
	t.true(files.length > 10);
	for (const {name, content} of files) {
		t.true(content.startsWith('# Written by harden-python-vps'), name);
		t.true(parseNginx(content).length > 0, name);
		t.notRegex(content, /\{\{|undefined|\n{3}/, name);
	}
});

test('HSTS: each app has a variable of its own; no subdomains, no preload', t => {
	const resources = httpsStep.resources(facts(), answers({}, {domains: ['a.example.com'], hsts: 600}));
	const [map, line] = ['/etc/nginx/conf.d/10-harden-hsts.conf', '/etc/nginx/harden/my-shop/headers.d/hsts.conf'].map(name => contentOf(resources, name));
	t.regex(map!, /^map \$https \$harden_hsts_my_shop \{\n\tdefault "";\n\ton "max-age=600";\n\}$/m);
	t.regex(line!, /^add_header Strict-Transport-Security \$harden_hsts_my_shop always;$/m);
	t.regex(contentOf(httpsStep.resources(facts(), answers()), '/etc/nginx/conf.d/10-harden-hsts.conf'), /^\tinclude \/var\/lib\/harden-hsts\/my-shop\[\.]conf;$/m);
	for (const {desired} of resources) {
		t.notRegex(JSON.stringify(desired), /includeSubDomains|preload/i);
	}
});

const impossible: ReadonlyArray<[title: string, facts: Facts, answers: Answers, message: RegExp, wayOut: RegExp]> = [
	['a name that is nobody\'s', facts(), answers({}, {domains: ['shop.example.com', 'shop.test']}), /no certificate for shop\.test/, /web\.domains/],
	['port 80 is closed, and practice needs it too', facts({firewall: ufw(letIn(22), letIn(443))}), answers({directory: 'letsencrypt-staging'}), /lets nobody in on port 80/, /ufw allow 80\/tcp/],
	['port 80 is closed in firewalld', facts({firewall: {...facts().firewall, backend: 'firewalld', firewalld: {installed: true, enabled: true, zone: 'public', incoming: 'reject', rules: [], foreign: []}}}), answers(), /lets nobody in on port 80/, /firewall-cmd --permanent --add-port=80\/tcp/],
];

for (const [title, given, asked, message, wayOut] of impossible) {
	test(`not possible: ${title}`, t => {
		const error = t.throws(() => httpsStep.resources(given, asked), {instanceOf: Problem});
		t.regex(error.message, message);
		t.regex(error.wayOut, wayOut);
	});
}

const told: ReadonlyArray<[title: string, facts: Facts, answers: Answers, warnings: readonly RegExp[]]> = [
	['nothing to tell', facts({firewall: ufw(letIn(80), letIn(443))}), answers(), []],
	['443 is closed', facts({firewall: ufw(letIn(80))}), answers(), [/nobody in on port 443.*ufw allow 443\/tcp/]],
	['80 is for some', facts({firewall: ufw(letIn(80, '203.0.113.0/24'), letIn(443))}), answers(), [/only some addresses/]],
	['self-signed with 80 closed', facts({firewall: ufw(letIn(443))}), answers({directory: 'self-signed'}), [/Self-signed/]],
	['practice', facts(), answers({directory: 'letsencrypt-staging'}), [/practice server/]],
	['a year at once', facts(), answers({}, {domains: ['shop.example.com'], hsts: 31_536_000}), [/365 days/]],
];

for (const [title, given, asked, warnings] of told) {
	test(`warnings: ${title}`, t => {
		const found = httpsStep.warnings!(given, asked);
		t.is(found.length, warnings.length, found.join('\n'));
		for (const [index, pattern] of warnings.entries()) {
			t.regex(found[index]!, pattern);
		}
	});
}

test('Enter through the questions gives what fits: an authority for a name, self-signed where none would vouch', t => {
	const asked = (given: Answers) => httpsStep.questions(facts(), given).map(({id, default: value}) => `${id} ${String(value)}`);
	t.deepEqual(asked(answers()), ['https.directory letsencrypt', 'https.email ']);
	t.deepEqual(asked(answers({directory: 'self-signed'})), ['https.directory self-signed']);
	t.deepEqual(asked(answers({}, {})), ['https.directory self-signed']);
	t.deepEqual(asked(answers({}, {domains: ['shop.test']})).slice(0, 1), ['https.directory self-signed']);
	const own = answers({directory: 'https://ca.internal/acme/directory'}, {domains: ['shop.internal']});
	t.deepEqual(asked(own), ['https.directory https://ca.internal/acme/directory', 'https.email ']);
	const [question] = httpsStep.questions(facts(), own);
	t.true(question?.kind === 'select' && question.choices.some(({value}) => value === 'https://ca.internal/acme/directory'));
	const [, email] = httpsStep.questions(facts(), answers());
	t.true(email?.kind === 'text' && email.validate('ops@example.com') === undefined && email.validate('') === undefined && email.validate('ops@example.com\nserver = x') !== undefined && email.validate('--staging') !== undefined);
});

for (const value of ['http://ca.internal/directory', 'https://ca.internal', 'https://ca.internal/', 'https://a b/c', 'https://ca.internal/a;b', 'https://ca.internal/../x', 'https://u:p@ca.internal/d', 'https://ca.internal/%0a', '--staging', 'https://ca.internal/d?x=1']) {
	test(`no directory: ${value}`, t => {
		t.throws(() => loadAnswers(`https: {directory: ${JSON.stringify(value)}}`, 'x'), {instanceOf: Problem, message: /https\.directory/});
	});
}

test('directories that are fine', t => {
	for (const value of ['https://acme.zerossl.com/v2/DV90', 'https://203.0.113.1:14000/dir', 'https://[2001:db8::1]:9000/acme/a/directory', 'https://dv.acme-v02.api.pki.goog/directory']) {
		t.is(loadAnswers(`https: {directory: ${JSON.stringify(value)}}`, 'x').https?.directory, value);
	}

	t.throws(() => loadAnswers('https: {caFile: "/etc/a b"}', 'x'), {message: /caFile/});
	t.throws(() => loadAnswers('https: {email: "a@b.example, c@d.example"}', 'x'), {message: /email/});
});

test('what openssl and curl say is understood', t => {
	const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
	t.deepEqual(parseHandshake(`CONNECTED(00000003)\n---\n${pem}\n${pem}\n---\nNew, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nVerify return code: 0 (ok)\n---\n`), {chain: [pem, pem], protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verdict: '0 (ok)', ticket: false, words: ''});
	t.true(parseHandshake(`${pem}\nNew, TLSv1.2, Cipher is X\n    TLS session ticket:\n    0000 - 61`).ticket);
	t.like(parseHandshake('New, (NONE), Cipher is (NONE)\n40:error:0A00042E:SSL routines::tlsv1 alert protocol version:x'), {chain: [], protocol: undefined, words: '40:error:0A00042E:SSL routines::tlsv1 alert protocol version:x'});
	t.deepEqual([...parseHeaders('HTTP/2 200 \r\nServer: nginx\r\nX-A: 1\r\nx-a: 2\r\n\r\n\n200 2 ')], [['server', ['nginx']], ['x-a', ['1', '2']]]);
	t.is(firstCertificate(`key\n${pem}\n${pem}\n`), pem);
	t.is(firstCertificate('none'), undefined);
	t.is(parseDates('notBefore=nonsense'), undefined);
	const dates = parseDates('notBefore=Nov 25 01:00:26 2026 GMT\nnotAfter=Feb 23 01:00:26 2027 GMT')!;
	t.is(dates.end - dates.begin, 90 * 86_400_000);
	const day = 86_400_000;
	t.false(isDue(dates, dates.end - (21 * day)));
	t.true(isDue(dates, dates.end - (19 * day)));
	t.false(isDue({begin: 0, end: 6 * day}, 4 * day));
	t.true(isDue({begin: 0, end: 6 * day}, 5 * day));
});
