/**
 * What to write so that the terminal goes from one frame to the next: only the lines that differ, no clearing of the screen.
 * Between two paints the cursor rests at the start of the line below the frame. Sequences: ECMA-48 §8.3 (CUU, CUD, CUP, EL, IL).
 * Lines are erased one by one: a terminal that is told to erase all of its screen at once (ED) may keep it in its history, as tmux does.
 */

const up = (lines: number) => lines > 0 ? `\u001B[${lines}A` : '';
const down = (lines: number) => lines > 0 ? `\u001B[${lines}B` : '';
const eraseRestOfLine = '\u001B[K';
const insertLines = (lines: number) => `\u001B[${lines}L`;
/** From the line below, upwards; the cursor is in the uppermost of them. */
const eraseAbove = (lines: number) => (up(1) + eraseRestOfLine).repeat(lines);

/** A screen of so many rows, empty, with the cursor in its first. */
export function clearScreen(rows: number): string {
	return `\u001B[${rows};1H${eraseRestOfLine}${eraseAbove(rows - 1)}`;
}

/** From the frame `before` to the frame `after`; empty where they are the same. */
export function repaint(before: readonly string[], after: readonly string[]): string {
	let written = '';
	let row = before.length;
	const goTo = (target: number) => {
		written += target < row ? up(row - target) : down(target - row);
		row = target;
	};

	for (const [index, line] of after.entries()) {
		const old = before[index];
		if (line !== old) {
			goTo(index);
			written += line + ((old ?? '') === '' ? '' : eraseRestOfLine) + '\r\n';
			row++;
		}
	}

	if (after.length < before.length) {
		goTo(before.length);
		written += eraseAbove(before.length - after.length);
		row = after.length;
	}

	goTo(after.length);
	return written;
}

/**
 * Finished lines, written above the frame for good. The frame moves down without being written again, except where
 * both together are taller than the screen.
 */
export function insertAbove(finished: readonly string[], frame: readonly string[], rows: number): string {
	if (finished.length === 0) {
		return '';
	}

	if (frame.length === 0 || finished.length + frame.length + 1 > rows) {
		return erase(frame) + [...finished, ...frame].map(line => `${line}\r\n`).join('');
	}

	return '\n'.repeat(finished.length)
		+ up(finished.length + frame.length)
		+ insertLines(finished.length)
		+ finished.map(line => `${line}\r\n`).join('')
		+ down(frame.length);
}

/** Takes the frame away; the cursor is where it began. */
export function erase(frame: readonly string[]): string {
	return eraseAbove(frame.length);
}
