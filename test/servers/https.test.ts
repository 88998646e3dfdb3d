import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {startAuthority} from '../vps/acme.ts';
import {installMissing} from '../vps/host.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {certificates} from '../vps/sets.ts';
import {sh} from './with-providers.ts';
import {watchingNginx} from './web-world.ts';

/** The HTTPS step by the whole tool, judged from another machine. `npm run build` has to have been run. */

const name = 'shop.example.test';

/** An app that says what it heard. */
const standIn = `import http.server, json, os, socketserver
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({key.lower(): value for key, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.do_GET()
    def address_string(self):
        return 'unix'
os.makedirs('/run/shop', exist_ok=True)
if os.path.exists('/run/shop/gunicorn.sock'):
    os.remove('/run/shop/gunicorn.sock')
server = socketserver.ThreadingUnixStreamServer('/run/shop/gunicorn.sock', Handler)
os.chmod('/run/shop/gunicorn.sock', 0o666)
server.serve_forever()
`;

/** The app as if its step had been taken. */
async function prepare(server: Server): Promise<void> {
	await server.write('/root/app.py', standIn);
	await server.write('/etc/systemd/system/shop.service', '[Service]\nExecStart=/usr/bin/python3 /root/app.py\n[Install]\nWantedBy=multi-user.target\n');
	await sh(server, 'mkdir -p /etc/harden/shop /var/lib/shop/static /var/lib/shop/media; systemctl daemon-reload; systemctl enable --quiet --now shop');
	await installTool(server);
	const session = {version: 1, answers: {version: 1, app: {name: 'shop'}}, chosen: ['app'], done: ['app'], skipped: [], finished: true, updatedAt: '2026-11-01T00:00:00Z'};
	await server.write('/var/lib/harden-python-vps/session.json', JSON.stringify(session), {mode: 0o600});
	await sh(server, 'chmod 0700 /var/lib/harden-python-vps; apt-get update -q >/dev/null');
}

async function applied(t: ExecutionContext, server: Server, answers: AnswersFile, steps: string): Promise<string> {
	const file = await writeAnswers(server, {version: 1, app: {name: 'shop'}, ...answers});
	const output = await tool(server, ['--answers', file, '--yes', '--only', steps]);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

/** A request from another machine. `trust` is a file of root certificates; without one any certificate will do. */
async function ask(server: Server, url: string, {trust, family = 'ipv4', options = [], input}: {trust?: string; family?: 'ipv4' | 'ipv6'; options?: readonly string[]; input?: string} = {}) {
	const from = await server.network.admin();
	const address = family === 'ipv4' ? server.addresses.ipv4 : `[${server.addresses.ipv6}]`;
	const {stdout, exitCode} = await from.run([
		'curl', '--silent', '--max-time', '30', ...trust === undefined ? ['--insecure'] : ['--cacert', trust], '--connect-to', `::${address}:`, '--dump-header', '-',
		'--write-out', String.raw`\n%{http_code} %{http_version} %{num_redirects} %{url_effective}`, ...options, url,
	], {check: false, ...input !== undefined && {input}});
	const lines = stdout.split('\n');
	const [code, version, redirects, effective] = lines.at(-1)!.split(' ');
	const body = lines.at(-2)!;
	return {exitCode, code: Number(code), version, redirects: Number(redirects), effective, body, hsts: /^strict-transport-security: (?<value>.*?)\r?$/im.exec(stdout)?.groups?.['value']};
}

/** An openssl handshake from another machine: what it said. */
async function shake(server: Server, ...options: readonly string[]): Promise<string> {
	const from = await server.network.admin();
	const {stdout, stderr} = await from.run(['openssl', 's_client', '-connect', `${server.addresses.ipv4}:443`, ...options], {check: false, timeout: 20_000});
	return stdout + stderr;
}

/** What testssl.sh says of protocols and ciphers: nothing that it would not call good. */
async function judge(t: ExecutionContext, server: Server): Promise<void> {
	await installMissing({'/usr/bin/testssl': 'testssl.sh', '/usr/bin/hexdump': 'bsdextrautils'});
	const from = await server.network.admin();
	const {stdout} = await from.run(['testssl', '--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--fast', '--protocols', '--std', '--ip', server.addresses.ipv4, `${name}:443`], {timeout: 240_000, check: false});
	const found = Object.fromEntries([...stdout.matchAll(/^ (?<what>\S.*?) {2,}(?<said>(?:not )?offered)/gm)].map(({groups}) => [groups!['what']!, groups!['said']!]));
	const offered = Object.keys(found).filter(what => found[what] === 'offered');
	t.deepEqual(offered.filter(what => !what.startsWith('ALPN')), ['TLS 1.2', 'TLS 1.3', 'Strong encryption (AEAD ciphers)'], stdout);
	t.is(Object.keys(found).length - offered.length, 10, stdout);
}

async function serial(server: Server): Promise<string> {
	const {stdout} = await (await server.network.admin()).run(['openssl', 'x509', '-noout', '-serial'], {input: await shake(server, '-servername', name)});
	return stdout;
}

async function again(t: ExecutionContext, server: Server, steps = 'https'): Promise<void> {
	const {runs} = await status(server);
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', '--only', steps]);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.is((await status(server)).runs.length, runs.length, output.stdout);
}

const ours = [
	{line: /^file \/var\/lib\/harden-python-vps|^file \/root\/answers\.yaml/, because: 'the record of what was done stays'},
	{line: /^file \/etc\/letsencrypt\/(?:accounts|archive|csr|keys|live|renewal|renewal-hooks)(?:\/README|\/pre|\/post|\/deploy)?: was absent, is (?:directory|file .* sha256:2dbc639e)/, because: 'certbot was installed before, and makes its empty folders when it is first run'},
];

onServer('https by an authority: trusted from outside, one hop, renewed, moved on, and undone', {packages: certificates}, async (t, server) => {
	await prepare(server);
	const authority = await startAuthority(server.network, {[name]: server.addresses, 'www.example.test': server.addresses});
	await server.write('/etc/lab-ca.pem', authority.serverCa);
	const web = {domains: [name, 'www.example.test'], waf: 'off'};
	await applied(t, server, {web}, 'web');
	t.is((await ask(server, `http://${name}/`)).code, 200);
	const before = await snapshot(server);
	t.is(await watchingNginx(server, async () => {
		await applied(t, server, {web, https: {directory: authority.directory, caFile: '/etc/lab-ca.pem', email: 'ops@example.com'}}, 'https');
	}), '', 'nginx -t passed at every moment');
	const trust = authority.rootFile;
	for (const family of ['ipv4', 'ipv6'] as const) {
		const secure = await ask(server, `https://${name}/`, {trust, family, options: ['--header', 'X-Forwarded-Proto: http', '--header', 'X-Forwarded-For: 192.0.2.1']});
		t.like(secure, {code: 200, version: '2', hsts: 'max-age=300'});
		t.like(JSON.parse(secure.body), {host: name, 'x-forwarded-proto': 'https', 'x-forwarded-for': (await server.network.admin()).addresses[family]});
		const plain = await ask(server, `http://${name}/a?b=%2F`, {trust, family, options: ['--location']});
		t.like(plain, {code: 200, redirects: 1, effective: `https://${name}/a?b=%2F`});
		t.is((await ask(server, `http://${name}/`, {family})).hsts, undefined);
	}

	t.is((await ask(server, 'https://www.example.test/', {trust})).code, 200);
	t.is((await ask(server, `http://${name}/.well-known/acme-challenge/none`)).code, 404);
	for (const options of [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'], ['-tls1_2', '-cipher', 'AES128-GCM-SHA256']]) {
		t.regex(await shake(server, '-servername', name, ...options), /alert (?:protocol version|handshake failure)/, options.join(' '));
	}

	if (server.release === 'bookworm') {
		await judge(t, server);
	}

	t.regex(await shake(server, '-servername', 'stranger.example'), /unrecognized name/);
	t.regex(await shake(server, '-noservername'), /unrecognized name/);

	// The time that browsers keep to https moves on, one step at a time, and only while the app answers.
	const state = '/var/lib/harden-hsts/shop.conf';
	const move = async (days: number) => sh(server, `touch -d '-${days} days' ${state}; systemctl reset-failed harden-hsts 2>/dev/null || true; systemctl start harden-hsts; journalctl --quiet --output=cat --lines=3 --unit=harden-hsts`);
	// A reload returns a moment before the new workers take over.
	const told = async (value: string) => server.waitFor(`the header to say ${value}`, async () => (await ask(server, `https://${name}/`)).hsts === value);
	t.regex(await move(0), /max-age is 300, for another 24 hours/);
	t.regex(await move(2), /max-age is 86400 from now on/);
	await told('max-age=86400');
	t.regex(await move(2), /max-age is 86400, for another 120 hours/);
	await sh(server, 'systemctl stop shop');
	t.regex(await move(8), /max-age stays 86400: https:\/\/shop\.example\.test\/ answers with 502/);
	await sh(server, 'systemctl start shop; systemctl stop certbot.timer');
	await server.waitFor('the app to answer', async () => (await ask(server, `https://${name}/`)).code === 200);
	t.regex(await move(8), /max-age stays 86400: certbot\.timer does not run/);
	await sh(server, 'systemctl start certbot.timer');
	t.regex(await move(8), /max-age is 31536000 from now on/);
	await told('max-age=31536000');

	// The day has come on which the timer's own service renews.
	const first = await serial(server);
	await sh(server, 'sed -i "s/^# renew_before_expiry.*/renew_before_expiry = 10 years/" /etc/letsencrypt/renewal/shop.conf; systemctl start certbot.service');
	await server.waitFor('the new certificate to be served', async () => await serial(server) !== first);
	t.is((await ask(server, `https://${name}/`, {trust})).code, 200);

	t.is(await sh(server, 'grep -rl --exclude=harden-python-vps.mjs "PRIVATE KEY" /var/lib/harden-python-vps || true'), '', 'no key in the journal');
	// The web server's own checks ask over https as well by now, in HTTP/2.
	const audit = await tool(server, ['audit', '--only', 'web,https', '--json']);
	const verdicts = (JSON.parse(audit.stdout) as {checks: ReadonlyArray<{id: string; status: string}>}).checks;
	t.deepEqual(verdicts.filter(({status: found}) => found !== 'pass').map(({id, status: found}) => `${id} ${found}`), ['web.waf not-run', 'web.waf-log not-run', 'web.jails not-run', 'web.bans not-run', 'https.trusted not-run']);
	const upload = async (size: number) => (await ask(server, `https://${name}/`, {trust, options: ['--data-binary', '@-', '--header', 'Content-Type: application/octet-stream'], input: 'a'.repeat(size)})).code;
	t.is(await upload((10 * 1024 * 1024) + 1), 413);
	t.is(await upload(10 * 1024 * 1024), 200, 'it comes to the app');
	await again(t, server);
	await server.reboot();
	t.is((await ask(server, `https://${name}/`, {trust})).code, 200);
	t.is(await watchingNginx(server, async () => {
		const undo = await tool(server, ['undo', '--step', 'https', '--yes']);
		t.is(undo.exitCode, 0, undo.stdout + undo.stderr);
	}), '', 'nginx -t passed at every moment of the way back');
	// A reload returns a moment before nginx has let go of what it listened on.
	await server.waitFor('port 443 to be closed', async () => await server.probe(443) === 'refused');
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.like(await ask(server, `http://${name}/`), {code: 200, redirects: 0});
});

const blog = `server {
	listen 443 ssl default_server;
	listen [::]:443 ssl default_server;
	server_name blog.example.test;
	ssl_certificate /etc/nginx/blog.pem;
	ssl_certificate_key /etc/nginx/blog.key;
	return 200 "a blog";
}
`;

onServer('self-signed: for a server without a domain, and beside a site of the user\'s own', {packages: certificates}, async (t, server) => {
	await prepare(server);
	await sh(server, 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=blog -days 30 -keyout /etc/nginx/blog.key -out /etc/nginx/blog.pem 2>/dev/null');
	const {ipv4, ipv6} = server.addresses;
	const told = await applied(t, server, {web: {waf: 'off'}, https: {}}, 'web,https');
	t.regex(told, /Self-signed: what is sent is encrypted, but nobody vouches/);
	for (const [family, host] of [['ipv4', ipv4], ['ipv6', `[${ipv6}]`]] as const) {
		t.like(await ask(server, `https://${host}/`, {family}), {code: 200, hsts: undefined});
		t.like(await ask(server, `http://${host}/a`, {family, options: ['--location']}), {code: 200, redirects: 1, effective: `https://${host}/a`});
	}

	t.regex(await shake(server, '-noservername'), /self-signed certificate/);
	t.regex((await server.run(['openssl', 'x509', '-noout', '-ext', 'subjectAltName', '-in', '/etc/harden/shop/self-signed.pem'])).stdout, new RegExp(`IP Address:${ipv4}`));
	t.is((await sh(server, 'stat -c %a /etc/harden/shop/self-signed.pem')), '600');
	await again(t, server, 'web,https');
	const undo = await tool(server, ['undo', '--step', 'https', '--yes']);
	t.is(undo.exitCode, 0, undo.stdout + undo.stderr);
	t.false(await server.exists('/etc/harden/shop/self-signed.pem'));

	// A site that answers unknown names on port 443 goes on doing so.
	await server.write('/etc/nginx/sites-enabled/blog', blog);
	await sh(server, 'nginx -t -q; systemctl restart nginx');
	await applied(t, server, {web: {waf: 'off', domains: [name]}, https: {directory: 'self-signed'}}, 'web,https');
	t.like(await ask(server, `https://${name}/`), {code: 200, hsts: undefined});
	t.regex((await ask(server, `https://${name}/`)).body, /"x-forwarded-proto": "https"/);
	for (const other of ['blog.example.test', 'stranger.example.test']) {
		t.is((await ask(server, `https://${other}/`)).body, 'a blog');
	}
});
