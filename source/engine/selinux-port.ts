/** SELinux gives every port a type, and lets a program listen on ports of certain types only. */

/** The type of the ports that sshd may listen on. */
export const sshPortType = 'ssh_port_t';

export type PortRange = {type: string; protocol: string; from: number; to: number};

/** `semanage port --list --noheading`: `http_cache_port_t   tcp   3128, 8080, 10001-10010` a line. */
export function parsePorts(output: string): readonly PortRange[] {
	return output.split('\n').flatMap(line => {
		const {type, protocol, ranges} = /^(?<type>\w+)\s+(?<protocol>\w+)\s+(?<ranges>\d[\d\s,-]*)$/.exec(line)?.groups ?? {};
		return (ranges?.split(',') ?? []).map(range => {
			const [from, to = from] = range.trim().split('-').map(Number);
			return {type: type!, protocol: protocol!, from: from!, to: to!};
		});
	});
}

export type PortName = {protocol: string; port: number};

/** `tcp/5922`. Throws for what is no port. */
export function parsePortName(name: string): PortName {
	const {protocol, port} = /^(?<protocol>tcp|udp)\/(?<port>\d{1,5})$/.exec(name)?.groups ?? {};
	if (protocol === undefined || Number(port) < 1 || Number(port) > 65_535) {
		throw new Error(`Not a port: ${name}`);
	}

	return {protocol, port: Number(port)};
}

/** The entry that counts for a port: the policy has general ones for all ports, and narrower ones beside them. */
export function entryFor(ranges: readonly PortRange[], {protocol, port}: PortName): PortRange | undefined {
	const holding = ranges.filter(range => range.protocol === protocol && range.from <= port && port <= range.to);
	return holding.toSorted((left, right) => (left.to - left.from) - (right.to - right.from))[0];
}
