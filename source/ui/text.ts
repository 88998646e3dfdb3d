import stringWidth from 'string-width';

/** Text as the terminal sees it: measured in columns, and stripped of whatever could move the cursor. All pure. */

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

export function graphemes(text: string): string[] {
	return Array.from(segmenter.segment(text), ({segment}) => segment);
}

/** In terminal columns; escape sequences count as nothing. */
export function width(text: string): number {
	return stringWidth(text);
}

/** Escape sequences, ECMA-48 §5.4: control sequences, strings that end as they should (titles, links), and the short ones. */
// eslint-disable-next-line no-control-regex -- it is about control characters
const sequences = /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)|\u001B[ -/]*[0-~]/g;

/**
 * Outside text (output of commands, key comments, names) made harmless: no escape sequence, no control character, nothing
 * that turns the reading direction (the "Trojan Source" trick, CVE-2021-42574). Newlines go too: split first where they matter.
 */
export function clean(text: string): string {
	return text
		.replaceAll(sequences, '')
		.replaceAll('\t', '    ')
		.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu, '');
}

const spelled: Readonly<Record<string, string>> = {
	'…': '...', '→': '->', '←': '<-', '–': '-', '—': '-', '·': '-', '•': '*', '×': 'x', '“': '"', '”': '"', '‘': '\'', '’': '\'', '≥': '>=', '≤': '<=', ' ': ' ',
};

/** The same in ASCII: known signs spelled, accents dropped, anything else as question marks of the same width. */
export function toAscii(text: string): string {
	return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll(/\P{ASCII}/gu, sign => spelled[sign] ?? '?'.repeat(width(sign)));
}

/** At most `columns` wide; what was cut shows as an ellipsis. Plain text only: style it afterwards. */
export function cut(text: string, columns: number, ellipsis = '…'): string {
	if (width(text) <= columns) {
		return text;
	}

	const room = columns - width(ellipsis);
	return room < 0 ? '.'.repeat(Math.max(0, columns)) : head(text, room) + ellipsis;
}

/** Like `cut`, with the middle left out: the ends of a key or a path say most. */
export function cutMiddle(text: string, columns: number, ellipsis = '…'): string {
	if (width(text) <= columns) {
		return text;
	}

	const room = columns - width(ellipsis);
	if (room < 2) {
		return cut(text, columns, ellipsis);
	}

	return head(text, Math.floor(room / 2)) + ellipsis + tail(text, Math.ceil(room / 2));
}

function head(text: string, columns: number): string {
	let taken = '';
	let used = 0;
	for (const grapheme of graphemes(text)) {
		used += width(grapheme);
		if (used > columns) {
			break;
		}

		taken += grapheme;
	}

	return taken;
}

/** The end of a text that fits `columns`: what a field shows of a value that is too long for it. */
export function tail(text: string, columns: number): string {
	return graphemes(head(graphemes(text).toReversed().join(''), columns)).toReversed().join('');
}

/** Padded with spaces, or cut, to exactly `columns`. Styled text is only ever padded. */
export function pad(text: string, columns: number): string {
	return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function padStart(text: string, columns: number): string {
	return ' '.repeat(Math.max(0, columns - width(text))) + text;
}

/** Left and right on one line of `columns`; the left gives way. */
export function spread(left: string, right: string, columns: number): string {
	return pad(left, columns - width(right)) + right;
}

/**
 * Text in pieces of at most `columns`, of which nothing is lost: put together again they are the text, spaces and all.
 * For what may not be rearranged, like code. Broken after a space where there is one in the second half of a line.
 */
export function fold(text: string, columns: number): string[] {
	const lines: string[] = [];
	for (let rest = text; ;) {
		const line = width(rest) <= columns ? rest : upToSpace(head(rest, columns) || graphemes(rest)[0]!);
		lines.push(line);
		rest = rest.slice(line.length);
		if (rest === '') {
			return lines;
		}
	}
}

function upToSpace(line: string): string {
	const end = line.lastIndexOf(' ') + 1;
	return end > line.length / 2 ? line.slice(0, end) : line;
}

const withoutSpaces = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFF60`;
const scriptsWithoutSpaces = new RegExp(`[${withoutSpaces}]`, 'u');
const [opening, closing] = ['（“‘《「『【〔', '，。：；？！、）”’》」』】〕'];
/** One sign, or a word of another script, with the brackets and stops that may not be parted from it. */
const piece = new RegExp(String.raw`[${opening}]*(?:[^\s${withoutSpaces}${opening}${closing}]+|[${withoutSpaces}]\p{M}*)?[${closing}]*\s*`, 'gu');

/** Words, each with the spaces after it; text of scripts that write no spaces may break after any sign, but no line begins with a stop. */
function words(text: string): string[] {
	return text.split(/(?<=\s)(?=\S)/u).flatMap(word => scriptsWithoutSpaces.test(word) ? (word.match(piece) ?? []).filter(Boolean) : [word]);
}

/** Plain text in lines of at most `columns`, broken at spaces; a word too long for a line is broken where the line ends. */
export function wrap(text: string, columns: number): string[] {
	const room = Math.max(1, columns);
	const lines: string[] = [];
	for (const paragraph of text.split('\n')) {
		let line = '';
		for (let word of words(paragraph)) {
			if (width(line + word.trimEnd()) > room && line !== '') {
				lines.push(line.trimEnd());
				line = '';
			}

			while (width(word.trimEnd()) > room) {
				const part = head(word, room) || graphemes(word)[0]!;
				lines.push(part);
				word = word.slice(part.length);
			}

			line += word;
		}

		lines.push(line.trimEnd());
	}

	return lines;
}
