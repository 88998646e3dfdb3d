import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {serveWheels} from '../vps/wheels.ts';
import {database} from '../vps/sets.ts';
import {fakeAgent} from './fake-agent.ts';
import {installSmallApp, visit} from './small-app.ts';

/** The app's secrets as the app, a stranger and a thief of the disk meet them. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 120_000})).stdout;
const only = ['--only', 'secrets'];
const run = async (server: Server, secrets: Record<string, unknown>, ...argv: string[]) => {
	const answers: AnswersFile = {version: 1, secrets};
	const output = await tool(server, ['--answers', await writeAnswers(server, answers), '--yes', ...only, ...argv]);
	await server.run(['rm', '/root/answers.yaml']);
	return output;
};

const value = 'tr0ub4dor & "3"';
const folder = '/etc/harden/shop';

/** Where a text lies on the disk, apart from the files that are meant to hold it. */
async function traces(server: Server, text: string): Promise<string> {
	const {stdout} = await server.run(['grep', '-rlFf', '-', '/etc', '/var/log', '/var/lib/harden-python-vps/journal.jsonl', '/var/lib/harden-python-vps/session.json', '/root'], {input: text, check: false});
	return stdout;
}

async function unchanged(t: ExecutionContext, server: Server, secrets: Record<string, unknown>): Promise<void> {
	const {runs} = await status(server);
	const again = await run(server, secrets);
	t.is(again.exitCode, 0, again.stdout + again.stderr);
	t.is((await status(server)).runs.length, runs.length, again.stdout);
}

onServer('sealed to this server: given, generated, handed to the app, changed as one transaction, found in code, and undone', {packages: ['python3']}, async (t, server) => {
	await installTool(server);
	await installSmallApp(server, 'shop');
	await server.write(`${folder}/credentials/SHOWN`, 'old', {mode: 0o600});
	await server.write('/srv/shop/code/settings.py', 'import os\nDEBUG = False\nSECRET_KEY = "django-insecure-k3j4h5k3j4h5"\nPASSWORD = os.environ["PASSWORD"]\n');
	await server.write('/srv/shop/code/deploy/id', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n');
	await sh(server, 'systemctl restart shop');
	const before = await snapshot(server);
	t.is(await visit(server, 'shop'), 'old 200');

	const secrets = {environment: {SHOWN: value, TOKEN: 'generate'}};
	const applied = await run(server, secrets);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.regex(applied.stdout, /settings\.py:3 \(Django SECRET_KEY\)/);
	t.regex(applied.stdout, /deploy\/id:1 \(private key\)/);
	t.notRegex(applied.stdout + applied.stderr, /k3j4h5|tr0ub4dor/, 'no secret is ever shown');
	t.is(await visit(server, 'shop'), `${value} 200`, 'the app has it');
	t.is(await traces(server, value), '', 'and nothing else does');
	t.is(await sh(server, `ls ${folder}/credentials ${folder}/credentials.sealed`), `${folder}/credentials:\n\n${folder}/credentials.sealed:\nSHOWN\nTOKEN`);
	t.regex((await tool(server, ['answers'])).stdout, /SHOWN: "keep"\n\s+TOKEN: "generate"/);
	const audit = await tool(server, ['audit', '--json', '--only', 'secrets']);
	const {checks} = JSON.parse(audit.stdout) as {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};
	t.deepEqual(checks.filter(check => check.status !== 'pass').map(({id, evidence}) => [id, evidence.split(', ').toSorted()]), [['secrets.code', ['deploy/id:1 (private key)', 'settings.py:3 (Django SECRET_KEY)']]]);
	await unchanged(t, server, secrets);
	await unchanged(t, server, {environment: {SHOWN: 'keep', TOKEN: 'generate'}});

	const rotated = await tool(server, ['rotate', 'secret', 'SHOWN']);
	t.is(rotated.exitCode, 0, rotated.stdout + rotated.stderr);
	const fresh = await visit(server, 'shop');
	t.regex(fresh, /^[\w-]{64} 200$/);
	t.is((await server.run(['grep', '-rlFf', '-', '/var/lib/harden-python-vps', '/var/log'], {input: fresh.slice(0, 64), check: false})).stdout, '', 'the vault has forgotten it too');
	await server.write('/etc/systemd/system/shop.service.d/break.conf', '[Service]\nEnvironment=SMALL_APP_BREAKS=1\n');
	await sh(server, 'systemctl daemon-reload; touch /etc/small-app-is-broken');
	const failed = await tool(server, ['rotate', 'secret', 'SHOWN']);
	t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
	t.regex(failed.stderr, /It answers 500\. .*The old one is in force again/s);
	t.is((await visit(server, 'shop')).slice(0, 64), fresh.slice(0, 64));
	await sh(server, 'rm /etc/small-app-is-broken /etc/systemd/system/shop.service.d/break.conf; systemctl daemon-reload; systemctl restart shop');
	t.is((await tool(server, ['rotate', 'secret', 'NONE'])).exitCode, 2);

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.is(await visit(server, 'shop'), 'old 200');
	t.deepEqual(compare(before, await snapshot(server), [{line: /\/var\/lib\/harden-python-vps/, because: 'the record of what was done stays'}]), []);
});

onServer('as files where they are not to be sealed; pasted over what another step made', {releases: ['trixie'], packages: ['python3']}, async (t, server) => {
	await installTool(server);
	await installSmallApp(server, 'shop');
	const secrets = {environment: {SHOWN: value}, encrypt: false};
	const applied = await run(server, secrets);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.is(await visit(server, 'shop'), `${value} 200`);
	t.is(await sh(server, `stat -c '%a %U' ${folder}/credentials/SHOWN`), '600 root');
	t.false(await server.exists(`${folder}/credentials.sealed`));
	await unchanged(t, server, secrets);
	const sealed = await run(server, {...secrets, encrypt: true});
	t.is(sealed.exitCode, 0, sealed.stdout + sealed.stderr);
	t.is(await visit(server, 'shop'), `${value} 200`);
	t.is(await traces(server, value), '');
	await unchanged(t, server, {...secrets, encrypt: true});
	await fetchedByAnAgent(t, server);
});

/** By an agent that stands in for OpenBao's: not there, without its secret id, at work, and gone again. */
async function fetchedByAnAgent(t: ExecutionContext, server: Server): Promise<void> {
	const secrets = {environment: {}, vault: {address: 'https://vault.example.test:8200', roleId: 'role-of-the-shop', environment: {FETCHED: 'secret/data/shop#fetched', MAIL_PASSWORD: 'kv/shop#mail'}}};
	const environment = async () => sh(server, 'cat /run/credentials/shop.service/app_FETCHED 2>&1 || true');
	const ofVault = async () => {
		const {checks} = JSON.parse((await tool(server, ['audit', '--json', '--only', 'secrets'])).stdout) as {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};
		return checks.find(({id}) => id === 'secrets.vault');
	};

	const without = await run(server, secrets);
	t.is(without.exitCode, 0, without.stdout + without.stderr);
	t.regex(without.stdout, /No agent is on this server[^]*The secret id of the role is missing/);
	t.like(await ofVault(), {status: 'not-run'});
	t.is((await server.run(['systemctl', 'is-active', 'shop-vault'], {check: false})).stdout, 'inactive');

	await server.write('/usr/local/bin/bao', fakeAgent, {mode: 0o755});
	await server.write('/etc/harden/shop/vault/secret-id', 'secret-of-the-role', {mode: 0o600});
	await server.write('/opt/vault.json', JSON.stringify({'secret/data/shop': {data: {fetched: 'from-afar'}}, 'kv/shop': {mail: 'pässwörd "1"'}}));
	const applied = await run(server, secrets);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.like(await ofVault(), {status: 'pass'});
	t.regex(await environment(), /from-afar$/);
	t.is(await sh(server, `stat -c '%a %U' ${folder}/credentials/FETCHED; cat ${folder}/credentials/MAIL_PASSWORD`), '600 root\npässwörd "1"');
	await unchanged(t, server, secrets);

	// In one piece: the agent is reading it all the while, and half of it would be its end.
	await server.write('/opt/vault.next', JSON.stringify({'secret/data/shop': {data: {fetched: 'changed-there'}}, 'kv/shop': {mail: 'same'}}));
	await sh(server, 'mv /opt/vault.next /opt/vault.json');
	await server.waitFor('the app to have the new one', async () => (await environment()).endsWith('changed-there'));
	const rotated = await tool(server, ['rotate', 'secret', 'FETCHED']);
	t.is(rotated.exitCode, 2, rotated.stdout + rotated.stderr);
	t.regex(rotated.stderr, /FETCHED is fetched from https:\/\/vault\.example\.test:8200/);

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 5, undone.stdout + undone.stderr);
	t.regex(undone.stdout, /Left: folder \/etc\/harden\/shop\/vault\. .*not empty: secret-id/, 'the secret id is the user\'s');
	t.is(await sh(server, `ls ${folder}/credentials; ls /etc/systemd/system/shop-vault.service 2>/dev/null || true`), '');
	t.is(await visit(server, 'shop'), 'none 200');
}

onServer('with the app as it is: its own secret is sealed, its database comes, both are changed, and again is nothing', {releases: ['trixie'], packages: database}, async (t, server) => {
	await serveWheels(server);
	await installTool(server);
	const file = await writeAnswers(server, {version: 1, app: {name: 'shop'}, secrets: {environment: {SECRET_KEY: 'generate'}}, postgres: {}});
	const argv = ['--answers', file, '--yes', '--only', 'app,secrets,postgres'];
	const applied = await tool(server, argv, {timeout: 600_000});
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	const status200 = async () => (await visit(server, 'shop')).slice(-3);
	t.is(await status200(), '200');
	t.is(await sh(server, `ls ${folder}/credentials ${folder}/credentials.sealed`), `${folder}/credentials:\nDATABASE_URL\n\n${folder}/credentials.sealed:\nSECRET_KEY`);
	t.is(await sh(server, 'ls /run/credentials/shop.service'), 'app_DATABASE_URL\nsealed_SECRET_KEY');
	const inside = await tool(server, ['audit', '--json', '--only', 'secrets,postgres,app']);
	const {checks} = JSON.parse(inside.stdout) as {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};
	t.deepEqual(checks.filter(({status: found}) => found === 'fail'), []);
	for (const what of [['secret', 'SECRET_KEY'], ['database']]) {
		const rotated = await tool(server, ['rotate', ...what]);
		t.is(rotated.exitCode, 0, rotated.stdout + rotated.stderr);
		t.is(await status200(), '200');
	}

	const {runs} = await status(server);
	const again = await tool(server, argv);
	t.is(again.exitCode, 0, again.stdout + again.stderr);
	t.is((await status(server)).runs.length, runs.length, again.stdout);
	const undone = await tool(server, ['undo', '--step', 'app', '--yes']);
	t.is(undone.exitCode, 5, undone.stdout + undone.stderr);
	t.deepEqual(undone.stdout.split('\n').filter(line => line.startsWith('Left: ')).map(line => line.replace(/\..*/, '')), ['Left: database 17/main/shop']);
	t.false(await server.exists(folder));
});
