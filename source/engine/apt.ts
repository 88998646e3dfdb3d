import {aptCacheOptions, aptState} from './apt-cache.ts';
import {onlyNeeds} from './apt-shares.ts';
import {installedPackages, wholePackages} from './installed.ts';
import {keptAnswers} from './kept-answers.ts';
import type {About, Host, Output} from './types.ts';

/** What apt says about itself: parsers, and the one question that providers, facts and checks all ask it. */

/** One line of `apt-get --simulate`: what would happen to one package. `from` is empty for a new one, `to` for one that goes. `security` is only known of a simulation. */
export type AptAction = {action: 'install' | 'remove'; name: string; from: string; to: string; security: boolean};

const actionLine = /^(?<verb>Inst|Remv|Purg) (?<name>\S+)(?: \[(?<from>[^\]]+)])?(?: \((?<to>\S+) ?(?<origins>[^[)]*)(?:\[[^\]]*])?\))?/;

/**
 * What a simulation says it would do (apt-get(8), --simulate), each package once:
 * `Inst libssl3 [3.0.15-1] (3.0.16-1 Debian-Security:12/stable-security [amd64]) []`.
 * Security is told by where the new version comes from; several origins may offer the same one.
 */
export function parseSimulation(output: string): readonly AptAction[] {
	const actions = new Map<string, AptAction>();
	for (const line of output.split('\n')) {
		const {verb, name, from = '', to = '', origins = ''} = actionLine.exec(line)?.groups ?? {};
		if (name === undefined) {
			continue;
		}

		actions.set(name, verb === 'Inst'
			? {action: 'install', name, from, to, security: /security|UbuntuESM/i.test(origins)}
			: {action: 'remove', name, from, to: '', security: false});
	}

	return [...actions.values()];
}

/** `apt-config dump`: each key with its values, in their order. `APT::Periodic::Enable "1";`, lists as `Key:: "one";`. */
export function parseAptConfig(output: string): ReadonlyMap<string, readonly string[]> {
	const values = new Map<string, string[]>();
	for (const [, key = '', value = ''] of output.matchAll(/^(\S+) "(.*)";$/gm)) {
		const name = key.replace(/::$/, '');
		values.set(name, [...values.get(name) ?? [], ...value === '' ? [] : [value]]);
	}

	return values;
}

/** Options that decide what a transaction contains: the same for the simulation and for the real thing. */
export const aptContentOptions: readonly string[] = [
	'APT::Install-Recommends=0',
	'APT::Install-Suggests=0',
	'APT::Get::AutomaticRemove=0',
].flatMap(option => ['-o', option]);

/** `upgrade` and not `dist-upgrade`: nothing is ever removed, and what is held stays. New kernels come along. */
export const aptUpgrade: readonly string[] = ['--with-new-pkgs', 'upgrade'];

const remembered = new WeakMap<Host, ReturnType<typeof keptAnswers>>();

/** Facts, plans and checks ask the same thing many times in a run, and apt takes its time for it: asked again only where something changed. */
async function askApt(host: Host, args: readonly string[]): Promise<Output> {
	const origin = host.origin ?? host;
	const kept = remembered.get(origin) ?? keptAnswers();
	remembered.set(origin, kept);
	return kept(JSON.stringify(args), await aptState(host), async () => host.run(['apt-get', '-q', ...aptContentOptions, ...await aptCacheOptions(host), ...args], {timeout: 120_000}));
}

/** What apt-get would do: its output for `parseSimulation`. Needs no root and no lock, and writes nothing. */
export async function simulateApt(host: Host, args: readonly string[]): Promise<Output> {
	return askApt(host, ['--simulate', ...args]);
}

/** `apt-cache policy` of so many packages that are here (apt-cache(8)): whether each is in the version that apt would choose today. */
export function areNewest(policy: string, count: number): boolean {
	const versions = [...policy.matchAll(/^ {2}Installed: (?<installed>.+)\n {2}Candidate: (?<candidate>.+)$/gm)].map(match => match.groups!);
	return versions.length === count && versions.every(({installed, candidate}) => installed === candidate);
}

/** `apt-cache policy` of these: what is here, and what apt would choose. Writes nothing. */
export async function askPolicy(host: Host, names: readonly string[]): Promise<Output> {
	return host.run(['apt-cache', 'policy', ...await aptCacheOptions(host), '--', ...names], {timeout: 120_000});
}

/** Whether all that is here is whole, and in the version that apt would choose: then no upgrade waits. */
async function isNothingNewer(host: Host): Promise<boolean> {
	const names = wholePackages(await installedPackages(host));
	return names !== undefined && names.length > 0 && areNewest((await askPolicy(host, names)).stdout, names.length);
}

/**
 * What `apt-get upgrade` would do: its output for `parseSimulation`. Where nothing is here in another version than apt would choose,
 * that is nothing, and it need not be asked.
 */
export async function simulateUpgrade(host: Host): Promise<Output> {
	return await isNothingNewer(host) ? {exitCode: 0, stdout: '', stderr: ''} : simulateApt(host, aptUpgrade);
}

/**
 * What installing these would come to: apt-get's output for `parseInstallation`. It goes as far as to say what it would
 * fetch, and stops there: no root, no lock, nothing written. Says more than a simulation, in half the time: that one
 * also works out in which order dpkg would be called.
 */
export async function askInstallation(host: Host, names: readonly string[]): Promise<Output> {
	return askApt(host, ['--print-uris', '--verbose-versions', '--yes', 'install', ...names]);
}

/** What these cannot be without, and what that cannot, and so on: `apt-cache depends`, for `parseDependencies`. Writes nothing. */
export async function askDependencies(host: Host, names: readonly string[]): Promise<Output> {
	return host.run(['apt-cache', 'depends', ...await aptCacheOptions(host), '--recurse', ...onlyNeeds, '--', ...names], {timeout: 120_000});
}

/** Headings of apt-get's lists of packages, in apt's own words (apt-private/private-output.cc), that say what would happen. */
const installHeadings: ReadonlyArray<[RegExp, AptAction['action']]> = [
	[/^The following NEW packages will be installed:/, 'install'],
	[/^The following packages will be (?:upgraded|DOWNGRADED):/, 'install'],
	[/^The following packages will be REMOVED:/, 'remove'],
];

/** `   libssl3 (3.0.15-1 => 3.0.16-1)`; a star behind the name of what would be purged. */
const versionLine = /^ +(?<name>[^\s*(]+)\*? \((?<versions>[^)]*)\)$/;
/** `'http://…/ufw_0.36.2-9_all.deb' ufw_0.36.2-9_all.deb 169188 MD5Sum:…` */
const uriLine = /^'[^']*' (?<name>[^_\s]+)_(?<version>[^_\s]+)_\S+\.deb (?<size>\d+)(?: |$)/;

export type Installation = {actions: readonly AptAction[]; about: ReadonlyMap<string, About>};

/** Once apt-get has said all that `parseInstallation` reads: `0 upgraded, 17 newly installed, 0 to remove and 3 not upgraded.` */
export function saysAll(output: string): boolean {
	return /^\d+ upgraded, \d+ newly installed, /m.test(output);
}

/** What apt-get would do, and of what it would have to fetch the version and size. */
export function parseInstallation(output: string): Installation {
	const actions: AptAction[] = [];
	const about = new Map<string, About>();
	let heading: AptAction['action'] | undefined;
	for (const line of output.split('\n')) {
		const {name, versions = ''} = versionLine.exec(line)?.groups ?? {};
		const fetched = uriLine.exec(line)?.groups;
		if (fetched) {
			about.set(fetched['name']!, {version: decodeURIComponent(fetched['version']!), size: Number(fetched['size'])});
		} else if (!line.startsWith(' ')) {
			heading = installHeadings.find(([pattern]) => pattern.test(line))?.[1];
		} else if (name !== undefined && heading !== undefined) {
			const [first = '', second] = versions.split(' => ');
			const isNew = heading === 'install' && second === undefined;
			actions.push({action: heading, name, from: isNew ? '' : first, to: heading === 'remove' ? '' : second ?? first, security: false});
		}
	}

	return {actions, about};
}
