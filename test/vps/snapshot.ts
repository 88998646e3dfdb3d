/**
 * What a server is, as plain text that can be compared: for tests that apply, undo, and want the start back.
 * A snapshot takes about a second.
 */
import {automaticFile, parseAutomatic} from '../../source/engine/installed.ts';
import type {Server} from './server.ts';

/** Section → thing → its state in one line. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A difference that a test accepts: its line matches, and this is why that is right. */
export type Ignored = {line: RegExp; because: string};

const folders = ['/etc', '/root', '/home', '/usr/local', '/opt', '/srv', '/var/www', '/var/spool/cron', '/var/lib/harden-python-vps'];

export async function snapshot(server: Server, {more = []}: {more?: readonly string[]} = {}): Promise<Snapshot> {
	const [files, accounts, unitFiles, runningUnits, firewall, sockets, settings, packages] = await Promise.all([
		readFiles(server, [...folders, ...more]),
		readAccounts(server),
		readUnitFiles(server),
		readRunningUnits(server),
		readFirewall(server),
		readSockets(server),
		readSettings(server),
		readPackages(server),
	]);
	return {
		file: files, account: accounts, 'unit file': unitFiles, 'running unit': runningUnits, firewall, 'listening socket': sockets, sysctl: settings, package: packages,
	};
}

/**
 * The differences, one line each and sorted: `file /etc/x: was absent, is file 0644 root:root sha256:…`.
 * Empty when both are the same but for what `ignore` gives a reason for.
 */
export function compare(before: Snapshot, after: Snapshot, ignore: readonly Ignored[] = []): string[] {
	const lines: string[] = [];
	for (const section of new Set([...Object.keys(before), ...Object.keys(after)])) {
		const [was = {}, is = {}] = [before[section], after[section]];
		for (const thing of new Set([...Object.keys(was), ...Object.keys(is)])) {
			if (was[thing] !== is[thing]) {
				lines.push(`${section} ${thing}: was ${was[thing] ?? 'absent'}, is ${is[thing] ?? 'absent'}`);
			}
		}
	}

	return lines.filter(line => !ignore.some(ignored => ignored.line.test(line))).toSorted();
}

async function output(server: Server, argv: readonly string[]): Promise<string> {
	const {stdout} = await server.run(argv, {check: false});
	return stdout;
}

const kinds: Record<string, string> = {f: 'file', d: 'directory', l: 'link', s: 'socket', p: 'pipe', c: 'character device', b: 'block device'};

async function readFiles(server: Server, roots: readonly string[]): Promise<Record<string, string>> {
	const [list, sums] = await Promise.all([
		output(server, ['find', ...roots, '-xdev', '-printf', String.raw`%p\0%y\0%m\0%u:%g\0%l\0`]),
		output(server, ['find', ...roots, '-xdev', '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+']),
	]);
	const hashes = new Map(sums.split('\0').map(line => [line.slice(66), line.slice(0, 64)]));
	const fields = list.split('\0');
	const files: Record<string, string> = {};
	for (let index = 0; index + 4 < fields.length; index += 5) {
		const [file = '', kind = '', mode = '', owner = '', target = ''] = fields.slice(index, index + 5);
		// A link's own mode and owner mean nothing.
		files[file] = kind === 'l' ? `link to ${target}` : [kinds[kind] ?? kind, mode.padStart(4, '0'), owner, ...(kind === 'f' ? [`sha256:${hashes.get(file)}`] : [])].join(' ');
	}

	return files;
}

/** passwd and group as the system sees them, and of shadow all but the hash, whose change the file's checksum tells. */
async function readAccounts(server: Server): Promise<Record<string, string>> {
	const accounts: Record<string, string> = {};
	for (const database of ['passwd', 'group', 'shadow']) {
		for (const line of (await output(server, ['getent', database])).split('\n').filter(Boolean)) {
			const [name, password = '', ...rest] = line.split(':');
			const state = database === 'shadow' && password.startsWith('$') ? 'hashed' : password;
			accounts[`${database} ${name}`] = [state, ...rest].join(':');
		}
	}

	return accounts;
}

async function readUnitFiles(server: Server): Promise<Record<string, string>> {
	const units = JSON.parse(await output(server, ['systemctl', 'list-unit-files', '--output=json'])) as Array<{unit_file: string; state: string}>;
	return Object.fromEntries(units.filter(unit => unit.state !== 'transient').map(unit => [unit.unit_file, unit.state]));
}

/** Units that come and go by themselves. */
const fleeting = [
	// While somebody is logged in.
	/^user(-runtime-dir)?@/,
	// Started by a question over D-Bus, ended when idle.
	/^systemd-(hostnamed|localed|timedated)\.service$/,
	/^(packagekit|polkit)\.service$/,
	// Run by the first boot after an update of /usr (ConditionNeedsUpdate), and by no other.
	/^(ldconfig|systemd-(hwdb-update|journal-catalog-update|sysusers|update-done))\.service$/,
	// systemd-run's nameless ones.
	/^run-/,
	// ssh.socket with Accept=yes: one a connection.
	/^ssh(d)?@/,
];

async function readRunningUnits(server: Server): Promise<Record<string, string>> {
	const [units, timers] = await Promise.all([
		output(server, ['systemctl', 'list-units', '--type=service,socket,timer', '--state=active,activating,reloading,failed', '--output=json']),
		output(server, ['systemctl', 'list-timers', '--all', '--output=json']),
	]);
	// What a timer starts runs when its time has come, whoever changed what.
	const timed = new Set((JSON.parse(timers) as Array<{activates: string}>).map(timer => timer.activates));
	const list = JSON.parse(units) as Array<{unit: string; active: string; sub: string}>;
	const lasting = list.filter(({unit}) => !timed.has(unit) && !fleeting.some(pattern => pattern.test(unit)));
	return Object.fromEntries(lasting.map(({unit, active, sub}) => [unit, unit.endsWith('.timer') ? active : `${active} (${sub})`]));
}

/** This machine's nft breaks off at some rules of a newer one: then the server has one of its own, which made them. */
async function readRuleset(server: Server): Promise<string> {
	const {ok, stdout} = await server.runOnItsNetwork(['nft', 'list', 'ruleset'], {check: false});
	return ok ? stdout : (await server.run(['nft', 'list', 'ruleset'])).stdout;
}

/** This machine's nft reads it, since the server may have none, or get one on the way that prints otherwise. */
async function readFirewall(server: Server): Promise<Record<string, string>> {
	const stdout = await readRuleset(server);
	const firewall: Record<string, string> = {};
	for (const table of normaliseNft(stdout).split(/^(?=table )/m).filter(Boolean)) {
		firewall[table.split(' {')[0]!] = table.trim();
	}

	// nft cannot spell out all rules that iptables made.
	for (const program of ['iptables-save', 'ip6tables-save']) {
		const saved = normaliseIptables(await output(server, [program]));
		if (saved) {
			firewall[program] = saved;
		}
	}

	return firewall;
}

export function normaliseNft(ruleset: string): string {
	return ruleset
		.replaceAll(/^#.*\n/gm, '')
		.replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
		.replaceAll(/ # handle \d+/g, '')
		.replaceAll(/ expires [\ddhms]+/g, '');
}

export function normaliseIptables(saved: string): string {
	return saved.replaceAll(/^#.*\n?/gm, '').replaceAll(/\[\d+:\d+\]/g, '[]').trim();
}

async function readSockets(server: Server): Promise<Record<string, string>> {
	const sockets: Record<string, string> = {};
	for (const line of (await output(server, ['ss', '-Hlntup'])).split('\n').filter(Boolean)) {
		const fields = line.split(/\s+/);
		const [protocol, address = ''] = [fields[0], fields[4]];
		const programs = [...line.matchAll(/"([^"]+)",pid=/g)].map(match => match[1]!);
		const port = Number(address.split(':').at(-1));
		// The kernel's range for ports that nobody asked for (ip_local_port_range).
		if (port < 32_768) {
			sockets[`${protocol} ${address}`] = [...new Set(programs)].toSorted((a, b) => a.localeCompare(b)).join(' ');
		}
	}

	return sockets;
}

/** Counts and keys that the kernel makes itself; settings of links that firewalls and sandboxes make for a while. */
const restless = /conntrack_count|fastopen_key|stable_secret|\.flush|nf_conntrack_(buckets|max|expect_max)|sysctl\.net\.(core|unix)|(neigh|conf)\.(?!all|default|lo|host0)/;

async function readSettings(server: Server): Promise<Record<string, string>> {
	const lines = (await output(server, ['sysctl', '--all', '--pattern', String.raw`^net\.`])).split('\n');
	const pairs = lines.map(line => line.split(' = ') as [string, string?]);
	return Object.fromEntries(pairs.filter(([key, value]) => value !== undefined && !restless.test(key)).map(([key, value = '']) => [key, value]));
}

async function readPackages(server: Server): Promise<Record<string, string>> {
	const [installed, states] = await Promise.all([
		output(server, ['dpkg-query', '--show', '--showformat', String.raw`${'$'}{Package} ${'$'}{Version} ${'$'}{db:Status-Status}\n`]),
		// apt-mark would say the same, and build its cache for it.
		output(server, ['cat', automaticFile]),
	]);
	const automatic = parseAutomatic(states);
	return Object.fromEntries(installed.split('\n').filter(Boolean).map(line => {
		const [name = '', version, status] = line.split(' ');
		return [name, `${version} ${status}${status === 'installed' && !automatic.has(name) ? ', asked for' : ''}`];
	}));
}
