import test from 'ava';
import {aptCacheOptions, writeAptCache} from '../../source/engine/apt-cache.ts';
import type {Host, Stamp} from '../../source/engine/types.ts';
import {remembering} from '../../source/host/remembering.ts';
import {sharing} from '../../source/host/sharing.ts';
import {emptyHost} from '../empty-host.ts';

const stamp = (modified: number): Stamp => ({modified, size: 1, isFolder: false, mark: String(modified)});

/** What is installed is of the time 2, apt's cache of `cached`, which gencaches makes 3. */
function hostWith(cached: number) {
	const times: Record<string, number> = {'/var/cache/apt/pkgcache.bin': cached, '/var/lib/dpkg/status': 2, '/var/lib/apt/lists': 1};
	const told: string[] = [];
	const machine: Host = {
		...emptyHost,
		async run(argv) {
			told.push(argv.slice(0, 2).join(' '));
			times['/var/cache/apt/pkgcache.bin'] = argv[1] === 'gencaches' ? 3 : times['/var/cache/apt/pkgcache.bin']!;
			return {exitCode: 0, stdout: '', stderr: ''};
		},
		stat: async path => times[path] === undefined ? undefined : stamp(times[path]),
		async scratch(make) {
			await make('/memory/1');
			const path = `/open/${told.length}`;
			return {
				path,
				drop() {
					told.push(`dropped ${path}`);
				},
			};
		},
	};
	return {host: remembering(machine), told, times};
}

const by = (path: string) => ['-o', `Dir::Cache::pkgcache=${path}`, '-o', 'Dir::Cache::srcpkgcache='];

test('where apt\'s cache is current, it is used', async t => {
	const {host, told} = hostWith(3);
	t.deepEqual(await aptCacheOptions(sharing(host)), []);
	t.deepEqual(told, []);
});

test('where it is not, one in memory is made once, for all who ask, until something changes', async t => {
	const {host, told, times} = hostWith(1);
	t.deepEqual(await Promise.all([aptCacheOptions(sharing(host)), aptCacheOptions(host)]), [by('/open/1'), by('/open/1')]);
	t.deepEqual(await aptCacheOptions(sharing(host)), by('/open/1'));
	times['/var/lib/dpkg/status'] = 5;
	t.deepEqual(await aptCacheOptions(host), by('/open/2'));
	t.deepEqual(told, ['apt-cache policy', 'apt-cache policy']);
});

test('once apt has written its own, those in memory are dropped', async t => {
	const {host, told, times} = hostWith(1);
	await aptCacheOptions(sharing(host));
	times['/var/lib/dpkg/status'] = 2.5;
	await aptCacheOptions(sharing(host));
	await writeAptCache(host);
	t.deepEqual(told, ['apt-cache policy', 'apt-cache policy', 'apt-cache gencaches', 'dropped /open/1', 'dropped /open/2']);
	t.deepEqual(await aptCacheOptions(sharing(host)), []);
});

test('where none can be made in memory, apt makes its own each time', async t => {
	const {host} = hostWith(1);
	t.deepEqual(await aptCacheOptions({...host, scratch: async () => undefined}), by(''));
});
