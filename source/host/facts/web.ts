import {posix} from 'node:path';
import type {NginxServer, WebFacts} from '../../engine/facts.ts';
import {isPackagePage, namedPlaces, parseListen, parseNginx, type Directive, type NamedPlaces} from '../../engine/nginx-config.ts';
import type {Host} from '../../engine/types.ts';
import {readWafLog, type WafFinding} from '../../engine/waf-log.ts';

const folder = '/etc/nginx';
const mainFile = `${folder}/nginx.conf`;
const logFolder = '/var/log/nginx';
const logEnding = '-waf.json';

/** First line of every file of ours. */
const isOurs = (text: string) => text.startsWith('# Written by harden-python-vps');

/** The files that an `include` names: one, or those of a folder that fit. Patterns in the folder's own name are not followed. */
async function included(host: Host, pattern: string): Promise<readonly string[]> {
	const path = posix.resolve(folder, pattern);
	const {dir, base} = posix.parse(path);
	if (!/[*?[]/.test(base)) {
		return [path];
	}

	const form = new RegExp(`^${base.replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.')}$`);
	const names = await host.list(dir);
	return names.filter(name => form.test(name) && !name.startsWith('.')).map(name => `${dir}/${name}`);
}

/** A directive, and the file that it stands in. */
type Placed = Omit<Directive, 'block'> & {file: string; block?: readonly Placed[]};

/** Includes within includes are followed so far. */
const deepest = 5;

/** A configuration as nginx takes it: in the place of an include, what the files say that it names; of ours nothing. */
async function withIncludes(host: Host, file: string, directives: readonly Directive[], depth = 0): Promise<readonly Placed[]> {
	const placed = await Promise.all(directives.map(async ({name, words, block}): Promise<readonly Placed[]> => {
		if (name === 'include') {
			const files = depth > deepest ? [] : await included(host, words[0] ?? '');
			const read = files.filter(path => !path.endsWith('/mime.types')).map(async path => {
				const text = await host.read(path) ?? '';
				return isOurs(text) ? [] : withIncludes(host, path, parseNginx(text), depth + 1);
			});
			return (await Promise.all(read)).flat();
		}

		return [{name, words, file, ...block && {block: await withIncludes(host, file, block, depth)}}];
	}));
	return placed.flat();
}

function serverOf({file, block = []}: Placed): NginxServer {
	const listens = block.filter(({name}) => name === 'listen').map(({words}) => parseListen(words));
	return {
		file,
		listens: listens.length === 0 ? [parseListen(['80'])!] : listens.filter(listen => listen !== undefined),
		names: block.filter(({name}) => name === 'server_name').flatMap(({words}) => words),
	};
}

/** As the kernel sees them: where links lead. */
async function collectPlaces(host: Host, configuration: readonly Directive[]): Promise<NamedPlaces> {
	const {reads, writes, sockets} = namedPlaces(configuration);
	const resolved = async (paths: readonly string[]) => {
		const wanted = [...new Set(paths)].toSorted();
		const {stdout, exitCode} = wanted.length === 0 ? {stdout: '', exitCode: 0} : await host.run(['realpath', '--canonicalize-missing', '--zero', '--', ...wanted]);
		return exitCode === 0 ? [...new Set(stdout.split('\0').filter(Boolean))].toSorted() : wanted;
	};

	const [read, written, spoken] = await Promise.all([resolved(reads), resolved(writes), resolved(sockets)]);
	return {reads: read, writes: written, sockets: spoken};
}

/** The end of each application firewall's log: as much as is quickly read. */
async function collectFindings(host: Host): Promise<WebFacts['findings']> {
	const logs = (await host.list(logFolder)).filter(name => name.endsWith(logEnding));
	const entries = logs.map(async (name): Promise<[string, readonly WafFinding[]]> => {
		const {stdout} = await host.run(['tail', '--bytes=500000', `${logFolder}/${name}`], {timeout: 5000});
		return [name.slice(0, -logEnding.length), readWafLog(stdout).findings];
	});
	return Object.fromEntries(await Promise.all(entries));
}

/** The web server as it is set up today, without us. Reads files only: nginx itself would load every rule that there is. */
export async function collectWeb(host: Host): Promise<WebFacts> {
	const [main, site, pages, findings] = await Promise.all([
		host.read(mainFile),
		host.read(`${folder}/sites-enabled/default`),
		host.list('/var/www/html'),
		collectFindings(host),
	]);
	const directives = parseNginx(main ?? '');
	const configuration = await withIncludes(host, mainFile, directives);
	const http = configuration.find(({name}) => name === 'http')?.block ?? [];
	const own = directives.find(({name}) => name === 'http')?.block ?? [];
	return {
		installed: main !== undefined,
		includes: own.filter(({name}) => name === 'include').map(({words}) => posix.resolve(folder, words[0] ?? '')),
		servers: http.filter(({name}) => name === 'server').map(server => serverOf(server)),
		places: await collectPlaces(host, configuration),
		settings: [...new Set(http.map(({name}) => name))].toSorted(),
		packagePage: site !== undefined && isPackagePage(parseNginx(site)) && pages.every(name => name === 'index.nginx-debian.html'),
		findings,
	};
}
