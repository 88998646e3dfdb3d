import test from 'ava';
import {authorityOf, certificateFiles, directoryAddress, isPublicName} from '../../source/engine/certificate.ts';
import type {Argv, Host} from '../../source/engine/types.ts';
import {certbot, explainFailure} from '../../source/host/acme/certbot.ts';
import {parseAlternativeNames, setting} from '../../source/host/acme/lineage.ts';
import {obstacles, type NameSeen} from '../../source/host/acme/obstacles.ts';
import {issueCommands} from '../../source/host/providers/certificate.ts';
import {accountFolder} from '../../source/host/providers/acme-account.ts';
import {emptyHost} from '../empty-host.ts';

const own = ['203.0.113.10', '2001:db8::10'];
const ours = {address: '203.0.113.10', own: true, answer: {kind: 'ours' as const}};
const seen = (changes: Partial<NameSeen>): NameSeen => ({name: 'a.example.com', asked: true, addresses: [ours], authorities: [], ...changes});
const silent = {kind: 'silent' as const, words: 'ETIMEDOUT'};

const table: ReadonlyArray<[title: string, seen: NameSeen, own: readonly string[], expected: readonly RegExp[]]> = [
	['all is well', seen({}), own, []],
	['both families', seen({addresses: [ours, {address: '2001:db8::10', own: true, answer: {kind: 'ours'}}]}), own, []],
	['no record', seen({addresses: []}), own, [/no address in DNS\. Add an A record with 203\.0\.113\.10/]],
	['no answer of DNS', seen({asked: false, addresses: []}), own, [/DNS did not answer.*resolv\.conf/]],
	['somebody else\'s address', seen({addresses: [{address: '192.0.2.1', own: false, answer: {kind: 'other', words: '404'}}]}), own, [/leads to 192\.0\.2\.1, which is not this server \(203\.0\.113\.10\)/]],
	['an old IPv6 record', seen({addresses: [ours, {address: '2001:db8::99', own: false, answer: silent}]}), own, [/2001:db8::99, which is not this server \(2001:db8::10\).*AAAA/]],
	['IPv6 in DNS only', seen({addresses: [ours, {address: '2001:db8::99', own: false, answer: silent}]}), ['203.0.113.10'], [/AAAA record for 2001:db8::99.*no such address.*Take the record away/]],
	['a proxy that passes it on', seen({addresses: [{address: '192.0.2.1', own: false, answer: {kind: 'ours'}}]}), own, []],
	['a proxy that sends to https', seen({addresses: [{address: '192.0.2.1', own: false, answer: {kind: 'redirected', words: 'https://a.example.com/'}}]}), own, []],
	['behind a router that cannot be asked from within', seen({addresses: [{address: '192.0.2.1', own: false, answer: silent}]}), ['10.0.0.5'], []],
	['behind a router, at somebody else\'s', seen({addresses: [{address: '192.0.2.1', own: false, answer: {kind: 'other', words: '200'}}]}), ['10.0.0.5'], [/which is not this server \(10\.0\.0\.5\)/]],
	['nothing on port 80', seen({addresses: [{...ours, answer: {kind: 'silent', words: 'ECONNREFUSED'}}]}), own, [/leads here.*nothing answers there on port 80 \(ECONNREFUSED\)/]],
	['another site took the name', seen({addresses: [{...ours, answer: {kind: 'other', words: '404'}}]}), own, [/Another site of Nginx claims the name/]],
	['another site sends it away', seen({addresses: [{...ours, answer: {kind: 'redirected', words: 'https://b.example.com/'}}]}), own, [/Another site of Nginx claims the name/]],
	['CAA names us', seen({authorities: ['letsencrypt.org', 'other.example']}), own, []],
	['CAA names another', seen({authorities: ['other.example']}), own, [/names other\.example, and not letsencrypt\.org\. Add `0 issue "letsencrypt\.org"`/]],
	['CAA names nobody', seen({authorities: ['']}), own, [/names nobody, and not/]],
];

for (const [title, name, addresses, expected] of table) {
	test(`before the authority is asked: ${title}`, t => {
		const found = obstacles([name], addresses, 'letsencrypt.org');
		t.is(found.length, expected.length, found.join('\n'));
		for (const [index, pattern] of expected.entries()) {
			t.regex(found[index]!, pattern);
		}
	});
}

test('CAA of an authority whose name is not known is left to it', t => {
	t.deepEqual(obstacles([seen({authorities: ['other.example']})], own), []);
});

const words: ReadonlyArray<[output: string, fact: RegExp, wayOut: RegExp]> = [
	['urn:ietf:params:acme:error:rateLimited :: There were too many requests of a given type :: too many failed authorizations (5) for "a.example.com" in the last 1h0m0s', /too many failed tries/, /Wait an hour/],
	['An unexpected error occurred:\nError creating new order :: too many certificates (5) already issued for this exact set of domains in the last 168h0m0s, retry after 2026-11-26', /limit of the authority(?:.|\n)*retry after/, /staging/],
	['Error: urn:ietf:params:acme:error:externalAccountRequired', /external account binding/, /--eab-kid/],
	['Type: connection\nDetail: 203.0.113.10: Fetching http://a/.well-known/: Timeout during connect (likely firewall problem)', /could not come in on port 80/, /provider's console/],
	['Type: unauthorized\nDetail: Invalid response from http://a/.well-known/acme-challenge/x: 404', /somebody else answered/, /IPv6/],
	['Type: dns\nDetail: DNS problem: NXDOMAIN looking up A for a.example.com', /does not find the name in DNS/, /hour/],
	['Type: caa\nDetail: CAA record for a.example.com prevents issuance', /CAA record/, /DNS provider/],
	['requests.exceptions.SSLError: HTTPSConnectionPool(host=\'ca\', port=443): Max retries exceeded with url: /dir (Caused by SSLError(SSLCertVerificationError(1, \'[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed\')))', /does not trust/, /caFile/],
	['requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded with url: /dir (Caused by NewConnectionError)', /could not be reached/, /443/],
	['something new', /certbot did not get it\.\nsomething new/, /Look at what it says/],
];

for (const [output, fact, wayOut] of words) {
	test(`certbot says: ${output.slice(0, 60).replaceAll('\n', ' ')}`, t => {
		const problem = explainFailure(`Saving debug log to /var/log/letsencrypt/letsencrypt.log\n${output}`);
		t.regex(problem.message, fact);
		t.notRegex(problem.message, /Saving debug log/);
		t.regex(problem.wayOut, wayOut);
	});
}

test('Let\'s Encrypt is asked only after a rehearsal; others at once', t => {
	const state = {domains: ['a.example.com', 'b.example.com'], keyType: 'ecdsa' as const};
	const [rehearsal, real, ...more] = issueCommands('shop', {...state, directory: directoryAddress('letsencrypt')});
	t.true(rehearsal?.includes('--dry-run'));
	t.false(rehearsal?.includes('--server'));
	t.false(real?.includes('--dry-run'));
	t.deepEqual(more, []);
	const only = issueCommands('shop', {...state, directory: 'https://ca/dir'});
	t.is(only.length, 1);
	t.regex(only[0]!.join(' '), /^certonly --webroot --webroot-path \/var\/www\/acme --cert-name shop --domain a\.example\.com --domain b\.example\.com .*--server https:\/\/ca\/dir --deploy-hook \/usr\/local\/sbin\/harden-certificate-renewed$/);
});

test('certbot waits for another certbot, and hears of its root certificates in its environment', async t => {
	const calls: Array<{argv: Argv; env?: Readonly<Record<string, string>>}> = [];
	const told: string[] = [];
	const host: Host = {
		...emptyHost,
		async run(argv, options) {
			calls.push({argv, env: options?.env});
			return calls.length === 1 ? {exitCode: 1, stdout: '', stderr: 'Another instance of Certbot is already running.'} : {exitCode: 0, stdout: '', stderr: ''};
		},
	};
	await certbot(host, ['certificates'], {caFile: '/etc/ca.pem', progress(event) {
		told.push(event.type);
	}});
	t.deepEqual(calls, Array.from({length: 2}, () => ({argv: ['certbot', '--non-interactive', 'certificates'] as const, env: {REQUESTS_CA_BUNDLE: '/etc/ca.pem'}})));
	t.deepEqual(told, ['waiting']);
});

test('certbot\'s own files are understood', t => {
	const settings = '# renew_before_expiry = 30 days\n[renewalparams]\naccount = f3\nserver = https://ca/dir\nrenew_hook = /usr/local/sbin/x\n[[webroot_map]]\nserver.example = /var/www\n';
	t.is(setting(settings, 'server'), 'https://ca/dir');
	t.is(setting(settings, 'renew_hook'), '/usr/local/sbin/x');
	t.is(setting(settings, 'key_type'), undefined);
	t.deepEqual(parseAlternativeNames('DNS:a.example, DNS:b.example, IP Address:203.0.113.7, IP Address:2001:DB8:0:0:0:0:0:1'), ['a.example', 'b.example', '203.0.113.7', '2001:db8::1']);
	t.deepEqual(parseAlternativeNames(undefined), []);
	t.is(accountFolder('https://acme-v02.api.letsencrypt.org/directory'), '/etc/letsencrypt/accounts/acme-v02.api.letsencrypt.org/directory');
	t.is(accountFolder('https://203.0.113.1:14000/dir'), '/etc/letsencrypt/accounts/203.0.113.1:14000/dir');
	t.throws(() => accountFolder('http://ca/dir'));
	t.throws(() => accountFolder('https://ca/d%2e;x'));
});

test('names, and who vouches for them', t => {
	t.true(isPublicName('shop.example.com'));
	for (const name of ['localhost', 'shop', 'a.test', 'a.internal', 'router.home.arpa', 'a.example']) {
		t.false(isPublicName(name), name);
	}

	t.is(directoryAddress('letsencrypt'), 'https://acme-v02.api.letsencrypt.org/directory');
	t.is(directoryAddress('https://ca/dir'), 'https://ca/dir');
	t.is(authorityOf('letsencrypt-staging'), 'acme-staging-v02.api.letsencrypt.org');
	t.is(authorityOf('self-signed'), 'self-signed');
	t.deepEqual(certificateFiles('shop'), {chain: '/etc/letsencrypt/live/shop/fullchain.pem', key: '/etc/letsencrypt/live/shop/privkey.pem'});
	t.is(certificateFiles('shop/self-signed').key, '/etc/harden/shop/self-signed.pem');
});
