import {cpus, hostname, totalmem} from 'node:os';
import process from 'node:process';
import type {Facts, OperatingSystem, Operator, User} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** os-release(5): `KEY=value` or `KEY="value"` lines. */
export function parseOsRelease(text: string): OperatingSystem {
	const values = new Map<string, string>();
	for (const line of text.split('\n')) {
		const match = /^(?<key>[A-Z_\d]+)=(?<quote>["']?)(?<value>.*)\k<quote>$/.exec(line);
		if (match?.groups) {
			values.set(match.groups['key']!, match.groups['value']!.replaceAll(/\\(.)/g, '$1'));
		}
	}

	const id = values.get('ID') ?? 'linux';
	const versionId = values.get('VERSION_ID') ?? '';
	return {id, versionId, codename: values.get('VERSION_CODENAME') ?? '', prettyName: values.get('PRETTY_NAME') ?? `${id} ${versionId}`};
}

export async function collectOs(host: Host): Promise<OperatingSystem> {
	return parseOsRelease(await host.read('/etc/os-release') ?? '');
}

/** passwd(5) and group(5), as getent prints them; `shadow` where it may be read. Groups are the supplementary ones, sorted. */
export function parseUsers(passwd: string, group: string, shadow = ''): User[] {
	const members = group.split('\n').map(line => line.split(':')).filter(fields => fields.length >= 4)
		.map(([name = '', , , list = '']) => ({name, logins: list.split(',')}));
	const passwords = new Map(shadow.split('\n').map(line => line.split(':')).map(([name = '', hash = '']) => [name, hash]));
	return passwd.split('\n').map(line => line.split(':')).filter(fields => fields.length >= 7).map(([name = '', , uid = '', gid = '', , home = '', shell = '']) => ({
		name,
		uid: Number(uid),
		gid: Number(gid),
		home,
		shell,
		groups: members.filter(({logins}) => logins.includes(name)).map(entry => entry.name).toSorted(),
		// A locked or absent password starts with `!` or `*`; an empty one lets anybody in and so counts as usable.
		...passwords.has(name) && {passwordUsable: !/^[!*]/.test(passwords.get(name)!)},
	}));
}

/** `ip -json address`: global addresses that are up, IPv4 first. */
export function parseAddresses(json: string): string[] {
	type Link = {addr_info?: ReadonlyArray<{family: string; local: string; scope: string; deprecated?: boolean; temporary?: boolean}>};
	try {
		const infos = (JSON.parse(json) as Link[]).flatMap(link => link.addr_info ?? [])
			.filter(info => info.scope === 'global' && !info.deprecated && !info.temporary);
		return [...infos.filter(info => info.family === 'inet'), ...infos.filter(info => info.family === 'inet6')].map(info => info.local);
	} catch {
		return [];
	}
}

/** SSH_CONNECTION: client address, client port, server address, server port (ssh(1)). */
export function parseConnection(value: string | undefined): {address: string; clientPort: number; serverAddress: string; port: number} | undefined {
	const match = /^(?<address>[\d.:a-fA-F]+)(?:%\S+)? (?<clientPort>\d+) (?<serverAddress>[\d.:a-fA-F]+)(?:%\S+)? (?<port>\d+)$/.exec(value ?? '');
	if (!match?.groups) {
		return undefined;
	}

	const {address = '', clientPort = '', serverAddress = '', port = ''} = match.groups;
	const plainAddress = (text: string) => text.replace(/^::ffff:(?=\d+\.)/i, '');
	return {address: plainAddress(address), clientPort: Number(clientPort), serverAddress: plainAddress(serverAddress), port: Number(port)};
}

/** sudo drops SSH_CONNECTION, so it is looked for in the processes above us too, where root may read their environment. */
async function connectionVariable(host: Host): Promise<string | undefined> {
	if (process.env['SSH_CONNECTION']) {
		return process.env['SSH_CONNECTION'];
	}

	let pid = process.ppid;
	for (let depth = 0; depth < 20 && pid > 1; depth++) {
		const environment = await host.read(`/proc/${pid}/environ`);
		const found = environment?.split('\0').find(entry => entry.startsWith('SSH_CONNECTION='));
		if (found) {
			return found.slice('SSH_CONNECTION='.length);
		}

		const stat = await host.read(`/proc/${pid}/stat`);
		pid = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
	}

	return undefined;
}

async function collectOperator(host: Host): Promise<Operator> {
	const user = process.env['SUDO_USER'] ?? process.env['LOGNAME'] ?? process.env['USER'] ?? 'root';
	const connection = parseConnection(await connectionVariable(host));
	if (!connection) {
		return {user};
	}

	const {address, clientPort, serverAddress, port} = connection;
	const accepted = await host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', '--since=-7d', '--lines=1', '-t', 'sshd', '-t', 'sshd-session', String.raw`--grep=^Accepted \S+ for \S+ from \S+ port ${clientPort} `], {timeout: 3000});
	const method = /^Accepted (?<method>password|keyboard-interactive|publickey) /.exec(accepted.stdout)?.groups?.['method'];
	return {user, address, port, serverAddress, ...method !== undefined && {method: method === 'publickey' ? 'publickey' as const : 'password' as const}};
}

export type SystemFacts = Pick<Facts, 'hostname' | 'os' | 'root' | 'operator' | 'addresses' | 'users' | 'cores' | 'memory'>;

/** What the machine is and who is on it. Works without root. */
export async function collectSystem(host: Host): Promise<SystemFacts> {
	const [os, addresses, passwd, group, shadow, operator] = await Promise.all([
		collectOs(host),
		host.run(['ip', '-json', 'address', 'show', 'up']),
		host.run(['getent', 'passwd']),
		host.run(['getent', 'group']),
		host.read('/etc/shadow'),
		collectOperator(host),
	]);
	const found = parseAddresses(addresses.stdout);
	const {serverAddress} = operator;
	return {
		hostname: hostname(),
		os,
		root: process.geteuid?.() === 0,
		operator,
		addresses: serverAddress === undefined ? found : [serverAddress, ...found.filter(address => address !== serverAddress)],
		users: parseUsers(passwd.stdout, group.stdout, shadow),
		cores: cpus().length,
		memory: Math.round(totalmem() / 1024 / 1024),
	};
}
