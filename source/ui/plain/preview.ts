import type {Place, Preview} from '../../engine/conversation.ts';
import {t} from '../../words.ts';
import {changeLines, previewLines} from '../lines/screens.ts';
import {inquire, type Talk} from './talk.ts';
import {isWord, readNumber, type Reading} from './typed.ts';

/** A diff longer than this is cut, and shown whole when its number is typed. */
const longDiff = 24;

/** Every change with its diff, and then only a typed `yes` applies it: Enter alone does nothing. */
export async function preview(talk: Talk, view: Preview, place: Place): Promise<'apply' | 'back' | 'skip' | 'quit'> {
	talk.print(previewLines(view, place, talk.paint, longDiff));
	const inFull = view.descriptions.map((description, index) => changeLines(description, index + 1, talk.paint));
	const ways = t('Type yes, back, skip or quit; a number shows that change in full, all shows every one.');

	const read = (line: string): Reading<'apply' | 'all' | readonly string[]> => {
		if (isWord(line, 'yes') || isWord(line, 'y')) {
			return {value: 'apply'};
		}

		const change = readNumber(line, inFull.map(value => ({value})), 0);
		return isWord(line, 'all') ? {value: 'all'} : ('value' in change ? change : {wrong: ways});
	};

	for (;;) {
		const said = await inquire(talk, {
			message: place.dryRun ? t('Go on? (yes, back, skip, quit, a number, all, ?)') : t('Apply this? (yes, back, skip, quit, a number, all, ?)'),
			explain: [t('Nothing is written until you type yes. What is written is noted first, so that it can be undone at any time.'), ways],
			read,
		});
		if ('command' in said) {
			return said.command;
		}

		if (said.value === 'apply') {
			return 'apply';
		}

		talk.print(said.value === 'all' ? inFull.flat() : said.value);
	}
}
