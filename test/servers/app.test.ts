import type {ExecutionContext} from 'ava';
import {manage as manageOn} from '../../source/engine/manage.ts';
import {snippet} from '../../source/snippet.ts';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {packagesForFastApi, serveFastApi, serveWheels, wheelsOnServer} from '../vps/wheels.ts';
import {emptyHost} from '../empty-host.ts';
import {makeStaff, staffAtWork} from './staff.ts';

/** The app step by the whole tool, with real packages from a folder on the server. `npm run build` has to have been run. */

const packages = ['git', 'python3-venv'];
const ours = [{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'}];

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 120_000})).stdout;

async function run(server: Server, answers: AnswersFile, step = 'app') {
	const file = await writeAnswers(server, {version: 1, ...answers});
	return tool(server, ['--answers', file, '--yes', '--only', step], {timeout: 600_000});
}

async function applied(t: ExecutionContext, server: Server, answers: AnswersFile, step = 'app'): Promise<string> {
	const output = await run(server, answers, step);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

const ask = async (server: Server, path = '/', host = 'localhost') => sh(server, `curl -s -m 20 -o /dev/null -w '%{http_code}' --unix-socket /run/shop/gunicorn.sock -H 'Host: ${host}' -H 'X-Forwarded-Proto: https' http://${host}${path}`);

/** By the code that the tool itself uses. */
async function manage(server: Server, ...words: readonly string[]): Promise<string> {
	const host = {
		...emptyHost,
		run: async (argv: readonly string[]) => server.run(argv, {check: false}),
		read: async (path: string) => server.read(path),
	};
	const {stdout, stderr} = await manageOn(host, 'shop', ...words);
	return stdout + stderr;
}

onServer('the sample is served in its sandbox; again is nothing; undone, nothing is left', {packages}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	const before = await snapshot(server);
	const answers = {app: {name: 'shop', lock: true}};
	const output = await applied(t, server, answers);
	t.log(output);
	t.is(await ask(server), '200');
	const lock = '/etc/harden/shop/requirements.lock';
	t.regex(await server.read(lock), /^flask==[\d.]+ --hash=sha256:[\da-f]{64}\ngunicorn==/m);

	const {runs} = await status(server);
	await applied(t, server, answers);
	t.is((await status(server)).runs.length, runs.length, 'the second time changes nothing');
	const locked = await server.read(lock);
	await sh(server, `rm ${lock}`);
	t.regex(await applied(t, server, answers), /Your app: making 1 change/, 'what runs says what the lock was');
	t.is(await server.read(lock), locked);
	await server.reboot();
	t.is(await ask(server), '200', 'also after a reboot');

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.deepEqual(compare(before, await snapshot(server, {more: []}), ours), []);
	t.false(await server.exists('/var/lib/shop'));
});

onServer('FastAPI is served over ASGI in its sandbox', {packages: [...packages, ...packagesForFastApi]}, async (t, server) => {
	await serveFastApi(server);
	await installTool(server);
	await applied(t, server, {app: {name: 'shop', source: {sample: 'fastapi'}}});
	t.is(await body(server), 'It works: FastAPI, served by Uvicorn under Gunicorn.');
	t.is(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/health'), '{"status":"ok"}');
	t.is(await ask(server, '/docs'), '404');
	const [level] = /\d+\.\d/.exec(await sh(server, 'systemd-analyze security --no-pager shop.service | tail -1')) ?? [];
	t.true(Number(level) <= 1.5, level);
});

onServer('Django: hardened settings on top of its own, a clean check --deploy, staff that the application firewall lets work, and undo back to its own', {packages: [...packages, 'nginx', 'libnginx-mod-http-modsecurity', 'modsecurity-crs', 'logrotate', 'curl']}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	await applied(t, server, {app: {name: 'shop', source: {sample: 'django'}}});
	t.regex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG = True/, 'as it comes, an error shows the settings');
	const before = await snapshot(server);

	const answers = {app: {name: 'shop', source: {sample: 'django'}}, web: {domains: ['shop.example.test'], waf: 'block'}, django: {}};
	const output = await applied(t, server, answers, 'web,django');
	t.log(output);
	t.is(await ask(server), '200');
	t.notRegex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG/);
	t.is(await ask(server, '/', 'other.example'), '400');
	t.is(await ask(server, '/admin/login/'), '200', 'the database is there');
	t.is(await sh(server, 'setpriv --reuid=www-data --regid=www-data --clear-groups cat /var/lib/shop/static/admin/css/base.css | wc -c | tr -d 0'), await sh(server, 'cat /var/lib/shop/static/admin/css/base.css | wc -c | tr -d 0'), 'the web server can read static files');
	const {runs} = await status(server);
	await applied(t, server, answers, 'web,django');
	t.is((await status(server)).runs.length, runs.length, 'the second time changes nothing');

	t.notRegex(await manage(server, ...makeStaff), /Error/);
	const {found, wanted} = await staffAtWork(server, 'shop.example.test');
	t.deepEqual(found, wanted);
	const client = await server.network.admin();
	const {stdout: picture} = await client.run(['curl', '--silent', '--max-time', '20', '--header', 'Host: shop.example.test', '--output', '/dev/null', '--write-out', '%{http_code} %{content_type} %{size_download}', `http://${server.address(client)}/media/products/its_me_1.png`]);
	t.is(picture, '200 image/png 70', 'the web server sends out what was uploaded');

	// As the overlay is once the step https is in force.
	const overlay = '/etc/harden/shop/python/harden_settings.py';
	const written = await server.read(overlay);
	await server.write(overlay, snippet('django/harden_settings.py', {name: 'shop', settings: 'shop.settings', https: true, hosts: '"localhost"'}));
	const deploy = await manage(server, 'check', '--deploy');
	t.regex(deploy, /System check identified no issues/);
	await sh(server, 'systemctl restart shop');
	t.is(await ask(server), '200', 'HTTPS at the web server is enough');
	t.is(await sh(server, 'curl -s -o /dev/null -w \'%{http_code} %{redirect_url}\' --unix-socket /run/shop/gunicorn.sock http://localhost/'), '301 https://localhost/');
	await server.write(overlay, written);

	const undone = await tool(server, ['undo', '--step', 'django', '--yes']);
	t.is(undone.exitCode, 5, 'undone, but for the migrations');
	t.regex(undone.stdout, /Migrations change the database/);
	const webUndone = await tool(server, ['undo', '--step', 'web', '--yes']);
	t.is(webUndone.exitCode, 0, webUndone.stdout + webUndone.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.regex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG = True/);
});

/** Everything that Flask needs, each in its version and with its hash, as pip-compile writes it. */
const lockOf = `for wheel in flask werkzeug jinja2 markupsafe itsdangerous click blinker; do
	set -- ${wheelsOnServer}/$wheel-*.whl
	echo "$wheel==$(basename "$1" | cut -d- -f2) --hash=sha256:$(sha256sum "$1" | cut -d' ' -f1)"
done`;
const flaskApp = (words: string) => `from flask import Flask\n\nweb = Flask(__name__)\n\n\n@web.get("/")\ndef index():\n    return "${words}"\n`;
const body = async (server: Server) => sh(server, 'curl -s -m 20 --unix-socket /run/shop/gunicorn.sock http://localhost/');

// A long story, and the older systemd, pip and git are the harder ones: told on one release.
onServer('code of one\'s own: from a closed home, then from git; what fails leaves the running app alone', {packages, releases: ['bookworm']}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	await sh(server, `
		useradd --create-home --key HOME_MODE=0750 dev; useradd --create-home git
		install -d -o dev -g dev /home/dev/shop; ( ${lockOf} ) >/home/dev/shop/requirements.txt`);
	await server.write('/home/dev/shop/app.py', flaskApp('from a home'));
	const before = await snapshot(server);

	const path = {app: {name: 'shop', source: {path: '/home/dev/shop'}, workers: 2}};
	t.notRegex(await applied(t, server, path), /has no hashes/);
	t.is(await body(server), 'from a home');
	t.is(await sh(server, 'cat /srv/shop/venv/harden.json | grep -c sha256:'), '1', 'hashes were asked for');

	// A package that is not what the lock says.
	await sh(server, 'cp /home/dev/shop/requirements.txt /root/good.txt; sed -i "1s/sha256:..../sha256:0000/" /home/dev/shop/requirements.txt');
	const wrong = await run(server, path);
	t.is(wrong.exitCode, 1);
	t.regex(wrong.stdout, /its hash is another/);
	t.is(await body(server), 'from a home');
	// A package that there is not.
	await sh(server, 'echo no-such-package >/home/dev/shop/requirements.txt');
	const missing = await run(server, path);
	t.is(missing.exitCode, 1);
	t.regex(missing.stdout, /No version of no-such-package was found that fits Python 3/);
	t.is(await body(server), 'from a home');
	t.is(await sh(server, 'ls -A /srv/shop/venvs | wc -l'), '1', 'nothing half installed');

	// The same app from a repository that does not know this server yet.
	await sh(server, `
		install -d -o git -g git -m 700 /home/git/.ssh; git init -q --bare -b main /home/git/shop.git
		git init -q -b main /root/clone; cd /root/clone; git config user.email me@example.com; git config user.name me
		cp /root/good.txt requirements.txt`);
	const push = async (words: string) => {
		await server.write('/root/clone/app.py', flaskApp(words));
		await sh(server, 'cd /root/clone; git add -A; git commit -qm x; chown -R root: /home/git/shop.git; git push -q /home/git/shop.git main; chown -R git: /home/git/shop.git');
	};

	await push('from git');
	const git = {app: {name: 'shop', source: {git: 'git@127.0.0.1:shop.git'}, workers: 2}};
	const refused = await run(server, git);
	t.is(refused.exitCode, 1);
	const [key] = /ssh-ed25519 \S+ deploy-shop/.exec(refused.stdout) ?? [];
	t.truthy(key, refused.stdout);
	t.is(await body(server), 'from a home');
	await server.write('/home/git/.ssh/authorized_keys', `restrict ${key}\n`);
	await sh(server, 'chown git: /home/git/.ssh/authorized_keys');
	await applied(t, server, git);
	t.is(await body(server), 'from git');
	t.is(await sh(server, 'find /srv/shop/checkout/ -name .git; find -L /srv/shop/code -not -user root'), '');

	await push('from git, newer');
	await applied(t, server, git);
	t.is(await body(server), 'from git, newer');
	const {runs} = await status(server);
	await applied(t, server, git);
	t.is((await status(server)).runs.length, runs.length, 'nothing newer, nothing to do');

	// An app that makes memory which is both written and run, as some libraries do: that one wall is left out, and told.
	await push('x"\n\n\nimport mmap\nmmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\nWORDS = "needs more');
	await sh(server, 'cd /root/clone; echo "# one more" >>requirements.txt; git commit -qam y; chown -R root: /home/git/shop.git; git push -q /home/git/shop.git main; chown -R git: /home/git/shop.git');
	t.regex(await applied(t, server, git), /does not start with MemoryDenyWriteExecute/);
	t.is(await body(server), 'x');
	t.regex(await sh(server, 'systemctl show -p MemoryDenyWriteExecute -p RestrictNamespaces -p NoNewPrivileges shop'), /MemoryDenyWriteExecute=no/);
	await push('from git, newer');

	// Code that does not start is undone, and what ran goes on.
	await applied(t, server, git);
	await push('broken" + 1 + "');
	const broken = await run(server, git);
	t.is(broken.exitCode, 1, broken.stdout);
	t.is(await body(server), 'from git, newer');

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	await sh(server, 'cp /root/good.txt /home/dev/shop/requirements.txt; rm -rf /root/clone /root/good.txt /home/git/shop.git /home/git/.ssh');
	t.deepEqual(compare(before, await snapshot(server), ours), []);
});
