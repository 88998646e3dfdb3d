import {posix} from 'node:path';
import type {Answers} from '../../engine/answers-type.ts';
import type {AppFacts, CodeFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** What says which packages and which Python an app needs. */
const telling = new Set(['requirements.txt', 'pyproject.toml', 'uv.lock', 'poetry.lock', 'Pipfile.lock', '.python-version', 'runtime.txt', 'manage.py']);

/** Interpreters by path, from the names in two folders: `python3.13`. */
export function pythonsIn(folders: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
	const found = Object.entries(folders).flatMap(([folder, names]) => names
		.map(name => ({path: posix.join(folder, name), version: /^python(?<version>3\.\d+)$/.exec(name)?.groups?.['version']}))
		.filter((entry): entry is {path: string; version: string} => entry.version !== undefined));
	return Object.fromEntries(found.map(({path, version}) => [path, version]));
}

async function collectCode(host: Host, path: string): Promise<CodeFacts | undefined> {
	const names = await host.list(path);
	if (names.length === 0) {
		return undefined;
	}

	const texts = await Promise.all(names.filter(name => telling.has(name)).map(async name => [name, await host.read(posix.join(path, name))] as const));
	return {path, files: Object.fromEntries(texts.filter((entry): entry is [string, string] => entry[1] !== undefined))};
}

/** Reads a handful of small files, and only of the folder that the answers name. */
export async function collectApp(host: Host, answers: Answers['app']): Promise<AppFacts> {
	const [system, local, served] = await Promise.all([host.list('/usr/bin'), host.list('/usr/local/bin'), host.list('/etc/harden')]);
	const path = answers && 'path' in answers.source ? answers.source.path : undefined;
	const code = path === undefined ? undefined : await collectCode(host, path);
	return {pythons: pythonsIn({'/usr/bin': system, '/usr/local/bin': local}), served, ...code && {code}};
}
