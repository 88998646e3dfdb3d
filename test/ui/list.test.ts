import test from 'ava';
import {moveCursor, page, scrollTo, type Pager} from '../../source/ui/list.ts';
import type {KeyName} from '../../source/ui/keys.ts';

for (const [from, name, expected] of [[0, 'down', 1], [2, 'down', 2], [0, 'up', 0], [2, 'up', 1], [1, 'home', 0], [1, 'end', 2], [0, 'page-down', 2], [1, 'tab', 1]] as const) {
	test(`cursor ${from} of 3 after ${name}`, t => {
		t.is(moveCursor(from, 3, {name}), expected);
	});
}

test('j and k move like the arrows', t => {
	t.is(moveCursor(0, 3, {name: 'text', text: 'j'}), 1);
	t.is(moveCursor(1, 3, {name: 'text', text: 'k'}), 0);
});

test('a list without lines keeps its cursor at the start', t => {
	t.is(moveCursor(0, 0, {name: 'down'}), 0);
});

for (const [offset, focus, height, total, expected] of [
	[0, 0, 5, 3, 0],
	[0, 6, 5, 10, 2],
	[4, 2, 5, 10, 2],
	[9, 9, 5, 10, 5],
	[3, 5, 5, 10, 3],
] as const) {
	test(`scrolls from ${offset} to see ${focus} in ${height} of ${total}`, t => {
		t.is(scrollTo(offset, focus, height, total), expected);
	});
}

/** Items at lines 0, 1, 20 of 30; ten in sight. The one at 1 is open and 18 lines tall. */
const list = {stops: [0, 1, 20], total: 30, height: 10};
const after = (start: Pager, names: readonly KeyName[]) => names.reduce((pager, name) => page(pager, {name}, list), start);
const top: Pager = {cursor: 0, offset: 0};

test('goes to the next item in sight', t => {
	t.deepEqual(after(top, ['down']), {cursor: 1, offset: 0});
});

test('scrolls line by line through an item taller than the window', t => {
	t.deepEqual(after(top, ['down', 'down']), {cursor: 1, offset: 1});
	t.deepEqual(after(top, ['down', 'down', 'down']), {cursor: 1, offset: 2});
});

test('takes the next item up as soon as it is in sight', t => {
	const pager = after(top, Array.from({length: 12}, () => 'down' as const));
	t.deepEqual(pager, {cursor: 2, offset: 11});
});

test('every line comes into sight, going down and going up again', t => {
	const seen = new Set<number>();
	let pager = top;
	for (let index = 0; index < 60; index++) {
		pager = page(pager, {name: 'down'}, list);
		for (let line = pager.offset; line < pager.offset + list.height; line++) {
			seen.add(line);
		}
	}

	t.is(seen.size, 30);
	t.is(pager.offset, 20);
	for (let index = 0; index < 60; index++) {
		pager = page(pager, {name: 'up'}, list);
	}

	t.deepEqual(pager, top);
});

test('pages, and both ends', t => {
	t.is(after(top, ['page-down']).offset, 8);
	t.deepEqual(after(top, ['end']), {cursor: 2, offset: 20});
	t.deepEqual(after(top, ['end', 'home']), top);
	t.deepEqual(after(top, ['page-up']), top);
});

test('a list that fits never scrolls', t => {
	const short = {stops: [0, 1], total: 4, height: 10};
	t.deepEqual(page({cursor: 1, offset: 0}, {name: 'down'}, short), {cursor: 1, offset: 0});
});
