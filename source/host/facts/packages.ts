import type {UpdateFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {installedPackages, isHere, type Installed} from '../../engine/installed.ts';
import {listsAge} from '../apt/lists.ts';
import {pendingUpgrades} from '../apt/pending.ts';
import {activeUnits} from './units.ts';

/** Installed packages and their versions. */
export async function collectPackages(host: Host): Promise<Readonly<Record<string, string>>> {
	const installed = await installedPackages(host);
	return Object.fromEntries([...installed].filter(([, found]) => isHere(found)).map(([name, {version}]) => [name, version]));
}

/** What keeps the clock right, as systemd units, most common first. */
const timeServices = ['systemd-timesyncd', 'chrony', 'chronyd', 'ntpsec', 'ntp', 'openntpd'];

/** Which of them runs. */
export function timeServiceOf(active: ReadonlySet<string>): string | undefined {
	return timeServices.find(name => active.has(`${name}.service`))?.replace('chronyd', 'chrony');
}

/** `6.1.0-37-cloud-amd64` as numbers and words to compare, and its flavour. */
function kernelParts(release: string): {numbers: readonly number[]; flavour: string} {
	const flavour = /-([a-z][a-z\d-]*)$/i.exec(release)?.[1] ?? '';
	return {numbers: [...release.slice(0, release.length - flavour.length).matchAll(/\d+/g)].map(([digits]) => Number(digits)), flavour};
}

function isNewer(left: readonly number[], right: readonly number[]): boolean {
	const index = left.findIndex((number, position) => number !== right[position]);
	return index !== -1 && left[index]! > (right[index] ?? -1);
}

/**
 * Whether the running kernel (`uname -r`, `uname -v`) is older than an installed one: by the names in /boot of the
 * same flavour, and by the package's version, which Debian writes into `uname -v`: `#1 SMP Debian 6.1.140-1 (2025-05-22)`.
 */
export function kernelIsOld(uname: string, boot: readonly string[], packages: Readonly<Record<string, string>>): boolean {
	const [release = '', build = ''] = uname.split('\n');
	// A container or a kernel of the provider's: nothing of it is installed here.
	if (!boot.includes(`vmlinuz-${release}`)) {
		return false;
	}

	const running = kernelParts(release);
	const installed = boot.filter(name => name.startsWith('vmlinuz-')).map(name => kernelParts(name.slice('vmlinuz-'.length)));
	const version = packages[`linux-image-${release}`];
	const runningVersion = /Debian (\S+)/.exec(build)?.[1];
	return installed.some(({numbers, flavour}) => flavour === running.flavour && isNewer(numbers, running.numbers))
		|| (version !== undefined && runningVersion !== undefined && version.replace(/\+b\d+$/, '') !== runningVersion);
}

async function rebootRequired(host: Host, packages: Promise<ReadonlyMap<string, Installed>>): Promise<boolean> {
	const [run, release, build, boot, installed] = await Promise.all([
		host.list('/run'),
		host.run(['uname', '--kernel-release']),
		host.run(['uname', '--kernel-version']),
		host.list('/boot'),
		packages,
	]);
	const versions = Object.fromEntries([...installed].map(([name, {version}]) => [name, version]));
	return run.includes('reboot-required') || kernelIsOld(`${release.stdout}\n${build.stdout}`, boot, versions);
}

/** What is waiting, where that is asked for, and how the clock is kept. A second or less; works without root; writes nothing. */
export async function collectUpdates(host: Host, pending: boolean): Promise<UpdateFacts> {
	const packagesHere = installedPackages(host);
	const [upgrades, installed, active, age, virtual, needsReboot] = await Promise.all([
		// Unknown where the packages of the system do not fit together: it says so when the step is planned.
		pending ? pendingUpgrades(host).catch(() => []) : [],
		packagesHere,
		activeUnits(host),
		listsAge(host),
		host.run(['systemd-detect-virt', '--container']),
		rebootRequired(host, packagesHere),
	]);
	const timeService = timeServiceOf(active);
	const unfinished = [...installed].filter(([, {broken}]) => broken).map(([name]) => name);
	return {
		pending: upgrades,
		rebootRequired: needsReboot,
		...timeService !== undefined && {timeService},
		...age !== undefined && {listsAge: age},
		...virtual.exitCode === 0 && virtual.stdout !== '' && {container: virtual.stdout},
		...unfinished.length > 0 && {unfinished},
	};
}
