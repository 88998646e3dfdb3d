import {type Cluster, clusterText} from '../../engine/postgres.ts';
import type {Host, Output} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';

/** A text as SQL has it. */
export function literal(text: string): string {
	if (text.includes('\0') || text.includes('\\')) {
		throw new Error(`Not a text for SQL: ${JSON.stringify(text)}`);
	}

	return `'${text.replaceAll('\'', '\'\'')}'`;
}

/** A name as SQL has it. */
export function identifier(name: string): string {
	if (!/^[a-z_][\w$-]*$/i.test(name)) {
		throw new Error(`Not a name for SQL: ${JSON.stringify(name)}`);
	}

	return `"${name}"`;
}

/** What is said here never comes into the server's log, whatever it logs otherwise. */
const quietly = 'SET log_statement = \'none\'; SET log_min_error_statement = \'panic\'; SET log_min_duration_statement = -1; SET log_duration = off;\n';

/** Whether the programs of a cluster's version are here. */
export async function isInstalled(host: Host, {version}: Cluster): Promise<boolean> {
	return (await host.list(`/usr/lib/postgresql/${version}/bin`)).includes('postgres');
}

/** Runs SQL as PostgreSQL's superuser, through its socket. The SQL goes in by standard input. Rows come without frills. */
async function psql(host: Host, cluster: Cluster, sql: string, database: string): Promise<Output> {
	const program = ['psql', '--cluster', clusterText(cluster), '--no-psqlrc', '--no-align', '--tuples-only', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', `--dbname=${database}`] as const;
	return host.run(['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', ...program, '--file=-'], {input: quietly + sql, env: {HOME: '/var/lib/postgresql'}});
}

/** Runs SQL that has to succeed; returns what it printed. */
export async function runSql(host: Host, cluster: Cluster, sql: string, database = 'postgres'): Promise<string> {
	const {exitCode, stdout, stderr} = await psql(host, cluster, sql, database);
	if (exitCode !== 0) {
		throw new Problem(
			t('PostgreSQL {cluster} refuses: {words}', {cluster: clusterText(cluster), words: stderr.split('\n').slice(0, 3).join(' ').replaceAll(/psql:<stdin>:\d+: /g, '')}),
			t('Put that right and try again. Does it run? pg_lsclusters'),
			1,
		);
	}

	return stdout;
}

/** One value that SQL makes as JSON; null for no row. */
export async function askSql<T>(host: Host, cluster: Cluster, sql: string, database?: string): Promise<T | null> {
	const text = await runSql(host, cluster, sql, database);
	return text.trim() === '' ? null : JSON.parse(text) as T;
}
