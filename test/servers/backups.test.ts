import {readFile, writeFile} from 'node:fs/promises';
import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers} from '../tool.ts';
import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import {startStorage, type Storage} from '../vps/s3.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {database} from '../vps/sets.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';

/** The backups step and `restore` by the whole tool, with restic, PostgreSQL and storage that speaks S3, all real. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 240_000})).stdout;
const psql = async (server: Server, sql: string, database = 'shop') => (await server.run(['runuser', '-u', 'postgres', '--', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', '-'], {input: sql})).stdout;
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

type Run = {state: string; error?: string; snapshot?: string; lastSuccess?: {snapshot: string; files: number; rows: number; tables: number}};
const result = async (server: Server, kind: string) => JSON.parse(await server.read(`/var/lib/harden-python-vps/backups/${kind}.json`)) as Run;

/** Starts a unit as its timer would; returns whether systemd calls that a success. */
async function start(server: Server, kind: 'backup' | 'drill'): Promise<boolean> {
	const {ok} = await server.run(['systemctl', 'start', `harden-${kind}.service`], {check: false, timeout: 480_000});
	return ok;
}

async function apply(server: Server, backups: Record<string, unknown>, ...argv: string[]) {
	const file = await writeAnswers(server, {version: 1, backups});
	return tool(server, ['--answers', file, '--yes', '--only', 'backups', ...argv], {timeout: 400_000});
}

/** What other steps leave: an app that runs, and its database. */
async function openShop(server: Server): Promise<void> {
	await server.write('/etc/systemd/system/shop.service', '[Service]\nUser=shop\nExecStart=/srv/shop/venv/bin/python -c "import time; open(\'/srv/shop/code/app.py\'); time.sleep(1e6)"\n[Install]\nWantedBy=multi-user.target\n');
	await sh(server, `
		useradd --system --no-create-home --shell /usr/sbin/nologin shop
		mkdir -p /srv/shop/code /srv/shop/venvs/1/bin /var/lib/shop/media/empty '/var/lib/shop/media/två ord'
		echo 'print("shop")' >/srv/shop/code/app.py
		ln -s venvs/1 /srv/shop/venv
		ln -s /usr/bin/python3 /srv/shop/venvs/1/bin/python
		head -c 3000000 /dev/urandom >/var/lib/shop/media/photo.jpg
		head -c 50000 /dev/urandom >'/var/lib/shop/media/två ord/a[1]*.bin'
		chown -R shop:shop /var/lib/shop; chmod 0750 /var/lib/shop/media; chmod 0640 /var/lib/shop/media/photo.jpg
		systemctl daemon-reload; systemctl enable --quiet --now shop.service
		pg_isready -q || systemctl start postgresql
		until pg_isready -q; do sleep 0.2; done
	`);
	await psql(server, 'CREATE ROLE shop LOGIN; CREATE DATABASE shop OWNER shop;', 'postgres');
	await psql(server, String.raw`
		SET ROLE shop;
		CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL);
		CREATE TABLE "Order lines" (id bigserial PRIMARY KEY, customer int REFERENCES customers, note text);
		INSERT INTO customers (name) SELECT 'kund ' || n || E' å "quoted" \\ \n' FROM generate_series(1, 500) n;
		INSERT INTO "Order lines" (customer, note) SELECT 1 + n % 500, md5(n::text) FROM generate_series(1, 5000) n;
		CREATE SCHEMA stock; CREATE TABLE stock.empty ();
		RESET ROLE;
		REVOKE ALL ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO shop;
		ALTER DATABASE shop SET statement_timeout = '30s'; ALTER DATABASE shop CONNECTION LIMIT 40;
		ALTER ROLE shop IN DATABASE shop SET search_path = stock, public;
	`);
	// These steps are not the test's concern: as if they had been taken.
	await server.write('/var/lib/harden-python-vps/session.json', JSON.stringify({
		version: 1, answers: {version: 1, app: {name: 'shop'}, postgres: {database: 'shop'}}, chosen: [], done: ['app', 'postgres'], skipped: [], finished: true, updatedAt: '2026-01-01T00:00:00Z',
	}), {mode: 0o600});
	await sh(server, 'chmod 0700 /var/lib/harden-python-vps');
}

/** Every byte, owner, mode and time of the app, and every row, privilege and setting of its database. */
async function shopState(server: Server): Promise<Record<string, string>> {
	return {
		files: await sh(server, String.raw`find /srv/shop /var/lib/shop -printf '%p %y %m %u:%g %l %s\n' | sort; find /srv/shop /var/lib/shop -type f -printf '%p %T@\n' | sort; find /srv/shop /var/lib/shop -type f -print0 | sort -z | xargs -0 sha256sum`),
		rows: await psql(server, 'SELECT * FROM customers ORDER BY id; SELECT * FROM "Order lines" ORDER BY id; SELECT count(*) FROM stock.empty;'),
		database: await psql(server, 'SELECT pg_get_userbyid(datdba), encoding, datcollate, datconnlimit, datacl FROM pg_database WHERE datname = \'shop\'; SELECT setrole::regrole, setconfig FROM pg_db_role_setting ORDER BY 1; SELECT tablename, tableowner FROM pg_tables WHERE schemaname NOT LIKE \'pg%\' AND schemaname <> \'information_schema\' ORDER BY 1;'),
		databases: await psql(server, String.raw`SELECT datname FROM pg_database WHERE datname NOT LIKE 'shop\_before\_%' ORDER BY 1`),
		app: (await server.run(['systemctl', 'is-active', 'shop.service'], {check: false})).stdout,
	};
}

async function restore(t: ExecutionContext, server: Server, ...argv: string[]): Promise<string> {
	const output = await tool(server, ['restore', '--yes', ...argv], {timeout: 300_000});
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

async function verdicts(server: Server): Promise<Record<string, string>> {
	const {stdout} = await tool(server, ['audit', '--json', '--only', 'backups'], {timeout: 240_000});
	const {checks} = JSON.parse(stdout) as {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};
	return Object.fromEntries(checks.map(({id, status, evidence}) => [id.replace('backups.', ''), status === 'fail' ? `fail: ${evidence}` : status]));
}

const passing = {works: 'not-run', repository: 'pass', newest: 'pass', last: 'pass', restores: 'not-run', drill: 'pass', timers: 'pass', 'root-only': 'pass', elsewhere: 'pass', 'recovery-sheet': 'not-run'};

onServer('what was destroyed comes back from S3, and no failure is ever called a success', {packages: database}, async (t, server) => {
	const storage = await startStorage(server.network);
	await storage.trust(server);
	await installTool(server);
	await openShop(server);
	const answers = {repository: storage.repository, credentials: {AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: secret}};
	await writeAnswers(server, {version: 1});
	await sh(server, 'apt-get update -q >/dev/null');
	const before = await snapshot(server);
	const applied = await apply(server, answers);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.log(applied.stdout);
	t.deepEqual(await verdicts(server), passing);
	await secretsStaySecret(t, server, applied.stdout + applied.stderr);
	await againIsNothing(t, server, answers);
	t.like((await result(server, 'drill')).lastSuccess, {rows: 5500, tables: 3});

	await comesBack(t, server);
	await newerStays(t, server);
	await failsLoudly(t, server, storage);
	await killed(t, server);
	await undone(t, server, before, answers);
});

async function secretsStaySecret(t: ExecutionContext, server: Server, said: string): Promise<void> {
	const key = await server.read('/etc/harden/backup/password');
	t.regex(key, /^(?:[a-z\d]{4}-){7}[a-z\d]{4}$/);
	const journal = await server.journal();
	const files = await sh(server, 'cat /var/lib/harden-python-vps/journal.jsonl /var/lib/harden-python-vps/session.json /var/lib/harden-python-vps/backups/*.json /etc/systemd/system/harden-*');
	for (const word of [secret, key]) {
		t.false((said + journal + files).includes(word), 'a secret is told nowhere');
	}

	t.is(await sh(server, 'stat -c %a /etc/harden/backup /etc/harden/backup/* /var/lib/harden-python-vps/RECOVERY.txt | sort -u'), '600\n700');
	t.true((await server.read('/var/lib/harden-python-vps/RECOVERY.txt')).includes(`Key: ${key}\nWord: `));
}

async function againIsNothing(t: ExecutionContext, server: Server, answers: Record<string, unknown>): Promise<void> {
	const {runs} = await status(server);
	for (const given of [answers, {repository: answers['repository']}]) {
		const output = await apply(server, given);
		t.is(output.exitCode, 0, output.stdout + output.stderr);
	}

	t.is((await status(server)).runs.length, runs.length, 'again is nothing, also without the secrets');
}

/** Everything of the app is gone: one command, and all is as it was. */
async function comesBack(t: ExecutionContext, server: Server): Promise<void> {
	const was = await shopState(server);
	t.is(was['app'], 'active');
	await psql(server, 'DROP DATABASE shop WITH (FORCE)', 'postgres');
	await sh(server, 'rm -rf /srv/shop /var/lib/shop; systemctl kill --signal=KILL shop.service');
	const looked = await tool(server, ['restore', '--dry-run']);
	t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
	t.regex(looked.stdout, /database shop is gone and comes back/);
	t.regex(looked.stdout, /\/srv\/shop\/code\/app\.py/);
	t.false(await server.exists('/srv/shop'), 'a dry run writes nothing');
	t.log(await restore(t, server));
	t.deepEqual(await shopState(server), was);
	t.regex(await restore(t, server, '/srv/shop'), /as it was in the backup/);
}

/** Nothing that was changed since the backup is written over unasked, and what is written over is kept. */
async function newerStays(t: ExecutionContext, server: Server): Promise<void> {
	const photo = '/var/lib/shop/media/photo.jpg';
	const was = await sh(server, `sha256sum ${photo}; stat -c '%U %a' ${photo}`);
	await sh(server, `echo newer >${photo}; rm -r '/var/lib/shop/media/två ord'; ln -s /etc '/var/lib/shop/media/två ord'; chown -h shop: '/var/lib/shop/media/två ord'`);
	const refused = await tool(server, ['restore', '--yes', '/var/lib/shop']);
	t.is(refused.exitCode, 1);
	t.regex(refused.stderr, /två ord is a link that others than root can change/);
	t.false(await server.exists('/etc/a[1]*.bin'), 'nothing is written through a link that the app could have planted');
	await sh(server, 'rm "/var/lib/shop/media/två ord"');
	const kept = await restore(t, server, '/var/lib/shop');
	t.regex(kept, /1 files were changed since the backup and stay/);
	t.is(await server.read(photo), 'newer\n');
	t.true(await server.exists('/var/lib/shop/media/två ord/a[1]*.bin'));
	const named = await restore(t, server, photo);
	t.is(await sh(server, `sha256sum ${photo}; stat -c '%U %a' ${photo}`), was);
	const aside = /kept in (?<folder>\S+)/.exec(named)!.groups!['folder']!;
	t.is(await server.read(`${aside}${photo}`), 'newer\n');

	await psql(server, 'DELETE FROM "Order lines"; INSERT INTO customers (name) VALUES (\'new since\')');
	const told = await restore(t, server, 'database');
	const old = /kept as (?<name>shop_before_\w+)/.exec(told)!.groups!['name']!;
	t.is(await psql(server, 'SELECT count(*) FROM "Order lines"'), '5000');
	t.is(await psql(server, 'SELECT count(*) FROM customers', old), '501');

	t.regex(await restore(t, server, '--to', '/root/elsewhere', '/srv/shop/code', 'database'), /\/root\/elsewhere\/shop\.dump/);
	t.is(await server.read('/root/elsewhere/srv/shop/code/app.py'), 'print("shop")\n');
	t.regex(await sh(server, 'pg_restore --list /root/elsewhere/shop.dump'), /TABLE DATA public Order lines shop/);
	await sh(server, 'rm -rf /root/elsewhere');
	await psql(server, `DROP DATABASE ${old}`, 'postgres');
}

async function failed(t: ExecutionContext, server: Server, kind: 'backup' | 'drill', why: RegExp, {audited = false} = {}): Promise<void> {
	t.false(await start(server, kind), 'systemd calls it a failure');
	const run = await result(server, kind);
	t.is(run.state, 'failed');
	t.regex(run.error ?? '', why);
	if (audited) {
		t.regex((await verdicts(server))[kind === 'backup' ? 'last' : 'drill']!, why, 'an audit says so');
	}

	t.is(await sh(server, 'ls -A /var/lib/harden-python-vps/backups/scratch 2>/dev/null || true'), '');
	t.regex(await psql(server, 'SELECT string_agg(datname, \' \' ORDER BY datname) FROM pg_database', 'postgres'), /^postgres shop template0 template1$/);
}

async function dumps(server: Server): Promise<number> {
	return (JSON.parse(await sh(server, 'harden-backup restic snapshots --json --tag harden-database')) as unknown[]).length;
}

async function failsLoudly(t: ExecutionContext, server: Server, storage: Storage): Promise<void> {
	// A dump that breaks off never becomes a backup.
	const count = await dumps(server);
	await server.write('/usr/local/bin/pg_dump', '#!/bin/sh\n/usr/bin/pg_dump "$@" | head -c 3000\necho "the disk is gone" >&2; exit 1\n', {mode: 0o755});
	await failed(t, server, 'backup', /pg_dump of shop failed: the disk is gone/, {audited: true});
	await sh(server, 'rm /usr/local/bin/pg_dump');
	t.is(await dumps(server), count);

	// Something that should be backed up is not there.
	await sh(server, 'mv /var/lib/shop /var/lib/away');
	await failed(t, server, 'backup', /Not there, so not backed up: \/var\/lib\/shop/);
	await sh(server, 'mv /var/lib/away /var/lib/shop');

	// The network is lost: packets vanish, nobody says no.
	await sh(server, 'sed -i "s/^reach-within.*/reach-within = 4s/" /etc/harden/backup/backup.conf');
	await server.runOnItsNetwork(['nft', 'add table inet lost; add chain inet lost out { type filter hook output priority 0; }; add rule inet lost out tcp dport 9443 drop']);
	await failed(t, server, 'backup', /did not answer within 4 s/);
	await failed(t, server, 'drill', /did not answer within 4 s/);
	await server.runOnItsNetwork(['nft', 'delete table inet lost']);
	await sh(server, 'sed -i "s/^reach-within.*/reach-within = 90s/" /etc/harden/backup/backup.conf');

	// Bits rot: in every pack a byte changes.
	const packs = await storage.packs();
	const sound = await Promise.all(packs.map(async pack => readFile(pack)));
	await Promise.all(packs.map(async (pack, index) => {
		const bytes = Buffer.from(sound[index]!);
		bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20); // eslint-disable-line no-bitwise -- one bit is enough
		await writeFile(pack, bytes);
	}));
	await failed(t, server, 'drill', /restic \w+ failed/, {audited: true});
	t.log((await result(server, 'drill')).error);
	await Promise.all(packs.map(async (pack, index) => writeFile(pack, sound[index]!)));

	// All is well again.
	t.true(await start(server, 'backup'));
	t.true(await start(server, 'drill'), (await result(server, 'drill')).error);
	t.is((await result(server, 'backup')).state, 'done');
}

/** Killed while it works: the result says so, and the next one is whole. */
async function killed(t: ExecutionContext, server: Server): Promise<void> {
	await sh(server, 'head -c 20000000 /dev/urandom >/var/lib/shop/media/film; sed -i "s/^limit-upload.*/limit-upload = 500/" /etc/harden/backup/backup.conf');
	await sh(server, 'systemctl start --no-block harden-backup.service');
	await server.waitFor('restic to be at the files', async () => (await server.run(['pgrep', '-f', '[r]estic backup .*harden-files'], {check: false})).ok);
	const argv = await sh(server, 'ps -ewwo args | grep "[r]estic backup"');
	t.false(argv.includes(secret));
	await sh(server, 'systemctl kill --signal=KILL --kill-whom=main harden-backup.service');
	await server.waitFor('the unit to have failed', async () => (await server.run(['systemctl', 'is-failed', '--quiet', 'harden-backup.service'], {check: false})).ok);
	const run = await result(server, 'backup');
	t.is(run.state, 'failed');
	t.regex(run.error ?? '', /ended before it was done \(signal\)/);
	await sh(server, 'sed -i "s/^limit-upload.*/limit-upload = 0/" /etc/harden/backup/backup.conf');
	t.true(await start(server, 'backup'), (await result(server, 'backup')).error);
	await sh(server, 'harden-backup restic check --read-data >/dev/null');
	const was = await shopState(server);
	await sh(server, 'rm /var/lib/shop/media/film');
	await restore(t, server, '/var/lib/shop/media');
	t.deepEqual(await shopState(server), was);
}

/** Undone, the server is as it was, and the backups are still there and can still be read. */
async function undone(t: ExecutionContext, server: Server, before: Awaited<ReturnType<typeof snapshot>>, answers: Record<string, unknown>): Promise<void> {
	const key = await server.read('/etc/harden/backup/password');
	const output = await tool(server, ['undo', '--all', '--yes']);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	const ours = [
		{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays, and so does the recovery sheet'},
	];
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	const {repository, credentials} = answers as {repository: string; credentials: Record<string, string>};
	const listed = await server.run(['restic', 'snapshots', '--json'], {env: {RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: key, ...credentials}});
	t.true((JSON.parse(listed.stdout) as unknown[]).length > 0);
	const applied = await apply(server, answers);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.is(await server.read('/etc/harden/backup/password'), key, 'the same backups, with the key from the sheet');
	await server.reboot();
	t.deepEqual(await verdicts(server), passing);
}

onServer('a folder here: told what it is not good for, full disks and wrong keys refused, and undo leaves only the backups', {releases: ['trixie']}, async (t, server) => {
	await installTool(server);
	await sh(server, 'mkdir -p /mnt/disk /opt/data; mount -t tmpfs -o size=32m none /mnt/disk; echo mine >/opt/data/mine');
	const repository = '/mnt/disk/backups';
	await writeAnswers(server, {version: 1});
	await sh(server, 'apt-get update -q >/dev/null');
	const before = await snapshot(server);
	const looked = await apply(server, {repository, paths: ['/opt/data']}, '--dry-run');
	t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
	t.regex(looked.stdout, /on this server itself/);
	t.false(await server.exists(repository));
	const applied = await apply(server, {repository, paths: ['/opt/data']});
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.regex((await verdicts(server))['elsewhere']!, /folder of this server/);

	// On a full disk restic sometimes waits for itself for ever: so it does here, and for sure.
	const patience = async (time: string) => sh(server, `sed -i 's/^stuck-after.*/stuck-after = ${time}/' /etc/harden/backup/backup.conf`);
	await server.write('/usr/local/bin/restic', '#!/bin/sh\n[ "$1" != backup ] || { echo "Save(data) failed: no space left on device" >&2; exec sleep 900; }\nexec /usr/bin/restic "$@"\n', {mode: 0o755});
	await patience('3s');
	t.false(await start(server, 'backup'));
	t.regex((await result(server, 'backup')).error ?? '', /did nothing for 3 s and was ended.*no space left on device/);
	await sh(server, 'rm /usr/local/bin/restic');
	await patience('30s');
	await sh(server, 'head -c 40000000 /dev/urandom >/opt/data/film');
	t.false(await start(server, 'backup'));
	t.regex((await result(server, 'backup')).error ?? '', /no space left on device/);
	t.true(Number(await sh(server, 'du -sm /mnt/disk/backups | cut -f1')) < 10, 'what was of no use is gone, so the disk has room again');
	await patience('20m');
	await sh(server, 'rm /opt/data/film; echo changed >/opt/data/mine');
	t.regex((await verdicts(server))['last']!, /no space left on device/);
	t.true(await start(server, 'backup'), (await result(server, 'backup')).error);
	await sh(server, 'echo oops >/opt/data/mine');
	await restore(t, server, '/opt/data/mine');
	t.is(await server.read('/opt/data/mine'), 'changed\n');

	await sh(server, 'echo /mnt/disk/other >/etc/harden/backup/repository');
	const {repository: provider} = remoteProviders(await installHarness(server));
	await law(t, {provider, name: '/mnt/disk/other', state: {connected: true}});
	await sh(server, `rm /root/provider-harness.mjs; echo ${repository} >/etc/harden/backup/repository`);
	t.is((await apply(server, {repository, paths: ['/opt/data']})).exitCode, 0);
	t.is((await status(server)).runs.length, 1, 'the tie to the first place came back when the second was taken away');

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	const ours = [
		{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays, and so does the recovery sheet'},
		{line: /^file \/opt\/data\/mine:/, because: 'the test changed it'},
	];
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.true(await server.exists(`${repository}/config`), 'the backups stay');

	const wrong = await apply(server, {repository, password: 'correct-horse-battery'});
	t.is(wrong.exitCode, 1, wrong.stdout + wrong.stderr);
	t.regex(wrong.stdout, /does not open the repository/);
	t.false(wrong.stdout.includes('correct-horse'));
	t.deepEqual(compare(before, await snapshot(server), ours), []);
});
