import {copyFile, rename} from 'node:fs/promises';
import {basename, join} from 'node:path';
import type {Bench} from './bench.ts';
import type {StepState} from './engine/conversation.ts';
import {inForce} from './engine/session.ts';
import type {Step, StepId} from './engine/step.ts';
import {writeDurably} from './host/durable.ts';
import type {Walked} from './walk-step.ts';
import {t} from './words.ts';

function stateOf(walked: Walked | undefined): StepState['state'] {
	switch (walked?.type) {
		case 'kept':
		case 'unchanged':
		case 'looked': {
			return 'done';
		}

		case 'failed':
		case 'expired': {
			return 'failed';
		}

		default: {
			return 'skipped';
		}
	}
}

/** The tool itself, kept where undo needs it: without npm, without the network, in the version that made the changes. */
async function keepTool({bundle, stateFolder}: Bench): Promise<string> {
	const kept = join(stateFolder, 'harden-python-vps.mjs');
	// Run from its sources it is not one file; developers have them at hand.
	if (bundle !== kept && basename(bundle) === basename(kept)) {
		await copyFile(bundle, `${kept}.new`);
		await rename(`${kept}.new`, kept);
	}

	return kept;
}

/** The last screen: what changed, what to remember. The same text goes to a file that only root can read. */
export async function farewell(bench: Bench, steps: readonly Step[], walked: ReadonlyMap<StepId, Walked>, isNodeGone: boolean): Promise<void> {
	const {conversation, options, session, stateFolder} = bench;
	const facts = await bench.facts();
	const changed = steps.map(step => {
		const outcome = walked.get(step.id);
		const count = outcome?.type === 'kept' || outcome?.type === 'looked' ? outcome.count : 0;
		return {title: step.title, count, state: stateOf(outcome)};
	});
	const done = steps.filter(step => stateOf(walked.get(step.id)) === 'done');
	if (options.dryRun) {
		await conversation.ending({dryRun: true, changed, remember: []});
		return;
	}

	const command = `sudo node ${await keepTool(bench)} undo --all`;
	const remember = [
		...done.flatMap(step => step.remember?.(facts, inForce(session, step.id)) ?? []),
		t('Everything can be undone; it shows how before it does it:\n    {command}', {command}),
		...isNodeGone ? [t('Node.js is gone; for undo, audit and status install it again first:\n    sudo apt-get install --no-install-recommends nodejs')] : [],
		t('If you ever cannot get in: open the console at your provider, log in as root there, and run that.'),
	];

	const file = join(stateFolder, 'REMEMBER.txt');
	await writeDurably(file, remember.join('\n\n') + '\n');
	await conversation.ending({dryRun: false, changed, remember, file});
}
