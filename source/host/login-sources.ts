import {isLoopback} from '../engine/network.ts';
import type {Host} from '../engine/types.ts';
import {parseEstablished, parseJournal, parseOwnAddresses, withoutZone, type Established, type JournalEntry} from './login-lines.ts';

/** What sshd and sudo wrote after that place in the journal; in this boot where there is no place yet. */
export async function journalAfter(host: Host, cursor: string | undefined): Promise<readonly JournalEntry[]> {
	// Not --after-cursor: where the entry at the cursor is not one of these, it would swallow the first that is.
	const place = cursor === undefined ? '--boot' : `--cursor=${cursor}`;
	const matches = ['sshd', 'sshd-session', 'sudo'].map(name => `SYSLOG_IDENTIFIER=${name}`);
	const {stdout} = await host.run(['journalctl', '--quiet', '--no-pager', '--output=json', place, ...matches]);
	return parseJournal(stdout).filter(entry => entry.cursor !== cursor);
}

/** The TCP connections of this host, with their processes. */
export async function establishedConnections(host: Host): Promise<readonly Established[]> {
	const {stdout} = await host.run(['ss', '-Htnp', 'state', 'established']);
	return parseEstablished(stdout);
}

/** Tells whether an address is another machine's: a connection from this very host passes no firewall. */
export async function outsideOf(host: Host): Promise<(address: string) => boolean> {
	const {stdout} = await host.run(['ip', '-json', 'address']);
	const own = new Set(parseOwnAddresses(stdout));
	return address => !isLoopback(address) && !own.has(withoutZone(address));
}

/** A user's number; undefined where there is no such user. */
export async function uidOf(host: Host, user: string): Promise<number | undefined> {
	const {exitCode, stdout} = await host.run(['id', '-u', '--', user]);
	return exitCode === 0 ? Number(stdout) : undefined;
}
