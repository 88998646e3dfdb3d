/** One line of apt's status file descriptor: where it is, in its own words (apt's README.progress-reporting). */
export type AptStatus =
	| {phase: 'download' | 'work'; percent: number; label: string}
	| {phase: 'error' | 'conffile'; name: string; label: string};

const phases: Readonly<Record<string, AptStatus['phase']>> = {dlstatus: 'download', pmstatus: 'work', pmerror: 'error', pmconffile: 'conffile'};
// A package of another architecture has a colon in its name: `libc6:i386`.
const statusLine = /^(?<kind>dlstatus|pmstatus|pmerror|pmconffile):(?<name>.*?):(?<percent>\d+(?:\.\d+)?):(?<label>.*)$/;

/** `pmstatus:fail2ban:33.3:Configuring fail2ban (all)`; undefined for a line of another kind. */
export function parseStatus(line: string): AptStatus | undefined {
	const {kind, name, percent, label} = statusLine.exec(line)?.groups ?? {};
	if (kind === undefined || name === undefined || label === undefined) {
		return undefined;
	}

	const phase = phases[kind]!;
	return phase === 'download' || phase === 'work'
		? {phase, percent: Math.min(100, Number(percent)), label}
		: {phase, name, label};
}

/** How much of a transaction is the fetching, for one bar that never goes back. */
export type Work = 'install' | 'remove' | 'fetch';
const fetchingShare: Readonly<Record<Work, number>> = {install: 0.3, remove: 0, fetch: 1};

/** The whole percentage after one more status line; `previous` where that line would take it back. */
export function overall(previous: number, work: Work, {phase, percent}: {phase: 'download' | 'work'; percent: number}): number {
	const share = fetchingShare[work];
	const done = phase === 'download' ? percent * share : (100 * share) + (percent * (1 - share));
	return Math.max(previous, Math.floor(done));
}
