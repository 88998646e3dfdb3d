import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {mustRun} from '../host.ts';
import type {FirewallRule} from '../../engine/facts.ts';
import type {FirewallPolicy, Host, ResourceStates} from '../../engine/types.ts';
import {placesOf, putBack} from './placed.ts';
import {replaceText} from './replace-text.ts';
import {familiesOf, formatBlock, formatRulesFile, isBlockOf, parseRulesFile, readSetting, rulesFiles, writeSetting, type Block, type Family} from './ufw-rules.ts';

/**
 * ufw, without its own ways of letting go of a server for a moment: `ufw reload`, `ufw default` and deleting a rule
 * flush chains while the policy is still to drop. Rules are put into its files, from which both ufw and the kernel
 * take them; the running firewall is changed in one transaction (iptables-restore --noflush), as ufw itself loads them.
 */

type FirewallState = ResourceStates['firewall'];
type RuleState = ResourceStates['firewall-rule'];

const defaultsFile = '/etc/default/ufw';
const settings = {incoming: 'DEFAULT_INPUT_POLICY', outgoing: 'DEFAULT_OUTPUT_POLICY', routed: 'DEFAULT_FORWARD_POLICY'} as const;
const policies: Readonly<Record<FirewallPolicy, string>> = {allow: 'ACCEPT', deny: 'DROP', reject: 'REJECT'};
const families = ['ipv4', 'ipv6'] as const;
const programs = {ipv4: 'iptables', ipv6: 'ip6tables'} as const;
const userChains = {ipv4: 'ufw-user-input', ipv6: 'ufw6-user-input'} as const;

/** As Debian's package leaves it: what a host without ufw would have, off. */
const untouched: FirewallState = {enabled: false, incoming: 'deny', outgoing: 'allow', routed: 'deny', ipv6: true};

function notInstalled(): Problem {
	return new Problem(t('ufw is not installed.'), t('Install it with `apt install ufw`, or choose firewalld.'), 1);
}

function unknownForm(file: string): Problem {
	return new Problem(t('{file} does not have the form in which ufw writes it.', {file}), t('Nothing was written to it. Compare it with /usr/share/ufw/iptables/.'), 1);
}

/** Whether the kernel holds ufw's rules of this family; undefined where that cannot be asked without root. */
async function isLoaded(host: Host, family: Family): Promise<boolean | undefined> {
	const {exitCode} = await host.run([programs[family], '-n', '-L', userChains[family]]);
	return exitCode === 0 ? true : (exitCode === 1 ? false : undefined);
}

async function hasInKernel(host: Host, family: Family, line: string): Promise<boolean> {
	const specification = line.replace(/^-A /, '').split(' ').map(word => word.replaceAll('\'', ''));
	return (await host.run([programs[family], '-C', ...specification])).exitCode === 0;
}

const kernelLines = (block: string) => block.split('\n').filter(line => line.startsWith('-A ') && line.includes('-user-input '));

/** Whether the running firewall says of this rule what the file says. True where ufw is not running. */
async function agreesWithKernel(host: Host, family: Family, rule: FirewallRule, {text, blocks}: {text: string; blocks: readonly Block[]}): Promise<boolean> {
	if (!await isLoaded(host, family)) {
		return true;
	}

	const expected = blocks.length > 0;
	// A rule that is gone from the file must be gone from the kernel, unless another one has the same lines. A limit is never ours.
	const lines = expected
		? blocks.flatMap(block => kernelLines(block.text))
		: (rule.action === 'limit' ? [] : kernelLines(formatBlock(rule, family)).filter(line => !text.includes(`${line}\n`)));
	const found = await Promise.all(lines.map(async line => hasInKernel(host, family, line)));
	return found.every(is => is === expected);
}

async function load(host: Host, family: Family, text: string): Promise<void> {
	if (await isLoaded(host, family)) {
		await mustRun(host, [`${programs[family]}-restore`, '--noflush'], {input: text});
	}
}

/** The state of one rule. */
export async function readUfwRule(host: Host, rule: FirewallRule): Promise<RuleState> {
	const spoken = familiesOf(rule);
	const found = await Promise.all(spoken.map(async family => {
		const text = await host.read(rulesFiles[family]) ?? '';
		const all = parseRulesFile(text, family)?.blocks ?? [];
		const places = placesOf(all.map(block => block.text), index => isBlockOf(all[index]!, rule, family));
		const blocks = all.filter(block => isBlockOf(block, rule, family));
		return {family, places, settled: await agreesWithKernel(host, family, rule, {text, blocks})};
	}));
	const present = found.filter(({places}) => places.length > 0);
	const unsettled = found.some(({settled}) => !settled);
	return present.length === 0 && !unsettled ? null : {
		...present.length === 1 && spoken.length === 2 && {only: present[0]!.family},
		...unsettled && {unsettled: true as const},
		written: Object.fromEntries(present.map(({family, places}) => [rulesFiles[family], places])),
	};
}

async function writeFamily(host: Host, rule: FirewallRule, state: RuleState, family: Family): Promise<void> {
	const path = rulesFiles[family];
	const wanted = state !== null && (state.only === undefined || state.only === family);
	const text = await host.read(path);
	if (text === undefined) {
		if (wanted) {
			throw notInstalled();
		}

		return;
	}

	const file = parseRulesFile(text, family);
	if (!file) {
		throw unknownForm(path);
	}

	const others = file.blocks.filter(block => !isBlockOf(block, rule, family)).map(block => block.text);
	const places = state?.written?.[path] ?? [{text: formatBlock(rule, family), after: others}];
	const isPresent = others.length < file.blocks.length;
	const after = wanted === isPresent ? text : formatRulesFile({...file, blocks: (wanted ? putBack(others, places) : others).map(block => ({text: block, rules: []}))});
	if (after !== text) {
		await replaceText(host, path, after);
	}

	await load(host, family, after);
}

/** Adds the rule after the others, or removes it; with `written`, gives it back its place and text. */
export async function writeUfwRule(host: Host, rule: FirewallRule, state: RuleState): Promise<void> {
	for (const family of familiesOf(rule)) {
		await writeFamily(host, rule, state, family);
	}
}

function policyOf(defaults: string, name: string, fallback: FirewallPolicy): FirewallPolicy {
	const value = readSetting(defaults, name)?.toUpperCase();
	return value === 'ACCEPT' ? 'allow' : (value === 'DROP' ? 'deny' : (value === 'REJECT' ? 'reject' : fallback));
}

/** The part of a rules file that is not rules. */
function frameOf(text: string | undefined, family: Family): string | undefined {
	const file = text === undefined ? undefined : parseRulesFile(text, family);
	return file && formatRulesFile({...file, blocks: []});
}

type InKernel = {/** There is a table `filter`. */ table: boolean; /** ufw's rules are there; undefined where that cannot be asked without root. */ loaded: boolean | undefined};

async function lookInKernel(host: Host): Promise<Record<Family, InKernel>> {
	const [ipv4, ipv6] = await Promise.all(families.map(async (family): Promise<InKernel> => {
		const {exitCode, stdout} = await host.run([`${programs[family]}-save`]);
		return {table: stdout.includes('*filter'), loaded: exitCode === 0 ? stdout.includes(`\n:${userChains[family]} `) : undefined};
	}));
	return {ipv4: ipv4!, ipv6: ipv6!};
}

/** Works without root, then from the configuration alone. */
export async function readUfw(host: Host): Promise<FirewallState> {
	const [defaults, conf, interfaces, ...rules] = await Promise.all([defaultsFile, '/etc/ufw/ufw.conf', '/proc/net/if_inet6', ...families.map(family => rulesFiles[family])].map(async path => host.read(path)));
	if (defaults === undefined || conf === undefined) {
		return untouched;
	}

	const ipv6 = readSetting(defaults, 'IPV6')?.toLowerCase() === 'yes';
	const configured = readSetting(conf, 'ENABLED')?.toLowerCase() === 'yes';
	const inKernel = await lookInKernel(host);
	const loaded = families.filter(family => family === 'ipv4' || (ipv6 && interfaces !== undefined)).map(family => inKernel[family].loaded);
	const frames = families.flatMap((family, index) => {
		const frame = frameOf(rules[index], family);
		return frame === undefined ? [] : [[rulesFiles[family], frame] as const];
	});
	return {
		// One family loaded and the other not is neither on nor off; as on, it is the state that a write puts right.
		enabled: configured ? loaded.every(is => is ?? true) : loaded.some(is => is ?? false),
		incoming: policyOf(defaults, settings.incoming, untouched.incoming),
		outgoing: policyOf(defaults, settings.outgoing, untouched.outgoing),
		routed: policyOf(defaults, settings.routed, untouched.routed),
		ipv6,
		frames: Object.fromEntries(frames),
		tables: families.filter(family => inKernel[family].table),
	};
}

/** Policies first, so that nothing is dropped while the chains are taken away. */
async function stop(host: Host): Promise<void> {
	for (const family of families) {
		const opened = ['INPUT', 'FORWARD', 'OUTPUT'].map(chain => `:${chain} ACCEPT [0:0]`);
		await mustRun(host, [`${programs[family]}-restore`, '--noflush'], {input: ['*filter', ...opened, 'COMMIT', ''].join('\n')});
	}

	await mustRun(host, ['ufw', '--force', 'disable']);
}

/** What iptables(8) makes by itself at its first use; nothing lives in it. */
const emptyTable = /^table ip6? filter \{\s*(?:chain (?:INPUT|FORWARD|OUTPUT) \{\s*type filter hook (?:input|forward|output) priority (?:filter|0); policy accept;\s*\}\s*)*\}$/;

async function removeEmptyTable(host: Host, table: string): Promise<void> {
	const {exitCode, stdout} = await host.run(['nft', 'list', 'table', table, 'filter']);
	if (exitCode === 0 && emptyTable.test(stdout.replaceAll(/^#.*$/gm, '').trim())) {
		await host.run(['nft', 'delete', 'table', table, 'filter']);
	}
}

/** ufw leaves empty chains behind until the next boot. They go in one transaction, or, where somebody else's rules use them, stay. */
async function sweep(host: Host, tables: readonly Family[]): Promise<void> {
	for (const family of families) {
		const program = programs[family];
		const {stdout} = await host.run([`${program}-save`, '-t', 'filter']);
		const lines = stdout.split('\n');
		const jumps = lines.filter(line => /^-A (?:INPUT|OUTPUT|FORWARD) -j ufw6?-/.test(line)).map(line => line.replace('-A', '-D'));
		const chains = lines.filter(line => /^:ufw6?-/.test(line)).map(line => `-X ${line.slice(1).split(' ')[0]!}`);
		if (chains.length > 0) {
			await host.run([`${program}-restore`, '--noflush'], {input: ['*filter', ...jumps, ...chains, 'COMMIT', ''].join('\n')});
		}

		if (!tables.includes(family)) {
			await removeEmptyTable(host, family === 'ipv4' ? 'ip' : 'ip6');
		}
	}
}

async function writeDefaults(host: Host, state: FirewallState): Promise<void> {
	const before = await host.read(defaultsFile) ?? '';
	const wanted = {
		...Object.fromEntries((['incoming', 'outgoing', 'routed'] as const).map(direction => [settings[direction], policies[state[direction]]])),
		IPV6: state.ipv6 ? 'yes' : 'no',
	};
	let after = before;
	for (const [name, value] of Object.entries(wanted)) {
		if (readSetting(after, name)?.toUpperCase() !== value.toUpperCase()) {
			after = writeSetting(after, name, value) ?? `${after}${name}=${value}\n`;
		}
	}

	if (after !== before) {
		await replaceText(host, defaultsFile, after);
	}
}

async function restoreFrames(host: Host, frames: Readonly<Record<string, string>>): Promise<void> {
	for (const family of families) {
		const path = rulesFiles[family];
		const [text, frame] = [await host.read(path), frames[path]];
		const [now, was] = [text, frame].map(content => content === undefined ? undefined : parseRulesFile(content, family));
		if (now && was) {
			const restored = formatRulesFile({...was, blocks: now.blocks});
			if (restored !== text) {
				await replaceText(host, path, restored);
			}
		}
	}
}

export function isSameFirewall(left: FirewallState, right: FirewallState): boolean {
	const key = ({enabled, incoming, outgoing, routed, ipv6}: FirewallState) => JSON.stringify([enabled, incoming, outgoing, routed, ipv6]);
	return key(left) === key(right);
}

/** Turns ufw on or off with these policies. Established connections live on: they are let in before any other rule. */
export async function writeUfw(host: Host, state: FirewallState): Promise<void> {
	if (await host.read(defaultsFile) === undefined) {
		if (isSameFirewall(state, untouched)) {
			return;
		}

		throw notInstalled();
	}

	const now = await readUfw(host);
	if (isSameFirewall(now, state) && state.enabled) {
		return;
	}

	if (now.enabled) {
		await stop(host);
	}

	await writeDefaults(host, state);
	if (state.enabled) {
		await mustRun(host, ['ufw', '--force', 'enable']);
		return;
	}

	await sweep(host, state.tables ?? []);
	await restoreFrames(host, state.frames ?? {});
}
