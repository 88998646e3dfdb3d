import {join} from 'node:path';
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

/** The last screen: what changed, what to remember. The same text goes to a file that only root can read. */
export async function farewell(bench: Bench, steps: readonly Step[], walked: ReadonlyMap<StepId, Walked>): Promise<void> {
	const {conversation, options, session, stateFolder} = bench;
	const facts = await bench.facts();
	const changed = steps.map(step => {
		const outcome = walked.get(step.id);
		const count = outcome?.type === 'kept' || outcome?.type === 'looked' ? outcome.count : 0;
		return {title: step.title, count, state: stateOf(outcome)};
	});
	const done = steps.filter(step => stateOf(walked.get(step.id)) === 'done');
	const remember = [
		...done.flatMap(step => step.remember?.(facts, inForce(session, step.id)) ?? []),
		t('Everything can be undone: harden-python-vps undo --all shows how before it does it. What was done is kept in {folder}.', {folder: stateFolder}),
		t('If you ever cannot get in: open the console at your provider, log in as root there, and run the same command.'),
	];
	if (options.dryRun) {
		await conversation.ending({dryRun: true, changed, remember: []});
		return;
	}

	const file = join(stateFolder, 'REMEMBER.txt');
	await writeDurably(file, remember.join('\n\n') + '\n');
	await conversation.ending({dryRun: false, changed, remember, file});
}
