import {canonicalSource, familyOf} from '../../engine/network.ts';
import {ruleText} from '../../engine/firewall-rule.ts';
import type {FirewallRule} from '../../engine/facts.ts';

/**
 * The text of ufw's user.rules and user6.rules, pure. ufw itself reads only the `### tuple ###` lines; the kernel is
 * fed the lines below each (iptables-restore). Everything around the rules is kept to the byte.
 */

export type Family = 'ipv4' | 'ipv6';

export const rulesFiles: Readonly<Record<Family, string>> = {ipv4: '/etc/ufw/user.rules', ipv6: '/etc/ufw/user6.rules'};

/** One rule as it stands in the file: from the empty line before its tuple to the next rule. */
export type Block = {text: string; rules: readonly FirewallRule[]};

export type RulesFile = {head: string; blocks: readonly Block[]; tail: string};

const start = '### RULES ###\n';
const everywhere = {ipv4: '0.0.0.0/0', ipv6: '::/0'} as const;

/**
 * `allow tcp 80,443 0.0.0.0/0 any 203.0.113.0/24 in`: action, protocol, port, destination, source port, source,
 * perhaps two names of application profiles, direction (ufw's backend_iptables.py). Only what is about packets coming
 * in, to any address of ours, from any port, by any interface, without a log of its own, has a form of ours.
 */
function parseTuple(tuple: string, family: Family): readonly FirewallRule[] {
	const fields = tuple.split(' comment=')[0]!.trim().split(/\s+/);
	const [action = '', protocol = '', ports = '', destination, sourcePort, source = ''] = fields;
	const direction = fields.length === 6 || fields.length === 8 ? 'in' : fields.at(-1);
	const profile = fields.length >= 8 ? fields[7] : '-';
	const from = canonicalSource(source);
	if (fields.length < 6 || fields.length > 9 || direction !== 'in' || profile !== '-' || destination !== everywhere[family] || sourcePort !== 'any'
		|| !['allow', 'deny', 'reject', 'limit'].includes(action) || !['tcp', 'udp', 'any'].includes(protocol)
		|| from === undefined || familyOf(from) !== family) {
		return [];
	}

	const common = {action: action as FirewallRule['action'], protocol: protocol as FirewallRule['protocol'], from};
	if (ports === 'any') {
		return [common];
	}

	const parts = ports.split(',').map(part => /^(?<port>\d{1,5})(?::(?<toPort>\d{1,5}))?$/.exec(part)?.groups);
	return parts.includes(undefined) ? [] : parts.map(part => ({
		...common,
		port: Number(part!['port']),
		...part!['toPort'] !== undefined && {toPort: Number(part!['toPort'])},
		...parts.length > 1 && {part: true as const},
	}));
}

/** Undefined where the file is not of the form that ufw writes: then nothing may be written into it. */
export function parseRulesFile(text: string, family: Family): RulesFile | undefined {
	const begin = text.indexOf(start);
	if (begin === -1) {
		return undefined;
	}

	const head = text.slice(0, begin + start.length);
	const found = /^(?:\n### tuple ###[^\n]*\n(?:-A ufw6?-user-(?:input|output|forward|logging-\w+) [^\n]*\n)+)+/.exec(text.slice(head.length))?.[0] ?? '';
	const tail = text.slice(head.length + found.length);
	if (/^### tuple ###/m.test(tail)) {
		return undefined;
	}

	const blocks = found.split(/(?=\n### tuple ###)/).filter(Boolean).map(block => ({
		text: block,
		rules: parseTuple(/### tuple ###(?<tuple>[^\n]*)/.exec(block)!.groups!['tuple']!, family),
	}));
	return {head, blocks, tail};
}

export function formatRulesFile({head, blocks, tail}: RulesFile): string {
	return [head, ...blocks.map(block => block.text), tail].join('');
}

const targets = {allow: 'ACCEPT', deny: 'DROP', reject: 'REJECT'} as const;

/** The block that ufw writes for a rule of ours. A limit is never ours: ufw counts the admin's own logins too. */
export function formatBlock({action, port, toPort, protocol, from}: FirewallRule, family: Family): string {
	if (action === 'limit') {
		throw new Error('A limiting rule is never written');
	}

	const ports = port === undefined ? 'any' : (toPort === undefined ? String(port) : `${port}:${toPort}`);
	const source = from === 'any' ? everywhere[family] : from;
	const chain = family === 'ipv4' ? 'ufw-user-input' : 'ufw6-user-input';
	const protocols = protocol === 'any' ? (port === undefined ? [undefined] : ['tcp', 'udp']) : [protocol];
	const lines = protocols.map(name => [
		`-A ${chain}`,
		...name === undefined ? [] : [`-p ${name}`],
		...toPort === undefined ? [] : [`-m multiport --dports ${ports}`],
		...port === undefined || toPort !== undefined ? [] : [`--dport ${ports}`],
		...source === everywhere[family] ? [] : [`-s ${source}`],
		`-j ${targets[action]}`,
		...action === 'reject' && name === 'tcp' ? ['--reject-with tcp-reset'] : [],
	].join(' '));
	return ['', `### tuple ### ${action} ${protocol} ${ports} ${everywhere[family]} any ${source} in`, ...lines, ''].join('\n');
}

/** The families that a rule speaks of. */
export function familiesOf({from}: FirewallRule): readonly Family[] {
	const family = familyOf(from);
	return family === 'any' ? ['ipv4', 'ipv6'] : [family];
}

/** Whether a block is exactly this rule in its family. */
export function isBlockOf(block: Block, rule: FirewallRule, family: Family): boolean {
	const [only, ...others] = block.rules;
	const inFamily = rule.from === 'any' ? {...rule, from: everywhere[family]} : rule;
	return only !== undefined && others.length === 0 && only.part === undefined && ruleText(only) === ruleText(inFamily);
}

/** A rule for `0.0.0.0/0` in one file and its twin for `::/0` in the other are one rule from `any`; one said twice is told once. */
export function joinFamilies(ipv4: readonly Block[], ipv6: readonly Block[]): FirewallRule[] {
	const key = (rule: FirewallRule) => JSON.stringify([ruleText(rule), rule.part]);
	const asAny = (rule: FirewallRule): FirewallRule => rule.from === everywhere.ipv4 || rule.from === everywhere.ipv6 ? {...rule, from: 'any'} : rule;
	const [four, six] = [ipv4, ipv6].map(blocks => blocks.flatMap(block => block.rules));
	const [inFour, inSix] = [four!, six!].map(rules => new Set(rules.map(rule => key(asAny(rule)))));
	const joined = [
		...four!.map(rule => inSix!.has(key(asAny(rule))) ? asAny(rule) : rule),
		...six!.filter(rule => !inFour!.has(key(asAny(rule)))),
	];
	return [...new Map(joined.map(rule => [key(rule), rule])).values()];
}

/** Blocks that have no form of ours, as ufw wrote them. */
export function foreignBlocks(blocks: readonly Block[]): readonly string[] {
	return blocks.filter(block => block.rules.length === 0).map(block => block.text.split('\n')[1]!.replace('### tuple ### ', ''));
}

/** A value of a file of shell assignments, like /etc/default/ufw. */
export function readSetting(text: string, name: string): string | undefined {
	return new RegExp(String.raw`^${name}=["']?(?<value>[^"'\n]*)["']?\s*$`, 'm').exec(text)?.groups?.['value'];
}

/** The same file with another value, its quotes and everything else as they were; undefined where it has no such line. */
export function writeSetting(text: string, name: string, value: string): string | undefined {
	const line = new RegExp(String.raw`^(${name}=["']?)[^"'\n]*(["']?[ \t]*)$`, 'm');
	return line.test(text) ? text.replace(line, (_, before: string, after: string) => `${before}${value}${after}`) : undefined;
}
