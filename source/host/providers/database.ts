import {parseDatabaseName} from '../../engine/postgres.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {t} from '../../words.ts';
import {askSql, identifier, isInstalled, literal, runSql} from '../postgres/psql.ts';

type State = ResourceStates['database'];

async function read(host: Host, text: string): Promise<State> {
	const {cluster, name} = parseDatabaseName(text);
	return await isInstalled(host, cluster) ? askSql<NonNullable<State>>(host, cluster, `
		SELECT json_build_object('owner', r.rolname, 'everybody', (
			SELECT coalesce(json_agg(privilege_type ORDER BY privilege_type), '[]')
			FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) WHERE grantee = 0))
		FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = ${literal(name)};`) : null;
}

/** PostgreSQL's words for what a role may do with a database. */
const privileges = new Set(['CONNECT', 'CREATE', 'TEMPORARY']);

async function write(host: Host, text: string, state: State): Promise<void> {
	if (state === null) {
		return;
	}

	const {cluster, name} = parseDatabaseName(text);
	const [owner, database] = [identifier(state.owner), identifier(name)];
	const current = await read(host, text);
	await runSql(host, cluster, `SELECT 'CREATE ROLE ${owner} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(state.owner)}) \\gexec\n`);
	if (current === null) {
		await runSql(host, cluster, `CREATE DATABASE ${database} OWNER ${owner} ENCODING 'UTF8' TEMPLATE template0;`);
		// From version 15 on it is so by itself.
		await runSql(host, cluster, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;' + (Number(cluster.version) < 15 ? `ALTER SCHEMA public OWNER TO ${owner};` : ''), name);
	} else if (current.owner !== state.owner) {
		await runSql(host, cluster, `ALTER DATABASE ${database} OWNER TO ${owner};`);
	}

	const everybody = state.everybody.filter(word => privileges.has(word));
	await runSql(host, cluster, `REVOKE ALL ON DATABASE ${database} FROM PUBLIC;` + (everybody.length > 0 ? `GRANT ${everybody.join(', ')} ON DATABASE ${database} TO PUBLIC;` : ''));
}

/** A database and the role that owns it, through psql as PostgreSQL's superuser. Whatever is undone, it is never dropped. */
export function databaseProvider(host: Host): Provider<'database'> {
	return {
		read: async name => read(host, name),
		write: async (name, state) => write(host, name, state),
		lasting: ({name, before}) => before === null ? t('The database and its owner stay, with all data. If you want neither: sudo -u postgres dropdb {name}', {name: parseDatabaseName(name).name}) : undefined,
	};
}
