import {canonicalSource} from './network.ts';
import type {FirewallRule} from './facts.ts';

/** What the running firewall itself says that it lets in: for checks, which never read our own files. */

const actions: Readonly<Record<string, FirewallRule['action']>> = {
	ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject', 'ufw-user-limit-accept': 'limit', 'ufw6-user-limit-accept': 'limit',
};

/** Options of iptables(8) that say nothing about which packet. */
const silent = new Set(['-m', '--reject-with', '--comment']);

function parseIptablesLine(line: string, everywhere: string): FirewallRule[] {
	const words = line.match(/"[^"]*"|\S+/g) ?? [];
	const options = new Map<string, string>();
	for (let index = 2; index < words.length; index += 2) {
		options.set(words[index]!, words[index + 1] ?? '');
	}

	const known = new Set(['-s', '-p', '--dport', '--dports', '-j']);
	const action = actions[options.get('-j') ?? ''];
	const from = canonicalSource(options.get('-s') ?? everywhere);
	const protocol = options.get('-p') ?? 'any';
	if (action === undefined || from === undefined || !['tcp', 'udp', 'any'].includes(protocol) || [...options.keys()].some(option => !known.has(option) && !silent.has(option))) {
		return [];
	}

	const ports = options.get('--dport') ?? options.get('--dports');
	const common = {action, protocol: protocol as FirewallRule['protocol'], from};
	return ports === undefined ? [common] : ports.split(',').map(part => {
		const [port, toPort] = part.split(':').map(Number) as [number, number?];
		return {...common, port, ...toPort !== undefined && {toPort}};
	});
}

/** `iptables -S CHAIN` or `ip6tables -S CHAIN`. Rules about more than port and source are left out: they let in less, not more. */
export function parseIptables(output: string, family: 'ipv4' | 'ipv6'): readonly FirewallRule[] {
	const everywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
	return output.split('\n').filter(line => line.startsWith('-A ')).flatMap(line => parseIptablesLine(line, everywhere));
}

const nftLine = /^\s*(?:(?<family>ip6?) saddr (?<from>\S+) )?(?:(?<protocol>tcp|udp) dport (?<port>\d+)(?:-(?<toPort>\d+))? )?(?:ct state \{[^}]*\} )?(?<verdict>accept|drop|reject)\b/;

/** `nft list chain inet firewalld filter_IN_ZONE_allow`, and its `_deny`. */
export function parseNftChain(output: string): readonly FirewallRule[] {
	return output.split('\n').flatMap(line => {
		const {from, protocol, port, toPort, verdict} = nftLine.exec(line)?.groups ?? {};
		const source = canonicalSource(from ?? 'any');
		if (verdict === undefined || source === undefined || (port === undefined && from === undefined)) {
			return [];
		}

		return [{
			action: ({accept: 'allow', drop: 'deny', reject: 'reject'} as const)[verdict as 'accept' | 'drop' | 'reject'],
			...port !== undefined && {port: Number(port)},
			...toPort !== undefined && {toPort: Number(toPort)},
			protocol: (protocol ?? 'any') as FirewallRule['protocol'],
			from: source,
		}];
	});
}
