import {ruleText} from '../../engine/firewall-rule.ts';
import {canonicalSource, familyOf} from '../../engine/network.ts';
import type {FirewallRule} from '../../engine/facts.ts';
import type {FirewallPolicy} from '../../engine/types.ts';

/** The text of a zone of firewalld (firewalld.zone(5)), pure. What is not a rule of a known form stays to the byte. */

/**
 * One element of a zone: its text from the end of the one before it to its own line's end, and what it means.
 * `filters` is false for what only names or describes.
 */
export type Element = {text: string; filters: boolean; rules: readonly FirewallRule[]; /** The option of firewall-cmd that speaks of it, without `--add-`: `port=22/tcp`. */ option?: string};
export type Zone = {head: string; elements: readonly Element[]; tail: string; target: FirewallPolicy};

/** Ports of each service that is nothing but ports (firewalld.service(5)). */
export type Services = Readonly<Record<string, ReadonlyArray<Pick<FirewallRule, 'port' | 'toPort' | 'protocol'>>>>;

const targets: Readonly<Record<string, FirewallPolicy>> = {ACCEPT: 'allow', DROP: 'deny', '%%REJECT%%': 'reject', default: 'reject'};
const actions = {accept: 'allow', drop: 'deny', reject: 'reject'} as const;
/** Elements that name the zone, or whom it is for, and open nothing. */
const descriptive = new Set(['short', 'description', 'interface', 'source', 'forward', 'icmp-block', 'icmp-block-inversion', 'ingress-priority', 'egress-priority']);

function attributes(text: string): Readonly<Record<string, string>> {
	return Object.fromEntries([...text.matchAll(/(?<name>[\w-]+)\s*=\s*["'](?<value>[^"']*)["']/g)].map(({groups}) => [groups!['name']!, groups!['value']!]));
}

type Tag = {name: string; attributes: Readonly<Record<string, string>>; body: string; text: string; index: number};

const children = /[ \t]*<(?<name>[a-z][\w-]*)(?<attributes>[^<>]*?)(?:\/>|>(?<body>[\s\S]*?)<\/\k<name>\s*>)[ \t]*\n?/g;

function tags(text: string): Tag[] {
	const withoutComments = text.replaceAll(/<!--[\s\S]*?-->/g, comment => ' '.repeat(comment.length));
	return [...withoutComments.matchAll(children)].map(match => ({
		name: match.groups!['name']!,
		attributes: attributes(match.groups!['attributes']!),
		body: match.groups!['body'] ?? '',
		text: text.slice(match.index, match.index + match[0].length),
		index: match.index,
	}));
}

function portsOf({port = '', protocol = ''}: Readonly<Record<string, string>>): Pick<FirewallRule, 'port' | 'toPort' | 'protocol'> | undefined {
	const found = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/.exec(port)?.groups;
	if (!found || (protocol !== 'tcp' && protocol !== 'udp')) {
		return undefined;
	}

	return {port: Number(found['first']), ...found['last'] !== undefined && {toPort: Number(found['last'])}, protocol};
}

/** The ports of a service's file; undefined where it is more than ports. */
export function parseService(text: string): Services[string] | undefined {
	const inner = /<service[^<>]*>(?<inner>[\s\S]*)<\/service\s*>/.exec(text)?.groups?.['inner'];
	if (inner === undefined) {
		return undefined;
	}

	const elements = tags(inner).filter(({name}) => name !== 'short' && name !== 'description');
	const ports = elements.map(element => element.name === 'port' ? portsOf(element.attributes) : undefined);
	return ports.includes(undefined) ? undefined : ports.map(port => port!);
}

function fromPorts(ports: Services[string], action: FirewallRule['action'], from: string): FirewallRule[] {
	return ports.map(port => ({action, ...port, from, ...ports.length > 1 && {part: true as const}}));
}

/** `rule family="ipv4" source address="203.0.113.7" port port="5432" protocol="tcp" accept`, or undefined for any other form. */
function parseRich(rule: Tag, services: Services): {rules: FirewallRule[]; option: string} | undefined {
	const inner = tags(rule.body);
	const named = new Map(inner.map(tag => [tag.name, tag]));
	const [source, port, service] = ['source', 'port', 'service'].map(name => named.get(name));
	const actionNames = (['accept', 'drop', 'reject'] as const).filter(name => named.has(name));
	const known = new Set<string>(['source', 'port', 'service', ...actionNames]);
	const from = canonicalSource(source?.attributes['address'] ?? 'any');
	const {family} = rule.attributes;
	if (actionNames.length !== 1 || inner.length !== named.size || inner.some(({name, body}) => !known.has(name) || body.trim() !== '')
		|| from === undefined || source?.attributes['invert'] !== undefined || Object.keys(rule.attributes).some(name => name !== 'family')
		|| (from === 'any' ? family !== undefined : family !== familyOf(from)) || (port && service)
		|| named.get(actionNames[0]!)!.text.includes('=')) {
		return undefined;
	}

	const action = actions[actionNames[0]!];
	const ports = port ? portsOf(port.attributes) : undefined;
	const list = service ? services[service.attributes['name'] ?? ''] : (ports && [ports]);
	if ((port ?? service) && list === undefined) {
		return undefined;
	}

	const words = [
		'rule',
		...family === undefined ? [] : [`family="${family}"`],
		...source ? [`source address="${source.attributes['address']!}"`] : [],
		...port ? [`port port="${port.attributes['port']!}" protocol="${port.attributes['protocol']!}"`] : [],
		...service ? [`service name="${service.attributes['name']!}"`] : [],
		actionNames[0]!,
	];
	return {rules: list ? fromPorts(list, action, from) : [{action, protocol: 'any', from}], option: `rich-rule=${words.join(' ')}`};
}

function meaningOf(tag: Tag, services: Services): Pick<Element, 'rules' | 'option'> | undefined {
	if (tag.name === 'port') {
		const ports = portsOf(tag.attributes);
		return ports && {rules: fromPorts([ports], 'allow', 'any'), option: `port=${tag.attributes['port']!}/${tag.attributes['protocol']!}`};
	}

	if (tag.name === 'service') {
		const name = tag.attributes['name'] ?? '';
		const ports = services[name];
		return ports && {rules: fromPorts(ports, 'allow', 'any'), option: `service=${name}`};
	}

	return tag.name === 'rule' ? parseRich(tag, services) : undefined;
}

/** Undefined where the text is no zone. */
export function parseZone(text: string, services: Services): Zone | undefined {
	const found = /^(?<head>[\s\S]*?<zone(?<attributes>[^<>]*)>[ \t]*\n?)(?<inner>[\s\S]*)(?<tail><\/zone\s*>\s*)$/.exec(text)?.groups;
	if (!found) {
		return undefined;
	}

	const target = targets[attributes(found['attributes']!)['target'] ?? 'default'] ?? 'reject';
	const inner = found['inner']!;
	const elements: Element[] = [];
	let end = 0;
	for (const tag of tags(inner)) {
		// What lies between (comments, empty lines) goes with the element that follows it.
		const text = inner.slice(end, tag.index + tag.text.length);
		end += text.length;
		elements.push({text, filters: !descriptive.has(tag.name), rules: [], ...meaningOf(tag, services)});
	}

	return {head: found['head']!, elements, tail: inner.slice(end) + found['tail']!, target};
}

export function formatZone({head, elements, tail}: Pick<Zone, 'head' | 'tail'> & {elements: readonly string[]}): string {
	return [head, ...elements, tail].join('');
}

/** Whether an element is exactly this rule. */
export function isElementOf({rules: [only, ...others]}: Element, rule: FirewallRule): boolean {
	return only !== undefined && others.length === 0 && ruleText(only) === ruleText(rule);
}

/** The element for a rule of ours. Throws for what firewalld has no single element for; none of these is ever ours. */
export function formatElement({action, port, toPort, protocol, from}: FirewallRule): string {
	const verb = action === 'limit' ? undefined : ({allow: 'accept', deny: 'drop', reject: 'reject'} as const)[action];
	if (verb === undefined || port === undefined || protocol === 'any') {
		throw new Error('firewalld has no single element for this rule');
	}

	const portText = `<port port="${toPort === undefined ? port : `${port}-${toPort}`}" protocol="${protocol}"/>`;
	const family = familyOf(from);
	if (from === 'any' && action === 'allow') {
		return `  ${portText}\n`;
	}

	return [
		family === 'any' ? '  <rule>' : `  <rule family="${family}">`,
		...family === 'any' ? [] : [`    <source address="${from}"/>`],
		`    ${portText}`,
		`    <${verb}/>`,
		'  </rule>',
		'',
	].join('\n');
}

/** What decides first comes first: firewalld asks rules that refuse before those that let in. */
export function zoneRules({elements}: Zone): readonly FirewallRule[] {
	const unique = [...new Map(elements.flatMap(({rules}) => rules).map(rule => [`${ruleText(rule)} ${rule.part}`, rule])).values()];
	const refuses = ({action}: FirewallRule) => action !== 'allow';
	return [...unique.filter(rule => refuses(rule)), ...unique.filter(rule => !refuses(rule))];
}

/** Elements without a form of ours, on one line each. */
export function foreignElements({elements}: Zone): readonly string[] {
	return elements.filter(({filters, rules}) => filters && rules.length === 0).map(({text}) => text.trim().replaceAll(/\s+/g, ' '));
}
