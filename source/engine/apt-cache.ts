import {marksOf} from './marks.ts';
import type {Host, Scratch} from './types.ts';

/** What apt's answers depend on, and the cache without which each takes a second longer. */

export const listsFolder = '/var/lib/apt/lists';

/** All that apt's answer depends on, beside its configuration: while their marks are the same, so is the answer. */
const aptInputs = ['/var/lib/dpkg/status', '/var/lib/dpkg/updates', listsFolder, '/var/lib/apt/extended_states', '/etc/apt'] as const;
const configFolder = '/etc/apt/apt.conf.d';

/** Settings that are for apt's timers only, not for what apt-get answers. */
const forTimers = /^(?:APT::Periodic|Unattended-Upgrade)::[\w:-]+\s*(?:"[^"]*"|\{(?:[^{}"]|"[^"]*")*\})\s*;$/gm;

/** What a file of apt.conf(5) says that could change an answer. */
export function relevantSettings(text: string): string {
	return text.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(forTimers, '').replaceAll(/\n{2,}/g, '\n').trim();
}

async function settingsOf(host: Host): Promise<readonly string[]> {
	const files = (await host.list(configFolder)).map(name => `${configFolder}/${name}`);
	const texts = await Promise.all(files.map(async file => relevantSettings(await host.read(file) ?? '')));
	return files.map((file, index) => `${file} ${texts[index]!}`).filter((_, index) => texts[index] !== '');
}

/** In the folder of the lists, but none: they come and go with every call of apt's. */
const noLists = [listsFolder, `${listsFolder}/lock`, `${listsFolder}/partial`, `${listsFolder}/auxfiles`].map(path => `${path} `);

async function aptMarks(host: Host, paths: readonly string[]): Promise<readonly string[]> {
	const marks = await Promise.all(paths.map(async path => marksOf(host, path, configFolder)));
	return marks.flat().filter(mark => !noLists.some(path => mark.startsWith(path)));
}

/** Changes with every source of packages: where they come from, and what is offered there. */
export async function aptSources(host: Host): Promise<string> {
	return (await aptMarks(host, [listsFolder, '/etc/apt'])).join('\n');
}

/** Changes with whatever could change apt's answers. */
export async function aptState(host: Host): Promise<string> {
	const [settings, marks] = await Promise.all([settingsOf(host), aptMarks(host, aptInputs)]);
	return [...marks, ...settings].join('\n');
}

async function isCacheCurrent(host: Host): Promise<boolean> {
	const [cache, status, lists] = await Promise.all(['/var/cache/apt/pkgcache.bin', '/var/lib/dpkg/status', listsFolder].map(async path => host.stat(path)));
	return cache !== undefined && cache.modified > (status?.modified ?? 0) && cache.modified > (lists?.modified ?? 0);
}

const cacheWriting = new WeakMap<Host, Promise<void>>();
/** By the state that each is of; most often there is one. */
const ownCaches = new WeakMap<Host, Map<string, Promise<Scratch | undefined>>>();

async function dropOwnCaches(host: Host): Promise<void> {
	const origin = host.origin ?? host;
	const made = [...ownCaches.get(origin)?.values() ?? []];
	ownCaches.delete(origin);
	for (const scratch of await Promise.all(made)) {
		scratch?.drop();
	}
}

/**
 * Has apt write down what it makes of its lists, as any question of root's would; questions wait for it, and take a tenth of
 * the time then. Only for a run that may change this server.
 */
export async function writeAptCache(host: Host): Promise<void> {
	const writing = isCacheCurrent(host).then(async isCurrent => {
		if (!isCurrent) {
			await host.run(['apt-cache', 'gencaches'], {timeout: 120_000});
		}

		await dropOwnCaches(host);
	}).catch(() => {/* without it questions only take longer */});
	cacheWriting.set(host.origin ?? host, writing);
	return writing;
}

const cacheAt = (path: string): readonly string[] => ['-o', `Dir::Cache::pkgcache=${path}`, '-o', 'Dir::Cache::srcpkgcache='];

/** A cache of this process's own, for as long as it says what apt's would: any question writes it. */
async function ownCache(host: Host): Promise<Scratch | undefined> {
	const origin = host.origin ?? host;
	const state = await aptState(host);
	const made = ownCaches.get(origin) ?? new Map<string, Promise<Scratch | undefined>>();
	ownCaches.set(origin, made);
	const scratch = made.get(state) ?? host.scratch(async file => host.run(['apt-cache', 'policy', ...cacheAt(file), '--', 'apt'], {timeout: 120_000}));
	made.set(state, scratch);
	return scratch;
}

/**
 * A question asked as root would write apt's cache file anew where that is out of date. Looking must not write: with these
 * options it uses one in memory that is gone with this process; where there can be none it makes its own each time, which takes a second longer.
 */
export async function aptCacheOptions(host: Host): Promise<readonly string[]> {
	await cacheWriting.get(host.origin ?? host);
	return await isCacheCurrent(host) ? [] : cacheAt((await ownCache(host))?.path ?? '');
}
