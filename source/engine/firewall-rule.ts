import {canonicalSource, familyOf, sourceContains, sourcesOverlap} from './network.ts';
import type {FirewallRule, Listener} from './facts.ts';

/**
 * One rule for packets coming in, in one spelling for every backend: `allow 5922/tcp`, `deny 6000:6007/udp`,
 * `allow 5432/tcp from 203.0.113.7`, `allow any from 10.0.0.0/8`. `any` as a port means all of them; no protocol, both.
 * A rule from `any` speaks of IPv4 and IPv6; one from `0.0.0.0/0` or `::/0` of that family only.
 */

export type FirewallBackend = 'ufw' | 'firewalld';

const grammar = /^(?<action>allow|deny|reject|limit) (?<ports>any|\d{1,5}(?::\d{1,5})?)(?:\/(?<protocol>tcp|udp))?(?: from (?<from>[\da-f.:/]+))?$/;

const isPort = (value: number) => Number.isInteger(value) && value >= 1 && value <= 65_535;

/** The rule as text. Throws for a source that is no address or network: answers and parsers let none through. */
export function ruleText({action, port, toPort, protocol, from}: FirewallRule): string {
	const source = canonicalSource(from);
	if (source === undefined) {
		throw new Error(`Not a source: ${JSON.stringify(from)}`);
	}

	const ports = port === undefined ? 'any' : (toPort === undefined || toPort === port ? String(port) : `${port}:${toPort}`);
	return [
		action,
		protocol === 'any' ? ports : `${ports}/${protocol}`,
		...(source === 'any' ? [] : ['from', source]),
	].join(' ');
}

/** The rule that a text of `ruleText` stands for; undefined for any other text. */
export function parseRuleText(text: string): FirewallRule | undefined {
	const {action, ports, protocol, from} = grammar.exec(text)?.groups ?? {};
	const source = canonicalSource(from ?? 'any');
	if (action === undefined || ports === undefined || source === undefined) {
		return undefined;
	}

	const rule = {action: action as FirewallRule['action'], protocol: (protocol ?? 'any') as FirewallRule['protocol'], from: source};
	if (ports === 'any') {
		return rule;
	}

	const [port, toPort] = ports.split(':').map(Number) as [number, number?];
	if (!isPort(port) || (toPort !== undefined && (!isPort(toPort) || toPort < port))) {
		return undefined;
	}

	return {...rule, port, ...(toPort === undefined || toPort === port ? {} : {toPort})};
}

/** The name of the resource: `ufw allow 5922/tcp`. */
export function ruleName(backend: FirewallBackend, rule: FirewallRule): string {
	return `${backend} ${ruleText(rule)}`;
}

/** Back from `ruleName`. Throws for a name that it could not have made. */
export function parseRuleName(name: string): {backend: FirewallBackend; rule: FirewallRule} {
	const {backend, text} = /^(?<backend>ufw|firewalld) (?<text>.+)$/.exec(name)?.groups ?? {};
	const rule = parseRuleText(text ?? '');
	if (!rule) {
		throw new Error(`Not the name of a firewall rule: ${JSON.stringify(name)}`);
	}

	return {backend: backend as FirewallBackend, rule};
}

/** A rule that lets `port` in, the short way. */
export function allow(port: number, from = 'any', protocol: 'tcp' | 'udp' = 'tcp'): FirewallRule {
	return {action: 'allow', port, protocol, from: canonicalSource(from) ?? from};
}

const first = (rule: FirewallRule) => rule.port ?? 1;
const last = (rule: FirewallRule) => rule.port === undefined ? 65_535 : (rule.toPort ?? rule.port);

/** Whether every packet that `inner` speaks of is one that `outer` speaks of too. */
export function covers(outer: FirewallRule, inner: FirewallRule): boolean {
	return (outer.protocol === 'any' || outer.protocol === inner.protocol)
		// A rule without port and protocol is about every protocol, one with a port only about TCP and UDP.
		&& (outer.port === undefined || inner.port !== undefined)
		&& first(outer) <= first(inner) && last(outer) >= last(inner)
		&& sourceContains(outer.from, inner.from);
}

function overlaps(left: FirewallRule, right: FirewallRule): boolean {
	return (left.protocol === 'any' || right.protocol === 'any' || left.protocol === right.protocol)
		&& first(left) <= last(right) && first(right) <= last(left)
		&& sourcesOverlap(left.from, right.from);
}

/** A rule that could go, and why: it is said twice, an earlier one decides before it, or nothing listens behind it. */
export type Prunable = {rule: FirewallRule; reason: 'duplicate' | 'shadowed' | 'unused'; by?: FirewallRule};

/** The listeners that a rule lets packets through to. */
export function listenersBehind(rule: FirewallRule, listeners: readonly Listener[]): readonly Listener[] {
	return listeners.filter(({protocol, port}) => (rule.protocol === 'any' || rule.protocol === protocol) && port >= first(rule) && port <= last(rule));
}

/** Rules in the order in which the firewall asks them, the first match deciding; without an order (firewalld) only duplicates are told. */
function redundancy(rules: readonly FirewallRule[], index: number, ordered: boolean): Omit<Prunable, 'rule'> | undefined {
	const rule = rules[index]!;
	const earlier = rules.slice(0, index);
	const decider = earlier.find(other => covers(other, rule));
	if (decider && (ordered || decider.action === rule.action)) {
		return {reason: decider.action === rule.action ? 'duplicate' : 'shadowed', by: decider};
	}

	for (const other of rules.slice(index + 1)) {
		if (other.action === rule.action && covers(other, rule) && !covers(rule, other)) {
			return {reason: 'duplicate', by: other};
		}

		// What lies between would decide if this rule were gone.
		if (ordered && other.action !== rule.action && overlaps(other, rule)) {
			return undefined;
		}
	}

	return undefined;
}

/**
 * What could be pruned. `needed` are rules wanted whether or not something listens yet (SSH's new port, the web ports).
 * Pure: whether to remove any of them is the user's decision.
 */
export function prunable(rules: readonly FirewallRule[], listeners: readonly Listener[], {needed = [], ordered = true}: {needed?: readonly FirewallRule[]; ordered?: boolean} = {}): readonly Prunable[] {
	const wanted = new Set(needed.map(rule => ruleText(rule)));
	return rules.flatMap((rule, index): readonly Prunable[] => {
		if (wanted.has(ruleText(rule))) {
			return [];
		}

		const found = redundancy(rules, index, ordered);
		if (found) {
			return [{rule, ...found}];
		}

		const opens = rule.action === 'allow' || rule.action === 'limit';
		return opens && rule.port !== undefined && listenersBehind(rule, listeners).length === 0 ? [{rule, reason: 'unused'}] : [];
	});
}

/** What happens to a packet from `source` (an address or a network as a whole) by the first rule that speaks of it; undefined where none does. */
export function decision(rules: readonly FirewallRule[], {port, protocol}: {port: number; protocol: 'tcp' | 'udp'}, source: string): FirewallRule['action'] | undefined {
	const packet: FirewallRule = {action: 'allow', port, protocol, from: source};
	return rules.find(rule => covers(rule, packet))?.action;
}

/** Whether a rule speaks of the address family. */
export function speaksOf(rule: FirewallRule, family: 'ipv4' | 'ipv6'): boolean {
	return ['any', family].includes(familyOf(rule.from));
}
