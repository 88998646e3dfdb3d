import {t} from '../words.ts';
import {decision} from './firewall-rule.ts';
import {isLoopback, sourceContains} from './network.ts';
import type {Facts, FirewallFacts, FirewallRule, Listener} from './facts.ts';
import type {Exposure} from './step.ts';

/** Who can reach what: what listens, and what the firewall lets through to it. Pure. */

/** A firewall as packets meet it. `closed`: what no rule speaks of stays out. Rules in the order in which they are asked. */
export type Wall = {closed: boolean; rules: readonly FirewallRule[]};

/** One port as the outside sees it. `sources` is empty where nobody gets in, `any` is everybody. */
export type Reach = {
	port: number;
	protocol: 'tcp' | 'udp';
	program?: string;
	sources: readonly string[];
	/** The container that Docker publishes here, past the firewall. */
	published?: string;
};

/** Stores that should not be asked by strangers: most trust whoever reaches them. */
const stores: Readonly<Record<number, string>> = {
	1433: 'SQL Server', 1521: 'Oracle', 2375: 'Docker', 2379: 'etcd', 2380: 'etcd', 3306: 'MySQL', 5432: 'PostgreSQL', 5672: 'RabbitMQ', 5984: 'CouchDB',
	6379: 'Redis', 6432: 'PgBouncer', 7474: 'Neo4j', 7687: 'Neo4j', 8086: 'InfluxDB', 8529: 'ArangoDB', 9042: 'Cassandra', 9200: 'Elasticsearch',
	9300: 'Elasticsearch', 11_211: 'Memcached', 15_672: 'RabbitMQ', 26_257: 'CockroachDB', 27_017: 'MongoDB', 28_015: 'RethinkDB', 33_060: 'MySQL',
};

export function storeAt(port: number): string | undefined {
	return stores[port];
}

/** The firewall that decides today. Rules of others than ufw and firewalld are not understood, and count as if they were not there. */
export function wallToday({backend, ufw, firewalld}: FirewallFacts): Wall {
	const wall = backend === 'ufw' ? ufw : (backend === 'firewalld' ? firewalld : undefined);
	return wall ? {closed: wall.incoming !== 'allow', rules: wall.rules} : {closed: false, rules: []};
}

const letsIn = (action: FirewallRule['action'] | undefined) => action === 'allow' || action === 'limit';

/** Whom a firewall lets through to a port. */
export function sourcesThrough({closed, rules}: Wall, target: {port: number; protocol: 'tcp' | 'udp'}): readonly string[] {
	const forAll = decision(rules, target, 'any');
	if (forAll === undefined ? !closed : letsIn(forAll)) {
		return ['any'];
	}

	const sources = rules.map(rule => rule.from).filter(from => from !== 'any' && letsIn(decision(rules, target, from)));
	const unique = [...new Set(sources)];
	return unique.filter(source => !unique.some(other => other !== source && sourceContains(other, source)));
}

/** What only this host, or only its own link, can reach. */
function isLocal(address: string): boolean {
	return isLoopback(address) || sourceContains('fe80::/10', address);
}

function publishedAt({published}: FirewallFacts, {port, protocol}: {port: number; protocol: string}): string | undefined {
	return published.find(entry => entry.port === port && entry.protocol === protocol && !isLocal(entry.address))?.container;
}

/** Every port that something listens on for the outside, or that Docker publishes, with whom the firewall lets in. Ascending. */
export function reaches(listeners: readonly Listener[], firewall: FirewallFacts, wall: Wall): readonly Reach[] {
	const outward = listeners.filter(({address}) => !isLocal(address));
	const published = firewall.published.filter(({address}) => !isLocal(address));
	const ports = new Map<string, {port: number; protocol: 'tcp' | 'udp'; program?: string}>();
	for (const {port, protocol, ...rest} of [...published, ...outward]) {
		const program = 'program' in rest ? rest.program : undefined;
		ports.set(`${port}/${protocol}`, {port, protocol, ...program !== undefined && {program}});
	}

	return [...ports.values()].map(target => {
		const container = publishedAt(firewall, target);
		return container === undefined
			? {...target, sources: sourcesThrough(wall, target)}
			// Docker hands these packets on before ufw is asked (moby/moby#22054).
			: {...target, sources: ['any'], published: container};
	}).toSorted((left, right) => left.port - right.port || left.protocol.localeCompare(right.protocol));
}

/** `anyone`, `nobody`, or the addresses. */
export function sourceWords(sources: readonly string[]): string {
	if (sources.length === 0) {
		return t('nobody');
	}

	if (sources.includes('any') || (sources.includes('0.0.0.0/0') && sources.includes('::/0'))) {
		return t('anyone');
	}

	return sources.map(source => source === '0.0.0.0/0' ? t('anyone over IPv4') : (source === '::/0' ? t('anyone over IPv6') : source)).join(', ');
}

/** `5432/udp`; TCP goes without saying. */
export function portWords({port, protocol}: {port: number; protocol: string}): string {
	return protocol === 'tcp' ? String(port) : `${port}/${protocol}`;
}

function reachWords({sources, published}: Reach): string {
	return published === undefined ? sourceWords(sources) : t('anyone, past the firewall (published by Docker)');
}

/** What can be reached today. */
export function reachesToday({listeners, firewall}: Pick<Facts, 'listeners' | 'firewall'>): readonly Reach[] {
	return reaches(listeners, firewall, wallToday(firewall));
}

const keyOf = ({port, protocol}: Reach) => `${port}/${protocol}`;

function nameOf(reach: Reach): string {
	return [portWords(reach), reach.program ?? storeAt(reach.port) ?? ''].filter(Boolean).join(' ');
}

/** How it is to be reached by a look at the server. */
function wordsIn(look: ReadonlyMap<string, Reach>, reach: Reach): string {
	const found = look.get(keyOf(reach));
	return found ? reachWords(found) : t('nothing listens');
}

/** Rows of the before/after table: what can be reached today, and what will be. */
export function exposureRows(facts: Pick<Facts, 'listeners' | 'firewall'>, after: Wall, coming: readonly Listener[] = []): readonly Exposure[] {
	const {listeners, firewall} = facts;
	const before = new Map(reachesToday(facts).map(reach => [keyOf(reach), reach]));
	return reaches([...listeners, ...coming.filter(({port, protocol}) => !before.has(`${port}/${protocol}`))], firewall, after).map(reach => ({
		what: nameOf(reach),
		before: wordsIn(before, reach),
		after: reachWords(reach),
	}));
}

/** The same of two looks at a server: one of before, as it was kept, and one of today. */
export function exposureSince(before: readonly Reach[], today: readonly Reach[]): readonly Exposure[] {
	const [then, now] = [before, today].map(list => new Map(list.map(reach => [keyOf(reach), reach])));
	return [...new Map([...then!, ...now!]).values()]
		.toSorted((left, right) => left.port - right.port || left.protocol.localeCompare(right.protocol))
		.map(reach => ({what: nameOf(reach), before: wordsIn(then!, reach), after: wordsIn(now!, reach)}));
}

function remarkOn(reach: Reach): string {
	const store = storeAt(reach.port);
	const place = reach.published ? {container: reach.published} : undefined;
	if (reach.published !== undefined) {
		return place ? t('published by Docker from {container}, past any firewall', place) : t('published by Docker, past any firewall');
	}

	const who = sourceWords(reach.sources);
	return store === undefined ? who : t('{store}, open to {who}', {store, who});
}

/** What the outside can reach today, for the opening screen: only what somebody does get at. */
export function exposedNow(facts: Pick<Facts, 'listeners' | 'firewall'>): ReadonlyArray<{port: string; program: string; remark: string}> {
	return reachesToday(facts).filter(({sources}) => sources.length > 0).map(reach => ({
		port: portWords(reach),
		program: reach.program ?? '',
		remark: remarkOn(reach),
	}));
}

/** Databases and the like that strangers can reach. */
export function openStores(facts: Pick<Facts, 'listeners' | 'firewall'>, wall: Wall): readonly Reach[] {
	return reaches(facts.listeners, facts.firewall, wall).filter(({port, sources}) => storeAt(port) !== undefined && ['any', '0.0.0.0/0', '::/0'].some(all => sources.includes(all)));
}
