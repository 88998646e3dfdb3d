import {allow, decision, ruleName} from '../../source/engine/firewall-rule.ts';
import {clusterText, clusterUnit, letters, loginOf, restoreRole} from '../../source/engine/postgres.ts';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import {file} from '../of-root.ts';
import {assertFree, certificates, dropInName, listenAddresses, milliseconds, ourCertificate, outOfReach, wantedOf, type Wanted} from './wanted.ts';

export const toolFolder = '/var/lib/harden-python-vps/tool';

/** PostgreSQL's own parsers on what lies in its files now; what only a restart could take up is no mistake. */
const noMistake = String.raw`DO $$ DECLARE wrong text; BEGIN
	SELECT string_agg(format('%s line %s: %s', sourcefile, sourceline, error), E'\n') INTO wrong FROM pg_file_settings WHERE error IS NOT NULL AND error <> 'setting could not be applied';
	IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong; END IF;
	SELECT string_agg(format('pg_hba.conf line %s: %s', line_number, error), E'\n') INTO wrong FROM pg_hba_file_rules WHERE error IS NOT NULL;
	IF wrong IS NOT NULL THEN RAISE EXCEPTION '%', wrong; END IF;
END $$`;

function reloadOf(wanted: Wanted): Reload {
	const {cluster, there} = wanted;
	const listen = listenAddresses(wanted);
	// Where it listens is the one thing that takes a restart.
	const isMoved = there !== undefined && listen !== '' && there.settings?.['listen_addresses']?.value !== listen;
	return {
		unit: clusterUnit(cluster),
		action: isMoved ? 'restart' : 'reload',
		validate: ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', 'psql', '--cluster', clusterText(cluster), '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--dbname=postgres', `--command=${noMistake}`],
	};
}

/**
 * The lines of pg_hba.conf, where the first that fits decides. They speak of our own logins only, so that nothing changes for
 * anybody else: the way in, and then that there is no other.
 */
export function hbaLines({database, answers: {allowFrom}}: Wanted): readonly string[] {
	const logins = letters.map(letter => `"${loginOf(database, letter)}"`).join(',');
	const line = (...fields: readonly string[]) => fields.map((field, index) => index < 4 ? field.padEnd([8, 12, 24, 24][index]!) : field).join(' ').trimEnd();
	return [
		line('local', `"${database}"`, logins, '', 'scram-sha-256'),
		...allowFrom.map(source => line('hostssl', `"${database}"`, logins, network(source), 'scram-sha-256')),
		// A role that is there while a backup is restored: see snippets/backup/lib/throwaway.py.
		line('local', 'all', `"${restoreRole}"`, '', 'scram-sha-256'),
		line('local', 'all', logins, '', 'reject'),
		line('host', 'all', `${logins},"${restoreRole}"`, 'all', 'reject'),
	];
}

function network(source: string): string {
	return source.includes('/') ? source : `${source}/${source.includes(':') ? 128 : 32}`;
}

function serverResources(wanted: Wanted): readonly Resource[] {
	const {there, cluster} = wanted;
	return [
		...there === undefined ? [
			{type: 'package', name: 'postgresql', desired: {installed: true}, why: t('The database server, of this distribution: its security updates come by themselves.')} satisfies Resource,
			{type: 'package', name: `postgresql-${cluster.version}`, desired: {installed: true, automatic: true}, why: t('The database server, of this distribution: its security updates come by themselves.')} satisfies Resource,
		] : [],
		...ourCertificate(wanted) ? [{type: 'package', name: 'openssl', desired: {installed: true}, why: t('Makes the certificate.')} satisfies Resource] : [],
	];
}

/** The names under which other machines may look for this server. */
function certificateNames({hostname, addresses}: Facts, {answers: {allowFrom}}: Wanted): readonly string[] {
	return [hostname.toLowerCase(), ...allowFrom.length > 0 ? addresses : []];
}

function certificateResources(facts: Facts, wanted: Wanted, reload: Reload): readonly Resource[] {
	return ourCertificate(wanted) ? [
		{type: 'directory', name: certificates, desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('For the certificate of the database server.')},
		{type: 'own-certificate', name: certificates, desired: {names: certificateNames(facts, wanted), fresh: true}, why: t('By an authority that only this server has: clients can tell it from any other.'), reload},
	] : [];
}

function doorResources({firewall}: Facts, {answers: {allowFrom}, port}: Wanted): readonly Resource[] {
	const {backend} = firewall;
	if (backend !== 'ufw' && backend !== 'firewalld') {
		return [];
	}

	const closed = allowFrom.filter(source => !['allow', 'limit'].includes(decision(firewall[backend].rules, {port, protocol: 'tcp'}, source) ?? ''));
	return closed.map(source => ({type: 'firewall-rule', name: ruleName(backend, allow(port, source)), desired: {}, why: t('{source} may reach the database.', {source})}));
}

/** What the app finds in DATABASE_URL. Also what `rotate database` changes. */
export function loginResource({login, database, owner, answers, app}: Wanted): Resource<'database-login'> {
	return {
		type: 'database-login',
		name: login,
		desired: {database, owner, connectionLimit: answers.connectionLimit, statementTimeout: milliseconds(answers.statementTimeout), rights: [], valid: true, both: false},
		why: t('The app logs in with rights over its own database and nothing else. It finds the way in DATABASE_URL.'),
		reload: {unit: app.service, action: 'restart'},
	};
}

function rotationResources({answers: {rotateEvery}, app, cluster}: Wanted): readonly Resource[] {
	if (rotateEvery === 'never') {
		return [];
	}

	const unit = (name: string, content: string, why: string) => file(`/etc/systemd/system/${name}`, content, why);
	return [
		{type: 'tool-copy', name: toolFolder, desired: {current: true}, why: t('What the timer runs, with the Node that runs it now.')},
		unit('harden-rotate.service', snippet('systemd/harden-rotate.service', {name: app.user, cluster: clusterUnit(cluster), folder: toolFolder}), t('Gives the app a new database password, and takes the old one away once the app is well.')),
		unit('harden-rotate.timer', snippet('systemd/harden-rotate.timer', {name: app.user, every: rotateEvery}), t('Every {every}.', {every: rotateEvery})),
		{type: 'unit', name: 'harden-rotate.timer', desired: {enabled: true, active: true, masked: false}, why: t('It looks every day whether the password is due.')},
	];
}

/** In the order in which they are made. */
export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const wanted = answers.postgres && wantedOf(facts, answers);
	if (!wanted) {
		const why = answers.postgres && answers.app && outOfReach(facts);
		if (why) {
			throw new Problem(t('There is no database server to work on.'), why, 1);
		}

		return [];
	}

	assertFree(wanted);
	const {config, cluster, database, owner} = wanted;
	const reload = reloadOf(wanted);
	const dropIn = snippet('postgresql/conf.d/50-harden-python-vps.conf', {listen: listenAddresses(wanted), certificates: ourCertificate(wanted) ? certificates : ''});
	return [
		...serverResources(wanted),
		...certificateResources(facts, wanted, reload),
		{type: 'file', name: `${config}/conf.d/${dropInName}`, desired: {content: dropIn, mode: 0o644, owner: 'root', group: 'root'}, why: t('Where it listens, how passwords are kept, what is logged.'), reload},
		{type: 'block', name: `${config}/pg_hba.conf`, desired: {lines: hbaLines(wanted)}, why: t('Which way the app\'s logins may take. All other lines stay as they are.'), reload},
		{type: 'database', name: `${clusterText(cluster)}/${database}`, desired: {owner, everybody: []}, why: t('The app\'s own database. Other logins have no way into it.')},
		loginResource(wanted),
		...doorResources(facts, wanted),
		...rotationResources(wanted),
	];
}
