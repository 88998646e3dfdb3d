import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {ranges, serverAddresses, type Addresses, type Family} from './addresses.ts';
import {Booted} from './booted.ts';
import type {Client} from './client.ts';
import {command, plainEnvironment, waitFor, type CommandOptions, type Output} from './command.ts';
import {diskLayers, rootKey, type DiskOptions} from './image.ts';
import {bridgeName, Network} from './network.ts';
import {overlay, type Disk} from './overlay.ts';
import {controlGroup, inGroup, killGroup, namespacePath, ownDisk, removeDisk} from './owner.ts';
import {probePort, scanPorts, type Ports, type PortState} from './probe.ts';
import {sshArgv, type Login} from './ssh.ts';

export type BootOptions = DiskOptions & {
	/** Several servers in one world; without it the server gets one of its own, which ends with it. */
	network?: Network;
};

export type From = {
	/** Default: the network's admin. */
	from?: Client;
	/** Default: IPv4 where the client has it. */
	family?: Family;
};

/**
 * Boots a throwaway server and returns when systemd says that the boot is over (running or degraded).
 * 2 s when its image is there; the first time ever the image is built, which takes a minute.
 */
export async function boot(options: BootOptions): Promise<Server> {
	const network = options.network ?? await Network.create();
	try {
		const layers = await diskLayers(options);
		const server = new Server(options, network, layers);
		await server.start();
		// As a provider's image after its first `apt-get update`. The image may be older than an hour, and what Debian publishes in the meantime is nobody's test.
		await server.run(['touch', '/var/lib/apt/lists/partial']);
		return server;
	} catch (error) {
		if (!options.network) {
			await network.destroy();
		}

		throw error;
	}
}

/** A real Debian with systemd, its own disk, addresses and firewall. */
export class Server extends Booted {
	readonly release: DiskOptions['release'];
	readonly network: Network;
	readonly name: string;
	readonly addresses: Required<Addresses>;
	protected override readonly patience = {usual: 60_000, more: 4000};
	readonly #ownsNetwork: boolean;
	readonly #disk: Disk;
	#group = '';

	constructor(options: BootOptions, network: Network, layers: readonly string[]) {
		super();
		const number = network.nextServer();
		this.release = options.release;
		this.network = network;
		this.name = `${network.id}-${number}`;
		this.addresses = serverAddresses(number);
		this.#ownsNetwork = !options.network;
		const folder = ownDisk(network.id, this.name);
		this.#disk = {layers, upper: path.join(folder, 'upper'), work: path.join(folder, 'work'), root: path.join(folder, 'root')};
	}

	/** Switches the server on: for the first time, or after a power cut or a shutdown. */
	async start(): Promise<void> {
		this.#group = await controlGroup(this.network.id, `server-${this.name}`);
		const nspawn = [
			'systemd-nspawn',
			'--quiet',
			'--boot',
			// There may be no systemd on this machine to ask for a scope or to register with.
			'--register=no',
			'--keep-unit',
			'--settings=no',
			'--link-journal=no',
			'--resolv-conf=off',
			'--timezone=off',
			'--console=pipe',
			'--hostname=vps',
			`--machine=${this.name}`,
			`--directory=${this.#disk.root}`,
			`--network-bridge=${bridgeName}`,
		];
		const mounted = await overlay(this.#disk, nspawn);
		const [program, ...rest] = inGroup(this.#group, ['nsenter', `--net=${namespacePath(this.network.id)}`, ...mounted]);
		await this.#writeAddresses();
		const console = openSync(path.join(path.dirname(this.#disk.root), 'console.log'), 'a');
		spawn(program!, rest, {detached: true, stdio: ['ignore', console, console], cwd: '/', env: plainEnvironment}).unref();
		closeSync(console);
		await this.#booted();
	}

	/** Like a provider that puts the addresses into its image: straight onto the disk, before the first boot. */
	async #writeAddresses(): Promise<void> {
		const {ipv4, ipv6} = this.addresses;
		const routes = ranges.ipv4.slice(1).map(range => `[Route]\nDestination=${range}\nScope=link\nPreferredSource=${ipv4}\n`);
		const text = `[Match]
Name=host0
[Network]
IPv6AcceptRA=no
LinkLocalAddressing=ipv6
[Address]
Address=${ipv4}/24
[Address]
Address=${ipv6}/32
DuplicateAddressDetection=none
${routes.join('')}`;
		const folder = path.join(this.#disk.upper, 'etc/systemd/network');
		await mkdir(folder, {recursive: true});
		await writeFile(path.join(folder, '10-host0.network'), text);
	}

	/** The server's process 1 as this machine numbers it; undefined while it is off. */
	get #init(): number | undefined {
		try {
			return Number(readFileSync(`${this.#initGroup}/cgroup.procs`, 'utf8').split('\n')[0]) || undefined;
		} catch {
			return undefined;
		}
	}

	get #running(): number {
		const init = this.#init;
		if (!init) {
			throw new Error(`The server ${this.name} is off`);
		}

		return init;
	}

	get #initGroup(): string {
		return path.join(this.#group, 'payload/init.scope');
	}

	async #booted(previous?: number): Promise<void> {
		try {
			await waitFor(`${this.name} to boot`, async () => {
				const init = this.#init;
				if (!init || init === previous) {
					return false;
				}

				const {stdout} = await this.run(['systemctl', 'is-system-running'], {check: false, timeout: 5000});
				return stdout === 'running' || stdout === 'degraded';
			});
		} catch (error) {
			throw new Error(`The server's console said last:\n${(await this.console()).slice(-3000)}`, {cause: error});
		}
	}

	/**
	 * The argv for this machine that runs a program in the server, by way of this machine's kernel and not of the server's sshd:
	 * works when that is locked. The server sees it as a child of its process 1. Throws while the server is off.
	 */
	override argv(argv: readonly string[]): string[] {
		const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
		return inGroup(this.#initGroup, ['nsenter', `--target=${this.#running}`, ...namespaces, ...argv]);
	}

	/** Runs a program of this machine, its own files and all, on the server's network interfaces and firewall. */
	async runOnItsNetwork(argv: readonly string[], options: CommandOptions = {}): Promise<Output> {
		return command(['nsenter', `--target=${this.#running}`, '--net', ...argv], options);
	}

	/** A login over the network. Never throws for a refused one. Without key and password: root's own key. */
	async ssh({from, family, command: remoteCommand = 'true', timeout = 15_000, ...login}: From & Login & {command?: string; timeout?: number} = {}): Promise<Output> {
		const client = from ?? await this.network.admin();
		const withKey = login.key ?? login.password ? login : {...login, key: rootKey};
		const argv = sshArgv(this.address(client, family), withKey, remoteCommand);
		const env: Record<string, string> = login.password ? {SSHPASS: login.password} : {};
		return client.run(['timeout', String(timeout / 1000), ...argv], {env, check: false, timeout: timeout + 2000});
	}

	/** The address at which that client finds this server. */
	address(client: Client, family: Family = client.addresses.ipv4 ? 'ipv4' : 'ipv6'): string {
		return this.addresses[family];
	}

	/** What a TCP connection to the port meets. */
	async probe(port: number, {from, family}: From = {}): Promise<PortState> {
		const client = from ?? await this.network.admin();
		return probePort(client, this.address(client, family), port);
	}

	/** Open TCP ports, ascending: of everything that listens, and of those asked for; by default the thousand most common. */
	async scan({from, family, ports}: From & {ports?: Ports} = {}): Promise<number[]> {
		const client = from ?? await this.network.admin();
		const {stdout} = await this.run(['ss', '-Hltn']);
		const listening = new Set([...stdout.matchAll(/^\S+\s+\S+\s+\S+\s+\S+:(\d+)\s/gm)].map(([, port]) => Number(port)));
		return scanPorts(client, this.address(client, family), [...listening], ports);
	}

	/** A clean reboot from within; returns when the next boot is over. */
	async reboot(): Promise<void> {
		const before = this.#init;
		await this.run(['systemctl', 'reboot'], {check: false});
		await this.#booted(before);
	}

	/** Waits for the end of a reboot that the server itself began, e.g. `systemctl reboot` over ssh. */
	async rebooted(act: () => Promise<unknown>): Promise<void> {
		const before = this.#init;
		await act();
		await this.#booted(before);
	}

	/** Every process is gone at once, without a word; the disk stays as it was at that instant. */
	async powerOff(): Promise<void> {
		await killGroup(this.#group);
		// The kernel removes the network device a moment later by itself; the next boot needs its name now.
		await this.network.run(['ip', 'link', 'delete', `vb-${this.name}`], {check: false});
	}

	/** Runs a program of this machine with the disk of a server that is off mounted at `root`. What it writes there stays. */
	async withDisk(inside: (root: string) => readonly string[], options: CommandOptions = {}): Promise<Output> {
		return command(inGroup(await controlGroup(this.network.id, `disk-${this.name}`), await overlay(this.#disk, inside(this.#disk.root))), options);
	}

	/** A power cut, and power again: boots from the same disk. */
	async powerCut(): Promise<void> {
		await this.powerOff();
		await this.start();
	}

	/** This boot's journal, of one unit or all. */
	async journal({unit, boot = '0'}: {unit?: string; boot?: string} = {}): Promise<string> {
		const {stdout} = await this.run(['journalctl', '--no-pager', '--output=short-iso', `--boot=${boot}`, ...(unit ? [`--unit=${unit}`] : [])]);
		return stdout;
	}

	/** What the server wrote to its console since it was first switched on. */
	async console(): Promise<string> {
		return readFile(path.join(path.dirname(this.#disk.root), 'console.log'), 'utf8');
	}

	/** Removes the server, its disk, and its network where that is its own. */
	async destroy(): Promise<void> {
		if (this.#ownsNetwork) {
			await this.network.destroy();
			return;
		}

		await this.powerOff();
		await removeDisk(path.dirname(this.#disk.root));
	}
}
