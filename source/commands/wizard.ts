import {readFile} from 'node:fs/promises';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {steps as allSteps} from '../../steps/index.ts';
import type {Answers} from '../answers.ts';
import type {Bench} from '../bench.ts';
import type {Flags} from '../cli.ts';
import {loadAnswers} from '../complete-answers.ts';
import {stepIds, type Step} from '../engine/step.ts';
import {assertRoot, makeBench} from '../make-bench.ts';
import {Problem} from '../problem.ts';
import {chooseConversation} from '../ui/choose.ts';
import {exitCodes, wizard} from '../wizard.ts';
import {t} from '../words.ts';

/** The steps that --only, --skip and the answers leave, in their order. */
export function chosenSteps({only, skip}: Pick<Flags, 'only' | 'skip'>, answers?: Answers): readonly Step[] {
	for (const name of [...only ?? [], ...skip ?? []]) {
		if (!(stepIds as readonly string[]).includes(name)) {
			throw new Problem(t('There is no step "{name}".', {name}), t('The steps are: {steps}', {steps: stepIds.join(', ')}));
		}
	}

	const steps = allSteps.filter(({id}) => (only?.includes(id) ?? true) && !skip?.includes(id) && (answers === undefined || answers[id] !== undefined));
	if (steps.length === 0) {
		throw new Problem(t('That leaves no step to take.'), t('Name other steps with --only and --skip, or give the answers a block for each step that you want.'));
	}

	return steps;
}

async function answersFrom(path: string): Promise<Answers> {
	try {
		return loadAnswers(await readFile(path, 'utf8'), path);
	} catch (error) {
		if (error instanceof Problem) {
			throw error;
		}

		throw new Problem(t('{path} cannot be read: {reason}', {path, reason: (error as Error).message}), t('Make one with: harden-python-vps answers --example > answers.yaml'));
	}
}

/** Resolves once a signal came and no change is in the making. */
async function stoppedWhileIdle(bench: Bench): Promise<number> {
	for (;;) {
		await setTimeout(200, undefined, {ref: false});
		if (bench.stopRequested() !== undefined && !bench.busy) {
			return exitCodes.stopped;
		}
	}
}

/** The wizard itself, on a terminal or unattended. */
export async function wizardCommand(flags: Flags): Promise<number> {
	const answers = flags.answers === undefined ? undefined : await answersFrom(flags.answers);
	const steps = chosenSteps(flags, flags.yes ? answers : undefined);
	const dryRun = flags.dryRun ?? false;
	const unattended = flags.yes ?? false;
	if (!dryRun) {
		assertRoot(t('Run it with sudo, or look at what it would do: harden-python-vps --dry-run'));
	}

	if (!unattended && !process.stdin.isTTY) {
		throw new Problem(t('There is no terminal to ask you on.'), t('Connect with ssh -t, or run unattended: harden-python-vps --answers FILE --yes'));
	}

	const conversation = await chooseConversation(flags);
	try {
		const bench = await makeBench(conversation, {dryRun, unattended, steps, ...answers && {answers}, ...flags.guard && {guardTimeout: flags.guardTimeout}}, t('the wizard'));
		try {
			return await Promise.race([wizard(bench), stoppedWhileIdle(bench)]);
		} finally {
			await bench.releaseLock();
		}
	} finally {
		conversation.close();
	}
}
