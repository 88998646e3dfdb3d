import type {GuardView} from '../../engine/conversation.ts';
import {t} from '../../words.ts';
import {countdown} from '../lines/countdown.ts';
import {countdownLine, guardLines, nextMark, roundedLeft} from '../lines/events.ts';
import type {Talk} from './talk.ts';
import {commandOf, isWord} from './typed.ts';

/** Waits for `undo`, telling the time left. Where `signal` ends the wait the result is `quit`, and means nothing. */
export async function guard({print, paint, prompter}: Talk, view: GuardView, signal: AbortSignal): Promise<'undo' | 'quit'> {
	const how = t('Type undo to put everything back now.');
	print([...guardLines(view, paint), how, countdownLine(roundedLeft(view.deadline, Date.now()))]);
	const stop = countdown(view.deadline, nextMark, seconds => {
		print([countdownLine(seconds)]);
	});
	try {
		for (;;) {
			const line = await prompter.listen(signal);
			if (line === undefined || commandOf(line) === 'quit') {
				return 'quit';
			}

			if (isWord(line, 'undo')) {
				return 'undo';
			}

			print(commandOf(line) === 'explain' ? [...guardLines(view, paint), how] : [how]);
		}
	} finally {
		stop();
	}
}
