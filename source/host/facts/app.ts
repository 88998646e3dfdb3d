import {posix} from 'node:path';
import type {Answers} from '../../engine/answers-type.ts';
import type {AppFacts, CodeFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {commitForm, newestOf, placesOf} from '../git.ts';
import {defaultStateFolder} from '../state-folder.ts';

/** Says which packages and which Python an app needs, and how it is set. */
const telling = /^(?:requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|uv\.lock|poetry\.lock|Pipfile\.lock|\.python-version|manage\.py|(?:app|main|wsgi|asgi)\.py)$/;
/** Not the app's own code, or none at all. */
const passedOver = ['.*', 'node_modules', 'venv', 'env', 'static', 'staticfiles', 'media', 'templates', 'migrations', 'test', 'tests', 'docs', '__pycache__'];
/** A file larger than this is nothing that people wrote. */
const largest = '4096k';

/** Interpreters by path, from the names in two folders: `python3.13`. */
export function pythonsIn(folders: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
	const found = Object.entries(folders).flatMap(([folder, names]) => names
		.map(name => ({path: posix.join(folder, name), version: /^python(?<version>3\.\d+)$/.exec(name)?.groups?.['version']}))
		.filter((entry): entry is {path: string; version: string} => entry.version !== undefined));
	return Object.fromEntries(found.map(({path, version}) => [path, version]));
}

/** Files and folders inside the code, with a slash behind folders. Links are passed over: what they lead to may be anybody's. */
async function pathsBelow(host: Host, root: string): Promise<readonly string[]> {
	const {stdout} = await host.run([
		'find', '-P', `${root}/`, '-mindepth', '1', '-maxdepth', '4',
		'(', '-type', 'd', '(', ...passedOver.flatMap((name, index) => index === 0 ? ['-name', name] : ['-o', '-name', name]), ')', '-prune', ')',
		'-o', '(', '-type', 'd', '-printf', String.raw`%P/\0`, ')', '-o', '(', '-type', 'f', '-size', `-${largest}`, '-printf', String.raw`%P\0`, ')',
	]);
	return stdout.split('\0').filter(Boolean);
}

function isWanted(path: string, asked: string | undefined): boolean {
	const [name = '', parent = ''] = path.split('/').toReversed();
	return path === asked || (path.split('/').length <= 2 && telling.test(name)) || name === 'settings.py' || name === 'urls.py' || (parent === 'settings' && /^\w+\.py$/.test(name)) || (parent === 'requirements' && name.endsWith('.txt'));
}

async function collectCode(host: Host, path: string, asked: string | undefined): Promise<CodeFacts | undefined> {
	const paths = await pathsBelow(host, path);
	if (paths.length === 0) {
		return undefined;
	}

	const {stdout: target} = await host.run(['readlink', '--', path]);
	const commit = /^checkouts\/(?<commit>[\da-f]{40,64})$/.exec(target)?.groups?.['commit'];
	const texts = await Promise.all(paths.filter(file => isWanted(file, asked)).map(async file => [file, await host.read(posix.join(path, file))] as const));
	return {
		path,
		files: Object.fromEntries(texts.filter((entry): entry is [string, string] => entry[1] !== undefined)),
		hasSourceFolder: paths.includes('src/'),
		...commit !== undefined && {commit},
	};
}

/** Asked over the network, and only of an app whose code comes from git. A commit is its own newest. */
async function collectNewest(host: Host, answers: Answers['app']): Promise<string | undefined> {
	if (!answers || !('git' in answers.source)) {
		return undefined;
	}

	const {git: url, ref} = answers.source;
	return commitForm.test(ref) ? ref : newestOf(host, placesOf(`/srv/${answers.name}/checkout`, defaultStateFolder), {url, ref});
}

/** Reads small files, and only of the folder that the answers name. */
export async function collectApp(host: Host, answers: Answers['app']): Promise<AppFacts> {
	const [system, local, served] = await Promise.all([host.list('/usr/bin'), host.list('/usr/local/bin'), host.list('/etc/harden')]);
	const path = answers && ('path' in answers.source ? answers.source.path : ('git' in answers.source ? `/srv/${answers.name}/checkout` : undefined));
	const [code, newest] = await Promise.all([path === undefined ? undefined : collectCode(host, path, answers?.requirements), collectNewest(host, answers)]);
	return {pythons: pythonsIn({'/usr/bin': system, '/usr/local/bin': local}), served, ...newest !== undefined && {newest}, ...code && {code}};
}
