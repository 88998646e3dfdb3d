import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {batches, writeBatch} from './batches.ts';
import type {Journal} from './journal.ts';
import {thingOf} from './kinds.ts';
import {isSame, providerOf} from './same.ts';
import type {Change, Providers, WriteProgress} from './types.ts';

/** What is told while changes are made or undone. */
export type ApplyEvent =
	| {type: 'start'; changes: readonly Change[]}
	| {type: 'write'; event: WriteProgress}
	| {type: 'done'; changes: readonly Change[]; seconds: number};

export type Applying = {
	run: number;
	changes: readonly Change[];
	providers: Providers;
	journal: Journal;
	tell: (event: ApplyEvent) => void;
	/** See WriteContext. */
	watch?: (watching: Promise<void>) => void;
	/** Asked between changes; never in the middle of one. */
	stopped?: () => boolean;
	/** Milliseconds. */
	clock: () => number;
};

/** The user asked to stop; the change in hand was finished first. */
export class Stopped extends Error {
	override readonly name = 'Stopped';
}

/** Leaves out what is already as desired; refuses what is no longer as it was shown. */
async function stillToDo(changes: readonly Change[], providers: Providers): Promise<Change[]> {
	const found = await Promise.all(changes.map(async change => {
		const provider = providerOf(providers, change.type);
		const current = await provider.read(change.name);
		if (isSame(provider, current, change.desired)) {
			return undefined;
		}

		if (!isSame(provider, current, change.before)) {
			throw new Problem(
				t('{thing} was changed by someone else since the preview.', {thing: thingOf(change)}),
				t('Nothing was written over it. Look at the preview again and decide anew.'),
				1,
			);
		}

		return change;
	}));
	return found.filter(change => change !== undefined);
}

async function assertWritten(changes: readonly Change[], providers: Providers): Promise<void> {
	const found = await Promise.all(changes.map(async change => ({change, current: await providerOf(providers, change.type).read(change.name)})));
	for (const {change, current} of found) {
		const provider = providerOf(providers, change.type);
		if (!isSame(provider, current, change.desired)) {
			throw await provider.complaint?.(change.name, current) ?? new Problem(
				t('{thing} did not become what was asked for.', {thing: thingOf(change)}),
				change.secret ? t('Look at the log of the system for the reason.') : t('It is now: {state}', {state: JSON.stringify(current).slice(0, 300)}),
				1,
			);
		}
	}
}

/** Makes changes in order: intent on disk, write, read back, done on disk. Throws at the first that fails. */
export async function apply({run, changes, providers, journal, tell, watch, stopped, clock}: Applying): Promise<void> {
	for (const batch of batches(changes, change => change, providers)) {
		if (stopped?.()) {
			throw new Stopped();
		}

		const todo = await stillToDo(batch, providers);
		if (todo.length === 0) {
			continue;
		}

		const began = clock();
		const ids = await journal.intend(run, todo);
		tell({type: 'start', changes: todo});
		await writeBatch(
			providerOf(providers, todo[0]!.type),
			todo.map(({name, desired}) => ({name, state: desired})),
			{progress: event => tell({type: 'write', event}), ...watch && {watch}},
		);
		await assertWritten(todo, providers);
		await journal.record(...ids.map(id => ({event: 'done' as const, run, id})));
		tell({type: 'done', changes: todo, seconds: (clock() - began) / 1000});
	}
}
