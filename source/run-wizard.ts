import {setTimeout} from 'node:timers/promises';
import {steps} from '../steps/index.ts';
import type {Bench, Options} from './bench.ts';
import type {Conversation} from './engine/conversation.ts';
import type {StepId} from './engine/step.ts';
import {makeBench} from './make-bench.ts';
import {standing} from './standing.ts';
import {exitCodes, wizard} from './wizard.ts';
import {t} from './words.ts';

/** Resolves once a signal came and no change is in the making. */
async function stoppedWhileIdle(bench: Bench): Promise<number> {
	for (;;) {
		await setTimeout(200, undefined, {ref: false});
		if (bench.stopRequested() !== undefined && !bench.busy) {
			return exitCodes.stopped;
		}
	}
}

/** Sets up all that the wizard works with, and runs it to its end or to a signal. Returns the exit code, and what to say once the terminal is given back. */
export async function runWizard(conversation: Conversation, chosen: ReadonlySet<StepId>, options: Omit<Options, 'steps'>): Promise<{code: number; lastWords: readonly string[]}> {
	const bench = await makeBench(conversation, {...options, steps: steps.filter(({id}) => chosen.has(id))}, t('the wizard'));
	try {
		const code = await Promise.race([wizard(bench), stoppedWhileIdle(bench)]);
		return {code, lastWords: code === exitCodes.stopped ? await standing(bench) : []};
	} finally {
		await bench.releaseLock();
	}
}
