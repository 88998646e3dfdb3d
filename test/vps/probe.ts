import type {Client} from './client.ts';

export type PortState = 'open' | 'refused' | 'filtered';

/** On a local bridge an answer takes well under a millisecond; the rest is room for a busy machine. */
const patience = ['--initial-rtt-timeout', '300ms', '--max-rtt-timeout', '600ms', '--max-retries', '2'];
/**
 * A scan of many. A port that does not answer is asked once more, so of a wholly filtered host
 * all 65535 take 65535 / 20000 s and a bit, twice: about 8 s, and seconds of this machine's processor.
 */
const hurry = ['--min-rate', '20000', '--max-rtt-timeout', '300ms', '--max-retries', '1', '-T5'];

const states: Record<string, PortState> = {open: 'open', closed: 'refused', filtered: 'filtered'};

/** nmap's greppable lines: `Ports: 22/open/tcp//ssh///, 80/closed/tcp//http///`. */
function parse(greppable: string): Map<number, PortState> {
	const ports = new Map<number, PortState>();
	for (const [, port, state] of greppable.matchAll(/(\d+)\/(open|closed|filtered)\/tcp/g)) {
		ports.set(Number(port), states[state!]!);
	}

	return ports;
}

async function nmap(from: Client, address: string, options: readonly string[]): Promise<Map<number, PortState>> {
	const family = address.includes(':') ? ['-6'] : [];
	const {stdout} = await from.run(['nmap', '-n', '-Pn', ...family, ...options, '-oG', '-', address]);
	return parse(stdout);
}

/** What a TCP connection from there meets: an answer, a refusal, or silence (or an ICMP "prohibited"). At most 2 s. */
export async function probePort(from: Client, address: string, port: number): Promise<PortState> {
	const ports = await nmap(from, address, ['-sT', ...patience, '-p', String(port)]);
	const state = ports.get(port);
	if (!state) {
		throw new Error(`nmap said nothing about port ${port} of ${address}`);
	}

	return state;
}

/** `1-1024`, all 65535, or the thousand that nmap finds most common. */
export type Ports = `${number}-${number}` | 'all' | 'common';

/**
 * Open TCP ports as seen from there, ascending: of `ports`, and of what listens on the server. On a machine that is busy with other things
 * answers get lost at the speed of a scan: of what listens, what did not answer is asked again with patience.
 */
export async function scanPorts(from: Client, address: string, listening: readonly number[], ports: Ports = 'common'): Promise<number[]> {
	const range = {all: ['-p', '1-65535'], common: []}[ports as string] ?? ['-p', ports];
	const found = await nmap(from, address, ['-sS', ...hurry, '--open', ...range]);
	const missing = listening.filter(port => found.get(port) !== 'open');
	const again = missing.length === 0 ? [] : await nmap(from, address, ['-sT', ...patience, '-p', missing.join(',')]);
	return [...found, ...again].filter(([, state]) => state === 'open').map(([port]) => port).toSorted((a, b) => a - b);
}
