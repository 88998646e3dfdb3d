import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {readState, writeState} from '../files.ts';
import {mustRun} from '../host.ts';
import type {FirewallRule} from '../../engine/facts.ts';
import type {FirewallPolicy, Host, ResourceStates} from '../../engine/types.ts';
import {formatElement, formatZone, isElementOf, parseService, parseZone, type Element, type Services, type Zone} from './firewalld-zone.ts';
import {placesOf, putBack} from './placed.ts';
import {replaceText} from './replace-text.ts';

/**
 * firewalld. Rules are told to it one by one, for good and for now; never by `--reload`, which forgets what only the
 * running firewall has (Docker's and Fail2Ban's rules). It writes a zone's file anew, in its own way, and keeps the one
 * before as `.old`: so the file then gets the text that differs from the former one by our rule alone, and `.old` goes
 * back. Where firewalld does not run, that text is all.
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

async function isInForce(host: Host, zone: string, option: string): Promise<boolean> {
	return (await host.run(['firewall-cmd', `--zone=${zone}`, `--query-${option}`])).exitCode === 0;
}

/** Adds or removes, for good and for now. What is so already is no error to it. */
async function tell(host: Host, zone: string, verb: 'add' | 'remove', option: string): Promise<void> {
	await mustRun(host, ['firewall-cmd', '--permanent', `--zone=${zone}`, `--${verb}-${option}`]);
	await mustRun(host, ['firewall-cmd', `--zone=${zone}`, `--${verb}-${option}`]);
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
	const found = await Promise.all(options.map(async option => isInForce(host, zone, option)));
	return found.every(is => is === (elements.length > 0));
}

async function writeFile(host: Host, file: ZoneFile, after: string): Promise<void> {
	const source = `${folders.shipped}/zones/${file.name}.xml`;
	// A copy that says nothing of its own is as good as none: that is what undo finds at the end.
	await (after === file.shipped && (file.isShipped || after !== file.text) ? writeState(host, file.path, null) : replaceText(host, file.path, after, file.isShipped ? source : file.path));
}

/** Tells the running firewalld what has become of a rule. Its zone's file is written by it on the way. */
async function tellRunning(host: Host, file: ZoneFile, rule: FirewallRule, {before, after}: {before: readonly Element[]; after: readonly Element[]}): Promise<void> {
	for (const option of optionsOf(rule, [...before, ...after])) {
		const should = after.some(element => element.option === option);
		if (should || before.some(element => element.option === option) || await isInForce(host, file.name, option)) {
			await tell(host, file.name, should ? 'add' : 'remove', option);
		}
	}
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

	const {text, zone} = file;
	const present = zone.elements.filter(element => isElementOf(element, rule));
	const others = zone.elements.filter(element => !isElementOf(element, rule)).map(element => element.text);
	const places = state?.written?.[file.path] ?? [{text: formatElement(rule), after: others}];
	const wanted = state !== null;
	const after = wanted === (present.length > 0) ? text : formatZone({...zone, elements: wanted ? putBack(others, places) : others});
	if (await isRunning(host)) {
		const kept = parseZone(after, await readServices(host, after))!.elements.filter(element => isElementOf(element, rule));
		const spare = await readState(host, `${file.path}.old`);
		await tellRunning(host, file, rule, {before: present, after: kept});
		await writeFile(host, file, after);
		await writeState(host, `${file.path}.old`, spare);
	} else if (after !== text) {
		await writeFile(host, file, after);
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
