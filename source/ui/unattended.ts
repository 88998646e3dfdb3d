import process from 'node:process';
import type {Conversation} from '../engine/conversation.ts';
import type {Environment} from './look.ts';
import {countdown} from './lines/countdown.ts';
import {countdownLine, guardLines, narrator, nextMinute, roundedLeft, sightingLine} from './lines/events.ts';
import {endingLines, failureLines, headingLines, openingLines, previewLines} from './lines/screens.ts';
import {paint, printer} from './lines/printer.ts';
import {clean} from './lines/text.ts';

export type UnattendedOptions = {
	stdout: NodeJS.WritableStream;
	color: boolean;
	/** Every line that the commands print, too. */
	verbose?: boolean;
	env?: Environment;
};

/**
 * The conversation of `--yes`: says everything and asks nothing. Every question is answered with its default, which the answers
 * file has set; every preview is printed whole and accepted; a failure ends the run. Only the guard still waits, for the login.
 */
export function unattendedConversation({stdout, color, verbose = false, env = process.env}: UnattendedOptions): Conversation {
	const p = paint(color, env, stdout);
	const {print} = printer(stdout, env);
	const narrate = narrator(p, verbose);

	return {
		async opening(view) {
			print(openingLines(view, p));
			return 'start';
		},
		async chooseSteps(steps) {
			return steps.map(({id}) => id);
		},
		async ask(question) {
			return {type: 'answer', value: question.default};
		},
		async preview(view, place) {
			print([...headingLines(place, p), ...previewLines(view, place, p)]);
			return 'apply';
		},
		tell(event) {
			print(narrate(event));
		},
		async failure(view) {
			print(failureLines(view, p));
			return 'quit';
		},
		async guard(view, signal) {
			print([...guardLines(view, p), countdownLine(roundedLeft(view.deadline, Date.now()))]);
			const stop = countdown(view.deadline, nextMinute, seconds => {
				print([countdownLine(seconds)]);
			});
			try {
				return await whenAborted(signal);
			} finally {
				stop();
			}
		},
		sighted(sighting) {
			print([sightingLine(sighting, p)]);
		},
		async confirm(message, byDefault) {
			print([clean(message)]);
			return byDefault;
		},
		async ending(view) {
			print(endingLines(view, p));
		},
		close() {/* nothing was opened */},
	};
}

async function whenAborted(signal: AbortSignal): Promise<'quit'> {
	return new Promise(resolve => {
		if (signal.aborted) {
			resolve('quit');
		}

		signal.addEventListener('abort', () => {
			resolve('quit');
		}, {once: true});
	});
}
