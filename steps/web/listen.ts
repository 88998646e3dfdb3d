import type {Facts, NginxServer} from '../../source/engine/facts.ts';
import type {Listen} from '../../source/engine/nginx-config.ts';

/** Where nginx listens for us, so that no other site is disturbed: pure. */

/** Debian's link to its welcome page, which makes room for the app. */
export const packageSite = '/etc/nginx/sites-enabled/default';

/** The sites that stay. */
export function othersOf({web}: Facts): readonly NginxServer[] {
	return web.servers.filter(({file}) => !web.packagePage || file !== packageSite);
}

function taken(facts: Facts, port: number): readonly Listen[] {
	return othersOf(facts).flatMap(({listens}) => listens).filter(listen => listen.port === port);
}

/** Every address, in both families. Where a site of the user's takes IPv4 through its IPv6 socket, a second socket would not fit beside it. */
function everywhere(facts: Facts, port: number): readonly string[] {
	const isShared = taken(facts, port).some(({address, both}) => address === '[::]' && both);
	return [...isShared ? [] : [String(port)], ...facts.firewall.ipv6 ? [`[::]:${port}`] : []];
}

function spelled(address: string, port: number): string {
	return address === '*' || address === '0.0.0.0' ? String(port) : `${address}:${port}`;
}

/** What `listen` says for a vhost: everywhere, and each address that a site of the user's names, since nginx asks only those sites there. */
export function listensFor(facts: Facts, port: number): readonly string[] {
	const named = taken(facts, port).map(({address}) => spelled(address, port));
	return [...new Set([...everywhere(facts, port), ...named.filter(place => facts.firewall.ipv6 || place !== `[::]:${port}`)])];
}

/** Whether a site of the user's answers to the names that nobody has. */
export function hasOtherDefault(facts: Facts, port: number): boolean {
	return taken(facts, port).some(({defaultServer}) => defaultServer);
}

/** Where the server for unknown names can be the default one: wherever no site of the user's is. */
export function defaultListensFor(facts: Facts, port: number): readonly string[] {
	const theirs = new Set(taken(facts, port).filter(({defaultServer}) => defaultServer).map(({address}) => spelled(address, port)));
	return everywhere(facts, port).filter(place => !theirs.has(place));
}
