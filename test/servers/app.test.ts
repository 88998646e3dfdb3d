import type {ExecutionContext} from 'ava';
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
