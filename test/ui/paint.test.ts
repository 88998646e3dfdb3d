import test from 'ava';
import {erase, insertAbove, repaint} from '../../source/ui/paint.ts';
import {createScreen} from './screen.ts';

const frames: ReadonlyArray<readonly string[]> = [
	[],
	['one'],
	['one', 'two', 'three'],
	['one', '', 'three'],
	['one', 'two, and longer', 'three'],
	['x', 'two', 'y', 'four', 'five'],
	['a', 'b', 'c', 'd', 'e', 'f', 'g'],
];

test('any frame becomes any other, whatever stood above', t => {
	for (const above of [0, 3, 9]) {
		for (const before of frames) {
			for (const after of frames) {
				const screen = createScreen(40, 8);
				const intro = Array.from({length: above}, (_, index) => `line ${index}`);
				screen.write(insertAbove(intro, [], 8) + repaint([], before) + repaint(before, after));
				t.is([...screen.scrolled(), ...screen.shown().split('\n')].join('\n').trim(), [...intro, ...after].join('\n').trim());
				t.is(screen.cursor().column, 0);
			}
		}
	}
});

test('finished lines go above the frame and stay, also where both are taller than the screen', t => {
	for (const rows of [5, 8, 30]) {
		for (const frame of frames.filter(({length}) => length < rows)) {
			for (const count of [1, 2, 6, 12]) {
				const screen = createScreen(40, rows);
				const first = ['zero'];
				const finished = Array.from({length: count}, (_, index) => `done ${index}`);
				screen.write(insertAbove(first, [], rows) + repaint([], frame) + insertAbove(finished, frame, rows));
				t.is([...screen.scrolled(), ...screen.shown().split('\n')].join('\n').trim(), [...first, ...finished, ...frame].join('\n').trim());
				screen.write(repaint(frame, ['end']));
				t.true(screen.shown().endsWith('end'));
			}
		}
	}
});

test('the same frame writes nothing', t => {
	for (const frame of frames) {
		t.is(repaint(frame, frame), '');
	}
});

test('one changed line writes one line', t => {
	const before = Array.from({length: 22}, (_, index) => `some line of text ${index}`);
	const after = before.with(7, 'undone in 4:12');
	t.true(repaint(before, after).length < 40);
});

test('erasing leaves the cursor where the frame began', t => {
	const screen = createScreen(40, 8);
	screen.write(`above\r\n${repaint([], ['a', 'b'])}${erase(['a', 'b'])}`);
	t.is(screen.shown(), 'above');
	t.deepEqual(screen.cursor(), {row: 1, column: 0});
});
