import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import type {StepId} from './step.ts';
import type {AnyState, Change} from './types.ts';

/** Raised when an event's meaning changes. Journals of every past version stay readable (test/fixtures/journals). */
export const journalVersion = 1;

export type JournalEvent =
	| {event: 'open'; version: number; tool: string}
	/** `whole`: all or nothing. After a crash it is undone, never gone on with. */
	| {event: 'begin'; run: number; step: StepId; title: string; whole?: true}
	/** On disk before the write; `change` holds `before`. Where it is secret, the vault holds it and `change` is left out. */
	| {event: 'intent'; run: number; id: number; change?: Change; vault?: string}
	| {event: 'done'; run: number; id: number}
	/** Verified and kept. */
	| {event: 'kept'; run: number}
	/** From here on a run is only ever undone further, whatever happens. */
	| {event: 'undo'; run: number; why: string}
	| {event: 'undoing'; run: number; id: number}
	/** `left` says why the thing was left alone. */
	| {event: 'undone'; run: number; id: number; left?: string}
	| {event: 'closed'; run: number};

export type Stamped = JournalEvent & {at: string};

export type ChangeStatus = 'intended' | 'done' | 'undoing' | 'undone' | 'left';

export type JournalledChange = {id: number; change: Change; status: ChangeStatus; left?: string};

export type Run = {
	run: number;
	step: StepId;
	title: string;
	beganAt: string;
	endedAt?: string;
	/** open: being applied · kept: verified · undoing: must be undone to the end · undone: as far as it could be. */
	status: 'open' | 'kept' | 'undoing' | 'undone';
	why?: string;
	/** All or nothing: after a crash it is undone, never gone on with. */
	whole?: true;
	changes: JournalledChange[];
};

/** Where the journal lives. Each call is durable when it resolves. */
export type JournalStore = {
	read(): Promise<string>;
	append(text: string): Promise<void>;
	truncate(length: number): Promise<void>;
	putSecret(name: string, text: string): Promise<void>;
	getSecret(name: string): Promise<string>;
};

export type Journal = {
	readonly runs: readonly Run[];
	/** Grows with everything that is written to the host: what was read of it before may be outdated after. */
	readonly writes: number;
	record(...events: readonly JournalEvent[]): Promise<void>;
	/** Opens a run for a step and returns its number. */
	begin(step: StepId, title: string, options?: {whole?: true}): Promise<number>;
	/** Puts the intents of these changes on disk and returns their ids within the run. */
	intend(run: number, changes: readonly Change[]): Promise<readonly number[]>;
	/**
	 * The changes of a run that is kept are not to be undone any more: each says in `lasting` why (a revoked password does not come
	 * back). What the vault holds of them is forgotten. Earlier changes of the same things no longer meet what they wrote: `standIn` is
	 * what they count as having written, so that they can still be undone.
	 */
	finish(run: number, why: string, standIn?: AnyState): Promise<void>;
	run(number: number): Run;
};

function damaged(line: number, reason: string): Problem {
	return new Problem(
		t('The journal of changes is damaged at line {line}: {reason}.', {line, reason}),
		t('Nothing was touched. Restore journal.jsonl in the state folder from a backup, or move the folder away to start afresh; then nothing of what was done before can be undone by this tool.'),
	);
}

/** Complete lines only: a line without its newline was cut off while it was written, and so never happened. */
function parseEvents(text: string): {events: Stamped[]; length: number} {
	const length = text.lastIndexOf('\n') + 1;
	const events = text.slice(0, length).split('\n').slice(0, -1).map((line, index) => {
		try {
			return JSON.parse(line) as Stamped;
		} catch {
			throw damaged(index + 1, t('it is not JSON'));
		}
	});
	const opening = events[0];
	if (opening && (opening.event !== 'open' || opening.version > journalVersion)) {
		throw new Problem(
			t('The journal was written by a newer version of this tool.'),
			t('Use that version or a later one: npx harden-python-vps@latest'),
		);
	}

	return {events, length};
}

/** Folds one event into the runs. Pure but for `runs`, which it owns. */
function fold(runs: Run[], event: Stamped, change?: Change): void {
	if (event.event === 'open') {
		return;
	}

	if (event.event === 'begin') {
		runs.push({run: event.run, step: event.step, title: event.title, beganAt: event.at, status: 'open', ...event.whole && {whole: true}, changes: []});
		return;
	}

	const run = runs.find(candidate => candidate.run === event.run);
	if (!run) {
		throw damaged(0, t('it speaks of run {run}, which never began', {run: event.run}));
	}

	switch (event.event) {
		case 'intent': {
			run.changes.push({id: event.id, change: change!, status: 'intended'});
			break;
		}

		case 'kept': {
			run.status = 'kept';
			run.endedAt = event.at;
			break;
		}

		case 'undo': {
			run.status = 'undoing';
			run.why = event.why;
			break;
		}

		case 'closed': {
			run.status = 'undone';
			run.endedAt = event.at;
			break;
		}

		case 'done':
		case 'undoing':
		case 'undone': {
			const entry = run.changes.find(candidate => candidate.id === event.id);
			if (!entry) {
				throw damaged(0, t('it speaks of change {id}, which was never begun', {id: event.id}));
			}

			entry.status = event.event === 'undone' && event.left !== undefined ? 'left' : event.event;
			entry.left = event.event === 'undone' ? event.left : undefined;
			break;
		}
	}
}

/** Something on the host is other than it was, or soon will be. */
function isWrite({event}: JournalEvent): boolean {
	return event === 'intent' || event === 'done' || event === 'undoing' || event === 'undone';
}

/** Reads what was done, cuts off a torn last line, and takes new events. `now` gives the time as ISO 8601. */
export async function openJournal(store: JournalStore, options: {tool: string; now: () => string}): Promise<Journal> {
	const runs: Run[] = [];
	const text = await store.read();
	const {events, length} = parseEvents(text);
	if (length < text.length) {
		await store.truncate(length);
	}

	for (const event of events) {
		const change = event.event === 'intent'
			? event.change ?? JSON.parse(await store.getSecret(event.vault!)) as Change
			: undefined;
		fold(runs, event, change);
	}

	let count = events.length;
	let writes = events.filter(event => isWrite(event)).length;

	async function write(entries: ReadonlyArray<{event: JournalEvent; change?: Change}>): Promise<void> {
		const stamp = options.now();
		const opening: ReadonlyArray<{event: JournalEvent; change?: Change}> = count === 0
			? [{event: {event: 'open', version: journalVersion, tool: options.tool}}]
			: [];
		const stamped = [...opening, ...entries].map(({event, change}) => ({event: {...event, at: stamp}, change}));
		await store.append(stamped.map(({event}) => JSON.stringify(event) + '\n').join(''));
		count += stamped.length;
		writes += stamped.filter(({event}) => isWrite(event)).length;
		for (const {event, change} of stamped) {
			fold(runs, event, change);
		}
	}

	async function putVault(run: number, id: number, change: Change): Promise<string> {
		const vault = `${run}-${id}.json`;
		await store.putSecret(vault, JSON.stringify(change));
		return vault;
	}

	const journal: Journal = {
		runs,
		get writes() {
			return writes;
		},
		record: async (...list) => write(list.map(event => ({event}))),
		async begin(step, title, {whole} = {}) {
			const run = Math.max(0, ...runs.map(entry => entry.run)) + 1;
			await write([{event: {event: 'begin', run, step, title, ...whole && {whole}}}]);
			return run;
		},
		async intend(run, changes) {
			const first = journal.run(run).changes.length + 1;
			const entries = await Promise.all(changes.map(async (change, index) => {
				const id = first + index;
				if (!change.secret) {
					return {event: {event: 'intent' as const, run, id, change}, change};
				}

				const vault = await putVault(run, id, change);
				return {event: {event: 'intent' as const, run, id, vault}, change};
			}));
			await write(entries);
			return entries.map(({event}) => event.id);
		},
		async finish(number, why, standIn) {
			const finished = journal.run(number).changes.filter(({status}) => status === 'done');
			await write(finished.map(({id}) => ({event: {event: 'undone', run: number, id, left: why}})));
			for (const {id, change} of finished.filter(entry => entry.change.secret)) {
				await putVault(number, id, {...change, before: null, desired: null} as Change);
				for (const {run, changes} of standIn === undefined ? [] : runs.filter(earlier => earlier.run < number)) {
					for (const entry of changes.filter(({status, change: {type, name, secret}}) => status === 'done' && secret && type === change.type && name === change.name)) {
						entry.change = {...entry.change, desired: standIn} as Change;
						await putVault(run, entry.id, entry.change);
					}
				}
			}
		},
		run(number) {
			const run = runs.find(entry => entry.run === number);
			if (!run) {
				throw new Error(`There is no run ${number}`);
			}

			return run;
		},
	};
	return journal;
}

/** The run that was begun and neither kept nor undone, if any. One at a time. */
export function unfinishedRun(journal: Journal): Run | undefined {
	return journal.runs.find(run => run.status === 'open' || run.status === 'undoing');
}

function canStillBeUndone({status, change}: JournalledChange): boolean {
	return status !== 'undone' && !(status === 'left' && change.lasting !== undefined);
}

/** Runs that still have something to undo, newest first. */
export function undoableRuns(journal: Journal, steps?: readonly StepId[]): readonly Run[] {
	return journal.runs
		.filter(run => (steps === undefined || steps.includes(run.step)) && run.changes.some(entry => canStillBeUndone(entry)))
		.toReversed();
}
