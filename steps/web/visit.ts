import type {Host} from '../../source/engine/types.ts';
import type {Web} from './site.ts';

/** Visits to the site from this server itself, as a visitor would make them. */

/** The name that a visitor of this site would ask for. */
export const hostOf = ({domains}: Web) => domains[0] ?? 'localhost';

export type Answer = {
	/** 0 where no answer came at all. */
	status: number;
	/** Names in small letters; several values of one name in their order. */
	headers: ReadonlyMap<string, readonly string[]>;
};

/** The headers that `curl --dump-header -` prints: the last block, where it was sent on or told to go on (100). */
export function parseAnswer(output: string): Answer {
	const block = output.replaceAll('\r', '').split('\n\n').findLast(part => part.startsWith('HTTP/')) ?? '';
	const [first = '', ...lines] = block.split('\n');
	const headers = new Map<string, string[]>();
	for (const line of lines) {
		const name = line.split(':', 1)[0]!.toLowerCase();
		headers.set(name, [...headers.get(name) ?? [], line.slice(name.length + 1).trim()]);
	}

	return {status: Number(/^HTTP\/\S+ (?<status>\d{3})/.exec(first)?.groups?.['status'] ?? 0), headers};
}

type Visit = {path?: string; options?: readonly string[]};

/** Over the loopback address, whatever the name means in DNS, and whoever signed the certificate: that is another check's matter. */
async function curl(host: Host, url: string, options: readonly string[]): Promise<Answer> {
	const {stdout} = await host.run([
		'curl', '--silent', '--insecure', '--noproxy', '*', '--path-as-is', '--globoff', '--max-time', '20', '--output', '/dev/null', '--dump-header', '-',
		'--connect-to', '::127.0.0.1:', ...options, '--', url,
	], {timeout: 30_000});
	return parseAnswer(stdout);
}

/** A visit to another name than ours. */
export async function visitStranger(host: Host, name: string): Promise<Answer> {
	return curl(host, `http://${name}/`, []);
}

export type Site = {visit(what?: Visit): Promise<Answer>; base: string};

/** The site as visitors find it: over HTTPS where port 80 sends them there. */
export async function siteAt(host: Host, name: string): Promise<Site> {
	const first = await curl(host, `http://${name}/`, []);
	const [location = ''] = first.headers.get('location') ?? [];
	const base = location.startsWith(`https://${name}/`) || location === `https://${name}` ? `https://${name}` : `http://${name}`;
	return {base, visit: async ({path = '/', options = []} = {}) => curl(host, base + path, options)};
}
