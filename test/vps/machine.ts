import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {Booted} from './booted.ts';
import {command, plainEnvironment, waitFor} from './command.ts';
import {installMissing, reasonAgainst} from './host.ts';
import {rootKey} from './image.ts';
import {bridgeName} from './network.ts';
import {controlGroup, inGroup, killGroup, namespacePath, ownDisk, removeDisk} from './owner.ts';
import type {Server} from './server.ts';
import {sshArgv} from './ssh.ts';

/** Programs that machines need on this one, and Debian's package of each. */
const tools = {'/usr/bin/qemu-system-x86_64': 'qemu-system-x86', '/usr/sbin/mkfs.ext4': 'e2fsprogs'};

/** What a server's disk has to hold so that a machine can boot from it. */
export const machinePackages = ['linux-image-cloud-amd64'] as const;

/** Why this machine cannot run full machines, as the end of the sentence "not run: …"; undefined where it can. */
export async function reasonAgainstMachines(): Promise<string | undefined> {
	return process.arch === 'x64' ? reasonAgainst() : 'full machines are for x86-64 only';
}

/**
 * Boots the disk of a server in a full machine: its own kernel, with auditd, AppArmor and every kernel setting, which a
 * container has not. The server is switched off for it, and the machine takes its place in the network: `server.ssh`,
 * `server.probe` and visits from clients meet the machine from now on.
 *
 * Everything is emulated, a few ten times slower than in a container; so let the container do what needs no kernel.
 */
export async function bootMachine(server: Server): Promise<Machine> {
	await installMissing(tools);
	const machine = new Machine(server);
	await machine.start();
	return machine;
}

export class Machine extends Booted {
	readonly server: Server;
	protected override readonly patience = {usual: 240_000, more: 30_000};
	readonly #folder: string;
	#group = '';
	#ssh: readonly string[] = [];

	constructor(server: Server) {
		super();
		this.server = server;
		this.#folder = ownDisk(server.network.id, `${server.name}-machine`);
	}

	async start(): Promise<void> {
		await this.#makeDisk();
		const {network, name} = this.server;
		this.#group = await controlGroup(network.id, `machine-${name}`);
		const port = `vm-${name}`;
		await network.run(['ip', '-batch', '-'], {input: `tuntap add dev ${port} mode tap\nlink set ${port} master ${bridgeName} up\n`});
		const qemu = [
			'qemu-system-x86_64',
			'-no-user-config',
			'-nodefaults',
			'-display', 'none',
			'-serial', `file:${this.#consoleFile}`,
			// Not KVM: where the lab runs in a machine itself, it may be there and fail. A large cache of translated code saves a third.
			'-accel', 'tcg,thread=multi,tb-size=512',
			'-cpu', 'max',
			// A second one would spend a tenth more in all, and make the tests beside this one slower.
			'-smp', '1',
			'-m', '1536',
			'-kernel', path.join(this.#folder, 'vmlinuz'),
			'-initrd', path.join(this.#folder, 'initrd.img'),
			'-append', 'root=/dev/vda rw rootfstype=ext4 net.ifnames=0 mitigations=off console=ttyS0 quiet systemd.show_status=0',
			'-drive', `file=${this.#folder}/disk,format=raw,if=virtio,cache=unsafe`,
			'-netdev', `tap,id=lan,ifname=${port},script=no,downscript=no`,
			'-device', 'virtio-net-pci,netdev=lan,romfile=',
			'-device', 'virtio-rng-pci',
		];
		const [program, ...rest] = inGroup(this.#group, ['nsenter', `--net=${namespacePath(network.id)}`, ...qemu]);
		spawn(program!, rest, {detached: true, stdio: 'ignore', cwd: '/', env: plainEnvironment}).unref();
		await this.#booted();
	}

	/** The server's disk as a file system in a file, its kernel beside it, and its network on a card of the machine's. */
	async #makeDisk(): Promise<void> {
		await mkdir(this.#folder, {recursive: true});
		await this.server.powerOff();
		const script = `set -eu
			sed 's/^Name=host0$/Name=eth0/' "$1/etc/systemd/network/10-host0.network" >"$1/etc/systemd/network/10-eth0.network"
			cp --dereference "$1/vmlinuz" "$1/initrd.img" "$2"
			truncate --size=6G "$2/disk"
			mkfs.ext4 -q -d "$1" -O ^has_journal -m 0 "$2/disk"`;
		await this.server.withDisk(root => ['sh', '-c', script, 'sh', root, this.#folder], {timeout: 300_000});
	}

	get #consoleFile(): string {
		return path.join(this.#folder, 'console.log');
	}

	/** What the machine wrote to its console since it was first switched on. */
	async console(): Promise<string> {
		return readFile(this.#consoleFile, 'utf8');
	}

	/** Seconds of processor time that it has taken so far, here. */
	get processorTime(): number {
		const usage = /^usage_usec (?<usec>\d+)$/m.exec(readFileSync(path.join(this.#group, 'cpu.stat'), 'utf8'))?.groups?.['usec'];
		return Number(usage) / 1_000_000;
	}

	/** Waits for the end of the boot, then keeps one connection for all that is run: each of its own would take seconds. */
	async #booted(): Promise<void> {
		const {server} = this;
		const admin = await server.network.admin();
		const control = path.join(this.#folder, 'ssh');
		const login = {key: rootKey, connectTimeout: 120};
		this.#ssh = admin.argv(sshArgv(server.address(admin), {...login, options: ['-o', `ControlPath=${control}`]}));
		const master = sshArgv(server.address(admin), {...login, options: ['-o', `ControlPath=${control}`, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=yes']}, 'systemctl is-system-running --wait');
		try {
			await waitFor(`${server.name} to boot as a machine`, async () => {
				const {stdout} = await admin.run(['timeout', '240', ...master], {check: false, timeout: 250_000});
				return stdout === 'running' || stdout === 'degraded';
			}, {timeout: 600_000, every: 500});
		} catch (error) {
			throw new Error(`The machine's console said last:\n${(await this.console()).slice(-3000)}`, {cause: error});
		}
	}

	/** Over ssh: each costs about a third of a second, so put several into one script. */
	override argv(argv: readonly string[]): string[] {
		const environment = Object.entries(plainEnvironment).map(([name, value]) => `${name}=${value}`);
		return [...this.#ssh, ['env', '-i', ...environment, ...argv].map(word => `'${word.replaceAll('\'', String.raw`'\''`)}'`).join(' ')];
	}

	/** Removes the machine and its disk; the server's own disk and network end with the server. */
	async destroy(): Promise<void> {
		await killGroup(this.#group);
		await command(['ip', '-netns', path.basename(namespacePath(this.server.network.id)), 'link', 'delete', `vm-${this.server.name}`]);
		await removeDisk(this.#folder);
	}
}
