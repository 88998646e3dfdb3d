import {unmapped} from './network.ts';
import type {Listener} from './facts.ts';

const line = /^(?<protocol>tcp|udp)\s+\S+\s+\d+\s+\d+\s+(?<address>\S+):(?<port>\d+)\s+\S+(?:\s+users:\(\("(?<program>[^"]*)")?/;

/**
 * `ss -Hltunp` (ss(8)): one socket a line, `tcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=1,fd=3))`.
 * `*` is a socket for IPv4 and IPv6 alike; a zone (`%eth0`) is left off. Sockets that several processes share are told once.
 */
export function parseListeners(output: string): Listener[] {
	const listeners = output.split('\n').flatMap((text): Listener[] => {
		const {protocol, address, port, program} = line.exec(text)?.groups ?? {};
		if (protocol === undefined || Number(port) === 0) {
			return [];
		}

		return [{
			protocol: protocol as Listener['protocol'],
			address: unmapped(address!.replace(/%[^\]]*/, '').replaceAll(/[[\]]/g, '')),
			port: Number(port),
			...program !== undefined && program !== '' && {program},
		}];
	});
	return [...new Map(listeners.map(listener => [`${listener.protocol} ${listener.address} ${listener.port}`, listener])).values()];
}
