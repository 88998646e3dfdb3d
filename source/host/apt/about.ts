import {aptCacheOptions} from '../../engine/apt-cache.ts';
import type {About, Host} from '../../engine/types.ts';

/** Stanzas of `apt-cache show`: deb822, one package a stanza, the candidate first. */
export function parseAbout(output: string): ReadonlyMap<string, About> {
	const found = new Map<string, About>();
	for (const stanza of output.split(/\n{2,}/)) {
		const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(stanza)?.[1];
		const name = field('Package');
		if (name && !found.has(name)) {
			found.set(name, {version: field('Version') ?? '', size: Number(field('Size') ?? 0)});
		}
	}

	return found;
}

/** Version and size of packages, as the lists know them; what they do not know is left out. */
export async function aboutPackages(host: Host, names: readonly string[]): Promise<ReadonlyMap<string, About>> {
	const {stdout} = await host.run(['apt-cache', ...await aptCacheOptions(host), 'show', '--no-all-versions', '--', ...names]);
	return parseAbout(stdout);
}
