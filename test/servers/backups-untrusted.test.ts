import type {ExecutionContext} from 'ava';
import {installTool, tool, writeAnswers} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {database} from '../vps/sets.ts';

/** What lies in a backup may be somebody else's work: drill and restore never lend it a superuser's rights, and honest dumps come back whole. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 240_000})).stdout;
const psql = async (server: Server, sql: string, database = 'shop') => (await server.run(['runuser', '-u', 'postgres', '--', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', '-'], {input: sql})).stdout;

type Run = {state: string; error?: string; notes?: readonly string[]; rows?: number};
const result = async (server: Server, kind: string) => JSON.parse(await server.read(`/var/lib/harden-python-vps/backups/${kind}.json`)) as Run;

async function run(server: Server, kind: 'backup' | 'drill'): Promise<Run> {
	await server.run(['systemctl', 'start', `harden-${kind}.service`], {check: false, timeout: 240_000});
	return result(server, kind);
}

async function restore(server: Server) {
	return tool(server, ['restore', '--yes', 'database'], {timeout: 240_000});
}

/** An extension that only a superuser may add, with rows of the user's in a table of its own. */
const extension = {
	'heavy.control': 'default_version = \'1\'\nrelocatable = true\ncomment = \'not for everybody\'\n',
	'heavy--1.sql': 'CREATE TABLE weights (id int PRIMARY KEY, own boolean);\nINSERT INTO weights VALUES (1, false);\nSELECT pg_extension_config_dump(\'weights\', \'WHERE own\');\nCREATE FUNCTION lift() RETURNS int LANGUAGE sql AS \'SELECT 1\';\n',
};

/** What a real app's database has, and some that only a superuser can make. */
async function openShop(server: Server): Promise<void> {
	await sh(server, 'pg_isready -q || systemctl start postgresql; until pg_isready -q; do sleep 0.2; done; useradd --system shop; mkdir -p /srv/shop /var/lib/shop');
	const folder = await sh(server, 'echo /usr/share/postgresql/*/extension');
	for (const [name, content] of Object.entries(extension)) {
		await server.write(`${folder}/${name}`, content);
	}

	await psql(server, 'CREATE ROLE shop; CREATE ROLE reader; CREATE DATABASE shop OWNER shop; REVOKE ALL ON DATABASE shop FROM PUBLIC;', 'postgres');
	await psql(server, String.raw`
		CREATE SCHEMA tools AUTHORIZATION shop; CREATE EXTENSION heavy SCHEMA tools; INSERT INTO tools.weights VALUES (2, true); GRANT EXECUTE ON FUNCTION tools.lift() TO reader;
		SET ROLE shop;
		CREATE EXTENSION pg_trgm;
		CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL);
		CREATE INDEX ON customers USING gin (name gin_trgm_ops);
		INSERT INTO customers (name) SELECT 'kund ' || n FROM generate_series(1, 200) n;
		CREATE MATERIALIZED VIEW names AS SELECT name FROM customers;
		ALTER TABLE customers ENABLE ROW LEVEL SECURITY; ALTER TABLE customers FORCE ROW LEVEL SECURITY; CREATE POLICY few ON customers USING (id < 10);
		CREATE TABLE "ORDERS" (n int); CREATE VIEW few AS SELECT 1 AS n; GRANT SELECT ON "ORDERS", few TO reader;
		GRANT SELECT ON customers TO reader; GRANT USAGE ON SCHEMA public TO reader;
		ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
		SELECT lo_from_bytea(4711, 'large');
		RESET ROLE;
		CREATE TABLE audit (what text); GRANT INSERT ON audit TO shop;
		CREATE PUBLICATION everything FOR ALL TABLES;
		ALTER DATABASE shop SET work_mem = '5MB'; ALTER ROLE shop IN DATABASE shop SET search_path = "$user", tools, public; ALTER DATABASE shop SET log_min_messages = 'error';
	`);
	await server.write('/var/lib/harden-python-vps/session.json', JSON.stringify({
		version: 1, answers: {version: 1, app: {name: 'shop'}, postgres: {database: 'shop'}}, chosen: [], done: ['app', 'postgres'], skipped: [], finished: true, updatedAt: '2026-01-01T00:00:00Z',
	}), {mode: 0o600});
	await sh(server, 'chmod 0700 /var/lib/harden-python-vps');
}

/** Lines that one has and the other has not. */
function missing(left: Record<string, string>, right: Record<string, string>): readonly string[] {
	const there = new Set(Object.values(right).flatMap(text => text.split('\n')));
	return Object.values(left).flatMap(text => text.split('\n')).filter(line => !there.has(line) && !line.startsWith('--'));
}

/** All that is not as it was after an honest restore. Each of it is told. */
const gone: readonly string[] = [
	'ALTER TABLE public.audit OWNER TO postgres;',
	'CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = \'insert, update, delete, truncate\');',
	'ALTER PUBLICATION everything OWNER TO postgres;',
	'GRANT ALL ON FUNCTION tools.lift() TO reader;',
	'GRANT INSERT ON TABLE public.audit TO shop;',
	'|{work_mem=5MB,log_min_messages=error}',
];
const come: readonly string[] = ['ALTER TABLE public.audit OWNER TO shop;', '|{work_mem=5MB}'];

/** All that belongs to the database, its owners and rights, as PostgreSQL tells it. */
async function shopState(server: Server): Promise<Record<string, string>> {
	return {
		dump: (await sh(server, 'runuser -u postgres -- pg_dump --dbname=shop')).replaceAll(/^\\(?:un)?restrict .*$/gm, ''),
		database: await psql(server, 'SELECT pg_get_userbyid(datdba), datacl, datconnlimit FROM pg_database WHERE datname = \'shop\'; SELECT nullif(setrole, 0)::regrole, setconfig FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = \'shop\') ORDER BY 1; SELECT extname, pg_get_userbyid(extowner) FROM pg_extension ORDER BY 1'),
	};
}

/** Nobody got more than they had, and nothing is left over. */
async function nothingWon(t: ExecutionContext, server: Server): Promise<void> {
	t.is(await psql(server, 'SELECT string_agg(rolname, \' \') FROM pg_roles WHERE rolsuper', 'postgres'), 'postgres');
	t.false(await server.exists('/tmp/owned'));
	t.is(await psql(server, 'SELECT count(*) FROM pg_roles WHERE rolname = \'harden_restore\'', 'postgres'), '0', 'the throwaway role is gone');
	t.is(await psql(server, 'SELECT count(*) FROM pg_database WHERE datname LIKE \'harden%\'', 'postgres'), '0', 'and so is its database');
}

/** Tries all that a superuser may, and swallows the refusals: when rows are written, and when they are counted, here as there. */
const greedy = String.raw`
	SET test.harmless = 'yes';
	CREATE FUNCTION grab() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
		IF current_setting('test.harmless', true) IS DISTINCT FROM 'yes' THEN
			BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXCEPTION WHEN OTHERS THEN NULL; END;
			BEGIN EXECUTE 'RESET ROLE'; EXCEPTION WHEN OTHERS THEN NULL; END;
			BEGIN EXECUTE 'ALTER ROLE shop SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
			BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch /tmp/owned'''; EXCEPTION WHEN OTHERS THEN NULL; END;
		END IF;
		RETURN true;
	END $$;
	-- PostgreSQL believes this, and calls it to plan a query.
	CREATE FUNCTION greedy(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.grab(); END';
	ALTER FUNCTION grab OWNER TO shop; ALTER FUNCTION greedy OWNER TO shop;
	CREATE TABLE trap (n int CHECK (public.greedy(n))); ALTER TABLE trap OWNER TO shop; INSERT INTO trap VALUES (1);
	CREATE INDEX ON trap (n) WHERE public.greedy(1);
`;

/** pg_dump, and what somebody made of its work in the repository: a comment becomes a command of the same length. */
const tampering = (command: string) => `#!/usr/bin/python3 -I
import subprocess, sys
dump = subprocess.run(['/usr/bin/pg_dump', *sys.argv[1:]], stdout=subprocess.PIPE, check=True).stdout
comment = b"COMMENT ON TABLE public.customers IS '" + b'x' * 200 + b"';"
assert comment in dump
sys.stdout.buffer.write(dump.replace(comment, ${JSON.stringify(command)}.encode().ljust(len(comment))))
`;

onServer('a backup that somebody tampered with gets no superuser\'s rights, and an honest one comes back whole', {packages: database}, async (t, server) => {
	await installTool(server);
	await openShop(server);
	await sh(server, 'apt-get update -q >/dev/null');
	const applied = await tool(server, ['--answers', await writeAnswers(server, {version: 1, backups: {repository: '/var/backups/harden'}}), '--yes', '--only', 'backups'], {timeout: 400_000});
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.log(await result(server, 'drill'));
	await honest(t, server);
	await letIn(t, server);
	await greedyAnswered(t, server);
	await psql(server, `COMMENT ON TABLE customers IS '${'x'.repeat(200)}'`);
	// The older PostgreSQL has the same roles; programs (COPY) and owners hang on no release.
	const isNewer = server.release === 'trixie';
	await tampered(t, server, commands.filter(([command]) => isNewer || !command.startsWith('COPY')));
	if (isNewer) {
		await chosen(t, server);
	}
});

async function honest(t: ExecutionContext, server: Server): Promise<void> {
	const was = await shopState(server);
	const drill = await result(server, 'drill');
	t.is(drill.state, 'done', drill.error);
	await nothingWon(t, server);
	await psql(server, 'DELETE FROM customers; DROP MATERIALIZED VIEW names');
	const restored = await restore(server);
	t.is(restored.exitCode, 0, restored.stdout + restored.stderr);
	t.log(restored.stdout);
	const is = await shopState(server);
	t.deepEqual(missing(was, is), gone);
	t.deepEqual(missing(is, was), come);
	await nothingWon(t, server);
}

/** The lines that the step "PostgreSQL" writes; without them it came over 127.0.0.1. */
async function letIn(t: ExecutionContext, server: Server): Promise<void> {
	const put = async (...lines: readonly string[]) => sh(server, String.raw`cd /etc/postgresql/*/main; test -e hba || cp -p pg_hba.conf hba; { printf '%s\n' '${lines.join('\' \'')}'; cat hba; } >pg_hba.conf; pg_ctlcluster $(basename $(dirname $PWD)) main reload`);
	await put('host all harden_restore all reject');
	// What a drill that was killed leaves behind.
	await psql(server, 'CREATE ROLE harden_restore LOGIN; COMMENT ON ROLE harden_restore IS \'harden-python-vps\'; CREATE DATABASE harden_drill_1 OWNER harden_restore;', 'postgres');
	const drill = await run(server, 'drill');
	t.is(drill.state, 'failed');
	t.regex(drill.error ?? '', /does not let in the role harden_restore.* local all harden_restore scram-sha-256/);
	await nothingWon(t, server);
	await put('local all harden_restore scram-sha-256', 'host all harden_restore all reject');
}

async function greedyAnswered(t: ExecutionContext, server: Server): Promise<void> {
	await psql(server, greedy);
	t.is((await run(server, 'backup')).state, 'done');
	const drill = await run(server, 'drill');
	t.is(drill.state, 'done', drill.error);
	await nothingWon(t, server);
	const restored = await restore(server);
	t.is(restored.exitCode, 0, restored.stdout + restored.stderr);
	await nothingWon(t, server);
}

/** What somebody puts into a dump, and how it is refused. */
const commands = [
	['RESET SESSION AUTHORIZATION; ALTER ROLE shop SUPERUSER;', /permission denied|must be superuser/],
	['COPY (SELECT 1) TO PROGRAM \'touch /tmp/owned\';', /permission denied|must be superuser/],
	['DROP DATABASE shop;', /must be owner of database shop/],
] as const;

async function tampered(t: ExecutionContext, server: Server, tried: ReadonlyArray<typeof commands[number]>): Promise<void> {
	const was = await shopState(server);
	for (const [command, refusal] of tried) {
		await server.write('/usr/local/bin/pg_dump', tampering(command), {mode: 0o755});
		t.is((await run(server, 'backup')).state, 'done');
		await sh(server, 'rm /usr/local/bin/pg_dump');
		const refused = await restore(server);
		t.is(refused.exitCode, 1);
		t.regex(refused.stderr, refusal);
		await nothingWon(t, server);
		t.deepEqual(await shopState(server), was, 'the database is as it was');
	}

	const failed = await run(server, 'drill');
	t.is(failed.state, 'failed');
	t.regex(failed.error ?? '', /must be owner of database shop/);
	await nothingWon(t, server);
}

/** Who owns what comes back is for the server to say, and so is which extensions there are. */
async function chosen(t: ExecutionContext, server: Server): Promise<void> {
	for (const [wrong, right, refusal] of [
		['ALTER DATABASE shop OWNER TO reader', 'ALTER DATABASE shop OWNER TO shop', /belonged to shop, and shop here to reader/],
		['ALTER ROLE shop SUPERUSER', 'ALTER ROLE shop NOSUPERUSER', /which is no superuser/],
		['ALTER DATABASE shop RENAME TO away; GRANT pg_execute_server_program TO shop', 'REVOKE pg_execute_server_program FROM shop', /may do more than others here/],
		['SELECT', 'ALTER DATABASE away RENAME TO shop', /only a superuser may add[^]*the extension heavy/],
	] as const) {
		for (const sql of wrong.split('; ')) {
			await psql(server, sql, 'postgres');
		}

		const {exitCode, stderr} = await restore(server);
		t.is(exitCode, 1);
		t.regex(stderr, refusal);
		await psql(server, right, 'postgres');
	}

	await nothingWon(t, server);
}
