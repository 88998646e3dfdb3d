import test from 'ava';
import {clean, cut, cutMiddle, fold, pad, spread, tail, toAscii, width, wrap} from '../../source/ui/text.ts';

for (const [what, hostile, expected] of [
	['colours', '\u001B[31mred\u001B[0m', 'red'],
	['clearing the screen', 'a\u001B[2J\u001B[Hb', 'ab'],
	['a title', '\u001B]0;owned\u0007x', 'x'],
	['a hyperlink', '\u001B]8;;http://evil.example\u001B\\x\u001B]8;;\u001B\\', 'x'],
	['a carriage return', 'good\rbad', 'goodbad'],
	['8-bit sequences', 'a\u009B2Jb', 'ab'],
	['a reversed reading direction', 'a\u202Egpj.exe', 'agpj.exe'],
	['zero width spaces', 'a\u200Bb\uFEFF', 'ab'],
	['backspaces and bells', 'a\b\u0007b', 'ab'],
	['newlines', 'a\nb\u2028c', 'abc'],
	['tabs', 'a\tb', 'a    b'],
] as const) {
	test(`cleans away ${what}`, t => {
		t.is(clean(hostile), expected);
	});
}

test('whatever starts like a sequence, no control character is left', t => {
	for (const start of ['\u001B', '\u001B[', '\u001B]', '\u001BP', '\u001B_', '\u009D', '\u0090']) {
		t.notRegex(clean(`${start}1;2`), /\p{Cc}/u);
	}
});

test('ASCII: known signs are spelled, accents dropped, the rest keeps its width', t => {
	t.is(toAscii('off → on…'), 'off -> on...');
	t.is(toAscii('Škoda'), 'Skoda');
	t.is(toAscii('你a'), '??a');
	t.regex(toAscii('· – “x” ✔ 👍'), /^[\u0020-\u007E]*$/);
});

for (const [text, columns, expected] of [['abc', 3, 'abc'], ['abcd', 3, 'ab…'], ['你好吗', 5, '你好…'], ['你好吗', 4, '你…'], ['abc', 0, '']] as const) {
	test(`cuts ${text} to ${columns}`, t => {
		t.is(cut(text, columns), expected);
		t.true(width(cut(text, columns)) <= columns);
	});
}

test('cuts the middle, and keeps both ends', t => {
	t.is(cutMiddle('/etc/ssh/sshd_config.d/00-harden.conf', 15), '/etc/ss…en.conf');
	t.is(cutMiddle('short', 15), 'short');
});

test('the tail fits, wide signs included', t => {
	t.is(tail('abcdef', 3), 'def');
	t.is(tail('a你好', 3), '好');
});

for (const [what, text, columns, expected] of [
	['words', 'one two three', 7, ['one two', 'three']],
	['a word that is too long', 'ab abcdefgh', 4, ['ab', 'abcd', 'efgh']],
	['Chinese, which has no spaces', '每天夜里自动安装', 6, ['每天夜', '里自动', '安装']],
	['Chinese so that no line begins with a stop or ends with a bracket', '谁做了什么。每天（夜里）', 10, ['谁做了什', '么。每天', '（夜里）']],
	['Latin words among Chinese whole', '先用sudo，再登录', 8, ['先用', 'sudo，再', '登录']],
	['paragraphs', 'a\n\nb', 10, ['a', '', 'b']],
	['spaces in the middle of a diff', '+  x    y', 10, ['+  x    y']],
	['nothing', '', 10, ['']],
] as const) {
	test(`wraps ${what}`, t => {
		const lines = wrap(text, columns);
		t.deepEqual(lines, [...expected]);
		t.true(lines.every(line => width(line) <= columns));
	});
}

test('folds code where a line is full, and loses nothing', t => {
	t.deepEqual(fold('ab cdef你好', 4), ['ab ', 'cdef', '你好']);
	t.deepEqual(fold('', 4), ['']);
	t.deepEqual(fold('你', 1), ['你']);
});

test('pads and spreads by width', t => {
	t.is(pad('你', 4), '你  ');
	t.is(spread('a', 'b', 5), 'a   b');
	t.is(spread('\u001B[1ma\u001B[22m', 'b', 3), '\u001B[1ma\u001B[22m b');
});
