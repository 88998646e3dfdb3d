import type {Place} from '../engine/facts.ts';
import type {Host, Look} from '../engine/types.ts';
import {parseGroups, parsePasswd} from './accounts.ts';

type Names = ReadonlyMap<number, string>;

/** The names of these numbers: of all that the name service lists, and asked one by one for what it knows besides. Who has no name is called by the number. */
async function namesOf(host: Host, database: 'passwd' | 'group', ids: readonly number[]): Promise<Names> {
	const parse = (text: string): Names => new Map(database === 'passwd' ? parsePasswd(text).map(({uid, name}) => [uid, name]) : parseGroups(text).map(({gid, name}) => [gid, name]));
	const listed = parse((await host.run(['getent', database])).stdout);
	const others = [...new Set(ids)].filter(id => !listed.has(id));
	return others.length === 0 ? listed : new Map([...listed, ...parse((await host.run(['getent', database, ...others.map(String)])).stdout)]);
}

/** What is at these paths, links not followed, with the names of whose it is. What is not there, or may not be looked at, is left out. */
export async function placesAt(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, Place>> {
	const looks = await Promise.all([...new Set(paths)].map(async path => [path, await host.look(path)] as const));
	const found = looks.filter((entry): entry is [string, Look] => entry[1] !== undefined);
	const [users, groups] = await Promise.all([
		namesOf(host, 'passwd', found.map(([, {uid}]) => uid)),
		namesOf(host, 'group', found.map(([, {gid}]) => gid)),
	]);
	return new Map(found.map(([path, {kind, mode, uid, gid}]) => [path, {kind, mode, owner: users.get(uid) ?? String(uid), group: groups.get(gid) ?? String(gid)}]));
}

/** The paths in a folder, so many levels deep; links are not followed. */
export async function pathsIn(host: Host, folder: string, levels: number): Promise<readonly string[]> {
	if ((await host.look(folder))?.kind !== 'directory') {
		return [];
	}

	const paths = (await host.list(folder)).map(name => `${folder}/${name}`);
	const inner = levels === 1 ? [] : await Promise.all(paths.map(async path => pathsIn(host, path, levels - 1)));
	return [...paths, ...inner.flat()];
}
