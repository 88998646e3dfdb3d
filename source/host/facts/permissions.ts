import {parseRefusals} from '../../engine/apparmor-log.ts';
import type {KernelFacts, PermissionFacts, Place} from '../../engine/facts.ts';
import {settingsFor} from '../../engine/kernel-settings.ts';
import {placeFolders, plainPlaces, ruleFor} from '../../engine/places.ts';
import type {Host} from '../../engine/types.ts';
import {placesAt, pathsIn} from '../places.ts';
import {hasProgram} from '../programs.ts';
import {plainValue, sysctlPath} from '../providers/sysctl.ts';

/** What our table has a rule for. */
async function collectPlaces(host: Host): Promise<Readonly<Record<string, Place>>> {
	const inFolders = await Promise.all(placeFolders.map(async folder => pathsIn(host, folder, 3)));
	const places = await placesAt(host, [...plainPlaces, ...inFolders.flat()].filter(path => ruleFor(path)));
	return Object.fromEntries(places);
}

/** proc_pid_mountinfo(5): mount point, its options, type and the file system's own options. Later lines lie above earlier ones. */
export function parseMounts(mountinfo: string): ReadonlyArray<{point: string; type: string; options: readonly string[]}> {
	return mountinfo.split('\n').filter(Boolean).map(line => {
		const [before = '', after = ''] = line.split(' - ');
		const fields = before.split(' ');
		return {
			point: (fields[4] ?? '').replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 8))),
			type: after.split(' ')[0] ?? '',
			options: (fields[5] ?? '').split(','),
		};
	});
}

type Mounts = ReturnType<typeof parseMounts>;

/** Whether the mount that holds a path is read-only. */
export function isReadOnly(path: string, mounts: Mounts): boolean {
	const holding = mounts.filter(({point}) => point === '/' || path === point || path.startsWith(`${point}/`));
	const depth = Math.max(...holding.map(({point}) => point.length));
	return holding.findLast(({point}) => point.length === depth)?.options.includes('ro') ?? false;
}

/** sysctl.d(5): `key = value` lines; a leading `-` means that errors do not count. */
export function parseSysctlFile(text: string): readonly string[] {
	return text.split('\n').flatMap(line => {
		const key = /^\s*-?\s*(?<key>[\w./*@:-]+)\s*=/.exec(line)?.groups?.['key'];
		// Slashes may stand for dots throughout.
		return key === undefined ? [] : [/[./]/.exec(key)?.[0] === '/' ? key.replaceAll(/[./]/g, character => character === '/' ? '.' : '/') : key];
	});
}

export const sysctlFile = '/etc/sysctl.d/90-harden-python-vps.conf';

async function collectTheirs(host: Host): Promise<Readonly<Record<string, string>>> {
	const names = (await host.list('/etc/sysctl.d')).filter(name => name.endsWith('.conf')).map(name => `/etc/sysctl.d/${name}`).filter(path => path !== sysctlFile);
	const files = await Promise.all(['/etc/sysctl.conf', ...names].map(async path => ({path, text: await host.read(path) ?? ''})));
	return Object.fromEntries(files.flatMap(({path, text}) => parseSysctlFile(text).map(key => [key, path])));
}

const isVirtual = (name: string) => /^(?:veth|docker|br-|virbr|lxc|lxd|cni|flannel|cali|tun|tap|wg|tailscale|zt|vnet|ppp|dummy|podman|nebula)/.test(name);

/** Settings of ours that this kernel has, and whether they can be set here. */
async function collectSettings(host: Host, interfaces: readonly string[], mounts: Mounts): Promise<KernelFacts['settings']> {
	const found = await Promise.all(settingsFor(interfaces).map(async ({key}) => {
		const path = sysctlPath(key);
		const text = await host.read(path);
		return text === undefined ? [] : [[key, {value: plainValue(text), fixed: isReadOnly(path, mounts)}] as const];
	}));
	return Object.fromEntries(found.flat());
}

/** The access control that is on; in a container that is the host's business. */
async function collectAccessControl(host: Host, container: boolean): Promise<Pick<KernelFacts, 'accessControl' | 'selinux'>> {
	if (container) {
		return {accessControl: []};
	}

	const [appArmor, enforce, semanage] = await Promise.all([host.read('/sys/module/apparmor/parameters/enabled'), host.read('/sys/fs/selinux/enforce'), hasProgram(host, 'semanage')]);
	return {
		accessControl: [...appArmor?.trim() === 'Y' ? ['apparmor'] : [], ...enforce === undefined ? [] : ['selinux']],
		...enforce !== undefined && {selinux: {enforcing: enforce.trim() === '1', semanage}},
	};
}

async function collectKernel(host: Host, mounts: Mounts): Promise<KernelFacts> {
	const container = (await host.run(['systemd-detect-virt', '--container', '--quiet'])).exitCode === 0;
	const all = (await host.list('/proc/sys/net/ipv4/conf')).filter(name => !['all', 'default', 'lo'].includes(name));
	const interfaces = all.filter(name => !isVirtual(name));
	const [settings, theirs, modules, loginuid, commandLine, accessControl] = await Promise.all([
		collectSettings(host, interfaces, mounts),
		collectTheirs(host),
		host.read('/proc/modules'),
		host.read('/proc/self/loginuid'),
		host.read('/proc/cmdline'),
		collectAccessControl(host, container),
	]);
	return {
		settings,
		theirs,
		interfaces,
		virtualInterfaces: all.filter(name => isVirtual(name)),
		modules: container ? [] : (modules ?? '').split('\n').map(line => line.split(' ')[0]!).filter(Boolean),
		audit: !container && loginuid !== undefined && !/(?:^|\s)audit=(?:0|off)(?:\s|$)/.test(commandLine ?? ''),
		...accessControl,
	};
}

/** /sys/kernel/security/apparmor/profiles: `harden.shop (complain)` a line; ours only. */
export function parseProfiles(text: string): ReadonlyArray<{name: string; mode: 'complain' | 'enforce'}> {
	return text.split('\n').flatMap(line => {
		const {name, mode} = /^(?<name>harden[.-][\w-]+) \((?<mode>complain|enforce)\)$/.exec(line)?.groups ?? {};
		return name === undefined ? [] : [{name, mode: mode as 'complain' | 'enforce'}];
	});
}

/** So far back we look for refusals. Seconds. */
const week = 7 * 24 * 60 * 60;
const auditFolder = '/var/log/audit';

/** What AppArmor noted since: the kernel's own log, and auditd's, which keeps it to itself. Undefined where nobody can tell. */
async function readNotes(host: Host, seconds: number): Promise<string | undefined> {
	const pattern = 'apparmor="(ALLOWED|DENIED)"';
	const logs = (await host.list(auditFolder)).filter(name => /^audit\.log(?:\.\d+)?$/.test(name)).map(name => `${auditFolder}/${name}`);
	const found = await Promise.all([
		host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', `--since=-${Math.ceil(seconds)}s`, '--lines=1000', `--grep=${pattern}`, '_TRANSPORT=kernel', '+', '_TRANSPORT=audit'], {timeout: 20_000}),
		...logs.length === 0 ? [] : [host.run(['grep', '--no-filename', '--text', '--extended-regexp', pattern, ...logs], {timeout: 20_000})],
	]);
	// 1: both found nothing.
	return found.some(({exitCode}) => exitCode > 1) ? undefined : found.map(({stdout}) => stdout).join('\n');
}

async function collectProfiles(host: Host): Promise<PermissionFacts['profiles']> {
	const loaded = parseProfiles(await host.read('/sys/kernel/security/apparmor/profiles') ?? '');
	if (loaded.length === 0) {
		return {};
	}

	const now = Date.now() / 1000;
	const aged = await Promise.all(loaded.map(async ({name, mode}) => {
		// Rules of the user's own count as well: with them it begins anew.
		const stamps = await Promise.all([`/etc/apparmor.d/${name}`, `/etc/apparmor.d/local/${name}`].map(async path => host.stat(path)));
		const written = stamps.flatMap(stamp => stamp ? [stamp.modified] : []);
		return {name, mode, age: written.length === 0 ? 0 : now - Math.max(...written)};
	}));
	const notes = await readNotes(host, Math.min(week, Math.max(...aged.map(({age}) => age))));
	return Object.fromEntries(aged.map(({name, mode, age}) => {
		const refusals = notes === undefined ? undefined : parseRefusals(notes, name).filter(({when}) => when >= Math.floor(now - Math.min(week, age))).map(({what}) => what);
		return [name, {mode, age, ...refusals && {refusals: [...new Set(refusals)]}}];
	}));
}

/** Files that we change in place, since no drop-in can say the same. */
export const editedFiles = ['/etc/login.defs', '/etc/pam.d/su'] as const;

/** Some tens of short files and two `find` over a few folders: no more than a blink. Works without root, with less known. */
export async function collectPermissions(host: Host): Promise<PermissionFacts> {
	const mounts = parseMounts(await host.read('/proc/self/mountinfo') ?? '');
	const [places, kernel, profiles, crontabs, ...texts] = await Promise.all([
		collectPlaces(host),
		collectKernel(host, mounts),
		collectProfiles(host),
		host.list('/var/spool/cron/crontabs'),
		...editedFiles.map(async path => [path, await host.read(path)] as const),
	]);
	const sharedMemory = mounts.findLast(({point}) => point === '/dev/shm')?.options;
	return {
		places,
		kernel,
		...sharedMemory && {sharedMemory},
		networkFiles: mounts.some(({type}) => /^(?:nfs4?|nfsd|cifs|smb3)$/.test(type)),
		crontabs,
		profiles,
		texts: Object.fromEntries(texts.filter((entry): entry is [typeof entry[0], string] => entry[1] !== undefined)),
	};
}
