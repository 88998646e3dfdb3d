import process from 'node:process';
import type {Conversation, Place, StepState} from '../../engine/conversation.ts';
import type {StepId} from '../../engine/step.ts';
import {t} from '../../words.ts';
import {narrator, sightingLine} from '../lines/events.ts';
import {endingLines, failureLines, headingLines, openingLines, stepLines} from '../lines/screens.ts';
import {paint, printer} from '../lines/printer.ts';
import {ask} from './ask.ts';
import {guard} from './guard.ts';
import {preview} from './preview.ts';
import {prompter, type Terminal} from './prompter.ts';
import {inquire, menu, type Talk} from './talk.ts';
import {readNumbers, readYesNo} from './typed.ts';

export type PlainOptions = {
	stdin: Terminal['stdin'];
	stdout: Terminal['stdout'];
	color: boolean;
	/** Every line that the commands print, too. */
	verbose?: boolean;
	env?: Terminal['env'];
};

/**
 * The conversation one line at a time: for dumb terminals, serial consoles, screen readers, and pipes.
 * Every question understands `back`, `skip`, `quit` and `?`. Ctrl-C and the end of input mean quit; where only yes or no
 * can be said, they mean no, and where steps are chosen, none.
 */
export function plainConversation({stdin, stdout, color, verbose = false, env = process.env}: PlainOptions): Conversation {
	const p = paint(color, env, stdout);
	const {print, form} = printer(stdout, env);
	const talk: Talk = {paint: p, print, prompter: prompter({stdin, stdout, env, form, print, paint: p})};
	const narrate = narrator(p, verbose);
	const head = heading(talk);

	return {
		async opening(view) {
			print(openingLines(view, p));
			return menu(talk, t('What now?'), openingChoices(Boolean(view.unfinished), view.dryRun), [t('Each step asks a few questions, shows every change it would make, and makes them only when you say yes. Every change can be undone.')]);
		},
		async chooseSteps(steps) {
			return chooseSteps(talk, steps);
		},
		async ask(question, place) {
			head(place);
			return ask(talk, question);
		},
		async preview(view, place) {
			head(place);
			return preview(talk, view, place);
		},
		tell(event) {
			print(narrate(event));
		},
		async failure(view, place) {
			head(place);
			print(failureLines(view, p));
			return menu(talk, t('What now?'), [
				{value: 'retry', label: t('Try again')},
				{value: 'edit', label: t('Edit answers')},
				{value: 'skip', label: t('Skip this step')},
				{value: 'quit', label: t('Save and quit')},
			], [t('Try again runs the step as it is, for a fault that has passed. Edit answers asks its questions again.')]);
		},
		async guard(view, signal) {
			return guard(talk, view, signal);
		},
		sighted(sighting) {
			print([sightingLine(sighting, p)]);
		},
		async confirm(message, byDefault) {
			const said = await inquire(talk, {message, byDefault: byDefault ? t('yes') : t('no'), explain: [message], read: line => readYesNo(line, byDefault)});
			return 'value' in said && said.value;
		},
		async ending(view) {
			print(endingLines(view, p));
		},
		close() {
			talk.prompter.close();
		},
	};
}

/** Says where we are when a step begins, and how to get out. */
function heading({print, paint}: Talk): (place: Place) => void {
	let said = '';
	return place => {
		const lines = headingLines(place, paint);
		const text = lines.join('\n');
		if (text !== said) {
			said = text;
			print([...lines, ...paint.prose(t('Enter takes what stands in brackets. Or type back, skip, quit, or ? for more.'), {style: paint.dim})]);
		}
	};
}

function openingChoices(unfinished: boolean, dryRun: boolean) {
	return [
		...(unfinished
			? [{value: 'resume', label: t('Go on where it stopped')}, {value: 'fresh', label: t('Start afresh')}] as const
			: [{value: 'start', label: t('Start')}] as const),
		{value: 'some', label: t('Only some steps')},
		...(dryRun ? [] : [{value: 'look', label: t('Look only (dry run)')}] as const),
		{value: 'quit', label: t('Quit')},
	] as const;
}

async function chooseSteps(talk: Talk, steps: readonly StepState[]): Promise<readonly StepId[]> {
	talk.print(['', ...stepLines(steps)]);
	const choices = steps.map(({id}) => ({value: id}));
	const said = await inquire(talk, {
		message: t('Which steps? Numbers with spaces between them, or all.'),
		byDefault: t('all'),
		explain: [t('A step that is left out changes nothing. It can be done another day.')],
		read: line => readNumbers(line, choices, []),
	});
	return 'value' in said ? said.value : [];
}
