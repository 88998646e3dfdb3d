import {rename, stat, utimes} from 'node:fs/promises';
import {posix} from 'node:path';
import {databaseUrl, letters, loginOf, parseDatabaseUrl, parseLoginName, type Cluster, type DatabaseUrl, type Letter} from '../../engine/postgres.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {syncFolder} from '../durable.ts';
import {writeState} from '../files.ts';
import {askSql, identifier, isInstalled, literal, runSql} from '../postgres/psql.ts';
import {isPasswordOf, newPassword, verifierOf} from '../postgres/scram.ts';

type State = ResourceStates['database-login'];

/** A login as the server has it. */
type Role = {name: string; verifier: string | null; isLetIn: boolean; owner: string | null; limit: number; timeout: string | null; rights: readonly string[]};

/** The comment by which a login of ours is told from one of the user's that happens to have its name. */
const mark = 'harden-python-vps';

const other = (letter: Letter): Letter => letter === 'a' ? 'b' : 'a';

/** A login that is only there to run out (`VALID UNTIL`) counts as revoked. */
async function rolesOf(host: Host, cluster: Cluster, role: string): Promise<readonly Role[]> {
	const names = letters.map(letter => literal(loginOf(role, letter))).join(', ');
	return await askSql<readonly Role[]>(host, cluster, `
		SELECT json_agg(json_build_object(
			'name', a.rolname, 'verifier', a.rolpassword,
			'isLetIn', a.rolcanlogin AND a.rolpassword IS NOT NULL AND coalesce(a.rolvaliduntil = 'infinity', true),
			'limit', a.rolconnlimit,
			'owner', (SELECT substr(c, 6) FROM unnest(r.rolconfig) c WHERE c LIKE 'role=%' AND EXISTS (
				SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.roleid WHERE m.member = a.oid AND o.rolname = substr(c, 6))),
			'timeout', (SELECT substr(c, 19) FROM unnest(r.rolconfig) c WHERE c LIKE 'statement_timeout=%'),
			'rights', array_remove(ARRAY[
				CASE WHEN a.rolsuper THEN 'SUPERUSER' END, CASE WHEN a.rolcreatedb THEN 'CREATEDB' END, CASE WHEN a.rolcreaterole THEN 'CREATEROLE' END,
				CASE WHEN a.rolreplication THEN 'REPLICATION' END, CASE WHEN a.rolbypassrls THEN 'BYPASSRLS' END], NULL)))
		FROM pg_authid a JOIN pg_roles r ON r.oid = a.oid WHERE a.rolname IN (${names}) AND shobj_description(a.oid, 'pg_authid') = ${literal(mark)};`) ?? [];
}

async function urlIn(host: Host, path: string): Promise<DatabaseUrl | undefined> {
	return parseDatabaseUrl(await host.read(path) ?? '');
}

function opens(url: DatabaseUrl | undefined, roles: readonly Role[], login: string): boolean {
	const role = roles.find(({name}) => name === login);
	return url?.user === login && role?.isLetIn === true && role.verifier !== null && isPasswordOf(url.password, role.verifier);
}

function letterOf(url: DatabaseUrl | undefined, role: string): Letter | undefined {
	return letters.find(letter => url?.user === loginOf(role, letter));
}

async function read(host: Host, name: string): Promise<State> {
	const {file, cluster, role} = parseLoginName(name);
	const url = await urlIn(host, file);
	const letter = letterOf(url, role);
	const roles = await isInstalled(host, cluster) ? await rolesOf(host, cluster, role) : [];
	if (letter === undefined || url === undefined) {
		return null;
	}

	const inUse = roles.find(found => found.name === loginOf(role, letter));
	return {
		database: url.database,
		owner: inUse?.owner ?? '',
		connectionLimit: inUse?.limit ?? 0,
		statementTimeout: Number(/^(?<ms>\d+)(?:ms)?$/.exec(inUse?.timeout ?? '')?.groups?.['ms'] ?? 0),
		rights: inUse?.rights ?? [],
		valid: opens(url, roles, loginOf(role, letter)),
		inUse: letter,
		both: roles.some(found => found.name === loginOf(role, other(letter)) && found.isLetIn),
	};
}

/** Both logins with no right of their own: what they may do is what the owner may, and what they make is the owner's. */
function rolesSql(role: string, {owner, database, connectionLimit, statementTimeout}: NonNullable<State>, there: readonly Role[]): string {
	const least = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT';
	const make = (name: string) => there.some(found => found.name === name) ? '' : `BEGIN; CREATE ROLE ${identifier(name)} NOLOGIN; COMMENT ON ROLE ${identifier(name)} IS ${literal(mark)}; COMMIT;`;
	return letters.map(letter => loginOf(role, letter)).map(name => `
		${make(name)}
		ALTER ROLE ${identifier(name)} ${least} CONNECTION LIMIT ${connectionLimit};
		GRANT ${identifier(owner)} TO ${identifier(name)};
		ALTER ROLE ${identifier(name)} SET role = ${literal(owner)};
		ALTER ROLE ${identifier(name)} SET statement_timeout = ${literal(`${statementTimeout}`)};
		ALTER ROLE ${identifier(name)} SET idle_in_transaction_session_timeout = '600000';
		GRANT CONNECT ON DATABASE ${identifier(database)} TO ${identifier(name)};`).join('');
}

function letIn(login: string, verifier: string): string {
	return `ALTER ROLE ${identifier(login)} LOGIN PASSWORD ${literal(verifier)} VALID UNTIL 'infinity';`;
}

/** At once and for good, with the sessions that it still has. */
function revoke(login: string): string {
	return `ALTER ROLE ${identifier(login)} NOLOGIN PASSWORD NULL; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${literal(login)};`;
}

/** By itself in two minutes: the app may still be using it until it is restarted. */
function runOut(login: string): string {
	return `SELECT format('ALTER ROLE %I VALID UNTIL %L', ${literal(login)}, now() + interval '2 minutes') \\gexec\n`;
}

async function portOf(host: Host, cluster: Cluster): Promise<number> {
	return Number(await runSql(host, cluster, 'SHOW port;'));
}

/** DATABASE_URL of somebody else's (another server, a service) is not ours to replace. */
async function assertOurs(host: Host, file: string, role: string): Promise<void> {
	const text = await host.read(file);
	if (text !== undefined && letterOf(parseDatabaseUrl(text), role) === undefined) {
		throw new Problem(t('{file} is there already, and leads to another database.', {file}), t('Move it out of the way to have the app use this one, or leave the PostgreSQL step out.'), 1);
	}
}

async function put(host: Host, path: string, text: string | undefined): Promise<void> {
	await writeState(host, path, text === undefined ? null : {content: text, mode: 0o600, owner: 'root', group: 'root'});
}

/** With its age, by which one sees when it is due. */
async function remember(host: Host, file: string, previous: string, url: DatabaseUrl): Promise<void> {
	const {atime, mtime} = await stat(file);
	await put(host, previous, databaseUrl(url));
	await utimes(previous, atime, mtime);
}

async function goBack(file: string, previous: string): Promise<void> {
	await rename(previous, file);
	await Promise.all([file, previous].map(async path => syncFolder(posix.dirname(path))));
}

async function remove(host: Host, name: string): Promise<void> {
	const {file, previous, cluster, role} = parseLoginName(name);
	const url = await urlIn(host, file);
	if (await isInstalled(host, cluster)) {
		for (const login of (await rolesOf(host, cluster, role)).map(found => found.name)) {
			const owner = (await rolesOf(host, cluster, role)).find(found => found.name === login)?.owner;
			await runSql(host, cluster, revoke(login));
			if (url && owner) {
				// Should it have made anything under its own name, that goes to the owner: nothing is lost.
				await runSql(host, cluster, `REASSIGN OWNED BY ${identifier(login)} TO ${identifier(owner)}; DROP OWNED BY ${identifier(login)};`, url.database);
			}

			await runSql(host, cluster, `DROP ROLE ${identifier(login)};`);
		}
	}

	await put(host, previous, undefined);
	if (letterOf(url, role) !== undefined) {
		await put(host, file, undefined);
	}
}

/**
 * DATABASE_URL and the login it names. Each effect leaves the URL that is in place good: a password is set before the URL that
 * holds it is, and revoked only once no URL does. So a crash anywhere is settled by writing either state again.
 */
async function write(host: Host, name: string, state: NonNullable<State>): Promise<void> {
	const {file, previous, cluster, role} = parseLoginName(name);
	await assertOurs(host, file, role);
	await runSql(host, cluster, rolesSql(role, state, await rolesOf(host, cluster, role)));
	const roles = await rolesOf(host, cluster, role);
	const [now, before] = await Promise.all([urlIn(host, file), urlIn(host, previous)]);
	const letter = state.inUse ?? letterOf(now, role) ?? 'a';
	const [login, spare] = [loginOf(role, letter), loginOf(role, other(letter))];
	const isInPlace = opens(now, roles, login);
	if (!isInPlace) {
		if (opens(before, roles, login)) {
			await goBack(file, previous);
		} else {
			const password = newPassword();
			if (now && state.both) {
				await remember(host, file, previous, now);
			}

			await runSql(host, cluster, letIn(login, verifierOf(password)));
			await put(host, file, databaseUrl({user: login, password, database: state.database, port: await portOf(host, cluster)}));
		}
	}

	if (!state.both) {
		await runSql(host, cluster, isInPlace ? revoke(spare) : runOut(spare));
		await put(host, previous, undefined);
	}
}

/** The app's way into its database. Passwords are made here and live in DATABASE_URL and, as verifiers, in the server; nowhere else. */
export function databaseLoginProvider(host: Host): Provider<'database-login'> {
	return {
		read: async name => read(host, name),
		write: async (name, state) => state === null ? remove(host, name) : write(host, name, state),
		same(left, right) {
			if (left === null || right === null) {
				return left === right;
			}

			return left.database === right.database && left.owner === right.owner && left.valid === right.valid
				&& left.connectionLimit === right.connectionLimit && left.statementTimeout === right.statementTimeout
				&& left.rights.join(' ') === right.rights.join(' ')
				&& (left.inUse === undefined || right.inUse === undefined || left.inUse === right.inUse)
				&& (left.both === undefined || right.both === undefined || left.both === right.both);
		},
	};
}
