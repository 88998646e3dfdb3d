import {posix} from 'node:path';
import {parseKeyLine} from '../../engine/authorized-key.ts';
import type {Operator, Ownership, SshFacts, User} from '../../engine/facts.ts';
import {unmapped} from '../../engine/network.ts';
import {askSshd, dropInFolder, parseSshdConfig, type Connection} from '../../engine/sshd-config.ts';
import type {Host} from '../../engine/types.ts';
import {placesAt} from '../places.ts';
import {sshdFiles} from '../sshd-files.ts';
import {collectKeys, peopleOf} from './ssh-keys.ts';

/** An address of nobody (RFC 5737), for what holds "from anywhere". */
const anywhere = '192.0.2.1';
const defaultKeyFiles = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];

/** `OpenSSH_9.2p1 Debian-2+deb12u6, …` → `9.2`. */
export function parseVersion(output: string): string {
	return /OpenSSH_(?<version>\d+\.\d+)/.exec(output)?.groups?.['version'] ?? '';
}

/** `Listen=[::]:22 (Stream)` of `systemctl show ssh.socket`: TCP ports. */
export function parseSocketPorts(output: string): readonly number[] {
	return [...output.matchAll(/^Listen=(?<address>.*) \(Stream\)$/gm)]
		.map(({groups}) => Number(/^(?:.*:)?(?<port>\d+)$/.exec(groups!['address']!)?.groups?.['port']))
		.filter(port => port > 0);
}

const isLocal = (address: string) => /^(?:127\.|\[?::1\]?$)/.test(unmapped(address.replaceAll(/[[\]]/g, '')));

/**
 * `ss -Hltunp` → the TCP ports that sshd itself listens on. Its main process is known by id, since a session's forwarded
 * port shows as sshd too; where it is not known, only ports that the outside can reach count.
 */
export function parseSshdPorts(output: string, mainPid?: number): readonly number[] {
	return output.split('\n').flatMap(line => {
		const [protocol, , , , local = '', , users = ''] = line.split(/\s+/);
		const colon = local.lastIndexOf(':');
		const isOurs = mainPid ? users.includes(`pid=${mainPid},`) : users.includes('"sshd"') && !isLocal(local.slice(0, colon));
		const port = Number(local.slice(colon + 1));
		return protocol === 'tcp' && isOurs && port > 0 ? [port] : [];
	});
}

/** How many groups of moduli(5) have fewer than 3072 bits; the file counts from 0, so it says 3071 for these. */
export function countShortModuli(text: string): number {
	return text.split('\n').filter(line => /^\d/.test(line) && Number(line.split(/\s+/)[4]) < 3071).length;
}

/** SSHD_OPTS of /etc/default/ssh. */
export function parseOptions(text: string): string | undefined {
	return /^\s*SSHD_OPTS=(?<quote>["']?)(?<options>.*?)\k<quote>\s*$/m.exec(text)?.groups?.['options']?.trim();
}

/** shadow(5): who has to change their password before anything else, or whose account has expired. `today` in days since 1970. */
export function parseExpired(shadow: string, today: number): SshFacts['expired'] {
	return shadow.split('\n').map(line => line.split(':')).filter(fields => fields.length >= 8).flatMap(([user = '', , changed = '', , max = '', , , expires = '']): SshFacts['expired'] => {
		if (expires !== '' && Number(expires) <= today) {
			return [{user, what: 'account'}];
		}

		const isOver = changed === '0' || (changed !== '' && max !== '' && Number(max) >= 0 && Number(changed) + Number(max) < today);
		return isOver ? [{user, what: 'password'}] : [];
	});
}

async function collectFiles(host: Host): Promise<SshFacts['files']> {
	const files = await sshdFiles(host);
	const places = await placesAt(host, files.map(({path}) => path));
	return files.map(file => {
		const {mode, owner, group} = places.get(file.path) ?? {};
		const ownership: Partial<Ownership> = {mode, owner, group};
		return {...file, ...ownership};
	});
}

async function collectSupported(host: Host): Promise<SshFacts['supported']> {
	const names = ['kex', 'cipher', 'mac', 'key', 'sig'];
	const lists = await Promise.all(names.map(async name => host.run(['ssh', '-Q', name])));
	return Object.fromEntries(names.map((name, index) => [name, lists[index]!.stdout.split('\n').filter(Boolean)]));
}

async function collectHostKeys(host: Host, paths: readonly string[]): Promise<SshFacts['hostKeys']> {
	const found = await Promise.all(paths.map(async path => {
		const line = parseKeyLine((await host.read(`${path}.pub`) ?? '').trim());
		return line.kind === 'key' ? [{path, type: line.key.type, bits: line.key.bits, fingerprint: line.key.fingerprint}] : [];
	}));
	return found.flat();
}

const defaultHostKeys = ['rsa', 'ecdsa', 'ed25519'].map(type => `/etc/ssh/ssh_host_${type}_key`);

async function collectPorts(host: Host): Promise<Pick<SshFacts, 'ports' | 'socketActivated'>> {
	const [listeners, units] = await Promise.all([
		host.run(['ss', '-Hltunp']),
		host.run(['systemctl', 'show', '--property=Id,MainPID,ActiveState,Listen', '--', 'ssh.service', 'ssh.socket']),
	]);
	const shown = (unit: string) => units.stdout.split(/\n{2,}/).find(part => part.split('\n').includes(`Id=${unit}`)) ?? '';
	const socket = shown('ssh.socket');
	const socketActivated = /^ActiveState=active$/m.test(socket);
	const mainPid = Number(/^MainPID=(?<pid>\d+)$/m.exec(shown('ssh.service'))?.groups?.['pid']) || undefined;
	const own = parseSshdPorts(listeners.stdout, mainPid);
	const ports = [...own, ...parseSshdPorts(listeners.stdout), ...socketActivated ? parseSocketPorts(socket) : []];
	return {socketActivated, ports: [...new Set(ports)].toSorted((left, right) => left - right)};
}

/** Where nobody may look (no root), what the files say: their Port lines, or 22. */
function portsOf(files: SshFacts['files']): readonly number[] {
	const ports = files.flatMap(({content}) => parseSshdConfig(content)).filter(({keyword}) => keyword === 'port').map(({words}) => Number(words[0]));
	return ports.length > 0 ? [...new Set(ports)].toSorted((left, right) => left - right) : [22];
}

/** What sshd is and whom it lets in. Reads only; without root sshd is not asked, and other people's keys are not known. */
export async function collectSsh(host: Host, operator: Operator, users: readonly User[]): Promise<SshFacts> {
	const {address = anywhere, port, serverAddress, user} = operator;
	const connection = (login: string, from: string): Connection => ({user: login, address: from, port, serverAddress});
	const [folder, mine, root, files, supported, listening, version, moduli, defaults, shadow, programs] = await Promise.all([
		host.list(posix.dirname(dropInFolder)),
		askSshd(host, connection(user, address)),
		askSshd(host, connection('root', anywhere)),
		collectFiles(host),
		collectSupported(host),
		collectPorts(host),
		host.run(['ssh', '-V']),
		host.read('/etc/ssh/moduli'),
		host.read('/etc/default/ssh'),
		host.read('/etc/shadow'),
		host.list('/usr/sbin'),
	]);
	const config = 'effective' in mine ? mine.effective : undefined;
	const configForRoot = 'effective' in root ? root.effective : undefined;
	const patterns = config?.['authorizedkeysfile']?.[0]?.split(' ') ?? defaultKeyFiles;
	const [hostKeys, keys] = await Promise.all([
		collectHostKeys(host, config?.['hostkey'] ?? defaultHostKeys),
		collectKeys(host, peopleOf(users, user), patterns, shadow !== undefined),
	]);
	const options = parseOptions(defaults ?? '');
	return {
		installed: programs.includes('sshd'),
		version: parseVersion(version.stderr),
		config,
		configForRoot,
		...listening,
		ports: listening.ports.length > 0 ? listening.ports : portsOf(files),
		files,
		hasDropInFolder: folder.includes(posix.basename(dropInFolder)),
		supported,
		hostKeys,
		keys,
		...moduli !== undefined && {moduli},
		shortModuli: countShortModuli(moduli ?? ''),
		...options && {options},
		expired: parseExpired(shadow ?? '', Math.floor(Date.now() / 86_400_000)),
	};
}
