import test from 'ava';
import {createField, typed, type Field} from '../../source/ui/field.ts';
import type {Key, KeyName} from '../../source/ui/keys.ts';

const key = (name: KeyName): Key => ({name});
const text = (value: string): Key => ({name: 'text', text: value});
const paste = (value: string): Key => ({name: 'paste', text: value});
/** `5922|` with the cursor drawn in. */
const drawn = ({value, cursor}: Field) => `${value.slice(0, cursor)}|${value.slice(cursor)}`;

for (const [what, start, keys, expected] of [
	['typing replaces an untouched default', '5922', [text('2'), text('2')], '22|'],
	['Backspace edits an untouched default', '5922', [key('backspace')], '592|'],
	['the left arrow edits it too', '5922', [key('left'), text('x')], '592x|2'],
	['the ends', 'abc', [key('home'), text('x'), key('end'), text('y')], 'xabcy|'],
	['Delete', 'abc', [key('home'), key('delete')], '|bc'],
	['Ctrl-U', 'abc', [key('ctrl-u')], '|'],
	['Ctrl-K', 'abc', [key('home'), key('right'), key('ctrl-k')], 'a|'],
	['Ctrl-W', 'one two ', [key('ctrl-w')], 'one |'],
	['Backspace at the start', '', [key('backspace')], '|'],
	['a paste of several lines into one', '', [paste('one\r\ntwo\n')], 'one two|'],
	['control characters in a paste', '', [paste('a\u001B[31mb\u0007')], 'ab|'],
	['a newline key in one line', 'x', [key('newline')], 'x|'],
] as const) {
	test(`in a line: ${what}`, t => {
		t.is(drawn([...keys].reduce((field, one) => typed(field, one), createField(start))), expected);
	});
}

for (const [what, keys, expected] of [
	['a paste keeps its lines', [paste('one\rtwo')], 'one\ntwo\n|'],
	['a second paste goes below', [paste('one'), paste('two')], 'one\ntwo\n|'],
	['Ctrl-U takes the last line', [paste('one\ntwo'), key('ctrl-u')], 'one\n|'],
	['Ctrl-U twice takes both', [paste('one\ntwo'), key('ctrl-u'), key('ctrl-u')], '|'],
	['Ctrl-U in a line takes only that', [paste('one'), text('tw'), key('ctrl-u')], 'one\n|'],
	['Ctrl-J makes a line', [text('one'), key('newline'), text('two')], 'one\ntwo|'],
] as const) {
	test(`in several lines: ${what}`, t => {
		t.is(drawn([...keys].reduce((field, one) => typed(field, one), createField('', true))), expected);
	});
}

test('the cursor goes over signs, not over their parts', t => {
	const field = [text('e\u0301👩‍👩‍👧'), key('backspace')].reduce((field, one) => typed(field, one), createField(''));
	t.is(field.value, 'e\u0301');
});

test('a key that means nothing leaves the very same field', t => {
	const field = createField('x');
	t.is(typed(field, key('page-down')), field);
});
