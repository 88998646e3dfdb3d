import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import type {ClusterFacts, PostgresFacts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {postgresStep} from '../../steps/postgres/index.ts';
import {resources} from '../../steps/postgres/resources.ts';
import {milliseconds} from '../../steps/postgres/wanted.ts';
import {facts} from './ssh-facts.ts';

const answers = (postgres: object = {}, more: object = {}): Answers => answersSchema.parse({app: {name: 'my-shop'}, postgres, ...more});
const fresh: PostgresFacts = {candidate: '17', clusters: []};
const cluster = (changes: Partial<ClusterFacts> = {}): ClusterFacts => ({
	version: '15', name: 'main', port: 5432, running: true,
	settings: {listen_addresses: {value: 'localhost'}, ssl_cert_file: {value: '/etc/ssl/certs/ssl-cert-snakeoil.pem', file: '/etc/postgresql/15/main/postgresql.conf'}},
	databases: [{name: 'postgres', owner: 'postgres', ownedBySuperuser: true}],
	...changes,
});
const named = (list: readonly Resource[], type: string, name?: string) => list.find(resource => resource.type === type && (name === undefined || resource.name.endsWith(name)));
const contentOf = (resource?: Resource) => (resource?.desired as {content: string}).content;
const linesOf = (list: readonly Resource[]) => (named(list, 'block')?.desired as {lines: readonly string[]}).lines.map(line => line.replaceAll(/ +/g, ' '));

test('without an app, or without a server and apt\'s word of one, there is nothing to plan', t => {
	t.deepEqual(resources(facts({postgres: fresh}), answersSchema.parse({postgres: {}})), []);
	t.throws(() => resources(facts({postgres: {clusters: []}}), answers()), {instanceOf: Problem});
	t.throws(() => resources(facts({postgres: {clusters: [cluster({running: false})]}}), answers()), {instanceOf: Problem}, 'what was installed and does not start is no success');
	t.regex(postgresStep.unfit!(facts({postgres: {clusters: []}}), {version: 1})!, /apt-get update/);
	t.regex(postgresStep.unfit!(facts({postgres: {clusters: [cluster({running: false})]}}), {version: 1})!, /pg_ctlcluster 15 main start/);
	t.is(postgresStep.unfit!(facts({postgres: fresh}), {version: 1}), undefined);
});

test('a fresh server: planned with the version that apt would install, named after the app, closed to the network', t => {
	const list = resources(facts({postgres: fresh}), answers());
	t.deepEqual(list.filter(({type}) => type === 'package').map(({name}) => name), ['postgresql', 'postgresql-17', 'openssl']);
	t.is(named(list, 'database')?.name, '17/main/my_shop');
	t.deepEqual(named(list, 'database')?.desired, {owner: 'my_shop', everybody: []});
	t.is(named(list, 'database-login')?.name, '/etc/harden/my-shop 17/main/my_shop');
	t.like(named(list, 'database-login')?.desired, {rights: [], valid: true, both: false, connectionLimit: 40, statementTimeout: 300_000});
	t.regex(contentOf(named(list, 'file', '/17/main/conf.d/50-harden-python-vps.conf')), /^listen_addresses = 'localhost'$/m);
	t.regex(contentOf(named(list, 'file', '.conf')), /^ssl_min_protocol_version = 'TLSv1\.2'$/m);
	t.deepEqual(linesOf(list), [
		'local "my_shop" "my_shop_a","my_shop_b" scram-sha-256',
		'local all "harden_restore" scram-sha-256',
		'local all "my_shop_a","my_shop_b" reject',
		'host all "my_shop_a","my_shop_b","harden_restore" all reject',
	]);
	t.truthy(named(list, 'unit', 'harden-rotate.timer'));
});

test('the plan after the packages are installed is the plan before, but for them', t => {
	const after = {clusters: [cluster({version: '17'})]};
	const configuration = (postgres: PostgresFacts) => resources(facts({postgres}), answers()).filter(({type}) => type !== 'package');
	t.deepEqual(configuration(after), configuration(fresh));
});

test('other machines: TLS only, by address, named in the certificate, let in by the firewall, and a restart to listen', t => {
	const ufw = {installed: true, enabled: true, incoming: 'deny', rules: [], foreign: []};
	const list = resources(facts({postgres: {clusters: [cluster()]}, firewall: {...facts().firewall, backend: 'ufw', ufw}}), answers({allowFrom: ['203.0.113.7', '2001:db8::/48']}));
	t.deepEqual(linesOf(list).slice(1, 3), [
		'hostssl "my_shop" "my_shop_a","my_shop_b" 203.0.113.7/32 scram-sha-256',
		'hostssl "my_shop" "my_shop_a","my_shop_b" 2001:db8::/48 scram-sha-256',
	]);
	t.regex(contentOf(named(list, 'file', '.conf')), /^listen_addresses = '\*'$/m);
	t.is(named(list, 'block')?.reload?.action, 'restart');
	t.deepEqual(named(list, 'own-certificate')?.desired, {names: ['vps', '203.0.113.10'], fresh: true});
	t.deepEqual(list.filter(({type}) => type === 'firewall-rule').map(({name}) => name), ['ufw allow 5432/tcp from 203.0.113.7', 'ufw allow 5432/tcp from 2001:db8::/48']);
	t.throws(() => answers({allowFrom: ['203.0.113.7'], tls: false}));
});

test('what the user set stays: where it listens, its certificate, the owner of a database', t => {
	const mine = '/etc/postgresql/15/main/conf.d/90-mine.conf';
	const there = cluster({
		settings: {listen_addresses: {value: '*', file: mine}, ssl_cert_file: {value: '/etc/ssl/mine.pem', file: mine}},
		databases: [{name: 'my_shop', owner: 'bob', ownedBySuperuser: false}],
	});
	const given = facts({postgres: {clusters: [there]}});
	const list = resources(given, answers());
	t.notRegex(contentOf(named(list, 'file', '.conf')), /listen_addresses|ssl_cert_file/);
	t.is(named(list, 'own-certificate'), undefined);
	t.like(named(list, 'database')?.desired, {owner: 'bob'});
	t.is(named(list, 'package'), undefined);
	const warned = postgresStep.warnings!(given, answers()).join('\n');
	t.regex(warned, /listens on \* since you set it so/);
	t.regex(warned, /certificate of yours/);
	t.regex(warned, /GRANT CONNECT/);
});

test('the server that has the database is the one, wherever it listens', t => {
	const old = cluster();
	const other = cluster({version: '16', port: 5433, databases: [{name: 'my_shop', owner: 'postgres', ownedBySuperuser: true}]});
	const list = resources(facts({postgres: {clusters: [old, other]}}), answers());
	t.is(named(list, 'database')?.name, '16/main/my_shop');
	t.like(named(list, 'database')?.desired, {owner: 'my_shop'}, 'what a superuser owns is given to the app');
});

test('names that PostgreSQL keeps for itself are refused', t => {
	for (const database of ['postgres', 'all', 'replication', 'pg_shop']) {
		t.throws(() => resources(facts({postgres: fresh}), answers({database})), {instanceOf: Problem});
	}

	for (const database of ['a"b', 'shop; DROP', 'Shop', 'a\nb', '']) {
		t.throws(() => answers({database}));
	}
});

test('durations', t => {
	t.is(milliseconds('90d'), 7_776_000_000);
	t.is(milliseconds('30'), 30_000);
	t.is(milliseconds('never'), 0);
});
