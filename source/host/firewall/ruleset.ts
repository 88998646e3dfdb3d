import {unmapped} from '../../engine/network.ts';
import type {FirewallFacts, Listener} from '../../engine/facts.ts';

/** What the kernel and Docker say of packet filters, parsed; pure. */

export type Published = FirewallFacts['published'][number];
/** A chain that somebody else than ufw and firewalld put rules into. `refuses`: it can turn packets to this host away. */
export type ForeignChain = {name: string; refuses: boolean};

type Expression = Readonly<Record<string, unknown>>;
type Item = {
	chain?: {family: string; table: string; name: string; hook?: string; policy?: string};
	rule?: {family: string; table: string; chain: string; expr: readonly Expression[]};
};

const key = ({family, table}: {family: string; table: string}, chain: string) => `${family} ${table} ${chain}`;

function isOurs(table: string, chain: string): boolean {
	return table === 'firewalld' || /^ufw6?-/.test(chain);
}

/** A jump into one of ufw's chains is ufw's, wherever it stands. */
function jumpsToUfw(expressions: readonly Expression[]): boolean {
	return expressions.some(expression => ['jump', 'goto'].some(verb => /^ufw6?-/.test(String((expression[verb] as {target?: string} | undefined)?.target))));
}

function refuses(expressions: readonly Expression[]): boolean {
	return expressions.some(expression => 'drop' in expression || 'reject' in expression || ['REJECT', 'DROP'].includes(String((expression['xt'] as {name?: string} | undefined)?.name)));
}

/** `nft --json list ruleset` (libnftables-json(5)). Empty for anything else. */
export function parseRuleset(json: string): readonly Item[] {
	try {
		return (JSON.parse(json) as {nftables?: readonly Item[]}).nftables ?? [];
	} catch {
		return [];
	}
}

/** Chains with rules, or a policy to drop, that are neither ufw's nor firewalld's. */
export function foreignChains(items: readonly Item[]): readonly ForeignChain[] {
	const rules = items.flatMap(({rule}) => rule && !jumpsToUfw(rule.expr) ? [rule] : []);
	const ufwIsOn = items.some(({chain}) => chain !== undefined && /^ufw6?-user-input$/.test(chain.name));
	return items.flatMap(({chain}) => {
		if (!chain || isOurs(chain.table, chain.name)) {
			return [];
		}

		const own = rules.filter(rule => key(rule, rule.chain) === key(chain, chain.name));
		// Policies of the builtin chains are ufw's while it is on.
		const drops = chain.policy === 'drop' && !(ufwIsOn && chain.table === 'filter');
		return own.length === 0 && !drops ? [] : [{name: key(chain, chain.name), refuses: chain.hook === 'input' && (drops || own.some(({expr}) => refuses(expr)))}];
	});
}

function matchedPort(expressions: readonly Expression[]): {port: number; protocol: 'tcp' | 'udp'} | undefined {
	for (const expression of expressions) {
		const {left, right} = (expression['match'] ?? {}) as {left?: {payload?: {protocol?: string; field?: string}}; right?: unknown};
		const protocol = left?.payload?.protocol;
		if (left?.payload?.field === 'dport' && typeof right === 'number' && (protocol === 'tcp' || protocol === 'udp')) {
			return {port: right, protocol};
		}
	}

	return undefined;
}

/** The address that a rule is about, where it is about one. */
function matchedAddress(expressions: readonly Expression[]): string {
	for (const expression of expressions) {
		const {left, right} = (expression['match'] ?? {}) as {left?: {payload?: {field?: string}}; right?: unknown};
		if (left?.payload?.field === 'daddr' && typeof right === 'string') {
			return right;
		}
	}

	return '0.0.0.0';
}

/** Ports that rules of Docker's chains hand on to a container before any rule for incoming packets is asked. */
export function publishedByRules(items: readonly Item[]): readonly Published[] {
	return items.flatMap(({rule}) => {
		const isDockers = rule !== undefined && /^DOCKER$|docker/i.test(`${rule.chain} ${rule.table}`);
		const handsOn = rule?.expr.find(expression => 'dnat' in expression || (expression['xt'] as {name?: string} | undefined)?.name === 'DNAT');
		const matched = isDockers && handsOn ? matchedPort(rule.expr) : undefined;
		const {addr} = (handsOn?.['dnat'] ?? {}) as {addr?: unknown};
		return matched ? [{...matched, address: matchedAddress(rule!.expr), container: typeof addr === 'string' ? addr : ''}] : [];
	});
}

/** The same from `iptables-save -t nat`: nft cannot spell out all rules that iptables made. */
export function publishedByIptables(saved: string): readonly Published[] {
	return [...saved.matchAll(/^-A DOCKER (?<rule>.*)-j DNAT --to-destination (?<to>\S+)/gm)].flatMap(({groups}) => {
		const rule = groups!['rule']!;
		const {protocol, port} = /-p (?<protocol>tcp|udp) .*--dport (?<port>\d+)/.exec(rule)?.groups ?? {};
		const address = /-d (?<address>[\d.a-f:]+)/.exec(rule)?.groups?.['address'] ?? '0.0.0.0';
		return port === undefined ? [] : [{port: Number(port), protocol: protocol as 'tcp' | 'udp', address, container: groups!['to']!.replace(/:\d+$/, '')}];
	});
}

/** `docker ps --format '{{.Names}}\t{{.Ports}}'`: `db	0.0.0.0:5432->5432/tcp, [::]:8000-8001->80-81/tcp, 9000/tcp`. */
export function publishedByDocker(output: string): readonly Published[] {
	return output.split('\n').flatMap(line => {
		const [container = '', ports = ''] = line.split('\t');
		return [...ports.matchAll(/(?<address>[\d.]+|\[[\d:a-f]*\]|::):(?<first>\d+)(?:-(?<last>\d+))?->[\d-]+\/(?<protocol>tcp|udp)/g)].flatMap(({groups}) => {
			const [first, last] = [Number(groups!['first']), Number(groups!['last'] ?? groups!['first'])];
			return Array.from({length: Math.max(0, Math.min(last - first + 1, 65_535))}, (_, index) => ({
				port: first + index,
				protocol: groups!['protocol'] as 'tcp' | 'udp',
				address: groups!['address']!.replaceAll(/[[\]]/g, ''),
				container,
			}));
		});
	});
}

/** Docker's own proxy listens on what it publishes, unless it was told not to. */
export function publishedByProxy(listeners: readonly Listener[]): readonly Published[] {
	return listeners.filter(({program}) => program === 'docker-proxy').map(({protocol, address, port}) => ({protocol, address: unmapped(address), port, container: ''}));
}

/** Each port once, with the best that is known of it: the name of its container first, and every address before one. */
export function mergePublished(...sources: ReadonlyArray<readonly Published[]>): readonly Published[] {
	const merged = new Map<string, Published>();
	for (const published of sources.flat()) {
		const name = `${published.port}/${published.protocol}`;
		const known = merged.get(name);
		const isEverywhere = ['0.0.0.0', '::', '*'].includes(published.address);
		merged.set(name, known ? {...known, container: known.container || published.container, ...isEverywhere && {address: published.address}} : published);
	}

	return [...merged.values()].toSorted((left, right) => left.port - right.port);
}
