import test from 'ava';
import {parseKeys, settle} from '../../source/ui/keys.ts';

const names = (input: string) => parseKeys(input).keys.map(({name, text}) => text === undefined ? name : `${name}:${text}`);

for (const [what, input, expected] of [
	['letters', 'ab', ['text:ab']],
	['a word and Enter', 'deploy\r', ['text:deploy', 'enter']],
	['arrows', '\u001B[A\u001B[B\u001BOC\u001B[D', ['up', 'down', 'right', 'left']],
	['arrows with modifiers', '\u001B[1;5C', ['right']],
	['pages and ends', '\u001B[5~\u001B[6~\u001B[H\u001B[4~\u001B[3~', ['page-up', 'page-down', 'home', 'end', 'delete']],
	['control letters', '\u0003\u0011\u0013', ['ctrl-c', 'ctrl-q', 'ctrl-s']],
	['backspaces', '\u007F\b', ['backspace', 'backspace']],
	['tab, Ctrl-J, Alt-Enter', '\t\n\u001B\r', ['tab', 'newline', 'newline']],
	['a paste', '\u001B[200~q\ry\u0003\u001B[A\u001B[201~x', ['paste:q\ry\u0003\u001B[A', 'text:x']],
	['a paste without brackets', `${'k'.repeat(70)}\r${'l'.repeat(70)}\r`, [`paste:${'k'.repeat(70)}\r${'l'.repeat(70)}\r`]],
	['Chinese', '你好', ['text:你好']],
	['unknown sequences', '\u001B[99;99~\u001B[<0;1;1M\u001B]11;rgb:0/0/0\u0007x', ['text:x']],
	['Alt with a letter', '\u001Bxy', ['text:y']],
	['Escape, then an arrow', '\u001B\u001B[A', ['escape', 'up']],
	['NUL', '\u0000a', ['text:a']],
] as const) {
	test(`reads ${what}`, t => {
		t.deepEqual(names(input), [...expected]);
	});
}

for (const input of ['\u001B', '\u001B[', '\u001B[1;', '\u001BO', '\u001B]11;rgb', '\u001B[200~abc', '\u001B[200~abc\u001B[20']) {
	test(`waits for the rest of ${JSON.stringify(input)}`, t => {
		t.deepEqual(parseKeys(`a${input}`), {keys: [{name: 'text', text: 'a'}], rest: input});
	});
}

test('a sequence cut anywhere reads the same', t => {
	const input = 'ab\u001B[A\u001B[200~one\rtwo\u001B[201~\u001B[6~\r';
	const whole = names(input);
	for (let at = 0; at <= input.length; at++) {
		const first = parseKeys(input.slice(0, at));
		const second = parseKeys(first.rest + input.slice(at));
		const text = [...first.keys, ...second.keys].map(({name, text}) => text === undefined ? name : `${name}:${text}`).join(' ').replaceAll('text:a text:b', 'text:ab');
		t.is(text, whole.join(' '), `cut at ${at}`);
	}
});

test('an Escape that stays alone is the Escape key; an open paste is none', t => {
	t.deepEqual(settle('\u001B'), [{name: 'escape'}]);
	t.deepEqual(settle('\u001B[200~abc'), []);
	t.deepEqual(settle(''), []);
});
