import {settingsFor, type KernelUse} from '../../source/engine/kernel-settings.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';

/** What the kernel allows, as far as what runs here goes on working: pure. */

const root = {owner: 'root', group: 'root'} as const;
export const sysctlFile = '/etc/sysctl.d/90-harden-python-vps.conf';
export const modulesFile = '/etc/modprobe.d/90-harden-python-vps.conf';

/** Packages that route packets between networks of their own. */
const routers = ['docker.io', 'docker-ce', 'podman', 'containerd', 'containerd.io', 'lxd', 'incus', 'libvirt-daemon', 'wireguard', 'wireguard-tools', 'openvpn', 'strongswan', 'tailscale', 'zerotier-one', 'kubelet', 'nebula', 'tinc', 'quagga', 'frr'];
const debuggers = ['gdb', 'strace', 'ltrace', 'py-spy', 'rr', 'valgrind'];
const tracers = ['linux-perf', 'bpftrace', 'bpfcc-tools', 'bcc-tools', 'systemtap', 'sysprof'];

/** What is in use here, with the names of what says so. */
export function usersOf({packages, permissions: {kernel}}: Facts): Readonly<Record<keyof KernelUse, readonly string[]>> {
	const here = (names: readonly string[]) => names.filter(name => name in packages);
	return {
		routes: [...here(routers), ...kernel.virtualInterfaces, ...kernel.interfaces.length > 1 ? kernel.interfaces : []],
		debugging: here(debuggers),
		tracing: here(tracers),
	};
}

export type WantedSetting = {key: string; value: string; why: string};

/** Settings that we make. Theirs stay theirs; what this system cannot set is left out, and told. */
export function wantedSettings(facts: Facts): readonly WantedSetting[] {
	const {settings, theirs, interfaces} = facts.permissions.kernel;
	const users = usersOf(facts);
	const use: KernelUse = {routes: users.routes.length > 0, debugging: users.debugging.length > 0, tracing: users.tracing.length > 0};
	return settingsFor(interfaces).flatMap(({key, value, why}) => {
		const found = settings[key];
		const wanted = found === undefined || found.fixed || theirs[key] !== undefined ? undefined : value(use, found.value);
		return wanted === undefined ? [] : [{key, value: wanted, why: why()}];
	});
}

/** Settings of our table that belong to the host of this container. */
export function fixedSettings({permissions: {kernel}}: Facts): readonly string[] {
	return Object.entries(kernel.settings).filter(([, {fixed}]) => fixed).map(([key]) => key);
}

/** Settings of our table that the admin makes in a file of their own. */
export function theirSettings({permissions: {kernel}}: Facts): ReadonlyArray<{key: string; file: string}> {
	return Object.entries(kernel.theirs).filter(([key]) => key in kernel.settings).map(([key, file]) => ({key, file}));
}

export function sysctlResources(facts: Facts): readonly Resource[] {
	const wanted = wantedSettings(facts);
	return wanted.length === 0 ? [] : [
		{
			type: 'file',
			name: sysctlFile,
			desired: {content: snippet('sysctl.d/90-harden-python-vps.conf', {settings: wanted.map(({key, value}) => `${key} = ${value}`)}), mode: 0o644, ...root},
			why: t('The settings below, after a restart too.'),
		},
		...wanted.map(({key, value, why}): Resource => ({type: 'sysctl', name: key, desired: {value}, why})),
	];
}

/** Protocols and file systems that a web server has no use for. Not udf (some providers' first boot), never vfat or overlay. */
const rareModules = [
	'dccp', 'sctp', 'rds', 'tipc', 'n_hdlc', 'ax25', 'netrom', 'x25', 'rose', 'appletalk', 'ipx', 'psnap', 'p8022', 'p8023', 'can', 'atm', 'af_802154',
	'cramfs', 'freevxfs', 'jffs2', 'hfs', 'hfsplus', 'squashfs', 'usb-storage', 'firewire-core', 'firewire-ohci', 'firewire-sbp2', 'thunderbolt', 'floppy',
];

/** A module's name as the kernel writes it. */
const plainName = (name: string) => name.replaceAll('-', '_');

/** Those that nobody here uses. Snaps are squashfs, and so are some images' root. */
export function blockedModules({packages, permissions: {kernel}}: Facts): readonly string[] {
	const loaded = new Set(kernel.modules.map(name => plainName(name)));
	const snaps = 'snapd' in packages || loaded.has('squashfs');
	return rareModules.filter(name => !loaded.has(plainName(name)) && !(name === 'squashfs' && snaps));
}

export function moduleResources(facts: Facts): readonly Resource[] {
	return [{
		type: 'file',
		name: modulesFile,
		desired: {content: snippet('modprobe.d/90-harden-python-vps.conf', {modules: blockedModules(facts)}), mode: 0o644, ...root},
		why: t('Rare protocols and file systems are not loaded, whoever asks.'),
	}];
}

export function coreDumpResources(): readonly Resource[] {
	const why = t('The memory of a crashed program holds passwords and keys.');
	return [
		{type: 'file', name: '/etc/security/limits.d/90-harden-python-vps.conf', desired: {content: snippet('security/limits.d/90-harden-python-vps.conf'), mode: 0o644, ...root}, why},
		{type: 'directory', name: '/etc/systemd/coredump.conf.d', desired: {mode: 0o755, ...root}, why: t('systemd reads the files in it.')},
		{type: 'file', name: '/etc/systemd/coredump.conf.d/90-harden-python-vps.conf', desired: {content: snippet('systemd/coredump.conf.d/90-harden-python-vps.conf'), mode: 0o644, ...root}, why},
	];
}

export const shmService = 'harden-shm.service';

/** /dev/shm is mounted by systemd itself, without a unit: one of our own takes the right to run programs, and gives it back when it stops. */
export function sharedMemoryResources({permissions: {sharedMemory}, units}: Facts): readonly Resource[] {
	const isOurs = shmService in units;
	if (sharedMemory === undefined || (sharedMemory.includes('noexec') && !isOurs)) {
		return [];
	}

	const why = t('Programs do not run from memory that everybody may write to.');
	return [
		{type: 'file', name: `/etc/systemd/system/${shmService}`, desired: {content: snippet('systemd/harden-shm.service'), mode: 0o644, ...root}, why: t('Says so, after a restart too.')},
		{type: 'unit', name: shmService, desired: {enabled: true, active: true, masked: false}, why},
	];
}
