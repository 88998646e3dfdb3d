import {z} from 'zod';
import type {Answers} from '../answers.ts';
import type {Baseline} from '../engine/baseline.ts';
import type {Checked} from '../engine/check.ts';
import type {Facts} from '../engine/facts.ts';
import type {Run} from '../engine/journal.ts';
import type {Step, StepId} from '../engine/step.ts';

/** What no look at the server tells: asked once, kept in the state folder. No secret. */
export const toldSchema = z.object({
	data: z.enum(['none', 'people', 'sensitive']),
	/** How long the app may be away at most, in the user's words. */
	outage: z.string(),
	/** Who has to be told when something happens, and how to reach them. */
	contact: z.string(),
});

export type Told = z.infer<typeof toldSchema>;

/** Everything that a report is made of. */
export type ReportInput = {
	version: string;
	/** ISO 8601. */
	at: string;
	facts: Facts;
	/** Of the steps that are in force. */
	answers: Answers;
	done: readonly StepId[];
	steps: readonly Step[];
	results: readonly Checked[];
	baseline?: Baseline;
	runs: readonly Run[];
	told?: Told;
	/** How this tool is run on this server, as root: `sudo node /var/lib/harden-python-vps/harden-python-vps.mjs`. */
	command: string;
	stateFolder: string;
};
