import {mkdir, readdir, readlink, rmdir, symlink, unlink} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {codeOf} from './walk.ts';

/** Path → target. */
export type Links = Readonly<Record<string, string>>;

const units = '/etc/systemd/system';
export const isWantsFolder = (name: string) => /\.(?:wants|requires|upholds)$/.test(name);

async function linksIn(folder: string): Promise<Array<readonly [string, string]>> {
	const entries = await readdir(folder, {withFileTypes: true}).catch((error: unknown) => {
		if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error) ?? '')) {
			return [];
		}

		throw error;
	});
	return Promise.all(entries
		.filter(entry => entry.isSymbolicLink())
		.map(async ({name}) => [join(folder, name), await readlink(join(folder, name))] as const));
}

/** All links by which systemd, and the start scripts of System V beside it, know what is enabled or masked. */
export async function readLinks(): Promise<Links> {
	const wants = (await readdir(units).catch(() => [])).filter(name => isWantsFolder(name)).map(name => join(units, name));
	const levels = ['0', '1', '2', '3', '4', '5', '6', 'S'].map(level => `/etc/rc${level}.d`);
	const found = await Promise.all([units, ...wants, ...levels].map(async folder => linksIn(folder)));
	return Object.fromEntries(found.flat().toSorted(([left], [right]) => left < right ? -1 : 1));
}

/** Whether a link is about this unit: its wants, its aliases, its mask, or its script's start and stop links. */
export function isLinkOf(unit: string, path: string, target: string): boolean {
	return path.startsWith('/etc/rc')
		? `${basename(path).replace(/^[SK]\d\d/, '')}.service` === unit
		: basename(path) === unit || basename(target) === unit;
}

export function linksOf(unit: string, links: Links): Links {
	return Object.fromEntries(Object.entries(links).filter(([path, target]) => isLinkOf(unit, path, target)));
}

/** Whether the links alone would start the unit; asked where a mask hides it. */
export function isWanted(unit: string, links: Links): boolean {
	return Object.keys(links).some(path => basename(path) === unit && isWantsFolder(dirname(path)));
}

async function put(path: string, target: string): Promise<void> {
	await mkdir(dirname(path), {recursive: true, mode: 0o755});
	await unlink(path).catch(() => undefined);
	await symlink(target, path);
}

async function remove(path: string): Promise<void> {
	await unlink(path);
	if (isWantsFolder(dirname(path))) {
		// As systemctl does it.
		await rmdir(dirname(path)).catch(() => undefined);
	}
}

/** Makes the links what they are wanted to be. Returns whether anything had to be done. */
export async function settleLinks(wanted: Links, found: Links): Promise<boolean> {
	const paths = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter(path => wanted[path] !== found[path]);
	for (const path of paths) {
		const target = wanted[path];
		await (target === undefined ? remove(path) : put(path, target));
	}

	return paths.length > 0;
}
