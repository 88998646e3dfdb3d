import {clusterText, loginOf, letters, parseDatabaseUrl} from '../../source/engine/postgres.ts';
import {parseListeners} from '../../source/engine/listeners.ts';
import {isLoopback} from '../../source/engine/network.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Output, Verdict} from '../../source/engine/types.ts';
import {verifyAlive} from '../app/checks.ts';
import {certificates, milliseconds, ourCertificate, wantedOf, type Wanted} from './wanted.ts';

const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
const fail = (evidence: string): Verdict => ({status: 'fail', evidence});
const firstLine = ({stdout, stderr}: Output) => (stderr || stdout).split('\n')[0]!.slice(0, 200);

type Connection = {user: string; password: string; database: string; port: number; host?: string; sslmode?: string};

/** A login like the app's own. The password goes by the environment of a process of root's. */
async function connect(host: Host, {user, password, database, port, host: address = '/var/run/postgresql', sslmode = 'prefer'}: Connection, sql: string): Promise<Output> {
	return host.run(
		['psql', '--no-psqlrc', '--no-align', '--tuples-only', '--no-password', `--host=${address}`, `--port=${port}`, `--username=${user}`, `--dbname=${database}`, `--command=${sql}`],
		{env: {PGPASSWORD: password, PGSSLMODE: sslmode, PGCONNECT_TIMEOUT: '5'}, timeout: 15_000},
	);
}

async function ask(host: Host, {cluster}: Wanted, sql: string, database = 'postgres'): Promise<string> {
	const {exitCode, stdout, stderr} = await host.run(['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', 'psql', '--cluster', clusterText(cluster), '--no-psqlrc', '--no-align', '--tuples-only', '--quiet', `--dbname=${database}`, '--file=-'], {input: sql});
	if (exitCode !== 0) {
		throw new Error(stderr.split('\n')[0]);
	}

	return stdout;
}

async function urlOf(host: Host, {app}: Wanted) {
	return parseDatabaseUrl(await host.read(`${app.credentials}/DATABASE_URL`) ?? '');
}

const noUrl = () => fail(t('There is no DATABASE_URL of ours.'));

async function verifyLogin(host: Host, wanted: Wanted): Promise<Verdict> {
	const url = await urlOf(host, wanted);
	if (!url) {
		return noUrl();
	}

	const said = await connect(host, url, 'SELECT session_user, current_user, current_database()');
	const isOwner = said.stdout === `${url.user}|${wanted.owner}|${wanted.database}`;
	return isOwner ? pass(t('{user} came in through the socket, with the rights of {owner} in {database}', {user: url.user, owner: wanted.owner, database: wanted.database})) : fail(said.exitCode === 0 ? said.stdout : firstLine(said));
}

/** Each way that must not lead in, tried. */
async function verifyRefused(host: Host, wanted: Wanted): Promise<Verdict> {
	const url = await urlOf(host, wanted);
	if (!url) {
		return noUrl();
	}

	const ways: ReadonlyArray<[what: string, connection: Connection]> = [
		[t('a wrong password'), {...url, password: 'not-the-password'}],
		[t('another database'), {...url, database: 'postgres'}],
		[t('the network of this server itself'), {...url, host: '127.0.0.1', sslmode: 'disable'}],
		[t('the owner, who has no login'), {...url, user: wanted.owner}],
	];
	const results = await Promise.all(ways.map(async ([what, connection]) => ({what, in: (await connect(host, connection, 'SELECT 1')).exitCode === 0})));
	const open = results.filter(result => result.in).map(({what}) => what);
	// An owner of the user's own may well have a login.
	return open.length === 0 ? pass(t('Refused: {ways}', {ways: results.map(({what}) => what).join(', ')})) : fail(t('Let in: {ways}', {ways: open.join(', ')}));
}

async function verifyOthers(host: Host, wanted: Wanted): Promise<Verdict> {
	const list = await ask(host, wanted, `SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND has_database_privilege(rolname, '${wanted.database}', 'CONNECT') AND NOT pg_has_role(rolname, '${wanted.owner}', 'MEMBER');`);
	const everybody = await ask(host, wanted, `SELECT count(*) FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE d.datname = '${wanted.database}' AND a.grantee = 0;`);
	return everybody === '0' ? pass(list === '' ? t('No other login may enter {database}', {database: wanted.database}) : t('Only who was given the right by name: {list}', {list})) : fail(t('Every login of this server may enter {database}.', {database: wanted.database}));
}

async function verifyRights(host: Host, wanted: Wanted): Promise<Verdict> {
	const logins = letters.map(letter => `'${loginOf(wanted.database, letter)}'`).join(', ');
	const said = await ask(host, wanted, `
		SELECT rolname || ': ' || concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)
		FROM pg_roles WHERE rolname IN (${logins}) AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
		UNION ALL SELECT 'owns ' || datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname IN (${logins}, '${wanted.owner}') AND datname <> '${wanted.database}';`);
	return said === '' ? pass(t('Its logins have no right but over {database}', {database: wanted.database})) : fail(said.replaceAll('\n', ', '));
}

async function verifyScram(host: Host, wanted: Wanted): Promise<Verdict> {
	const said = await ask(host, wanted, 'SELECT string_agg(rolname, \', \' ORDER BY rolname) FROM pg_authid WHERE rolpassword IS NOT NULL AND rolpassword NOT LIKE \'SCRAM-SHA-256$%\'; SHOW password_encryption;');
	const [old = '', encryption = ''] = said.split('\n');
	return old === '' && encryption === 'scram-sha-256' ? pass(t('All passwords are kept as SCRAM-SHA-256')) : fail(t('Kept in the old way: {old}; new ones: {encryption}', {old: old || t('none'), encryption}));
}

async function verifyOneLogin(host: Host, wanted: Wanted): Promise<Verdict> {
	const logins = letters.map(letter => `'${loginOf(wanted.database, letter)}'`).join(', ');
	const list = await ask(host, wanted, `SELECT string_agg(rolname, ', ') FROM pg_authid WHERE rolname IN (${logins}) AND rolcanlogin AND rolpassword IS NOT NULL AND coalesce(rolvaliduntil > now(), true);`);
	// The two of them overlap while a password is being changed, and for two minutes after that was put back.
	return list !== '' && !list.includes(',') ? pass(t('Let in: {login}', {login: list})) : fail(t('Let in: {login}', {login: list || t('none')}));
}

/** Lines that let anybody in from the network without a password, or with one that can be read on the way. */
async function verifyLines(host: Host, wanted: Wanted): Promise<Verdict> {
	const said = await ask(host, wanted, 'SELECT string_agg(format(\'line %s: %s %s\', line_number, type, auth_method), \', \') FROM pg_hba_file_rules WHERE error IS NULL AND (auth_method IN (\'trust\', \'password\', \'md5\', \'ident\') OR (type IN (\'host\', \'hostnossl\') AND auth_method <> \'reject\' AND coalesce(address, \'\') NOT LIKE \'127.%\' AND coalesce(address, \'\') NOT IN (\'::1\', \'localhost\', \'samehost\')));');
	return said === '' ? pass(t('Every line asks for a good password, and from other machines for TLS')) : fail(said);
}

async function verifyNetwork(host: Host, {port, answers: {allowFrom}}: Wanted): Promise<Verdict> {
	const {stdout} = await host.run(['ss', '-Hlntup']);
	const addresses = parseListeners(stdout).filter(listener => listener.protocol === 'tcp' && listener.port === port).map(({address}) => address);
	const outside = addresses.filter(address => !isLoopback(address));
	if (allowFrom.length > 0) {
		return outside.length > 0 ? pass(t('It listens for {sources}', {sources: allowFrom.join(', ')})) : fail(t('It listens on {addresses} only.', {addresses: addresses.join(', ') || t('none')}));
	}

	return outside.length === 0 ? pass(t('It listens on {addresses}', {addresses: addresses.join(', ') || t('none')})) : fail(t('It listens on {addresses}, for everybody whom the firewall lets through.', {addresses: outside.join(', ')}));
}

/** A client of the network as openssl plays one: the certificate has to be good for this server's name. */
async function verifyTls(host: Host, {port}: Wanted, name: string): Promise<Verdict> {
	const client = async (...options: readonly string[]) => host.run(['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-starttls', 'postgres', '-CAfile', `${certificates}/ca.crt`, '-verify_return_error', '-verify_hostname', name, ...options], {timeout: 15_000});
	const [good, wrongName, old] = [await client(), await client('-verify_hostname', 'another.invalid'), await client('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')];
	const protocol = /^\s*(?:Protocol\s*: |New, )(?<name>TLSv[\d.]+)/m.exec(good.stdout)?.groups?.['name'] ?? '';
	if (good.exitCode !== 0 || wrongName.exitCode === 0) {
		return fail(good.exitCode === 0 ? t('Its certificate is taken for any name.') : firstLine(good));
	}

	return old.exitCode === 0 ? fail(t('It still speaks TLS 1.1.')) : pass(t('{protocol}, certificate good for {name}; TLS 1.1 refused', {protocol, name}));
}

async function verifyRotation(host: Host, {answers: {rotateEvery}, app}: Wanted): Promise<Verdict> {
	const [timer, age] = await Promise.all([
		host.run(['systemctl', 'is-active', 'harden-rotate.timer']),
		host.run(['stat', '--format=%Y', `${app.credentials}/DATABASE_URL`]),
	]);
	const day = 86_400_000;
	const days = Math.floor((Date.now() - (Number(age.stdout) * 1000)) / day);
	// A failing app, or a server that was off, may have put it off for a while.
	const isLate = (days - 7) * day > milliseconds(rotateEvery);
	return timer.stdout === 'active' && age.exitCode === 0 && !isLate ? pass(t('The password is {days} days old, and is due after {every}', {days, every: rotateEvery})) : fail(t('The timer is {state}, the password {days} days old.', {state: timer.stdout, days}));
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const wanted = wantedOf(facts, answers);
	if (!wanted) {
		return [];
	}

	const fix = t('Run the PostgreSQL step.');
	const theirListening = wanted.answers.allowFrom.length === 0 && facts.postgres.clusters.length > 0 && wanted.there?.settings?.['listen_addresses']?.value !== 'localhost';
	return [
		{id: 'postgres.app', title: t('The app still answers'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Look at: journalctl -u {unit}', {unit: wanted.app.service}), verify: async host => verifyAlive(host, wanted.app)},
		{id: 'postgres.login', title: t('The app comes in through the socket, as a login of its own'), severity: 'high', references: ['CIS PostgreSQL 5.1', 'OWASP Database Security'], fix, verify: async host => verifyLogin(host, wanted)},
		{id: 'postgres.refused', title: t('A wrong password, another database and the network are refused'), severity: 'high', references: ['CIS PostgreSQL 5.3', 'OWASP ASVS 9.2'], fix, verify: async host => verifyRefused(host, wanted)},
		{id: 'postgres.others', title: t('Other logins have no way into the app\'s database'), severity: 'high', references: ['CIS PostgreSQL 4.4'], fix, verify: async host => verifyOthers(host, wanted)},
		{id: 'postgres.rights', title: t('The app\'s login has rights over its own database only'), severity: 'high', references: ['CIS PostgreSQL 4.3'], fix, verify: async host => verifyRights(host, wanted)},
		{id: 'postgres.one-login', title: t('One password is good, and no older one'), severity: 'medium', references: ['OWASP Secrets Management'], fix: t('Run: {tool} rotate database'), verify: async host => verifyOneLogin(host, wanted)},
		{id: 'postgres.scram', title: t('Passwords are kept as SCRAM-SHA-256'), severity: 'medium', references: ['CIS PostgreSQL 5.4'], fix: t(String.raw`Set the named passwords anew, with \password in psql.`), advice: true, verify: async host => verifyScram(host, wanted)},
		{id: 'postgres.lines', title: t('No line of pg_hba.conf lets strangers in'), severity: 'high', references: ['CIS PostgreSQL 5.2'], fix: t('Look at these lines in pg_hba.conf: they were there before, so they were left. Make them hostssl with scram-sha-256, or take them out.'), advice: true, verify: async host => verifyLines(host, wanted)},
		{id: 'postgres.network', title: wanted.answers.allowFrom.length === 0 ? t('It cannot be reached from other machines') : t('It can be reached by the machines that you named'), severity: 'high', references: ['CIS PostgreSQL 3.1'], fix: t('Take your own listen_addresses out, then run the PostgreSQL step.'), ...theirListening && {advice: true as const}, verify: async host => verifyNetwork(host, wanted)},
		...ourCertificate(wanted) ? [{id: 'postgres.tls', title: t('Its certificate proves that it is this server'), severity: 'medium' as const, references: ['CIS PostgreSQL 6.8'], fix, verify: async (host: Host) => verifyTls(host, wanted, facts.hostname.toLowerCase())}] : [],
		...wanted.answers.rotateEvery === 'never' ? [] : [{id: 'postgres.rotation', title: t('The app\'s password is changed from time to time'), severity: 'low' as const, references: ['OWASP Secrets Management'], fix: t('Look at why it failed: journalctl -u harden-rotate. Then: {tool} rotate database'), verify: async (host: Host) => verifyRotation(host, wanted)}],
	];
}
