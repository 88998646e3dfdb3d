/** What the user did, one at a time. `text` for printable signs and pastes; control keys are named `ctrl-x`. */
export type Key = {name: KeyName; text?: string};

type Letter = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'k' | 'l' | 'n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z';
export type KeyName = 'text' | 'paste' | 'enter' | 'newline' | 'escape' | 'tab' | 'backspace' | 'delete' | 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'page-up' | 'page-down' | `ctrl-${Letter}`;

/** Keys read so far, and the start of a sequence that has not fully arrived. */
export type Parsed = {keys: readonly Key[]; rest: string};

const escape = '\u001B';
const pasteStart = `${escape}[200~`;
const pasteEnd = `${escape}[201~`;
/** A terminal that cannot bracket a paste sends it in one piece; nobody types this fast. */
const longestTyped = 64;
/** More than any key file; a paste that never ends must not eat the memory. */
const longestPaste = 1024 * 1024;

const sequences: Readonly<Record<string, KeyName>> = {
	A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end',
	'1~': 'home', '3~': 'delete', '4~': 'end', '5~': 'page-up', '6~': 'page-down', '7~': 'home', '8~': 'end',
};

const controls: Readonly<Record<string, KeyName>> = {
	'\r': 'enter', '\n': 'newline', '\t': 'tab', '\u007F': 'backspace', '\b': 'backspace',
};

/** One whole sequence at the start: CSI (ECMA-48 §5.4), SS3, or a string (OSC, DCS, …) that the terminal sent as an answer. */
// eslint-disable-next-line no-control-regex -- it is about control characters
const sequence = /^\u001B(?:\[(?<parameters>[0-?]*)[ -/]*(?<final>[@-~])|O(?<single>[A-Za-z])|[\]P_^][^\u0007\u001B]*(?:\u0007|\u001B\\))/;
// eslint-disable-next-line no-control-regex -- it is about control characters
const unfinished = /^\u001B(?:\[[0-?]*[ -/]*|O|[\]P_^][^\u0007\u001B]*\u001B?)?$/;
const printable = /^[^\p{Cc}]+/u;

/** Reads what came from the terminal, after the `rest` of last time. Pure. */
export function parseKeys(input: string): Parsed {
	if (isBarePaste(input)) {
		return {keys: [{name: 'paste', text: input}], rest: ''};
	}

	const keys: Key[] = [];
	let rest = input;
	while (rest !== '') {
		if (rest.startsWith(pasteStart)) {
			const end = rest.indexOf(pasteEnd);
			if (end === -1 && rest.length < longestPaste) {
				return {keys, rest};
			}

			keys.push({name: 'paste', text: rest.slice(pasteStart.length, end === -1 ? undefined : end)});
			rest = end === -1 ? '' : rest.slice(end + pasteEnd.length);
			continue;
		}

		if (unfinished.test(rest)) {
			return {keys, rest};
		}

		const [key, length] = next(rest);
		if (key) {
			keys.push(key);
		}

		rest = rest.slice(length);
	}

	return {keys, rest};
}

/** What an escape sequence that never went on means: the Escape key. */
export function settle(rest: string): readonly Key[] {
	return rest.startsWith(pasteStart) || rest === '' ? [] : [{name: 'escape'}];
}

function isBarePaste(input: string): boolean {
	return input.length > longestTyped && !input.includes(escape);
}

/** The first key, if it means anything to us, and how many characters it took. */
function next(input: string): [Key | undefined, number] {
	const text = printable.exec(input)?.[0];
	if (text !== undefined) {
		return [{name: 'text', text}, text.length];
	}

	if (input.startsWith(escape)) {
		return escaped(input);
	}

	const control = controls[input[0]!] ?? controlLetter(input[0]!);
	return [control && {name: control}, 1];
}

function escaped(input: string): [Key | undefined, number] {
	const match = sequence.exec(input);
	if (match) {
		const {parameters = '', final, single} = match.groups!;
		const code = single ?? (final === '~' ? `${parameters.split(';')[0]}~` : final ?? '');
		const name = sequences[code];
		return [name && {name}, match[0].length];
	}

	// Alt with Enter; any other letter with Alt means nothing here.
	if (input[1] === '\r' || input[1] === '\n') {
		return [{name: 'newline'}, 2];
	}

	return input[1] === escape ? [{name: 'escape'}, 1] : [undefined, 2];
}

function controlLetter(sign: string): KeyName | undefined {
	const code = sign.codePointAt(0)!;
	return code >= 1 && code <= 26 ? `ctrl-${String.fromCodePoint(code + 96)}` as KeyName : undefined;
}
