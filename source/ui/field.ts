import {clean} from './lines/text.ts';
import {graphemes} from './text.ts';
import type {Key} from './keys.ts';

/** A line, or several, being typed. `cursor` counts graphemes from the start. */
export type Field = {
	value: string;
	cursor: number;
	/** The default, not touched yet: typing replaces it, editing keys edit it. */
	pristine: boolean;
	lines: boolean;
};

export function createField(value: string, lines = false): Field {
	return {value, cursor: graphemes(value).length, pristine: true, lines};
}

/** The field after a key, or the very same field where the key means nothing to it. Pure. */
export function typed(field: Field, key: Key): Field {
	const signs = graphemes(field.value);
	const {cursor} = field;
	const edited = (before: readonly string[], after: readonly string[]): Field => ({...field, value: [...before, ...after].join(''), cursor: before.length, pristine: false});
	const moved = (to: number): Field => ({...field, cursor: Math.max(0, Math.min(signs.length, to)), pristine: false});
	const insert = (text: string): Field => {
		const [before, after] = field.pristine ? [[], []] : [signs.slice(0, cursor), signs.slice(cursor)];
		return edited([...before, ...graphemes(text)], after);
	};

	switch (key.name) {
		case 'text': {
			return insert(clean(key.text ?? ''));
		}

		case 'paste': {
			const text = pasted(key.text ?? '', field.lines);
			return text === '' ? field : insert(text);
		}

		case 'newline': {
			return field.lines && !field.pristine ? insert('\n') : field;
		}

		case 'backspace': {
			return edited(signs.slice(0, Math.max(0, cursor - 1)), signs.slice(cursor));
		}

		case 'delete':
		case 'ctrl-d': {
			return edited(signs.slice(0, cursor), signs.slice(cursor + 1));
		}

		case 'ctrl-u': {
			const start = signs.lastIndexOf('\n', cursor - 1) + 1;
			// A second time takes the line break as well, so that pasted lines can be taken away one by one.
			return edited(signs.slice(0, start === cursor && cursor > 0 ? start - 1 : start), signs.slice(cursor));
		}

		case 'ctrl-k': {
			return edited(signs.slice(0, cursor), []);
		}

		case 'ctrl-w': {
			const before = signs.slice(0, cursor).join('').replace(/\S*\s*$/, '');
			return edited(graphemes(before), signs.slice(cursor));
		}

		case 'left':
		case 'ctrl-b': {
			return moved(cursor - 1);
		}

		case 'right':
		case 'ctrl-f': {
			return moved(cursor + 1);
		}

		case 'home':
		case 'ctrl-a': {
			return moved(0);
		}

		case 'end':
		case 'ctrl-e': {
			return moved(signs.length);
		}

		default: {
			return field;
		}
	}
}

function pasted(text: string, lines: boolean): string {
	const rows = text.split(/\r\n|\r|\n/).map(row => clean(row).trim()).filter(row => row !== '');
	return lines ? rows.map(row => `${row}\n`).join('') : rows.join(' ');
}
