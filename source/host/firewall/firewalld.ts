import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {readState, writeState} from '../files.ts';
import {mustRun} from '../host.ts';
import type {FirewallRule} from '../../engine/facts.ts';
import type {Argv, FirewallPolicy, Host, ResourceStates} from '../../engine/types.ts';
import {formatElement, formatZone, isElementOf, parseService, parseZone, type Element, type Services, type Zone} from './firewalld-zone.ts';
import {placesOf, putBack} from './placed.ts';
import {replaceText} from './replace-text.ts';

/**
 * firewalld. Rules are put into the zone's file, which firewalld watches, and into the running firewall one by one;
 * never by `--reload`, which forgets what only the running firewall has (Docker's and Fail2Ban's rules).
 */

type RuleState = ResourceStates['firewall-rule'];

const folders = {ours: '/etc/firewalld', shipped: '/usr/lib/firewalld'} as const;
const zoneName = /^[\w-]{1,17}$/;

function notInstalled(): Problem {
	return new Problem(t('firewalld is not installed.'), t('Install it with `apt install firewalld`, or choose ufw.'), 1);
}

export async function isRunning(host: Host): Promise<boolean> {
	return (await host.run(['systemctl', 'is-active', '--quiet', 'firewalld.service'])).exitCode === 0;
}

/** `firewall-cmd --get-active-zones`: a zone a line, `public` or `public (default)`, what it is for indented below. */
export function parseActiveZones(output: string): readonly string[] {
	return output.split(/\n(?=\S)/).filter(block => /^\s+interfaces: \S/m.test(block)).map(block => block.split(/\s/)[0]!);
}

/** The zone that the outside comes in by: the only one with an interface, or else the default one. */
export async function zoneOf(host: Host): Promise<string> {
	const active = await isRunning(host) ? parseActiveZones((await host.run(['firewall-cmd', '--get-active-zones'])).stdout) : [];
	const byDefault = /^DefaultZone=(?<zone>.*)$/m.exec(await host.read(`${folders.ours}/firewalld.conf`) ?? '')?.groups?.['zone']?.trim();
	const zone = active.length === 1 ? active[0]! : byDefault ?? 'public';
	return zoneName.test(zone) ? zone : 'public';
}

async function readServices(host: Host, text: string): Promise<Services> {
	const names = [...new Set([...text.matchAll(/<service\s+name="(?<name>[\w-]+)"/g)].map(({groups}) => groups!['name']!))];
	const parsed = await Promise.all(names.map(async name => {
		const file = await host.read(`${folders.ours}/services/${name}.xml`) ?? await host.read(`${folders.shipped}/services/${name}.xml`) ?? '';
		return [name, parseService(file)] as const;
	}));
	return Object.fromEntries(parsed.filter((entry): entry is [string, Services[string]] => entry[1] !== undefined));
}

type ZoneFile = {name: string; path: string; /** As the package ships it; undefined for a zone of the user's own. */ shipped: string | undefined; isShipped: boolean; text: string; zone: Zone};

/** The zone as firewalld would load it at its next start; undefined where firewalld is not installed. */
export async function readZone(host: Host): Promise<ZoneFile | undefined> {
	const name = await zoneOf(host);
	const path = `${folders.ours}/zones/${name}.xml`;
	const [own, shipped] = [await host.read(path), await host.read(`${folders.shipped}/zones/${name}.xml`)];
	const text = own ?? shipped;
	if (text === undefined) {
		return undefined;
	}

	const zone = parseZone(text, await readServices(host, text));
	if (!zone) {
		throw new Problem(t('{path} is not a zone of firewalld.', {path}), t('Ask `firewall-cmd --check-config` what is wrong with it.'), 1);
	}

	return {name, path, shipped, isShipped: own === undefined, text, zone};
}

async function runtime(host: Host, zone: string, verb: 'query' | 'add' | 'remove', option: string): Promise<boolean> {
	const argv: Argv = ['firewall-cmd', `--zone=${zone}`, `--${verb}-${option}`];
	if (verb === 'query') {
		return (await host.run(argv)).exitCode === 0;
	}

	await mustRun(host, argv);
	return true;
}

/** The element that a rule of ours would be. */
function newElement(rule: FirewallRule): Element {
	const text = formatElement(rule);
	return parseZone(`<zone>\n${text}</zone>\n`, {})!.elements[0]!;
}

/** The options of firewall-cmd by which a rule may stand in the running firewall. */
function optionsOf(rule: FirewallRule, elements: readonly Element[]): readonly string[] {
	const own = rule.action === 'limit' || rule.port === undefined || rule.protocol === 'any' ? [] : [newElement(rule)];
	return [...new Set([...elements, ...own].map(({option}) => option).filter(option => option !== undefined))];
}

export async function readFirewalldRule(host: Host, rule: FirewallRule): Promise<RuleState> {
	const file = await readZone(host);
	const elements = file?.zone.elements.filter(element => isElementOf(element, rule)) ?? [];
	const unsettled = file !== undefined && await isRunning(host) && !await agrees(host, file.name, rule, elements);
	if (!file || (elements.length === 0 && !unsettled)) {
		return null;
	}

	const all = file.zone.elements;
	return {...unsettled && {unsettled: true as const}, written: {[file.path]: placesOf(all.map(({text}) => text), index => isElementOf(all[index]!, rule))}};
}

async function agrees(host: Host, zone: string, rule: FirewallRule, elements: readonly Element[]): Promise<boolean> {
	const options = elements.length > 0 ? elements.map(({option}) => option!) : optionsOf(rule, []);
	const found = await Promise.all(options.map(async option => runtime(host, zone, 'query', option)));
	return found.every(is => is === elements.length > 0);
}

async function writeFile(host: Host, file: ZoneFile, after: string): Promise<void> {
	if (after === file.text) {
		return;
	}

	const source = `${folders.shipped}/zones/${file.name}.xml`;
	// A copy that says nothing of its own is as good as none: that is what undo finds at the end.
	await (after === file.shipped ? writeState(host, file.path, null) : replaceText(host, file.path, after, file.isShipped ? source : file.path));
}

/** Adds the rule to the zone, on disk and running, or removes it from both. */
export async function writeFirewalldRule(host: Host, rule: FirewallRule, state: RuleState): Promise<void> {
	const file = await readZone(host);
	if (!file) {
		if (state === null) {
			return;
		}

		throw notInstalled();
	}

	const {name, text, zone} = file;
	const present = zone.elements.filter(element => isElementOf(element, rule));
	const others = zone.elements.filter(element => !isElementOf(element, rule)).map(element => element.text);
	const places = state?.written?.[file.path] ?? [{text: formatElement(rule), after: others}];
	const wanted = state !== null;
	const after = wanted === present.length > 0 ? text : formatZone({...zone, elements: wanted ? putBack(others, places) : others});
	await writeFile(host, file, after);
	if (!await isRunning(host)) {
		return;
	}

	const kept = parseZone(after, await readServices(host, after))!.elements.filter(element => isElementOf(element, rule));
	for (const option of optionsOf(rule, [...present, ...kept])) {
		const should = kept.some(element => element.option === option);
		if (await runtime(host, name, 'query', option) !== should) {
			await runtime(host, name, should ? 'add' : 'remove', option);
		}
	}
}

/** Whether it runs, and what the zone does with packets that no rule speaks of. Turning it on and off is the unit's. */
export async function readFirewalld(host: Host): Promise<ResourceStates['firewall']> {
	const [enabled, file] = await Promise.all([isRunning(host), readZone(host)]);
	const incoming: FirewallPolicy = file?.zone.target ?? 'reject';
	return {enabled, incoming, outgoing: 'allow', routed: 'reject', ipv6: true};
}

/** Whether firewalld's own files are there. */
export async function isInstalled(host: Host): Promise<boolean> {
	return await readState(host, '/usr/sbin/firewalld') !== null;
}
