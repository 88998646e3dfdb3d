import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import process from 'node:process';
import {adminAddresses, attackerAddresses, bridge, packagePort, ranges, type Addresses} from './addresses.ts';
import {Client} from './client.ts';
import {command, type CommandOptions, type Output} from './command.ts';
import {controlGroup, inGroup, killGroup, namespaceName, namespacePath, ownDisk, removeDisk} from './owner.ts';
import {packageSocket, startPackageCache} from './package-cache.ts';
import {prepare} from './host.ts';

/** The bridge's network device, the same in every network. */
export const bridgeName = 'lan';

/**
 * A world of its own: a bridge in a network namespace that has no way out. Servers and clients are plugged into it.
 * Nothing that is sent in here can reach a real machine, whatever address it is sent to.
 */
export class Network {
	readonly id: string;
	readonly group: string;
	readonly #clients = new Map<string, Client>();
	#servers = 0;

	private constructor(id: string, group: string) {
		this.id = id;
		this.group = group;
	}

	static async create(): Promise<Network> {
		await prepare();
		await startPackageCache();
		const id = randomBytes(3).toString('hex');
		const network = new Network(id, await controlGroup(id));
		await command(['ip', 'netns', 'add', namespaceName(id)]);
		// No duplicate detection and no router discovery: addresses are ours to give and work at once.
		await network.run(['sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.accept_ra=0']);
		await network.#ip(
			'link set lo up',
			`link add ${bridgeName} address ${bridge.mac} type bridge forward_delay 0 mcast_snooping 0`,
			`link set ${bridgeName} up`,
			...ranges.ipv4.map(range => `address add ${range.replace('.0/24', '.1/24')} dev ${bridgeName}`),
			`address add ${bridge.ipv6}/32 dev ${bridgeName}`,
		);
		await network.serve(['socat', `TCP6-LISTEN:${packagePort},ipv6only=0,fork,reuseaddr,backlog=128`, `UNIX-CONNECT:${packageSocket}`]);
		return network;
	}

	async #ip(...lines: string[]): Promise<void> {
		await this.run(['ip', '-batch', '-'], {input: lines.join('\n')});
	}

	/** The argv that runs a program on the bridge, beside all servers and clients. */
	argv(argv: readonly string[]): string[] {
		return inGroup(this.group, ['nsenter', `--net=${namespacePath(this.id)}`, ...argv]);
	}

	async run(argv: readonly string[], options: CommandOptions = {}): Promise<Output> {
		return command(this.argv(argv), options);
	}

	/** Starts a program that stays, such as a name server for the test. It ends with the network. */
	async serve(argv: readonly string[], env: Record<string, string> = {}): Promise<void> {
		const [program, ...rest] = this.argv(argv);
		spawn(program!, rest, {detached: true, stdio: 'ignore', cwd: '/', env: {...process.env, ...env}}).unref();
	}

	/** The number of the next server here, for its name and addresses. */
	nextServer(): number {
		return this.#servers++;
	}

	/** The developer who hardens the server. */
	async admin(): Promise<Client> {
		return this.client('admin', adminAddresses);
	}

	/** Somebody else on the internet. */
	async attacker(): Promise<Client> {
		return this.client('attacker', attackerAddresses);
	}

	/** A machine with these addresses and a route to all others here; the same name gives the same machine again. */
	async client(name: string, addresses: Addresses): Promise<Client> {
		const known = this.#clients.get(name);
		if (known) {
			return known;
		}

		const client = new Client(name, this.id, addresses, await controlGroup(this.id, name));
		this.#clients.set(name, client);
		const port = `c-${this.#clients.size}`;
		await command(['ip', 'netns', 'add', namespaceName(client.id)]);
		await client.run(['sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.accept_ra=0']);
		await this.#ip(
			`link add ${port} type veth peer name eth0 netns ${namespaceName(client.id)}`,
			`link set ${port} master ${bridgeName} up`,
		);
		await client.run(['ip', '-batch', '-'], {
			input: [
				'link set lo up',
				'link set eth0 up',
				...(addresses.ipv4 ? [`address add ${addresses.ipv4}/32 dev eth0`, ...ranges.ipv4.map(range => `route add ${range} dev eth0 src ${addresses.ipv4}`)] : []),
				...(addresses.ipv6 ? [`address add ${addresses.ipv6}/32 dev eth0`] : []),
			].join('\n'),
		});
		return client;
	}

	/** Ends everything that runs in here, servers included, and removes it. */
	async destroy(): Promise<void> {
		await killGroup(this.group);
		for (const id of [...[...this.#clients.values()].map(client => client.id), this.id]) {
			await command(['ip', 'netns', 'delete', namespaceName(id)]);
		}

		await removeDisk(ownDisk(this.id));
	}
}
