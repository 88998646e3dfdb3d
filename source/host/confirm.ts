import process from 'node:process';
import type {Host} from '../engine/types.ts';
import {t} from '../words.ts';
import type {GuardRecord} from './guard-record.ts';
import {acceptedIn, parseStat, parseUid, type Peer, type ProcessStat} from './login-lines.ts';
import {establishedConnections, journalAfter, outsideOf, uidOf} from './login-sources.ts';
import {bootId} from './moment.ts';

export type Proof =
	/** `who`: the user, address and key of the login, for showing. */
	| {ok: true; who: string}
	/** The fact, and the way out. */
	| {ok: false; why: string; wayOut: string};

type Process = ProcessStat & {pid: number};

/** A process and those it comes from, nearest first. */
async function lineage(host: Host, pid: number): Promise<readonly Process[]> {
	const found: Process[] = [];
	for (let next = pid; next > 0 && found.length < 100;) {
		const stat = parseStat(await host.read(`/proc/${next}/stat`) ?? '');
		if (!stat) {
			break;
		}

		found.push({...stat, pid: next});
		next = stat.parent;
	}

	return found;
}

function isSshd({program}: Process): boolean {
	return program === 'sshd' || program === 'sshd-session';
}

type Session = {
	/** The uid that sshd gave the session. */
	uid: number | undefined;
	/** When the connection came in: the start of the process that sshd made for it. A shell may be newer than its connection. */
	startTicks: number;
	/** The pid under which sshd wrote of it. */
	pid: number;
	port: number;
	peer: Peer;
};

/** The SSH session that a process lives in, as the kernel knows it: its sshd, and the socket that this sshd holds. */
async function sessionAbove(host: Host, family: readonly Process[]): Promise<Session | undefined> {
	const connections = await establishedConnections(host);
	const held = family.filter(process => isSshd(process) && connections.some(({pids}) => pids.includes(process.pid)));
	const [inner, outer] = [held[0], held.at(-1)];
	const connection = connections.find(({pids}) => outer && pids.includes(outer.pid));
	return inner && outer && connection && {
		uid: parseUid(await host.read(`/proc/${inner.pid}/status`) ?? ''),
		startTicks: outer.startTicks,
		pid: outer.pid,
		port: connection.local.port,
		peer: connection.peer,
	};
}

/** How sshd let the session in, from the journal. */
async function acceptedFor(host: Host, {pid, peer}: Session, cursor: string | undefined) {
	const entries = await journalAfter(host, cursor);
	return entries.map(entry => acceptedIn(entry)).find(accepted => accepted?.entry.pid === pid && accepted.peer.address === peer.address && accepted.peer.port === peer.port);
}

/**
 * Whether this process runs, by way of sudo, in the new login that the record asks for. sudo drops SSH_CONNECTION, and
 * a shell can set it to anything; so it is read from the processes above this one and from what they hold.
 */
export async function proveThisLogin(host: Host, record: Pick<GuardRecord, 'login' | 'since'>, pid = process.pid): Promise<Proof> {
	const {login: {user, port}, since} = record;
	const again = t('Open a new terminal on your computer, log in with `ssh -p {port} {user}@…`, and run `sudo {tool} confirm` there.', {port, user});
	const no = (why: string, wayOut = again): Proof => ({ok: false, why, wayOut});

	const family = await lineage(host, pid);
	const session = await sessionAbove(host, family);
	if (!session) {
		return family.some(({program}) => /^(?:tmux|screen|SCREEN)\b/.test(program))
			? no(t('This shell lives in tmux or screen, which stays when a login ends: it does not show that a new one works.'))
			: no(t('This shell was not opened by a login over SSH.'));
	}

	if (since.bootId !== await bootId(host)) {
		return no(t('The server was started again since the change, and so it is being put back.'), t('Look at how it went: {tool} status'));
	}

	if (session.startTicks <= since.ticks) {
		return no(t('This SSH connection is older than the change, and so it does not show that a new one works.'));
	}

	if (session.uid === undefined || session.uid !== await uidOf(host, user)) {
		return no(t('This is not a login of {user}.', {user}));
	}

	if (session.port !== port) {
		return no(t('This login came in on port {other}, not on port {port}.', {other: session.port, port}));
	}

	const isOutside = await outsideOf(host);
	if (!isOutside(session.peer.address)) {
		return no(t('This login came from the server itself, which no firewall stops.'));
	}

	const accepted = await acceptedFor(host, session, since.cursor);
	if (accepted?.method !== 'publickey') {
		return accepted
			? no(t('This login used a password, and passwords are going to be refused.'), t('Log in with your key, and run `sudo {tool} confirm` there.'))
			: no(t('The system\'s journal does not say with which key this login came in.'));
	}

	const above = family.slice(0, family.findIndex(process => isSshd(process)));
	if (!above.some(({program}) => program === 'sudo')) {
		return no(t('This shell became root without sudo, and sudo is what has to be proven.'), t('Leave it, and run as {user}: sudo {tool} confirm', {user}));
	}

	return {ok: true, who: t('{user} from {address}, key {key}', {user, address: session.peer.address, key: accepted.key ?? '?'})};
}
