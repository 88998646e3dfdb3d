import {graphemes, width} from '../../source/ui/text.ts';

/**
 * A terminal of the size given, as far as we write to one: what was written becomes lines in sight and lines scrolled away.
 * A sequence that it does not know throws, so that nothing unexpected is ever written. Colours are dropped.
 */
export function createScreen(columns: number, rows: number) {
	const lines: string[][] = Array.from({length: rows}, () => []);
	const scrolled: string[] = [];
	let row = 0;
	let column = 0;

	const text = (cells: readonly string[]) => Array.from(cells, cell => cell ?? ' ').join('').trimEnd();
	const newline = () => {
		if (row < rows - 1) {
			row++;
			return;
		}

		scrolled.push(text(lines.shift()!));
		lines.push([]);
	};

	const put = (sign: string) => {
		if (column + width(sign) > columns) {
			throw new Error(`a line is wider than the terminal: ${text(lines[row]!)}${sign}`);
		}

		lines[row]![column] = sign;
		for (let extra = 1; extra < width(sign); extra++) {
			lines[row]![column + extra] = '';
		}

		column += width(sign);
	};

	const sequences: Record<string, (count: number) => void> = {
		A(count) {
			row = Math.max(0, row - count);
		},
		B(count) {
			row = Math.min(rows - 1, row + count);
		},
		K() {
			lines[row]!.length = Math.min(lines[row]!.length, column);
		},
		H(count) {
			row = Math.min(rows, count) - 1;
			column = 0;
		},
		L(count) {
			lines.splice(row, 0, ...Array.from({length: count}, () => []));
			lines.length = rows;
		},
		m() {
			// Colours.
		},
		h() {
			// Modes.
		},
		l() {
			// Modes.
		},
	};

	return {
		write(data: string) {
			// eslint-disable-next-line no-control-regex -- it is about control characters
			for (const part of data.match(/\u001B\[[?\d;]*[A-Za-z]|\r|\n|[^\u0000-\u001F\u007F]+|[^]/g) ?? []) {
				if (part === '\r') {
					column = 0;
				} else if (part === '\n') {
					newline();
				} else if (part.startsWith('\u001B[')) {
					const known = sequences[part.at(-1)!];
					if (!known) {
						throw new Error(`unknown sequence ${JSON.stringify(part)}`);
					}

					known(Number(/\d+/.exec(part)?.[0] ?? 1));
				} else if (/^[^\p{Cc}]/u.test(part)) {
					for (const sign of graphemes(part)) {
						put(sign);
					}
				} else {
					throw new Error(`control character ${JSON.stringify(part)}`);
				}
			}
		},
		/** The lines in sight, without the empty ones at the end. */
		shown(): string {
			return lines.map(line => text(line)).join('\n').trimEnd();
		},
		scrolled: () => scrolled,
		cursor: () => ({row, column}),
	};
}
