import type {ExecutionContext} from 'ava';
import {manage as manageOn} from '../../source/engine/manage.ts';
import {snippet} from '../../source/snippet.ts';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {serveWheels} from '../vps/wheels.ts';

/** The app step by the whole tool, with real packages from a folder on the server. `npm run build` has to have been run. */

const packages = ['python3-venv'];
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
		run: async (argv: readonly string[]) => server.run(argv, {check: false}),
		read: async (path: string) => server.read(path),
		list: async () => [],
	};
	const {stdout, stderr} = await manageOn(host, 'shop', ...words);
	return stdout + stderr;
}

onServer('the sample is served in its sandbox; again is nothing; undone, nothing is left', {packages}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	const before = await snapshot(server);
	const output = await applied(t, server, {app: {name: 'shop'}});
	t.log(output);
	t.is(await ask(server), '200');

	const {runs} = await status(server);
	await applied(t, server, {app: {name: 'shop'}});
	t.is((await status(server)).runs.length, runs.length, 'the second time changes nothing');
	await server.reboot();
	t.is(await ask(server), '200', 'also after a reboot');

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.deepEqual(compare(before, await snapshot(server, {more: []}), ours), []);
	t.false(await server.exists('/var/lib/shop'));
});

onServer('Django: hardened settings on top of its own, a clean check --deploy, and undo back to its own', {packages}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	await applied(t, server, {app: {name: 'shop', source: {sample: 'django'}}});
	t.regex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG = True/, 'as it comes, an error shows the settings');
	const before = await snapshot(server);

	const output = await applied(t, server, {app: {name: 'shop', source: {sample: 'django'}}, django: {}}, 'django');
	t.log(output);
	t.is(await ask(server), '200');
	t.notRegex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG/);
	t.is(await ask(server, '/', 'other.example'), '400');
	t.is(await ask(server, '/admin/login/'), '200', 'the database is there');
	t.is(await sh(server, 'setpriv --reuid=www-data --regid=www-data --clear-groups cat /var/lib/shop/static/admin/css/base.css | wc -c | tr -d 0'), await sh(server, 'cat /var/lib/shop/static/admin/css/base.css | wc -c | tr -d 0'), 'the web server can read static files');
	const {runs} = await status(server);
	await applied(t, server, {app: {name: 'shop', source: {sample: 'django'}}, django: {}}, 'django');
	t.is((await status(server)).runs.length, runs.length, 'the second time changes nothing');

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
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.regex(await sh(server, 'curl -s --unix-socket /run/shop/gunicorn.sock http://localhost/nothing'), /DEBUG = True/);
});
