import {isSource} from '../../source/answers/values.ts';
import {postgres} from '../../source/answers/postgres.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question, Step} from '../../source/engine/step.ts';
import {checks} from './checks.ts';
import {resources} from './resources.ts';
import {certificates, clusterWords, databaseFor, hasOwnCertificate, isTheirs, outOfReach, wantedOf} from './wanted.ts';

const split = (value: string) => value.split(/[\s,]+/).filter(Boolean);

function questions(_: Facts, answers: Answers): readonly Question[] {
	const given = answers.postgres ?? postgres.parse({});
	return [
		{
			id: 'postgres.database',
			kind: 'text',
			message: t('What is the app\'s database called?'),
			why: t('The app gets a database of its own, and a login that can do nothing else. It finds both in DATABASE_URL.'),
			explain: t('If a database of that name is here already, it is taken as it is: nothing in it is changed, its owner stays.'),
			default: databaseFor(answers.app?.name ?? 'app', given),
			validate: value => postgres.shape.database.safeParse(value).success ? undefined : t('Small letters, digits and _, starting with a letter, please.'),
			parse: value => value,
		},
		{
			id: 'postgres.allowFrom',
			kind: 'text',
			message: t('Which other machines may connect to it? (empty: none)'),
			why: t('The app on this server needs no network: it uses a socket. Only name machines that have to reach the database themselves.'),
			risk: t('whoever has one of these addresses can try passwords, always over TLS.'),
			default: given.allowFrom.join(' '),
			placeholder: t('none'),
			validate(value) {
				const wrong = split(value).find(source => !isSource(source));
				return wrong === undefined ? undefined : t('`{wrong}` is no address and no network. Write them like 203.0.113.7 or 2001:db8::/48.', {wrong});
			},
			parse: split,
		},
		{
			id: 'postgres.rotateEvery',
			kind: 'text',
			message: t('How often should the app get a new password?'),
			why: t('A password that leaked is worth nothing after that. The app is restarted with the new one and proven healthy before the old one is revoked.'),
			risk: t('programs other than the app that use its password: they have to be told the new one. Write never then.'),
			default: given.rotateEvery,
			validate: value => postgres.shape.rotateEvery.safeParse(value).success ? undefined : t('Write a duration like 30d or 12w, or never.'),
			parse: value => value,
		},
	];
}

function today({postgres: {clusters}, listeners}: Facts): string {
	if (clusters.length === 0) {
		return t('not installed');
	}

	return clusters.map(({version, name, port, running}) => {
		const isOpen = listeners.some(listener => listener.port === port && ['0.0.0.0', '::', '*'].includes(listener.address));
		return running ? (isOpen ? t('{cluster}, open to the network', {cluster: `${version}/${name}`}) : t('{cluster} running', {cluster: `${version}/${name}`})) : t('{cluster} stopped', {cluster: `${version}/${name}`});
	}).join(', ');
}

function warnings(facts: Facts, answers: Answers): readonly string[] {
	const wanted = answers.postgres && wantedOf(facts, answers);
	if (!wanted?.there) {
		return [];
	}

	const {there, database, owner, answers: given} = wanted;
	const found = there.databases?.find(({name}) => name === database);
	return [
		...found ? [t('The database {database} is here already: everything in it stays. Logins that came in because everybody could do not any more; give them the right by name: GRANT CONNECT ON DATABASE {database} TO them.', {database})] : [],
		...found && found.owner !== owner ? [t('It belongs to {old} today and will belong to {owner}; tables that {old} made stay with {old}, and the app may not touch them.', {old: found.owner, owner})] : [],
		...isTheirs(wanted, 'listen_addresses') && given.allowFrom.length === 0 && there.settings?.['listen_addresses']?.value !== 'localhost' ? [t('It listens on {addresses} since you set it so. That stays, in case other machines use it.', {addresses: there.settings!['listen_addresses']!.value})] : [],
		...given.tls && hasOwnCertificate(wanted) ? [t('It has a certificate of yours. That stays.')] : [],
	];
}

export const postgresStep: Step = {
	id: 'postgres',
	get title() {
		return t('PostgreSQL');
	},
	get purpose() {
		return t('The app gets a database of its own, which nobody else can reach, and a password that changes by itself.');
	},
	today,
	unfit: outOfReach,
	questions,
	resources,
	checks,
	warnings,
	exposure(facts, answers) {
		const wanted = answers.postgres && wantedOf(facts, answers);
		const isOpen = wanted && facts.listeners.some(({port, address}) => port === wanted.port && ['0.0.0.0', '::', '*'].includes(address));
		return wanted ? [{
			what: t('PostgreSQL {cluster}', {cluster: clusterWords(wanted)}),
			before: wanted.there === undefined ? t('not there') : (isOpen ? t('whoever the firewall lets through') : t('this server only')),
			after: wanted.answers.allowFrom.length > 0 ? t('{sources}, over TLS', {sources: wanted.answers.allowFrom.join(', ')}) : (isOpen && isTheirs(wanted, 'listen_addresses') ? t('as before') : t('this server only')),
		}] : [];
	},
	remember(facts, answers) {
		const wanted = answers.postgres && wantedOf(facts, answers);
		return wanted ? [
			t('The app finds its database in DATABASE_URL, and needs a driver for it among its requirements, like psycopg[binary]. A new password:\n    sudo {tool} rotate database'),
			...wanted.answers.allowFrom.length > 0 ? [t('Other machines connect with sslmode=verify-full and the authority in {file}; copy that file there.', {file: `${certificates}/ca.crt`})] : [],
		] : [];
	},
	needs: ['app'],
	standsOn: ['app'],
	auditedOnlyWhenTaken: true,
};
