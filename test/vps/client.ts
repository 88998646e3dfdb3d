import {command, type CommandOptions, type Output} from './command.ts';
import {inGroup, killGroup, namespacePath} from './owner.ts';
import type {Addresses} from './addresses.ts';

/** A machine on the network that can only run commands: a network namespace with addresses of its own. */
export class Client {
	readonly name: string;
	readonly networkId: string;
	readonly id: string;
	readonly addresses: Addresses;
	readonly group: string;

	constructor(name: string, networkId: string, addresses: Addresses, group: string) {
		this.name = name;
		this.networkId = networkId;
		this.id = `${networkId}-${name}`;
		this.addresses = addresses;
		this.group = group;
	}

	/** The argv that runs a program on this client; keeps its process id all the way. */
	argv(argv: readonly string[]): string[] {
		return inGroup(this.group, ['nsenter', `--net=${namespacePath(this.id)}`, ...argv]);
	}

	async run(argv: readonly string[], options: CommandOptions = {}): Promise<Output> {
		return command(this.argv(argv), options);
	}

	/** From now on every packet to and from this client is lost, without a word to either side: a dropped connection. */
	async cut(): Promise<void> {
		const input = 'table inet cut {\nchain in { type filter hook input priority -300; policy drop; }\nchain out { type filter hook output priority -300; policy drop; }\n}\n';
		await this.run(['nft', '-f', '-'], {input});
	}

	/** The connection is back. */
	async restore(): Promise<void> {
		await this.run(['nft', 'delete', 'table', 'inet', 'cut']);
	}

	/** Kills every program that runs on this client, its ssh sessions included. */
	async killAll(): Promise<void> {
		await killGroup(this.group, {keep: true});
	}
}
