import type {ExecutionContext} from 'ava';
import {status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {prepare, sh, visitors, watchingNginx} from './web-world.ts';

/** The web step by the whole tool, judged by visitors and attackers from outside. `npm run build` has to have been run. */

const ours = [
	{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'},
	{line: /^running unit shop\./, because: 'the app is started by its first visitor'},
];

async function run(server: Server, web: Record<string, unknown>, ...argv: readonly string[]) {
	// As where the admin has come in over SSH from: never banned.
	const {ipv4} = (await server.network.admin()).addresses;
	const answers: AnswersFile = {version: 1, fail2ban: {ignore: [ipv4]}, web};
	return tool(server, ['--answers', await writeAnswers(server, answers), '--yes', '--only', 'fail2ban,web', ...argv], {timeout: 500_000});
}

async function applied(t: ExecutionContext, server: Server, web: Record<string, unknown>): Promise<string> {
	const output = await run(server, web);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

async function again(t: ExecutionContext, server: Server, web: Record<string, unknown>): Promise<void> {
	const {runs} = await status(server);
	t.regex(await applied(t, server, web), /Web server: nothing to change/);
	t.is((await status(server)).runs.length, runs.length, 'again is nothing');
}

async function undone(t: ExecutionContext, server: Server, before: Snapshot): Promise<void> {
	t.is(await watchingNginx(server, async () => {
		const output = await tool(server, ['undo', '--all', '--yes'], {timeout: 300_000});
		t.is(output.exitCode, 0, output.stdout + output.stderr);
	}), '', 'nginx -t passed at every moment of the way back');
	t.deepEqual(compare(before, await snapshot(server), ours), []);
}

const attacks = [
	{path: '/?q=1%27%20OR%20%271%27=%271'},
	{path: '/page?file=../../../../etc/passwd'},
	{path: '/?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E'},
	{headers: {'user-agent': 'sqlmap/1.8'}},
];

onServer('a blank server: nginx comes, serves the app without a name, detects attacks, and goes again without a trace', {packages: ['python3']}, async (t, server) => {
	await prepare(server);
	const before = await snapshot(server);
	let told = '';
	t.is(await watchingNginx(server, async () => {
		told = await applied(t, server, {});
	}), '', 'nginx -t passed at every moment');
	t.notRegex(told, /Installing the packages changed/, 'everything was shown at first');
	t.regex(told, /sites-enabled\/default/);
	t.regex(told, /No domain is named/);

	const client = await server.network.admin();
	const site = visitors(server, client, server.addresses.ipv4);
	t.deepEqual(await site.statuses({}, {path: '/static/site.css'}, {host: `[${server.addresses.ipv6}]`}, {host: 'evil.example'}, {host: 'evil.example', path: '/.git/config'}), [200, 200, 200, 0, 0]);
	t.deepEqual(await site.statuses(...attacks), [200, 200, 200, 200], 'detection lets through');
	const audit = await tool(server, ['audit', '--only', 'web', '--json']);
	t.is(audit.exitCode, 0, audit.stdout);
	const {checks} = JSON.parse(audit.stdout) as {checks: Array<{id: string; evidence: string}>};
	t.regex(checks.find(({id}) => id === 'web.waf-log')!.evidence, /^4 requests would have been refused\. .*rule 942100 at \/: 1/);
	await again(t, server, {});
	await undone(t, server, before);
	t.deepEqual(await site.statuses({}), [0]);
	await server.reboot();
	t.deepEqual(compare(before, await snapshot(server), ours), []);
});

const host = 'shop.example.test';
const packages = ['nginx', 'libnginx-mod-http-modsecurity', 'modsecurity-crs', 'fail2ban', 'python3-systemd', 'nftables', 'logrotate'];
const block = {domains: [host, 'www.shop.example.test'], maxBodySize: '2m', waf: 'block', wafExclusions: [{rule: 942_100, path: '/search'}]};
const slower = {...block, requestsPerSecond: 1};

onServer('beside a site of the user\'s: headers, limits, floods, slow clients, attacks, bans, and back', {packages}, async (t, server) => {
	await prepare(server);
	await server.write('/etc/nginx/sites-available/mine', 'server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\tserver_name mine.example.test;\n\treturn 200 "mine\\n";\n}\n');
	await sh(server, 'ln -sf ../sites-available/mine /etc/nginx/sites-enabled/mine; rm /etc/nginx/sites-enabled/default; systemctl restart nginx; systemctl disable --quiet --now fail2ban; systemctl reset-failed');
	const before = await snapshot(server);
	const client = await server.network.admin();
	const site = visitors(server, client, host);
	const mine = async () => site.visits({host: 'mine.example.test'}).then(([answer]) => answer!.body);
	t.is(await mine(), 'mine\n');

	let told = '';
	t.is(await watchingNginx(server, async () => {
		told = await applied(t, server, block);
	}), '', 'nginx -t passed at every moment');
	t.regex(told, /mine answers to every name that no other site has/);
	t.is(await mine(), 'mine\n');

	await answersAsItShould(t, server);
	await wafBlocks(t, server);
	await standsFloods(t, server);
	await limitsFloods(t, server);
	await bans(t, server);
	await again(t, server, slower);
	await server.reboot();
	t.deepEqual(await site.statuses({}, {path: '/static/site.css'}, {host: 'mine.example.test'}), [200, 200, 200], 'after a reboot');
	await undone(t, server, before);
	t.is(await mine(), 'mine\n');
});

/** Headers on every answer, the client's own word about itself, hidden files, links, sizes. */
async function answersAsItShould(t: ExecutionContext, server: Server): Promise<void> {
	const site = visitors(server, await server.network.admin(), host);
	const spoofed = {'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-ssl': 'on', forwarded: 'for=192.0.2.1', 'x-forwarded-host': 'evil.example', upgrade: 'h2c'};
	const [page, style, big, hidden, own, media, missing, large] = await site.visits(
		{path: '/page?x=1', headers: spoofed}, {path: '/static/site.css'}, {path: '/static/big.css', headers: {'accept-encoding': 'gzip'}}, {path: '/.git/config'}, {path: '/own', headers: {'accept-encoding': 'gzip'}}, {path: '/media/page.html'}, {path: '/missing'}, {path: '/upload', method: 'POST', padding: (2 * 1024 * 1024) + 1, headers: {'content-type': 'application/octet-stream'}},
	);
	for (const answer of [page, style, big, hidden, media, missing, large]) {
		t.like(answer!.headers, {server: 'nginx', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'strict-origin-when-cross-origin', 'cross-origin-opener-policy': 'same-origin', 'x-xss-protection': '0'});
		t.regex(answer!.headers['content-security-policy']!, /^default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'/);
		t.regex(answer!.headers['permissions-policy']!, /camera=\(\)/);
	}

	t.deepEqual([page, style, hidden, own, media, missing, large].map(answer => answer!.status), [200, 200, 404, 200, 200, 404, 413]);
	t.like(own!.headers, {'content-security-policy': 'default-src \'none\'; script-src \'nonce-1\'', 'x-frame-options': 'SAMEORIGIN', 'x-content-type-options': 'nosniff', 'x-powered-by': undefined, 'content-encoding': undefined}, 'the app knows better, and a page is not compressed');
	t.deepEqual([page, missing, own, style, media].map(answer => answer!.headers['cross-origin-resource-policy']), ['same-origin', 'same-origin', 'same-site', undefined, undefined]);
	t.is(big!.headers['content-encoding'], 'gzip');
	t.regex(media!.headers['content-security-policy']!, /script-src 'none'/);

	const heard = new Map((JSON.parse(page!.body) as {headers: Array<[string, string]>}).headers.map(([name, value]) => [name.toLowerCase(), value]));
	const {ipv4} = (await server.network.admin()).addresses;
	t.deepEqual(['x-forwarded-proto', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'host'].map(name => heard.get(name)), ['http', ipv4, host, ipv4, host]);
	t.deepEqual(['x-forwarded-ssl', 'forwarded', 'proxy', 'upgrade'].filter(name => heard.has(name)), []);

	t.deepEqual(
		await site.statuses({path: '/.env'}, {path: '/a/.svn/entries'}, {path: '/static/.env'}, {path: '/static/link.txt'}, {path: '/.harden/unavailable.html'}, {path: '/.well-known/security.txt'}, {path: '/.well-known/acme-challenge/x'}, {method: 'POST', path: '/upload', padding: 2 * 1024 * 1024, headers: {'content-type': 'application/octet-stream'}}),
		[404, 404, 404, 404, 404, 200, 404, 200],
	);
	await sh(server, 'systemctl stop shop.socket shop.service');
	const [down] = await site.visits({});
	await sh(server, 'systemctl start shop.socket');
	t.is(down!.status, 502);
	t.regex(down!.body, /Back in a moment/);
	t.is(down!.headers['x-content-type-options'], 'nosniff');
}

async function wafBlocks(t: ExecutionContext, server: Server): Promise<void> {
	const site = visitors(server, await server.network.admin(), host);
	t.deepEqual(await site.statuses(...attacks), [403, 403, 403, 403]);
	const form = {'content-type': 'application/x-www-form-urlencoded', cookie: 'csrftoken=Zq0mB6FdAAJx; sessionid=0f3x9y8z7w'};
	const boundary = 'x-boundary-1';
	const part = (name: string, rest: string, content: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n${content}\r\n`;
	const upload = part('csrfmiddlewaretoken', '', 'Zq0mB6FdAAJx') + part('title', '', 'Summer in the mountains') + part('picture', '; filename="summer (1).jpg"\r\nContent-Type: image/jpeg', '\u0001\u0002JFIF'.repeat(5000)) + `--${boundary}--\r\n`;
	t.deepEqual(await site.statuses(
		{method: 'POST', path: '/admin/login/?next=/admin/', headers: form, body: 'csrfmiddlewaretoken=Zq0mB6FdAAJx&username=o%27brien&password=%27%20OR%201%3D1%3B--%20%3Cb%3E&next=%2Fadmin%2F'},
		{method: 'POST', path: '/admin/blog/post/add/', headers: form, body: 'csrfmiddlewaretoken=Zq0mB6FdAAJx&title=Hello+%26+welcome&body=It%27s+a+fine+day.%0D%0ASee+you+%28all%29+at+5%3A30%2C+please%21&published_0=2026-11-25&published_1=06%3A00%3A00&_save=Save'},
		{method: 'POST', path: '/admin/photos/add/', headers: {...form, 'content-type': `multipart/form-data; boundary=${boundary}`}, body: upload},
		{path: '/admin/auth/user/?q=maria&o=1.-2&is_staff__exact=1&_changelist_filters=q%3Da%26p%3D2'},
		{method: 'PUT', path: '/api/items/7', headers: {'content-type': 'application/json'}, body: '{"name": "Tea & more", "tags": ["a", "b"], "price": 4.5}'},
		{method: 'DELETE', path: '/api/items/7'},
		{path: '/search?q=1%27%20OR%20%271%27=%271'},
	), [200, 200, 200, 200, 200, 200, 200], 'what people do is let through, and so is what was left out');
	const log = await sh(server, 'cat /var/log/nginx/shop-waf.json; stat -c "%a %U" /var/log/nginx/shop-waf.json /var/log/nginx/shop.access.log');
	t.regex(log, /942100/);
	t.notRegex(log, /csrftoken|sessionid|%3Cb%3E|<b>/, 'neither cookies nor passwords');
	t.regex(log, /640 www-data\n640 www-data$/);
}

async function standsFloods(t: ExecutionContext, server: Server): Promise<void> {
	const site = visitors(server, await server.network.admin(), host);
	await sh(server, 'systemd-run --quiet --collect --unit=reloads sh -c "while :; do systemctl reload nginx; sleep 0.3; done"');
	const slow = visitors(server, await server.network.client('slow', {ipv4: '198.51.100.66'}), host).slow(20);
	t.deepEqual(await site.load(1000, 50), {200: 1000}, 'while nginx is reloaded again and again');
	await sh(server, 'systemctl stop reloads');
	const seconds = await slow;
	t.is(seconds.length, 20);
	t.true(Math.max(...seconds) < 40, `hung up on after ${Math.max(...seconds)} s`);
}

const flooder = async (server: Server) => server.network.client('flood', {ipv4: '198.51.100.67'});

/** Another answer, another limit: a second apart, after twenty at once. */
async function limitsFloods(t: ExecutionContext, server: Server): Promise<void> {
	t.regex(await applied(t, server, slower), /Web server: making 2 changes/);
	const counts = await visitors(server, await flooder(server), host).load(150, 10, 5000);
	t.true((counts['200'] ?? 0) >= 20 && (counts['429'] ?? 0) > 60, JSON.stringify(counts));
}

/** Robots and floods are turned away by the kernel, and others are served meanwhile. */
async function bans(t: ExecutionContext, server: Server): Promise<void> {
	const attacker = visitors(server, await server.network.attacker(), host);
	const site = visitors(server, await server.network.client('other', {ipv4: '198.51.100.68'}), host);
	t.deepEqual(await attacker.statuses({}), [200]);
	await attacker.visits(...['/wp-login.php', '/.env', '/.git/config', '/missing.php', '/missing/cgi-bin/x', '/wp-admin/setup.php', '/missing.asp'].map(path => ({path})));
	await server.waitFor('the robot to be banned', async () => (await attacker.statuses({}))[0] === 0);
	// The kernel refuses in words only so often a second (icmp_ratelimit).
	await server.waitFor('the robot to be refused', async () => (await server.probe(80, {from: await server.network.attacker()})) === 'refused');
	t.is(await server.probe(22, {from: await server.network.attacker()}), 'open');
	await server.waitFor('the flood to be banned', async () => (await server.probe(80, {from: await flooder(server)})) === 'refused');
	t.deepEqual(await site.statuses({}), [200]);
	const told = await sh(server, 'fail2ban-client status harden-shop-scan; fail2ban-client status harden-shop-refused');
	t.regex(told, /Banned IP list:\s+198\.51\.100\.\d+\n[^]*198\.51\.100\.67/);
	await sh(server, 'fail2ban-client unban --all');
}
