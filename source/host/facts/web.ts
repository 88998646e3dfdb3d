import {posix} from 'node:path';
import type {NginxServer, WebFacts} from '../../engine/facts.ts';
import {isPackagePage, namedPlaces, parseListen, parseNginx, type Directive, type NamedPlaces} from '../../engine/nginx-config.ts';
import type {Host} from '../../engine/types.ts';
import {readWafLog, type WafFinding} from '../../engine/waf-log.ts';

const folder = '/etc/nginx';
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

type Read = {file: string; directives: readonly Directive[]};

/** What stands in the http block, includes followed, file by file; of ours nothing. */
async function readHttp(host: Host, file: string, directives: readonly Directive[], depth = 0): Promise<readonly Read[]> {
	const own: Read = {file, directives: directives.filter(({name}) => name !== 'include')};
	const patterns = directives.filter(({name}) => name === 'include').map(({words}) => words[0] ?? '');
	const files = depth > 5 ? [] : (await Promise.all(patterns.map(async pattern => included(host, pattern)))).flat();
	const inner = await Promise.all(files.filter(path => !path.endsWith('/mime.types')).map(async path => {
		const text = await host.read(path) ?? '';
		return isOurs(text) ? [] : readHttp(host, path, parseNginx(text), depth + 1);
	}));
	return [own, ...inner.flat()];
}

function serversOf({file, directives}: Read): readonly NginxServer[] {
	return directives.filter(({name}) => name === 'server').map(({block = []}) => {
		const listens = block.filter(({name}) => name === 'listen').map(({words}) => parseListen(words));
		return {
			file,
			listens: listens.length === 0 ? [parseListen(['80'])!] : listens.filter(listen => listen !== undefined),
			names: block.filter(({name}) => name === 'server_name').flatMap(({words}) => words),
		};
	});
}

/** All includes of a configuration, wherever they stand in it; of ours nothing. */
async function readWhole(host: Host, directives: readonly Directive[], depth = 0): Promise<readonly Directive[]> {
	const flat = (list: readonly Directive[]): readonly Directive[] => list.flatMap(directive => [directive, ...flat(directive.block ?? [])]);
	const patterns = depth > 5 ? [] : flat(directives).filter(({name}) => name === 'include').map(({words}) => words[0] ?? '');
	const files = [...new Set((await Promise.all(patterns.map(async pattern => included(host, pattern)))).flat())];
	const inner = await Promise.all(files.map(async path => {
		const text = await host.read(path) ?? '';
		return isOurs(text) ? [] : readWhole(host, parseNginx(text), depth + 1);
	}));
	return [...directives, ...inner.flat()];
}

/** As the kernel sees them: where links lead. */
async function collectPlaces(host: Host, main: string): Promise<NamedPlaces> {
	const {reads, writes, sockets} = namedPlaces(await readWhole(host, parseNginx(main)));
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
		host.read(`${folder}/nginx.conf`),
		host.read(`${folder}/sites-enabled/default`),
		host.list('/var/www/html'),
		collectFindings(host),
	]);
	const http = parseNginx(main ?? '').find(({name}) => name === 'http')?.block ?? [];
	const [read, places] = await Promise.all([readHttp(host, `${folder}/nginx.conf`, http), collectPlaces(host, main ?? '')]);
	return {
		installed: main !== undefined,
		includes: http.filter(({name}) => name === 'include').map(({words}) => posix.resolve(folder, words[0] ?? '')),
		servers: read.flatMap(part => serversOf(part)),
		places,
		settings: [...new Set(read.flatMap(({directives}) => directives.map(({name}) => name)))].toSorted(),
		packagePage: site !== undefined && isPackagePage(parseNginx(site)) && pages.every(name => name === 'index.nginx-debian.html'),
		findings,
	};
}
