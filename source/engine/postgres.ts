import {posix} from 'node:path';

/** The names by which steps and providers speak of a database, and the form of DATABASE_URL. Pure. */

export type Cluster = {version: string; name: string};

export function clusterText({version, name}: Cluster): string {
	return `${version}/${name}`;
}

export function configFolder({version, name}: Cluster): string {
	return `/etc/postgresql/${version}/${name}`;
}

export function clusterUnit({version, name}: Cluster): string {
	return `postgresql@${version}-${name}.service`;
}

const databaseForm = /^(?<version>[\d.]+)\/(?<name>[\w.-]+)\/(?<last>[a-z_][a-z\d_]*)$/;

/** `17/main/shop` of a database, or of what its logins are called. */
export function parseDatabaseName(text: string): {cluster: Cluster; name: string} {
	const {version, name, last} = databaseForm.exec(text)?.groups ?? {};
	if (version === undefined || name === undefined || last === undefined) {
		throw new Error(`Not the name of a database: ${JSON.stringify(text)}`);
	}

	return {cluster: {version, name}, name: last};
}

export function loginName(settings: string, cluster: Cluster, role: string): string {
	return `${settings} ${clusterText(cluster)}/${role}`;
}

/** Where the app finds its URL, where the one before it waits until it is revoked, and which cluster. */
export function parseLoginName(text: string): {file: string; previous: string; cluster: Cluster; role: string} {
	const [settings = '', rest = '', ...more] = text.split(' ');
	if (!posix.isAbsolute(settings) || posix.normalize(settings) !== settings || more.length > 0) {
		throw new Error(`Not the name of a login: ${JSON.stringify(text)}`);
	}

	const {cluster, name} = parseDatabaseName(rest);
	return {file: `${settings}/credentials/DATABASE_URL`, previous: `${settings}/DATABASE_URL.previous`, cluster, role: name};
}

export const letters = ['a', 'b'] as const;
export type Letter = typeof letters[number];

/** The login with which a backup comes back, there only meanwhile; the name that snippets/backup/lib/throwaway.py has for it. */
export const restoreRole = 'harden_restore';

/** The two logins of one app: one is in use, the other one has its turn at the next rotation. */
export function loginOf(role: string, letter: Letter): string {
	return `${role}_${letter}`;
}

export type DatabaseUrl = {user: string; password: string; database: string; port: number};

/** Through the socket: nothing of it can be overheard, and no port has to be open. */
export function databaseUrl({user, password, database, port}: DatabaseUrl): string {
	return `postgresql://${user}:${password}@/${database}?host=/var/run/postgresql${port === 5432 ? '' : `&port=${port}`}`;
}

/** One that we wrote; undefined for any other text. */
export function parseDatabaseUrl(text: string): DatabaseUrl | undefined {
	const parts = /^postgresql:\/\/(?<user>[a-z_][a-z\d_]*):(?<password>[\w-]+)@\/(?<database>[a-z_][a-z\d_]*)\?host=\/var\/run\/postgresql(?:&port=(?<port>\d{1,5}))?$/.exec(text.trim())?.groups;
	return parts && {user: parts['user']!, password: parts['password']!, database: parts['database']!, port: Number(parts['port'] ?? 5432)};
}
