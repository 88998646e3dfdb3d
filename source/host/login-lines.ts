import {unmapped} from '../engine/network.ts';

/**
 * Pure parsers of what tells about a login. The journal holds text that strangers chose (user names above all), so
 * a line counts only if root wrote it under sshd's name, and only if all of it has the form that sshd gives it.
 */

export type JournalEntry = {cursor: string; identifier: string; message: string; uid: number; pid: number};

/** The lines of `journalctl --output=json`. Fields that begin with `_` come from the kernel by way of journald; no sender can set them. */
export function parseJournal(output: string): readonly JournalEntry[] {
	return output.split('\n').flatMap(line => {
		let entry: Record<string, unknown>;
		try {
			entry = JSON.parse(line) as Record<string, unknown>;
		} catch {
			return [];
		}

		const {__CURSOR: cursor, SYSLOG_IDENTIFIER: identifier, MESSAGE: message, _UID: uid, _PID: pid, _COMM: program} = entry;
		// A message that is not text comes as an array of bytes. journald may not know the program of a process that is gone.
		const isText = [cursor, identifier, message, uid, pid].every(value => typeof value === 'string');
		return isText && (program === undefined || program === identifier)
			? [{cursor: cursor as string, identifier: identifier as string, message: message as string, uid: Number(uid), pid: Number(pid)}]
			: [];
	});
}

function isFromSshd({identifier, uid}: JournalEntry): boolean {
	return uid === 0 && ['sshd', 'sshd-session'].includes(identifier);
}

/** `address:port` of the other side: what names a TCP connection to one port of ours. */
export type Peer = {address: string; port: number};

export type Accepted = {
	method: string;
	user: string;
	peer: Peer;
	/** `ED25519 SHA256:…`; only for a public key. */
	key?: string;
	/** The line itself: whose it was and where it stands. */
	entry: JournalEntry;
};

const accepted = /^Accepted (?<method>[\w/-]+) for (?<user>[a-z_][\w.-]{0,31}\$?) from (?<address>[\da-f.:]+(?:%[\w.-]+)?) port (?<port>\d{1,5}) ssh2(?:: (?<key>[A-Z][A-Z\d-]* (?:SHA256:[\w+/]{43}|MD5(?::[\da-f]{2}){16}))(?: ID .*)?)?$/;

/** `Accepted publickey for deploy from 198.51.100.7 port 32792 ssh2: ED25519 SHA256:…` (auth_log in sshd's auth.c). */
export function acceptedIn(entry: JournalEntry): Accepted | undefined {
	const found = isFromSshd(entry) ? accepted.exec(entry.message)?.groups : undefined;
	return found && {
		method: found.method!,
		user: found.user!,
		peer: {address: unmapped(found.address!), port: Number(found.port)},
		...found.key !== undefined && {key: found.key},
		entry,
	};
}

const opened = /^pam_unix\(sudo:session\): session opened for user root\(uid=0\) by [^()]*\(uid=(?<uid>\d+)\)$/;

/** The uid of the user whom sudo made root, from what its PAM session says after every password was right. */
export function becameRoot({identifier, message, uid}: JournalEntry): number | undefined {
	const found = identifier === 'sudo' ? opened.exec(message)?.groups : undefined;
	const by = Number(found?.uid ?? Number.NaN);
	// The writer is sudo as started by that user, or root.
	return by === uid || (uid === 0 && !Number.isNaN(by)) ? by : undefined;
}

export type Established = {local: Peer; peer: Peer; pids: readonly number[]};

function parseEndpoint(text: string): Peer {
	const colon = text.lastIndexOf(':');
	return {address: unmapped(text.slice(0, colon).replaceAll(/[[\]]/g, '')), port: Number(text.slice(colon + 1))};
}

/** The lines of `ss -Htnp state established`: Recv-Q, Send-Q, local, peer, and the processes where root asks. */
export function parseEstablished(output: string): readonly Established[] {
	return output.split('\n').filter(Boolean).map(line => {
		const [local = '', peer = ''] = line.trim().split(/\s+/).slice(2);
		// A program's name, 15 bytes at most, stands in quotes and may try to look like the rest.
		const pids = [...line.trim().matchAll(/",pid=(?<pid>\d+),fd=\d+\)(?=,\("|\)$)/g)].map(match => Number(match.groups!.pid));
		return {local: parseEndpoint(local), peer: parseEndpoint(peer), pids};
	});
}

/** The host's own addresses, from `ip -json address`. */
export function parseOwnAddresses(output: string): readonly string[] {
	try {
		const links = JSON.parse(output) as ReadonlyArray<{addr_info?: ReadonlyArray<{local?: string}>}>;
		return links.flatMap(link => link.addr_info ?? []).flatMap(({local}) => local ?? []);
	} catch {
		return [];
	}
}

export type ProcessStat = {program: string; parent: number; /** Clock ticks since boot. */ startTicks: number};

/** /proc/PID/stat. The program's name stands in parentheses and may hold anything, parentheses and newlines too. */
export function parseStat(stat: string): ProcessStat | undefined {
	const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
	const fields = stat.slice(close + 2).trim().split(' ');
	return open === -1 || fields.length < 20
		? undefined
		: {program: stat.slice(open + 1, close), parent: Number(fields[1]), startTicks: Number(fields[19])};
}

/** The real uid, from /proc/PID/status. */
export function parseUid(status: string): number | undefined {
	const uid = /^Uid:\t(?<uid>\d+)\t/m.exec(status)?.groups?.uid;
	return uid === undefined ? undefined : Number(uid);
}

/** The bare address, without the zone of a link-local one. */
export function withoutZone(address: string): string {
	return address.replace(/%.*$/, '');
}
