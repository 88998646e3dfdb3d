import type {Host, Output} from './types.ts';

/** What apt says about itself: parsers, and the one question that providers, facts and checks all ask it. */

/** One line of `apt-get --simulate`: what would happen to one package. `from` is empty for a new one, `to` for one that goes. */
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

/**
 * A question asked as root would write apt's cache file anew where that is out of date. Looking must not write:
 * with these options it then works in memory, which takes a second longer.
 */
export async function aptCacheOptions(host: Host): Promise<readonly string[]> {
	const {stdout} = await host.run(['find', '/var/cache/apt/pkgcache.bin', '-newer', '/var/lib/dpkg/status', '-newer', '/var/lib/apt/lists']);
	return stdout === '' ? ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='] : [];
}

/** All that apt's answer depends on: while their times are the same, so is the answer. */
const aptInputs = ['/var/lib/dpkg/status', '/var/lib/dpkg/updates', '/var/lib/apt/lists', '/var/lib/apt/extended_states', '/etc/apt'] as const;

type Remembered = {state: string; output: Promise<Output>};
const remembered = new WeakMap<Host, Map<string, Remembered>>();

/**
 * What apt-get would do: its output for `parseSimulation`. Needs no root and no lock, and writes nothing.
 * Facts, plans and checks ask the same thing many times in a run, and apt takes a second for it: asked again only where something changed.
 */
export async function simulateApt(host: Host, args: readonly string[]): Promise<Output> {
	const known = remembered.get(host) ?? new Map<string, Remembered>();
	remembered.set(host, known);
	const {stdout: state} = await host.run(['find', ...aptInputs, '-printf', String.raw`%p %T@ %s\n`]);
	const question = JSON.stringify(args);
	const answer = known.get(question);
	if (answer?.state === state && state !== '') {
		return answer.output;
	}

	const output = askApt(host, args);
	known.set(question, {state, output});
	return output;
}

async function askApt(host: Host, args: readonly string[]): Promise<Output> {
	return host.run(['apt-get', '--simulate', '-q', ...aptContentOptions, ...await aptCacheOptions(host), ...args], {timeout: 120_000});
}
