import {postgres} from '../../source/answers/postgres.ts';
import {configFolder, loginName, clusterText, type Cluster} from '../../source/engine/postgres.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {ClusterFacts, Facts} from '../../source/engine/facts.ts';
import {layoutOf} from '../app/layout.ts';

/** What the step is about, from facts and answers. Pure. */

export type PostgresAnswers = NonNullable<Answers['postgres']>;

export const certificates = '/etc/harden/postgresql';
export const dropInName = '50-harden-python-vps.conf';

export type Wanted = {
	app: ReturnType<typeof layoutOf>;
	answers: PostgresAnswers;
	/** Absent while no server is here yet. */
	there?: ClusterFacts;
	cluster: Cluster;
	config: string;
	port: number;
	database: string;
	owner: string;
	/** The login's resource. */
	login: string;
};

const units = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000} as const;

/** `90d` in milliseconds; a bare number counts seconds; 0 for never. */
export function milliseconds(duration: string): number {
	const {count, unit} = /^(?<count>\d+)(?<unit>[smhdw]?)$/.exec(duration)?.groups ?? {};
	return count === undefined ? 0 : Number(count) * units[(unit || 's') as keyof typeof units];
}

/** The app's name as a name in PostgreSQL. */
export function databaseFor(app: string, {database}: Pick<PostgresAnswers, 'database'>): string {
	return database ?? app.replaceAll('-', '_');
}

/** The cluster that has the database already, else the first that runs; both by port. */
function clusterFor({postgres: {clusters}}: Facts, database: string): ClusterFacts | undefined {
	const running = clusters.filter(cluster => cluster.running).toSorted((left, right) => left.port - right.port);
	return running.find(({databases = []}) => databases.some(({name}) => name === database)) ?? running[0];
}

/** Why there is no server to work on; undefined where there is one, or one can be installed. */
export function outOfReach({postgres: {clusters, candidate}}: Facts): string | undefined {
	if (clusters.length > 0 && !clusters.some(({running}) => running)) {
		return t('PostgreSQL is here but does not run. Start it with: pg_ctlcluster {version} {name} start', {version: clusters[0]!.version, name: clusters[0]!.name});
	}

	return clusters.length === 0 && candidate === undefined ? t('apt knows no package postgresql. Run apt-get update, and start again.') : undefined;
}

/** Undefined where the app, or a server, is out of reach. */
export function wantedOf(facts: Facts, answers: Answers): Wanted | undefined {
	const name = answers.app?.name;
	const version = facts.postgres.candidate;
	if (name === undefined) {
		return undefined;
	}

	const app = layoutOf(name);
	const given = answers.postgres ?? postgres.parse({});
	const database = databaseFor(name, given);
	const there = clusterFor(facts, database);
	if (there === undefined && version === undefined) {
		return undefined;
	}

	const cluster = there ? {version: there.version, name: there.name} : {version: version!, name: 'main'};
	const today = there?.databases?.find(found => found.name === database);
	return {
		app,
		answers: given,
		...there && {there},
		cluster,
		config: configFolder(cluster),
		port: there?.port ?? 5432,
		database,
		owner: given.role ?? (today && !today.ownedBySuperuser ? today.owner : database),
		login: loginName(app.settings, cluster, database),
	};
}

/** Names that PostgreSQL keeps for itself, or that mean something else in pg_hba.conf. */
const reserved = new Set(['postgres', 'template0', 'template1', 'all', 'sameuser', 'samerole', 'samegroup', 'replication', 'public', 'none', 'user', 'current_user', 'session_user']);

export function assertFree({database, owner}: Wanted): void {
	const taken = [database, owner].find(name => reserved.has(name) || name.startsWith('pg_'));
	if (taken !== undefined) {
		throw new Problem(t('`{name}` is a name that PostgreSQL keeps for itself.', {name: taken}), t('Choose another one: postgres.database and postgres.role in the answers.'));
	}
}

/** Settings that somebody made who is not us: they stay. */
export function isTheirs({there, config}: Wanted, setting: string): boolean {
	const file = there?.settings?.[setting]?.file;
	return file !== undefined && file !== `${config}/conf.d/${dropInName}`;
}

/** Debian's own example certificate is nobody's decision. */
export function hasOwnCertificate(wanted: Wanted): boolean {
	return isTheirs(wanted, 'ssl_cert_file') && !wanted.there!.settings!['ssl_cert_file']!.value.includes('/ssl-cert-snakeoil.');
}

export function ourCertificate(wanted: Wanted): boolean {
	return wanted.answers.tls && !hasOwnCertificate(wanted);
}

/** What our file says of where it listens; nothing where the user's own word stands and no other machine is asked for. */
export function listenAddresses(wanted: Wanted): string {
	if (wanted.answers.allowFrom.length > 0) {
		return '*';
	}

	return isTheirs(wanted, 'listen_addresses') ? '' : 'localhost';
}

export function clusterWords({cluster, port}: Pick<Wanted, 'cluster' | 'port'>): string {
	return t('{cluster} on port {port}', {cluster: clusterText(cluster), port});
}
