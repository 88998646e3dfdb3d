import {access, readFile} from 'node:fs/promises';
import process from 'node:process';
import {command} from './command.ts';
import {exclusively, register} from './owner.ts';

/** Programs the lab runs on this machine, and Debian's package of each. */
const tools: Record<string, string> = {
	'/usr/bin/mmdebstrap': 'mmdebstrap',
	'/usr/bin/systemd-nspawn': 'systemd-container',
	'/usr/sbin/apt-cacher-ng': 'apt-cacher-ng',
	'/usr/bin/socat': 'socat',
	'/usr/bin/nmap': 'nmap',
	'/usr/bin/tmux': 'tmux',
	'/usr/sbin/nft': 'nftables',
	'/usr/bin/ip': 'iproute2',
	'/usr/bin/ssh': 'openssh-client',
	'/usr/bin/sshpass': 'sshpass',
	'/usr/bin/dig': 'bind9-dnsutils',
	'/usr/bin/flock': 'util-linux',
	'/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
};

async function exists(file: string): Promise<boolean> {
	try {
		await access(file);
		return true;
	} catch {
		return false;
	}
}

/** Why this machine cannot boot servers, as the end of the sentence "not run: …"; undefined where it can. */
export async function reasonAgainst(): Promise<string | undefined> {
	if (process.getuid?.() !== 0) {
		return 'booting servers needs root';
	}

	if (!await exists('/usr/bin/apt-get')) {
		return 'booting servers needs a Debian or Ubuntu machine';
	}

	if (!(await readFile('/proc/self/mounts', 'utf8')).includes(' cgroup2 ')) {
		return 'booting servers needs a mounted cgroup2 hierarchy';
	}

	return undefined;
}

/** Installs the Debian packages that own the missing files of `files` (path → package). */
export async function installMissing(files: Record<string, string>): Promise<void> {
	await exclusively('apt', async () => {
		const missing = new Set<string>();
		for (const [file, name] of Object.entries(files)) {
			if (!await exists(file)) {
				missing.add(name);
			}
		}

		if (missing.size > 0) {
			await command(['apt-get', 'update'], {timeout: 300_000});
			await command(['apt-get', 'install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...missing], {timeout: 900_000});
		}
	});
}

let prepared: Promise<void> | undefined;

/**
 * Makes this machine able to boot servers: missing tools are installed, leftovers of dead test processes removed.
 * Throws with the reason where that cannot be. Cheap when there is nothing to do.
 */
export async function prepare(): Promise<void> {
	prepared ??= (async () => {
		const reason = await reasonAgainst();
		if (reason) {
			throw new Error(`This machine cannot boot servers: ${reason}`);
		}

		await installMissing(tools);
		await register();
	})();
	await prepared;
}
