import {readFile} from 'node:fs/promises';
import process from 'node:process';
import type {Answers} from '../answers.ts';
import type {Flags} from '../cli.ts';
import {stepIds, type StepId} from '../engine/step.ts';
import {Problem} from '../problem.ts';
import {assertRoot} from '../root.ts';
import {chooseConversation} from '../ui/choose.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {version} from '../version.ts';
import {t} from '../words.ts';

/** The steps that --only, --skip and the answers leave. */
export function chosenSteps({only, skip}: Pick<Flags, 'only' | 'skip'>, answers?: Answers): ReadonlySet<StepId> {
	for (const name of [...only ?? [], ...skip ?? []]) {
		if (!(stepIds as readonly string[]).includes(name)) {
			throw new Problem(t('There is no step "{name}".', {name}), t('The steps are: {steps}', {steps: stepIds.join(', ')}));
		}
	}

	const chosen = stepIds.filter(id => (only?.includes(id) ?? true) && !skip?.includes(id) && (answers === undefined || answers[id] !== undefined));
	if (chosen.length === 0) {
		throw new Problem(t('That leaves no step to take.'), t('Name other steps with --only and --skip, or give the answers a block for each step that you want.'));
	}

	return new Set(chosen);
}

async function answersFrom(path: string): Promise<Answers> {
	const {loadAnswers} = await import('../complete-answers.ts');
	try {
		return loadAnswers(await readFile(path, 'utf8'), path);
	} catch (error) {
		if (error instanceof Problem) {
			throw error;
		}

		throw new Problem(t('{path} cannot be read: {reason}', {path, reason: (error as Error).message}), t('Make one with: {tool} answers --example > answers.yaml'));
	}
}

/** The wizard itself, on a terminal or unattended. What can be said against it is said before anything is shown; what takes longer is loaded after. */
export async function wizardCommand(flags: Flags): Promise<number> {
	const answers = flags.answers === undefined ? undefined : await answersFrom(flags.answers);
	const chosen = chosenSteps(flags, flags.yes ? answers : undefined);
	const dryRun = flags.dryRun ?? false;
	const unattended = flags.yes ?? false;
	if (!dryRun) {
		assertRoot(t('Run it with sudo, or look at what it would do: harden-python-vps --dry-run'));
	}

	if (!unattended && !process.stdin.isTTY) {
		throw new Problem(t('There is no terminal to ask you on.'), t('Connect with ssh -t, or run unattended: harden-python-vps --answers FILE --yes'));
	}

	const conversation = await chooseConversation(flags, version);
	const {runWizard} = await import('../run-wizard.ts');
	const {code, lastWords} = await runWizard(conversation, chosen, {dryRun, unattended, ...answers && {answers}, ...flags.guard && {guardTimeout: flags.guardTimeout}}).finally(() => {
		conversation.close();
	});
	const {print, paint} = linesOn(process.stdout, flags.color);
	print(lastWords.flatMap(line => paint.prose(line)));
	return code;
}
