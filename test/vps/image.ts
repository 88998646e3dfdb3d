/**
 * The disk of a fresh VPS, as layers for overlayfs: base system, then extra packages, then Node.
 * Layers are built once and kept in the cache folder. A layer's name ends in the hash of its recipe; it is built
 * beside its place and renamed, so one that has its name is whole.
 */
import {createHash, randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, readdir, rename, rm, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {bridge, proxyForServers} from './addresses.ts';
import {command} from './command.ts';
import {overlay} from './overlay.ts';
import {cacheFolder, controlGroup, exclusively, inGroup, killGroup, ownDisk, removeDisk} from './owner.ts';
import {packageProxyHere, startPackageCache} from './package-cache.ts';
import {createKey} from './ssh.ts';

export type Release = 'bookworm' | 'trixie';
export const releases: readonly Release[] = ['bookworm', 'trixie'];
export type NodeLine = keyof typeof nodeVersions;
/** The lowest Node that we promise, the lines users have, and one too old. */
const nodeVersions = {18: '18.20.8', 20: '20.19.0', 22: '22.22.2', 24: '24.18.0'} as const;
const npmVersion = '10.8.2';

/** What root's password is on every server, for tests of password logins. */
export const rootPassword = 'correct horse battery staple';
export const rootKey = path.join(cacheFolder, 'keys', 'root_ed25519');

const imagesFolder = path.join(cacheFolder, 'images');

const packages = [
	'systemd',
	'systemd-sysv',
	'libpam-systemd',
	'dbus',
	'openssh-server',
	'sudo',
	'adduser',
	'iproute2',
	'iputils-ping',
	'netbase',
	'ca-certificates',
	'curl',
	'python3-minimal',
	'less',
	'procps',
	'kmod',
	'tzdata',
];

/** The files in which a provider's image differs from what Debian's packages leave. */
const files = {
	'etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\nPermitRootLogin yes\n',
	'etc/apt/apt.conf.d/90lab': `Acquire::http::Proxy "${proxyForServers}";\nAcquire::Retries "3";\n`,
	// Nothing answers there, which a resolver hears at once: names fail quickly.
	'etc/resolv.conf': `nameserver ${bridge.ipv4}\noptions timeout:1 attempts:1\n`,
	'etc/hostname': 'vps\n',
	'etc/hosts': '127.0.0.1 localhost\n127.0.1.1 vps\n::1 localhost ip6-localhost ip6-loopback\n',
	'etc/default/locale': 'LANG=C.UTF-8\n',
	// Where Debian 13 has it; its /etc/default/locale is a link to this.
	'etc/locale.conf': 'LANG=C.UTF-8\n',
	'etc/machine-id': '',
} as const;

/** What a server's disk starts as. */
export type DiskOptions = {
	release: Release;
	/** Put into /usr/local with npm and npx, as NodeSource's users have it; `none` for a server without. Default 20. */
	node?: NodeLine | 'none';
	/** Debian packages already installed, for tests that are not about installing them. */
	packages?: readonly string[];
};

/** The folders of a disk's layers, topmost first. Builds what is missing: 30–90 s for a base, seconds for the rest. */
export async function diskLayers({release, node = 20, packages: extra = []}: DiskOptions): Promise<string[]> {
	const base = await baseLayer(release);
	return [
		...(node === 'none' ? [] : [await nodeLayer(node)]),
		...(extra.length > 0 ? [await packageLayer(release, base, extra.toSorted())] : []),
		base,
	];
}

async function layer(name: string, recipe: unknown, build: (folder: string, group: string) => Promise<void>): Promise<string> {
	const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
	const place = path.join(imagesFolder, `${name}-${hash}`);
	if (!existsSync(place)) {
		await exclusively(`image-${name}`, async () => {
			if (existsSync(place)) {
				return;
			}

			// Both are this process's own, so that a build cut short is cleaned up like everything else (owner.ts).
			const id = `build-${randomBytes(4).toString('hex')}`;
			const folder = ownDisk(id);
			const group = await controlGroup(id);
			try {
				await mkdir(folder, {recursive: true});
				await build(folder, group);
				await mkdir(imagesFolder, {recursive: true});
				await removeOldLayers();
				await rename(path.join(folder, 'layer'), place);
			} finally {
				await killGroup(group);
				await removeDisk(folder);
			}
		});
	}

	await writeFile(`${place}.used`, '');
	return place;
}

async function removeOldLayers(): Promise<void> {
	const month = 30 * 24 * 3600 * 1000;
	for (const entry of await readdir(imagesFolder)) {
		const place = path.join(imagesFolder, entry);
		if (entry.endsWith('.used') && (await stat(place)).mtimeMs < Date.now() - month) {
			await rm(place.slice(0, -'.used'.length), {recursive: true, force: true});
			await rm(place);
		}
	}
}

async function baseLayer(release: Release): Promise<string> {
	const key = await exclusively('key', async () => createKey(rootKey));
	// Mirrors drop old versions, so package lists of last week would point at files that are gone.
	const week = Math.floor(Date.now() / (7 * 24 * 3600 * 1000));
	return layer(release, [packages, files, rootPassword, key.publicKey, week, baseFormat], async (folder, group) => {
		const root = path.join(folder, 'layer');
		await startPackageCache();
		const options = [
			'--mode=root',
			'--variant=minbase',
			`--include=${packages.join(',')}`,
			`--aptopt=Acquire::http::Proxy "${packageProxyHere}"`,
			'--skip=cleanup/apt/lists',
		];
		// It mounts this machine's /dev in there: in a namespace of its own that cannot outlive it.
		await command(inGroup(group, ['unshare', '--mount', '--propagation', 'private', 'mmdebstrap', ...options, release, root]), {timeout: 900_000});
		// It holds our own proxy's address; 90lab says where the server finds it.
		await rm(path.join(root, 'etc/apt/apt.conf.d/99mmdebstrap'), {force: true});
		for (const [file, content] of Object.entries(files)) {
			await writeInto(root, file, content);
		}

		await writeInto(root, 'root/.ssh/authorized_keys', `${key.publicKey}\n`, 0o600);
		await command(['chmod', '0700', path.join(root, 'root/.ssh')]);
		await command(['chroot', root, 'chpasswd'], {input: `root:${rootPassword}\n`});
		await command(['chroot', root, 'ssh-keygen', '-A']);
		await command(['chroot', root, 'systemctl', 'enable', 'systemd-networkd', 'ssh']);
		await command(['chroot', root, 'systemctl', 'disable', 'systemd-networkd-wait-online']);
	});
}

/** Raise it when the way of building changes, but not the data above. */
const baseFormat = 1;

async function writeInto(root: string, file: string, content: string, mode = 0o644): Promise<void> {
	const place = path.join(root, file);
	await mkdir(path.dirname(place), {recursive: true});
	// Not through a link that the image has there (resolv.conf).
	await rm(place, {force: true});
	await writeFile(place, content, {mode});
}

async function packageLayer(release: Release, base: string, names: readonly string[]): Promise<string> {
	return layer(`${release}-packages`, [base, names], async (folder, group) => {
		await startPackageCache();
		const disk = {layers: [base], upper: path.join(folder, 'layer'), work: path.join(folder, 'work'), root: path.join(folder, 'root')};
		const install = ['apt-get', 'install', '--yes', '-o', `Acquire::http::Proxy=${packageProxyHere}`, ...names];
		const inside = [
			'systemd-nspawn',
			'--quiet',
			'--register=no',
			'--keep-unit',
			'--resolv-conf=off',
			'--timezone=off',
			'--as-pid2',
			'--pipe',
			'--setenv=DEBIAN_FRONTEND=noninteractive',
			`--directory=${disk.root}`,
			...install,
		];
		await command(inGroup(group, await overlay(disk, inside)), {timeout: 900_000});
	});
}

async function nodeLayer(line: NodeLine): Promise<string> {
	const platform = `node-linux-${process.arch}`;
	const recipe = [`${platform}@${nodeVersions[line]}`, `npm@${npmVersion}`];
	return layer(`node-${line}`, recipe, async folder => {
		for (const name of recipe) {
			// The developer's own npm settings (registry, proxy, certificates) apply, hence the whole environment.
			const npm = ['npm', 'pack', '--silent', name];
			await command(npm, {cwd: folder, env: process.env as Record<string, string>, timeout: 300_000});
		}

		const local = path.join(folder, 'layer/usr/local');
		const npmFolder = path.join(local, 'lib/node_modules/npm');
		await mkdir(npmFolder, {recursive: true});
		await mkdir(path.join(local, 'bin'));
		await command(['tar', '-xzf', path.join(folder, `${platform}-${nodeVersions[line]}.tgz`), '-C', local, '--strip-components=1', '--no-same-owner', 'package/bin/node']);
		await command(['tar', '-xzf', path.join(folder, `npm-${npmVersion}.tgz`), '-C', npmFolder, '--strip-components=1', '--no-same-owner']);
		for (const program of ['npm', 'npx']) {
			await symlink(`../lib/node_modules/npm/bin/${program}-cli.js`, path.join(local, 'bin', program));
		}
	});
}
