import type {Host} from '../../engine/types.ts';
import {field} from '../../engine/installed.ts';

/** A configuration file as its package brought it: path and MD5 sum. */
export type Conffile = {package: string; path: string; md5: string};

/** dpkg-query's `${Package}` followed by `${Conffiles}`: ` /etc/x md5 [obsolete]` a line, a package a paragraph. */
export function parseConffiles(output: string): readonly Conffile[] {
	const found: Conffile[] = [];
	let name = '';
	for (const line of output.split('\n')) {
		const {path, md5} = /^ (?<path>\/.+?) (?<md5>[\da-f]{32})(?: |$)/.exec(line)?.groups ?? {};
		if (path !== undefined && md5 !== undefined) {
			found.push({package: name, path, md5});
		} else if (/^\S/.test(line)) {
			name = line.trim();
		}
	}

	return found;
}

/** Files that a package registered with ucf(1): its registry (`package path`) and its hash file (`md5  path`). */
export function parseUcf(registry: string, hashes: string): readonly Conffile[] {
	const sums = new Map(hashes.split('\n').map(line => [line.slice(32).trim(), line.slice(0, 32)]));
	return registry.split('\n').filter(Boolean).flatMap(line => {
		const [name = '', path = ''] = line.split(/\s+/);
		const md5 = sums.get(path);
		return md5 === undefined ? [] : [{package: name, path, md5}];
	});
}

/** md5sum(1)'s output by path. */
export function parseSums(output: string): ReadonlyMap<string, string> {
	return new Map(output.split('\n').map(line => [line.slice(34), line.slice(0, 32)]));
}

/** Those of the packages' configuration files that the user edited since. Deleted ones are no loss. */
export async function editedConffiles(host: Host, names: readonly string[]): Promise<readonly Conffile[]> {
	const [query, registry, hashes] = await Promise.all([
		host.run(['dpkg-query', '--show', `--showformat=${field('Package')}\n${field('Conffiles')}\n`, ...names]),
		host.read('/var/lib/ucf/registry'),
		host.read('/var/lib/ucf/hashfile'),
	]);
	const all = [...parseConffiles(query.stdout), ...parseUcf(registry ?? '', hashes ?? '').filter(file => names.includes(file.package))];
	if (all.length === 0) {
		return [];
	}

	const sums = parseSums((await host.run(['md5sum', '--', ...all.map(({path}) => path)])).stdout);
	return all.filter(({path, md5}) => sums.has(path) && sums.get(path) !== md5);
}
