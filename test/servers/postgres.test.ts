import {setTimeout as delay} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import {boot, type Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {database} from '../vps/sets.ts';
import {installSmallApp, visit} from './small-app.ts';

/** The database as the app, strangers and other machines meet it: with PostgreSQL itself as the judge. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 120_000})).stdout;
const sql = async (server: Server, text: string, database = 'postgres') => sh(server, `cd /; setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtq -d ${database} -c "${text}"`);
const only = ['--only', 'postgres'];

async function apply(t: ExecutionContext, server: Server, answers: AnswersFile, exitCode = 0) {
	const output = await tool(server, ['--answers', await writeAnswers(server, {version: 1, ...answers}), '--yes', ...only], {timeout: 300_000});
	t.is(output.exitCode, exitCode, output.stdout + output.stderr);
	return output;
}

async function again(t: ExecutionContext, server: Server): Promise<void> {
	const {runs} = await status(server);
	const began = Date.now();
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', ...only]);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.log(`again: ${Date.now() - began} ms`);
	t.is((await status(server)).runs.length, runs.length, output.stdout);
}

async function urlOf(server: Server): Promise<URL> {
	return new URL((await server.read('/etc/harden/shop/credentials/DATABASE_URL')).replace('@/', '@localhost/'));
}

type Try = {user?: string; password?: string; database?: string; host?: string; sslmode?: string};

/** A login on the server itself, by what DATABASE_URL says but for what a test changes. */
async function login(server: Server, changes: Try = {}) {
	const url = await urlOf(server);
	const {user = url.username, password = url.password, database = 'shop', host = '/var/run/postgresql', sslmode = 'prefer'} = changes;
	return server.run(['env', `PGPASSWORD=${password}`, `PGSSLMODE=${sslmode}`, 'psql', '-XAtq', '-h', host, '-U', user, '-d', database, '-c', 'SELECT session_user, current_user'], {check: false});
}

const remnants = [
	{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'},
];

onServer('a server that is there: the app gets a login of its own, everything of the user\'s stays, rotate is one transaction, undo keeps the data', {packages: database}, async (t, server) => {
	await installTool(server);
	await installSmallApp(server, 'shop');
	const version = await sh(server, 'ls /etc/postgresql');
	const hba = `/etc/postgresql/${version}/main/pg_hba.conf`;
	await sql(server, 'CREATE ROLE bob LOGIN PASSWORD \'hunter22\'');
	await sql(server, 'CREATE DATABASE theirs OWNER bob');
	await sh(server, String.raw`printf '# mine\nhost theirs bob 198.51.100.7/32 scram-sha-256\n' >>${hba}; systemctl reload postgresql@${version}-main`);
	const before = await snapshot(server);
	const hbaBefore = await server.read(hba);

	const applied = await apply(t, server, {postgres: {}});
	t.regex(applied.stdout, /The database and its owner stay/, 'what undo will not do is in the preview');
	t.is((await login(server)).stdout, 'shop_a|shop');
	t.is(await visit(server, 'shop'), 'none 500', 'the app is in, and has no table yet');
	await sql(server, 'SET ROLE shop; CREATE TABLE visits (id serial)', 'shop');
	t.is(await visit(server, 'shop'), 'none 200');
	t.regex((await login(server, {password: 'guess'})).stderr, /password authentication failed/);
	t.regex((await login(server, {database: 'theirs'})).stderr, /pg_hba\.conf rejects/);
	t.regex((await login(server, {host: '127.0.0.1'})).stderr, /pg_hba\.conf rejects/);
	t.regex((await login(server, {user: 'bob', password: 'hunter22', host: '127.0.0.1'})).stderr, /permission denied for database "shop"/);
	t.is((await login(server, {user: 'bob', password: 'hunter22', database: 'theirs', host: '127.0.0.1'})).stdout, 'bob|bob', 'others come in as before');
	t.is(await server.probe(5432), 'refused');
	t.is(await sql(server, 'SELECT count(*) FROM pg_authid WHERE rolpassword NOT LIKE \'SCRAM-SHA-256%\''), '0');
	const {password} = await urlOf(server);
	t.is((await server.run(['grep', '-rlFf', '-', '/var/log', '/var/lib/harden-python-vps', '/var/lib/postgresql'], {input: password, check: false})).stdout, '', 'the password is nowhere but in its file');
	t.false((await server.journal()).includes(password));
	const audit = await tool(server, ['audit', '--only', 'postgres']);
	t.regex(audit.stdout, /10 passed, 1 failed, 0 not run/);
	t.regex(audit.stdout, /failed {2}No line of pg_hba\.conf lets strangers in.*\n *line \d+: host scram-sha-256\n/, 'the user\'s own line, which stays');
	await again(t, server);

	await rotation(t, server);
	await again(t, server);

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 5, undone.stdout + undone.stderr);
	t.regex(undone.stdout, /Left: database .*dropdb shop/);
	t.is(await server.read(hba), hbaBefore);
	t.is(await sql(server, 'SELECT count(*) > 0 FROM visits', 'shop'), 't', 'the data is there');
	t.is(await sql(server, 'SELECT string_agg(rolname, \' \' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin'), 'bob postgres');
	t.deepEqual(compare(before, await snapshot(server), remnants), []);
});

/** Visits the app twenty times a second; returns how to stop, and the answers that were not well. */
function watch(server: Server): () => Promise<string[]> {
	let isOver = false;
	const unwell: string[] = [];
	const work = (async () => {
		while (!isOver) {
			const answer = await visit(server, 'shop');
			if (!answer.endsWith(' 200')) {
				unwell.push(answer);
			}

			await delay(50);
		}
	})();
	return async () => {
		isOver = true;
		await work;
		return unwell;
	};
}

async function rotation(t: ExecutionContext, server: Server): Promise<void> {
	const old = await urlOf(server);
	const stop = watch(server);
	// As the timer does it, when it is due.
	await sh(server, 'touch -d "91 days ago" /etc/harden/shop/credentials/DATABASE_URL; systemctl start harden-rotate.service');
	t.deepEqual(await stop(), [], 'the app answered well at every moment');
	const fresh = await urlOf(server);
	t.is((await login(server)).stdout, 'shop_b|shop');
	t.regex((await login(server, {user: old.username, password: old.password})).stderr, /password authentication failed|not permitted to log in/);
	const due = await tool(server, ['rotate', 'database', '--when-due']);
	t.regex(due.stdout, /Not due yet/);

	// The app is not well with anything new: all is put back.
	await server.write('/etc/systemd/system/shop.service.d/break.conf', '[Service]\nEnvironment=SMALL_APP_BREAKS=1\n');
	await sh(server, 'systemctl daemon-reload; touch /etc/small-app-is-broken');
	const failed = await tool(server, ['rotate', 'database'], {timeout: 240_000});
	t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
	t.regex(failed.stderr, /not well with the new one.*The old one is in force again/s);
	t.is((await urlOf(server)).href, fresh.href);
	await sh(server, 'rm -r /etc/small-app-is-broken /etc/systemd/system/shop.service.d; systemctl daemon-reload; systemctl restart shop');
	t.is(await visit(server, 'shop'), 'none 200');

	await killedInTheMiddle(t, server);
}

/** SIGKILL at one moment after the other: the app is well with what is there, and the next run settles it. */
async function killedInTheMiddle(t: ExecutionContext, server: Server): Promise<void> {
	const journal = '/var/lib/harden-python-vps/journal.jsonl';
	for (const sign of ['"event":"intent"', '"event":"done"']) {
		const {length} = (await server.read(journal)).split('\n');
		await sh(server, `node /root/harden-python-vps.mjs rotate database >/dev/null 2>&1 & pid=$!; until tail -n +${length} ${journal} | grep -q '${sign}'; do :; done; kill -KILL $pid`);
		t.is(await visit(server, 'shop'), 'none 200', `killed after ${sign}: the app that runs is well`);
		t.is((await login(server)).exitCode, 0, 'and so is what it would be started with');
		const next = await tool(server, ['rotate', 'database']);
		t.is(next.exitCode, 0, next.stdout + next.stderr);
		t.is(await visit(server, 'shop'), 'none 200');
		t.is(await sql(server, 'SELECT count(*) FROM pg_authid WHERE rolname ~ \'^shop_\' AND rolcanlogin AND rolpassword IS NOT NULL AND coalesce(rolvaliduntil > now(), true)'), '1');
	}
}

onServer('a server of the distribution: other machines come in over TLS, verified, by name only; undo takes it off, and its data is found again', {packages: ['python3']}, async (t, server) => {
	await installTool(server);
	await installSmallApp(server, 'shop');
	await writeAnswers(server, {});
	await sh(server, 'apt-get update -q >/dev/null');
	const client = await boot({release: server.release, network: server.network, packages: database});
	const before = await snapshot(server);
	const answers = {postgres: {database: 'store', allowFrom: [client.addresses.ipv4, '2001:db8:1::/64'], rotateEvery: 'never'}};
	await apply(t, server, answers);
	await sql(server, 'SET ROLE store; CREATE TABLE visits (id serial)', 'store');
	t.is(await visit(server, 'shop'), 'none 200');

	const url = await urlOf(server);
	await client.write('/root/ca.crt', await server.read('/etc/harden/postgresql/ca.crt'));
	await client.run(['sh', '-euc', `cd /root; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout /dev/null -out other.crt 2>/dev/null; echo '${server.addresses.ipv4} vps other.example' >>/etc/hosts`]);
	const come = async (host: string, changes: Record<string, string> = {}, database = 'store') => {
		const settings = {PGPASSWORD: url.password, PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/root/ca.crt', PGCONNECT_TIMEOUT: '10', ...changes};
		const argv = ['env', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), 'psql', '-XAtq', '-h', host, '-U', url.username, '-d', database, '-c', 'SELECT session_user'];
		const {stdout, stderr} = await client.run(argv, {check: false});
		return stdout || stderr;
	};

	t.is(await come(server.addresses.ipv4), 'store_a', 'by its address');
	t.is(await come('vps'), 'store_a', 'by its name');
	t.regex(await come('other.example'), /does not match host name "other\.example"/);
	t.regex(await come('vps', {PGSSLROOTCERT: '/root/other.crt'}), /certificate verify failed/);
	t.regex(await come('vps', {PGSSLMODE: 'disable'}), /pg_hba\.conf (?:rejects|entry).*no encryption/);
	t.regex(await come('vps', {PGPASSWORD: 'guess'}), /password authentication failed/);
	t.regex(await come('vps', {}, 'postgres'), /pg_hba\.conf rejects/);
	t.regex((await login(server, {database: 'store', host: server.addresses.ipv4})).stderr, /pg_hba\.conf rejects/, 'from an address that was not named');
	const audit = await tool(server, ['audit', '--only', 'postgres']);
	t.is(audit.exitCode, 0, audit.stdout);
	await again(t, server);
	await server.reboot();
	await server.waitFor('the database to be up', async () => (await come('vps')) === 'store_a');

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 5, undone.stdout + undone.stderr);
	t.regex(undone.stdout, /installed again, it finds them/);
	t.false(await server.exists('/usr/lib/postgresql'));
	t.is(await visit(server, 'shop'), 'none 200', 'the app is as it was, without a database');
	t.deepEqual(compare(before, await snapshot(server), [
		...remnants,
		{line: /^file \/etc\/postgresql\/|^file \/etc\/(?:group|passwd|shadow|gshadow|subuid|subgid)-?:|^account \w+ postgres:|^account group ssl-cert:|^file \/etc\/postgresql:|^package postgresql-\d+:/, because: 'the data stays, with its settings and the user whose it is'},
	]), []);
	await apply(t, server, answers);
	t.is(await sql(server, 'SELECT count(*) > 0 FROM visits', 'store'), 't', 'nothing was lost');
	t.is(await visit(server, 'shop'), 'none 200');
});
