import {setTimeout} from 'node:timers/promises';
import type {Sighting} from '../engine/conversation.ts';
import type {Host} from '../engine/types.ts';
import type {GuardRecord} from './guard-record.ts';
import {acceptedIn, becameRoot, type Accepted, type Established, type JournalEntry, type Peer} from './login-lines.ts';
import {establishedConnections, journalAfter, outsideOf, uidOf} from './login-sources.ts';

/** Milliseconds between two looks. A login has to last so long for its port to be seen. */
const pause = 400;
/** Milliseconds between two tries of sudo: each that fails is a line in the user's log. */
const sudoPause = 4000;

function nameOf({address, port}: Peer): string {
	return `${address} ${port}`;
}

/** Resolves early, and with false, when the signal comes. */
async function wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
	try {
		await setTimeout(milliseconds, undefined, {signal});
		return true;
	} catch {
		return false;
	}
}

/** `entries` and `connections` are those of this look and of the one before: what a short login left is told by both. */
type Look = {connections: readonly Established[]; entries: readonly JournalEntry[]};

async function * looks(host: Host, since: string | undefined, signal: AbortSignal): AsyncGenerator<Look> {
	let cursor = since;
	let before: Look = {connections: [], entries: []};
	do {
		const [connections, entries] = await Promise.all([establishedConnections(host), journalAfter(host, cursor)]);
		cursor = entries.at(-1)?.cursor ?? cursor;
		yield {connections: [...before.connections, ...connections], entries: [...before.entries, ...entries]};
		before = {connections, entries};
	} while (await wait(pause, signal));
}

/** Whether sudo works for the user without a password, asked of sudo itself; a remembered password does not count. */
async function canSudo(host: Host, user: string): Promise<boolean> {
	return (await host.run(['runuser', '--user', user, '--', 'sudo', '-k', '-n', 'true'], {timeout: 10_000})).exitCode === 0;
}

/** The peers that came from outside to our port. Where a peer used its own port twice, the newer connection counts. */
function arrivalsAt(port: number, {connections}: Look, isOutside: (address: string) => boolean): ReadonlyMap<string, Peer> {
	const latest = new Map(connections.map(connection => [nameOf(connection.peer), connection]));
	return new Map([...latest].filter(([, {local, peer}]) => local.port === port && isOutside(peer.address)).map(([name, {peer}]) => [name, peer]));
}

/**
 * Watches for the new login that the record asks for: a connection from outside to the right port, the user's key
 * accepted on it, and sudo. Yields each as it is seen, and ends with the last or when the signal comes.
 * Where sudo asks for a password the user has to use it once (`sudo true`); otherwise it is tried here.
 */
export async function * watchLogin(host: Host, record: Pick<GuardRecord, 'login' | 'since'>, signal: AbortSignal): AsyncGenerator<Sighting, void, undefined> {
	const {user, port, sudo} = record.login;
	const isOutside = await outsideOf(host);
	const atFirst = new Set((await establishedConnections(host)).map(({peer}) => nameOf(peer)));
	const shown = new Set<string>();
	let login: Accepted | undefined;
	let triedSudo = Number.NEGATIVE_INFINITY;

	for await (const look of looks(host, record.since.cursor, signal)) {
		const arrivals = arrivalsAt(port, look, isOutside);
		if (!login) {
			for (const [name, peer] of arrivals) {
				if (!atFirst.has(name) && !shown.has(name)) {
					shown.add(name);
					yield {type: 'connection', address: peer.address, port};
				}
			}

			login = look.entries.map(entry => acceptedIn(entry)).find(accepted => accepted?.method === 'publickey' && accepted.user === user && arrivals.has(nameOf(accepted.peer)));
			if (!login) {
				continue;
			}

			// Others may have knocked since.
			if ([...shown].at(-1) !== nameOf(login.peer)) {
				yield {type: 'connection', address: login.peer.address, port};
			}

			yield {type: 'key', user, key: login.key ?? ''};
		}

		if (sudo === 'nopasswd' && performance.now() - triedSudo > sudoPause) {
			triedSudo = performance.now();
			if (await canSudo(host, user)) {
				yield {type: 'sudo', user};
				return;
			}
		}

		if (sudo === 'password' && await usedSudo(host, user, look.entries, login)) {
			yield {type: 'sudo', user};
			return;
		}
	}
}

/** Whether the user became root through sudo after that login. */
async function usedSudo(host: Host, user: string, entries: readonly JournalEntry[], login: Accepted): Promise<boolean> {
	// Once the login has left the look, all of it is later.
	const later = entries.slice(entries.findIndex(({cursor}) => cursor === login.entry.cursor) + 1);
	const uids = later.map(entry => becameRoot(entry)).filter(uid => uid !== undefined);
	return uids.length > 0 && uids.includes(await uidOf(host, user) ?? Number.NaN);
}
