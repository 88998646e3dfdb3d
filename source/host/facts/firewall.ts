import {parseListeners} from '../../engine/listeners.ts';
import type {FirewallFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {isInstalled as isFirewalldInstalled, isRunning, readZone} from '../firewall/firewalld.ts';
import {foreignElements, zoneRules} from '../firewall/firewalld-zone.ts';
import {hasProgram} from '../programs.ts';
import {foreignChains, mergePublished, parseRuleset, publishedByDocker, publishedByIptables, publishedByProxy, publishedByRules} from '../firewall/ruleset.ts';
import {readUfw} from '../firewall/ufw.ts';
import {foreignBlocks, joinFamilies, parseRulesFile, rulesFiles} from '../firewall/ufw-rules.ts';

/** sysctl.conf(5) as ufw keeps it, with slashes: `net/ipv4/conf/all/log_martians=0`. */
export function parseUfwSysctl(text: string): Readonly<Record<string, string>> {
	return Object.fromEntries([...text.matchAll(/^(?<key>[\w/.-]+)\s*=\s*(?<value>\S+)\s*$/gm)].map(({groups}) => [groups!['key']!.replaceAll('/', '.'), groups!['value']!]));
}

async function collectUfw(host: Host): Promise<FirewallFacts['ufw']> {
	const [program, state, ipv4, ipv6, sysctl] = await Promise.all([
		host.read('/usr/sbin/ufw'),
		readUfw(host),
		host.read(rulesFiles.ipv4),
		host.read(rulesFiles.ipv6),
		host.read('/etc/ufw/sysctl.conf'),
	]);
	const [four, six] = [parseRulesFile(ipv4 ?? '', 'ipv4')?.blocks ?? [], parseRulesFile(ipv6 ?? '', 'ipv6')?.blocks ?? []];
	return {
		installed: program !== undefined,
		enabled: state.enabled,
		incoming: state.incoming,
		ipv6: state.ipv6,
		rules: joinFamilies(four, six),
		foreign: [...new Set([...foreignBlocks(four), ...foreignBlocks(six)])],
		...program !== undefined && sysctl !== undefined && {sysctl: parseUfwSysctl(sysctl)},
	};
}

async function collectFirewalld(host: Host): Promise<FirewallFacts['firewalld']> {
	const installed = await isFirewalldInstalled(host);
	const [enabled, file] = installed ? await Promise.all([isRunning(host), readZone(host)]) : [false, undefined];
	return file
		? {installed, enabled, zone: file.name, incoming: file.zone.target, rules: zoneRules(file.zone), foreign: foreignElements(file.zone)}
		: {installed, enabled, rules: [], foreign: []};
}

function backendOf(ufw: FirewallFacts['ufw'], firewalld: FirewallFacts['firewalld'], anotherRefuses: boolean): FirewallFacts['backend'] {
	return ufw.enabled ? 'ufw' : (firewalld.enabled ? 'firewalld' : (anotherRefuses ? 'other' : 'none'));
}

/** Which ports containers are published on, where there is Docker, or Podman in its place. */
async function askDocker(host: Host): Promise<string> {
	return await hasProgram(host, 'docker') ? (await host.run(['docker', 'ps', '--format', String.raw`{{.Names}}\t{{.Ports}}`], {timeout: 5000})).stdout : '';
}

/** Reads only. Without root the rules, the kernel's chains and Docker's ports stay unknown, told as none. */
export async function collectFirewall(host: Host): Promise<FirewallFacts> {
	const [ufw, firewalld, ruleset, nat, docker, sockets, ipv6] = await Promise.all([
		collectUfw(host),
		collectFirewalld(host),
		host.run(['nft', '--json', 'list', 'ruleset'], {timeout: 5000}),
		host.run(['iptables-save'], {timeout: 5000}),
		askDocker(host),
		host.run(['ss', '-Hltunp']),
		host.read('/proc/net/if_inet6'),
	]);
	const items = parseRuleset(ruleset.stdout);
	const chains = foreignChains(items);
	return {
		backend: backendOf(ufw, firewalld, chains.some(({name, refuses}) => refuses && !name.includes(' f2b-'))),
		ufw,
		firewalld,
		foreignChains: chains.map(({name}) => name),
		published: mergePublished(
			publishedByDocker(docker),
			publishedByRules(items),
			publishedByIptables(nat.stdout),
			publishedByProxy(parseListeners(sockets.stdout)),
		),
		ipv6: (ipv6 ?? '').split('\n').some(line => line !== '' && !line.endsWith(' lo')),
	};
}
