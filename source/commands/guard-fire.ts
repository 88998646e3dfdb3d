import process from 'node:process';
import type {Flags} from '../cli.ts';
import {thingOf} from '../engine/kinds.ts';
import {makeBench} from '../make-bench.ts';
import {undoStep} from '../run-step.ts';
import {unattendedConversation} from '../ui/unattended.ts';
import {t} from '../words.ts';

/**
 * What the armed guard runs: puts the guarded step back, unless it was kept in the meantime: the journal has the
 * last word. Makes way for itself where a wizard still holds the lock.
 */
export async function guardFireCommand(flags: Flags): Promise<number> {
	const conversation = unattendedConversation({stdout: process.stdout, color: false, verbose: true});
	const bench = await makeBench(conversation, {dryRun: false, unattended: true, steps: [], guardTimeout: flags.guardTimeout}, t('the guard'), true);
	try {
		const record = await bench.guard.claim();
		if (!record) {
			return 0;
		}

		const run = bench.journal.runs.find(candidate => candidate.run === record.run);
		if (run?.status !== 'open' && run?.status !== 'undoing') {
			await bench.guard.disarm();
			return 0;
		}

		const left = await undoStep(bench, record.run, t('No new login came in before the deadline.'));
		await bench.guard.fired(left.length === 0
			? t('Everything is as it was before that step.')
			: t('Not put back: {list}', {list: left.map(({change, why}) => `${thingOf(change)} (${why})`).join('; ')}));
		return left.length === 0 ? 0 : 1;
	} finally {
		await bench.releaseLock();
	}
}
