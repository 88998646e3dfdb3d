import {posix} from 'node:path';
import type {Answers} from '../../engine/answers-type.ts';
import type {AppFacts, CodeFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** Says which packages and which Python an app needs. */
const telling = /^(?:requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|uv\.lock|poetry\.lock|Pipfile\.lock|\.python-version|manage\.py|(?:app|main|wsgi|asgi)\.py)$/;
/** Not the app's own code, or none at all. */
const passedOver = /^(?:\..*|node_modules|venv|env|static|staticfiles|media|templates|migrations|tests?|docs?|__pycache__)$/;
/** A file larger than this is nothing that people wrote. */
const largest = 4_000_000;
const mostFolders = 200;

/** Interpreters by path, from the names in two folders: `python3.13`. */
export function pythonsIn(folders: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
	const found = Object.entries(folders).flatMap(([folder, names]) => names
		.map(name => ({path: posix.join(folder, name), version: /^python(?<version>3\.\d+)$/.exec(name)?.groups?.['version']}))
		.filter((entry): entry is {path: string; version: string} => entry.version !== undefined));
	return Object.fromEntries(found.map(({path, version}) => [path, version]));
}

/** Paths of files, down to settings in a package of a package; of a folder without end only the beginning. */
async function filesBelow(host: Host, root: string): Promise<readonly string[]> {
	const found: string[] = [];
	let folders = [''];
	let seen = 0;
	for (let depth = 0; depth < 4 && folders.length > 0; depth++) {
		const next: string[] = [];
		for (const folder of folders.slice(0, Math.max(0, mostFolders - seen))) {
			seen++;
			for (const name of await host.list(posix.join(root, folder))) {
				const path = posix.join(folder, name);
				found.push(path);
				// Names with an ending are files, nearly always; the others are looked into.
				if (!passedOver.test(name) && !name.includes('.')) {
					next.push(path);
				}
			}
		}

		folders = next;
	}

	return found;
}

function isWanted(path: string, asked: string | undefined): boolean {
	const [name = '', parent = ''] = path.split('/').toReversed();
	return path === asked || (path.split('/').length <= 2 && telling.test(name)) || name === 'settings.py' || (parent === 'settings' && /^\w+\.py$/.test(name)) || (parent === 'requirements' && name.endsWith('.txt'));
}

async function collectCode(host: Host, path: string, asked: string | undefined): Promise<CodeFacts | undefined> {
	const paths = await filesBelow(host, path);
	if (paths.length === 0) {
		return undefined;
	}

	const texts = await Promise.all(paths.filter(file => isWanted(file, asked)).map(async file => [file, await host.read(posix.join(path, file))] as const));
	return {
		path,
		files: Object.fromEntries(texts.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].length <= largest)),
		hasSourceFolder: paths.includes('src'),
	};
}

/** Reads small files, and only of the folder that the answers name. */
export async function collectApp(host: Host, answers: Answers['app']): Promise<AppFacts> {
	const [system, local, served] = await Promise.all([host.list('/usr/bin'), host.list('/usr/local/bin'), host.list('/etc/harden')]);
	const path = answers && ('path' in answers.source ? answers.source.path : ('git' in answers.source ? `/srv/${answers.name}/checkout` : undefined));
	const code = path === undefined ? undefined : await collectCode(host, path, answers?.requirements);
	return {pythons: pythonsIn({'/usr/bin': system, '/usr/local/bin': local}), served, ...code && {code}};
}
