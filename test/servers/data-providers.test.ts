import type {ResourceStates} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import {database} from '../vps/sets.ts';
import {cutAtEveryEffect, installHarness, remoteProviders} from './remote-providers.ts';
import {quiet, sh, unchanged} from './with-providers.ts';

/** Credentials, blocks, certificates, databases and their logins, on real servers. */

type Login = NonNullable<ResourceStates['database-login']>;

onServer('what the data steps write keeps the law, and a database login is good at every moment', {packages: database}, async (t, server) => {
	const providers = remoteProviders(await installHarness(server));
	const version = await sh(server, 'ls /etc/postgresql');
	const sql = async (text: string) => sh(server, `cd /; setpriv --reuid=postgres --regid=postgres --init-groups psql -XAtqc "${text}"`);
	await sh(server, String.raw`mkdir -p /etc/harden/law/credentials /etc/harden/law/credentials.sealed; chmod 0700 /etc/harden/law/cred*; printf "# mine\nlocal all all peer" >/etc/harden/law/lines`);
	await unchanged(t, server, async () => {
		await law(t, {provider: providers.credential, name: '/etc/harden/law/credentials/X', state: {value: 'two\nlines\n'}});
		await law(t, {provider: providers.credential, name: '/etc/harden/law/credentials/X', state: {}});
		await law(t, {provider: providers.credential, name: '/etc/harden/law/credentials.sealed/X', state: {value: String.raw`ünïcode " \ $`}});
		await law(t, {provider: providers.credential, name: '/etc/harden/law/credentials.sealed/X', state: {}});
		await law(t, {provider: providers.block, name: '/etc/harden/law/lines', state: {lines: ['local "a" "b" reject', '']}});
		await law(t, {provider: providers.block, name: `/etc/postgresql/${version}/main/pg_hba.conf`, state: {lines: ['local "a" "b" reject']}});
		await law(t, {provider: providers['own-certificate'], name: '/etc/harden/law', state: {names: ['vps', '203.0.113.10', '2001:db8::1'], fresh: true}});
	});

	// One name more: the same authority, since clients know it.
	const certificate = providers['own-certificate'];
	await certificate.write('/etc/harden/law', {names: ['vps'], fresh: true}, quiet);
	const authority = await server.read('/etc/harden/law/ca.crt');
	await certificate.write('/etc/harden/law', {names: ['vps', 'db.example'], fresh: true}, quiet);
	t.is(await server.read('/etc/harden/law/ca.crt'), authority);
	t.is(await sh(server, 'openssl verify -CAfile /etc/harden/law/ca.crt -verify_hostname db.example /etc/harden/law/server.crt'), '/etc/harden/law/server.crt: OK');

	// A database is made and given away, and never dropped.
	const database = `${version}/main/law`;
	await providers.database.write(database, {owner: 'law', everybody: []}, quiet);
	t.deepEqual(await providers.database.read(database), {owner: 'law', everybody: []});
	await law(t, {provider: providers.database, name: database, state: {owner: 'another', everybody: ['CONNECT', 'TEMPORARY']}});
	await providers.database.write(database, null, quiet);
	t.truthy(await providers.database.read(database));

	const login = providers['database-login'];
	const name = `/etc/harden/law ${version}/main/law`;
	const state: Login = {database: 'law', owner: 'law', connectionLimit: 5, statementTimeout: 1000, rights: [], valid: true, both: false};
	await law(t, {provider: login, name, state});
	t.is(await sql(String.raw`SELECT count(*) FROM pg_roles WHERE rolname LIKE 'law\_%'`), '0');

	await providers.block.write(`/etc/postgresql/${version}/main/pg_hba.conf`, {lines: ['local "law" "law_a","law_b" scram-sha-256']}, quiet);
	await sh(server, `systemctl reload postgresql@${version}-main`);
	await login.write(name, state, quiet);
	await sql('ALTER ROLE law_a CREATEDB');
	t.like(await login.read(name), {rights: ['CREATEDB'], inUse: 'a'}, 'a right that somebody gave is seen');
	await login.write(name, state, quiet);
	const comesIn = async () => sh(server, 'url=$(cat /etc/harden/law/credentials/DATABASE_URL); psql -XAtqc "SELECT current_user || length(\'$url\')" "$url"');
	t.regex(await comesIn(), /^law\d+$/);
	await cutAtEveryEffect(server, {type: 'database-login', operation: 'write', name, state: {...state, inUse: 'b', both: true}}, async effect => {
		t.regex(await comesIn(), /^law\d+$/, `cut at effect ${effect}`);
	}, 3);
	t.like(await login.read(name), {inUse: 'b', both: true, valid: true});
	await login.write(name, {...state, inUse: 'a', both: false}, quiet);
	t.like(await login.read(name), {inUse: 'a', both: false, valid: true}, 'back to the one before, whose password was kept for that');
	t.false(await server.exists('/etc/harden/law/DATABASE_URL.previous'));
	await login.write(name, null, quiet);

	await sh(server, 'echo postgresql://me:x@db.example.com/elsewhere >/etc/harden/law/credentials/DATABASE_URL');
	await t.throwsAsync(login.write(name, state, quiet), {name: 'Problem', message: /leads to another database/});
	await login.write(name, null, quiet);
	t.true(await server.exists('/etc/harden/law/credentials/DATABASE_URL'), 'somebody else\'s stays');
	await sql('CREATE ROLE law_a LOGIN PASSWORD \'hers\'');
	await sh(server, 'rm /etc/harden/law/credentials/DATABASE_URL');
	await t.throwsAsync(login.write(name, state, quiet), {name: 'Problem', message: /law_a.* already exists/});
	await login.write(name, null, quiet);
	t.is(await sql(String.raw`SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname LIKE 'law\_%'`), 'law_a', 'a role of somebody else\'s with that name stays as it is');
});
