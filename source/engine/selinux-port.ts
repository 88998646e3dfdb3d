import type {Host} from './types.ts';

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

/**
 * Node gives its children sockets to write to, and SELinux takes these from semanage: its words would be lost without a sign. A
 * shell's pipe it may keep. How it ended comes as the last line.
 */
const script = '{ semanage "$@" 2>&1; echo "$?"; } | cat';

/** Runs semanage: a second to list something, some to build the policy anew; minutes on a small server that is busy with other things. */
export async function semanage(host: Host, words: readonly string[]): Promise<{exitCode: number; words: string}> {
	const {exitCode, stdout, stderr} = await host.run(['sh', '-c', script, 'sh', ...words], {timeout: 600_000});
	const lines = stdout.split('\n');
	const status = exitCode === 0 ? Number(/^\d+$/.exec(lines.at(-1) ?? '')?.[0] ?? 1) : exitCode;
	return {exitCode: status, words: (exitCode === 0 ? lines.slice(0, -1).join('\n') : stderr).trim()};
}

/** What was said on this server, and that beside what the policy says. */
export type Said = {here: readonly PortRange[]; all: readonly PortRange[]};

/** `missing`: there is no semanage. */
export async function askSemanage(host: Host): Promise<Said | {missing: true} | {reason: string}> {
	const [here, all] = await Promise.all([['--locallist'], []].map(async words => semanage(host, ['port', '--list', '--noheading', ...words])));
	if (here!.exitCode === 127) {
		return {missing: true};
	}

	const said = {here: parsePorts(here!.words), all: parsePorts(all!.words)};
	const failed = [here!, all!].find(({exitCode}) => exitCode !== 0);
	// Every policy names ports: a list without any is none.
	return failed || said.all.length === 0 ? {reason: failed?.words ?? ''} : said;
}

/** What counts for a port: a rule of this server's more than the policy's, however narrow that is. */
export function typeOf({here, all}: Said, name: PortName): {type: string; byPolicy?: true} | undefined {
	const own = entryFor(here, name);
	const entry = own ?? entryFor(all, name);
	return entry && {type: entry.type, ...own === undefined && {byPolicy: true}};
}
