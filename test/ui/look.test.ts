import test from 'ava';
import {createLook, type Environment} from '../../source/ui/look.ts';

const look = (env: Environment, color = true) => createLook({env, color, columns: 80, rows: 24});

for (const [what, env, expected] of [
	['true colour', {TERM: 'xterm-256color', COLORTERM: 'truecolor'}, '\u001B[38;2;38;160;154mx\u001B[39m'],
	['256 colours', {TERM: 'xterm-256color'}, '\u001B[38;5;37mx\u001B[39m'],
	['16 colours', {TERM: 'linux'}, '\u001B[36mx\u001B[39m'],
	['NO_COLOR', {TERM: 'xterm-256color', NO_COLOR: '1'}, 'x'],
	['an empty NO_COLOR', {TERM: 'linux', NO_COLOR: ''}, '\u001B[36mx\u001B[39m'],
	['a dumb terminal', {TERM: 'dumb'}, 'x'],
] as const) {
	test(`the accent with ${what}`, t => {
		t.is(look(env).accent('x'), expected);
	});
}

test('without colour nothing at all is styled', t => {
	const {strong, dim, accent, good, bad, warn} = look({TERM: 'xterm-256color'}, false);
	t.is([strong, dim, accent, good, bad, warn].map(style => style('x')).join(''), 'xxxxxx');
});

for (const [env, isUtf8] of [
	[{LANG: 'en_US.UTF-8'}, true],
	[{LANG: 'C.utf8'}, true],
	[{LANG: 'C'}, false],
	[{}, false],
	[{LANG: 'en_US.UTF-8', LC_ALL: 'C'}, false],
	[{LANG: 'C', LC_CTYPE: 'zh_CN.UTF-8', LC_ALL: ''}, true],
] as const) {
	test(`signs for ${JSON.stringify(env)}`, t => {
		const {glyphs, plain} = look(env);
		t.is(glyphs.done === '✔', isUtf8);
		t.is(plain('…'), isUtf8 ? '…' : '...');
		t.is(/^[\u0020-\u007E]*$/.test(Object.values(glyphs).flat().join('')), !isUtf8);
	});
}
