import {explain} from '../problem.ts';
import {t} from '../words.ts';
import {batches, writeBatch} from './batches.ts';
import type {Journal, JournalledChange, Run} from './journal.ts';
import {describeAll} from './describe.ts';
import {isSame, providerOf} from './same.ts';
import type {Change, Providers, WriteProgress} from './types.ts';

export type UndoEvent =
	/** `count` as the preview counts: packages that came along are one. */
	| {type: 'undoing'; run: Run; count: number; why: string}
	| {type: 'write'; event: WriteProgress}
	| {type: 'undone'; changes: readonly Change[]; left?: string};

export type Undoing = {
	providers: Providers;
	journal: Journal;
	tell: (event: UndoEvent) => void;
	/** Lets the services take up what was put back. Throws where one does not. */
	reload: (changes: readonly Change[]) => Promise<void>;
};

export type Left = {change: Change; why: string};

/** What would happen to one journalled change if it were undone now. */
export type Fate = {entry: JournalledChange; fate: 'restore' | 'already' | 'leave'};

/** Reads the host and decides, change by change, last first. Theirs stays theirs: what is neither before nor after is left. */
export async function fatesOf(run: Run, providers: Providers): Promise<readonly Fate[]> {
	const open = run.changes.filter(entry => entry.status !== 'undone').toReversed();
	// Several changes of one thing undo one another in turn: only the newest meets the host as it is now.
	const expected = new Map<string, unknown>();
	const fates: Fate[] = [];
	for (const entry of open) {
		const {change, status} = entry;
		const provider = providerOf(providers, change.type);
		const key = `${change.type} ${change.name}`;
		const current = (expected.has(key) ? expected.get(key) : await provider.read(change.name)) as typeof change.before;
		const halfDone = (status === 'intended' || status === 'undoing') && !provider.atomic;
		const fate = isSame(provider, current, change.before)
			? 'already'
			: (halfDone || isSame(provider, current, change.desired) || provider.came?.(current, change.desired) ? 'restore' : 'leave');
		fates.push({entry, fate});
		expected.set(key, fate === 'leave' ? current : change.before);
	}

	return fates;
}

async function restore(run: Run, entries: readonly JournalledChange[], {providers, journal, tell}: Undoing): Promise<Left[]> {
	const provider = providerOf(providers, entries[0]!.change.type);
	await journal.record(...entries.map(({id}) => ({event: 'undoing' as const, run: run.run, id})));
	const states = entries.map(({change}) => ({name: change.name, state: change.before}));
	let failure: string | undefined;
	try {
		await writeBatch(provider, states, {progress: event => tell({type: 'write', event})});
	} catch (error) {
		failure = explain(error);
	}

	const left: Left[] = [];
	for (const {id, change} of entries) {
		const isBack = isSame(provider, await provider.read(change.name), change.before);
		const why = isBack ? undefined : change.lasting ?? failure ?? t('It did not go back, and no reason was given.');
		await journal.record({event: 'undone', run: run.run, id, ...why !== undefined && {left: why}});
		if (why !== undefined) {
			left.push({change, why});
			tell({type: 'undone', changes: [change], left: why});
		}
	}

	const back = entries.map(({change}) => change).filter(change => !left.some(entry => entry.change === change));
	if (back.length > 0) {
		tell({type: 'undone', changes: back});
	}

	return left;
}

/** Undoes one run, last change first, and goes on past what cannot be undone. Returns what was left, and why. */
export async function undoRun(run: Run, why: string, undoing: Undoing): Promise<readonly Left[]> {
	const {providers, journal, tell, reload} = undoing;
	if (run.status !== 'undoing') {
		await journal.record({event: 'undo', run: run.run, why});
	}

	const open = run.changes.filter(entry => entry.status !== 'undone').toReversed();
	tell({type: 'undoing', run, count: describeAll(open.map(({change}) => change)).length, why});
	const left: Left[] = [];
	for (const batch of batches(open, entry => entry.change, providers)) {
		const fates = await fatesOf({...run, changes: batch.toReversed()}, providers);
		const toRestore = fates.filter(({fate}) => fate === 'restore').map(({entry}) => entry);
		for (const {entry, fate} of fates) {
			if (fate === 'already') {
				await journal.record({event: 'undone', run: run.run, id: entry.id});
				tell({type: 'undone', changes: [entry.change]});
			} else if (fate === 'leave') {
				const reason = t('It was changed by someone else since, so it was left alone.');
				await journal.record({event: 'undone', run: run.run, id: entry.id, left: reason});
				tell({type: 'undone', changes: [entry.change], left: reason});
				left.push({change: entry.change, why: reason});
			}
		}

		if (toRestore.length > 0) {
			left.push(...await restore(run, toRestore, undoing));
		}
	}

	try {
		await reload(run.changes.map(entry => entry.change));
	} catch (error) {
		const last = run.changes.findLast(entry => entry.change.reload);
		left.push({change: last!.change, why: explain(error)});
	}

	await journal.record({event: 'closed', run: run.run});
	return left;
}

/**
 * Settles what a crash left: an undo is carried to its end; in a run that was being applied, the open intents are
 * undone, so that planning again meets whole changes only. Returns the run to go on with, if one is still open.
 */
export async function settle(run: Run, undoing: Undoing): Promise<{continued?: Run; left: readonly Left[]}> {
	if (run.status === 'undoing' || run.whole) {
		return {left: await undoRun(run, run.why ?? t('It was interrupted.'), undoing)};
	}

	const open = run.changes.filter(entry => entry.status === 'intended' || entry.status === 'undoing');
	const left: Left[] = [];
	for (const batch of batches(open.toReversed(), entry => entry.change, undoing.providers)) {
		const fates = await fatesOf({...run, changes: batch.toReversed()}, undoing.providers);
		const settled = fates.filter(({fate}) => fate !== 'restore');
		const toRestore = fates.filter(({fate}) => fate === 'restore').map(({entry}) => entry);
		if (settled.length > 0) {
			await undoing.journal.record(...settled.map(({entry}) => ({event: 'undone' as const, run: run.run, id: entry.id})));
		}

		if (toRestore.length > 0) {
			left.push(...await restore(run, toRestore, undoing));
		}
	}

	return {continued: run, left};
}
