import {askPolicy} from '../../engine/apt.ts';
import type {ClusterFacts, PostgresFacts} from '../../engine/facts.ts';
import {hasProgram} from '../programs.ts';
import type {Host} from '../../engine/types.ts';
import {askSql} from '../postgres/psql.ts';

/** `pg_lsclusters --no-header`: `17 main 5432 online postgres /var/lib/postgresql/17/main /var/log/…`. */
export function parseClusters(output: string): readonly ClusterFacts[] {
	return output.split('\n').flatMap(line => {
		const [version = '', name = '', port = '', state = ''] = line.trim().split(/\s+/);
		return /^\d+(?:\.\d+)?$/.test(version) && /^\d+$/.test(port) ? [{version, name, port: Number(port), running: state.split(',').includes('online')}] : [];
	});
}

/** `apt-cache policy postgresql`: `Candidate: 17+278+deb13u1`, whose first number is the server's version. */
export function parseCandidate(policy: string): string | undefined {
	return /^\s*Candidate: (?<version>\d+)\+/m.exec(policy)?.groups?.['version'];
}

const wanted = ['listen_addresses', 'ssl', 'ssl_cert_file', 'hba_file', 'config_file', 'max_connections'];

type Asked = Pick<ClusterFacts, 'settings' | 'databases'>;

async function ask(host: Host, cluster: ClusterFacts): Promise<ClusterFacts> {
	if (!cluster.running) {
		return cluster;
	}

	const sql = `SELECT json_build_object(
		'settings', (SELECT json_object_agg(name, json_strip_nulls(json_build_object('value', setting, 'file', sourcefile))) FROM pg_settings WHERE name IN (${wanted.map(name => `'${name}'`).join(', ')})),
		'databases', (SELECT json_agg(json_build_object('name', datname, 'owner', rolname, 'ownedBySuperuser', rolsuper) ORDER BY datname) FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE NOT datistemplate));`;
	// Without root, or where it is just starting, no more is known of it.
	const asked = await askSql<Asked>(host, cluster, sql).catch(() => undefined);
	return {...cluster, ...asked};
}

/** The database servers of this host. */
export async function collectPostgres(host: Host): Promise<PostgresFacts> {
	const clusters = await hasProgram(host, 'pg_lsclusters') ? parseClusters((await host.run(['pg_lsclusters', '--no-header'])).stdout) : [];
	if (clusters.length > 0) {
		return {clusters: await Promise.all(clusters.map(async cluster => ask(host, cluster)))};
	}

	const candidate = parseCandidate((await askPolicy(host, ['postgresql'])).stdout);
	return {...candidate !== undefined && {candidate}, clusters};
}
