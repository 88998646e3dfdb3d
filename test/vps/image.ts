/**
 * The disk of a fresh VPS, as layers for overlayfs: base system, then extra packages, then Node.
 * Layers are built once and kept in the cache folder. A layer's name ends in the hash of its recipe; it is built
 * beside its place and renamed, so one that has its name is whole.
 */
import {createHash, randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {command} from './command.ts';
import {cacheFolder, exclusively} from './owner.ts';
import {packageProxyHere, startPackageCache} from './package-cache.ts';
import {proxyForServers} from './addresses.ts';
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
	'systemd', 'systemd-sysv', 'libpam-systemd', 'dbus', 'openssh-server', 'sudo', 'adduser', 'iproute2', 'iputils-ping', 'netbase',
	'ca-certificates', 'curl', 'python3-minimal', 'less', 'procps', 'kmod', 'tzdata',
];

/** The files in which a provider's image differs from what Debian's packages leave. */
const files = {
	'etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\nPermitRootLogin yes\n',
	'etc/apt/apt.conf.d/90lab': `Acquire::http::Proxy "${proxyForServers}";\nAcquire::Retries "3";\n`,
	'etc/systemd/network/20-fallback.network': '[Match]\nName=host0\n[Network]\nLinkLocalAddressing=ipv6\n',
	// Nothing answers there, which a resolver hears at once: names fail quickly.
	'etc/resolv.conf': 'nameserver 203.0.113.1\noptions timeout:1 attempts:1\n',
	'etc/hostname': 'vps\n',
	'etc/hosts': '127.0.0.1 localhost\n127.0.1.1 vps\n::1 localhost ip6-localhost ip6-loopback\n',
	'etc/default/locale': 'LANG=C.UTF-8\n',
	'etc/machine-id': '',
} as const;
