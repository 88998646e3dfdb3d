import {posix} from 'node:path';
import {parseAuthorizedKeys} from '../../engine/authorized-key.ts';
import {isWritableByOthers, keyPaths} from '../../engine/key-file.ts';
import type {KeyFile, Ownership, Place, User} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {t} from '../../words.ts';
import {placesAt} from '../places.ts';

/** A file of keys larger than this is none. Bytes. */
const largest = 1024 * 1024;

/** Everybody who can have a shell: root and people, not the accounts of services. */
export function peopleOf(users: readonly User[], operator: string): readonly User[] {
	const isPerson = ({name, uid, shell}: User) => name === operator || uid === 0 || (uid >= 1000 && uid < 60_000 && !/(?:nologin|false)$/.test(shell));
	return users.filter(user => isPerson(user)).toSorted((left, right) => left.uid - right.uid).slice(0, 100);
}

/** What sshd's StrictModes minds about a place. */
function mindedAbout(what: string, place: Place | undefined, user: string): readonly string[] {
	if (!place) {
		return [];
	}

	if (place.kind === 'link') {
		return [t('{what} is a link', {what})];
	}

	return [
		...[user, 'root'].includes(place.owner) ? [] : [t('{what} belongs to {owner}', {what, owner: place.owner})],
		...isWritableByOthers(place, user) ? [t('others can write to {what}', {what})] : [],
	];
}

/**
 * Reads as the user (the text loses its last newline), so that a link or a pipe in somebody's home can neither show us more than
 * them nor hold us up. In root's own there is nobody else.
 */
async function readAs(host: Host, {uid, gid}: User, isRoot: boolean, path: string): Promise<string | undefined> {
	if (isRoot && uid === 0 && path.startsWith('/root/')) {
		const {size = 0} = await host.stat(path) ?? {};
		return size > largest ? undefined : (await host.read(path))?.replace(/\n$/, '');
	}

	const read = ['head', '-c', String(largest), '--', path] as const;
	const argv = isRoot && uid !== 0 ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', ...read] as const : read;
	const {exitCode, stdout} = await host.run(argv, {timeout: 3000});
	return exitCode === 0 ? stdout : undefined;
}

async function keyFileOf(host: Host, user: User, isRoot: boolean, paths: readonly string[], places: ReadonlyMap<string, Place>): Promise<KeyFile> {
	const [path = posix.join(user.home, '.ssh/authorized_keys')] = paths;
	const isFile = (file: string) => places.get(file)?.kind === 'file';
	const texts = await Promise.all(paths.map(async file => isFile(file) ? readAs(host, user, isRoot, file) : undefined));
	const [home, folder, file] = [user.home, posix.dirname(path), path].map(place => places.get(place));
	const keys = parseAuthorizedKeys(texts.filter(text => text !== undefined).join('\n'));
	return {
		user: user.name,
		path,
		...texts[0] !== undefined && {content: texts[0]},
		keys,
		problems: [
			...home?.kind === 'link' ? [] : mindedAbout(user.home, home, user.name),
			...folder && posix.dirname(path) !== user.home ? mindedAbout(posix.dirname(path), folder, user.name) : [],
			...mindedAbout(path, file, user.name),
		],
		links: [[posix.dirname(path), folder], [path, file]].filter((entry): entry is [string, Place] => (entry[1] as Place | undefined)?.kind === 'link').map(([name]) => name),
		places: {...home && {home: ownershipOf(home)}, ...folder && {folder: ownershipOf(folder)}, ...file && {file: ownershipOf(file)}},
	};
}

function ownershipOf({mode, owner, group}: Place): Ownership {
	return {mode, owner, group};
}

/** The keys of everybody with a shell. `patterns` are sshd's AuthorizedKeysFile. */
export async function collectKeys(host: Host, people: readonly User[], patterns: readonly string[], isRoot: boolean): Promise<readonly KeyFile[]> {
	const pathsOf = new Map(people.map(user => [user, keyPaths(patterns, user)]));
	const places = await placesAt(host, people.flatMap(user => pathsOf.get(user)!.flatMap(path => [user.home, posix.dirname(path), path])));
	return Promise.all(people.map(async user => keyFileOf(host, user, isRoot, pathsOf.get(user)!, places)));
}
