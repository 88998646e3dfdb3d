import {isUtf8} from './lines/text.ts';

/** The signs on screen, and what stands for them where the terminal does not speak UTF-8. Each is one column wide unless it names a key. */
export type Glyphs = typeof unicode;

const unicode = {
	done: '✔',
	failed: '✖',
	current: '▸',
	skipped: '–',
	waiting: '·',
	open: '▾',
	closed: '▸',
	cursor: '›',
	seen: '✔',
	unseen: '●',
	warning: '!',
	text: '▏',
	line: '│',
	rule: '─',
	full: '█',
	empty: '░',
	arrow: '→',
	up: '↑',
	down: '↓',
	upDown: '↑↓',
	leftRight: '←→',
	enter: '⏎',
	more: '…',
	spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const ascii: Glyphs = {
	done: 'v',
	failed: 'x',
	current: '>',
	skipped: '-',
	waiting: '.',
	open: 'v',
	closed: '>',
	cursor: '>',
	seen: 'v',
	unseen: 'o',
	warning: '!',
	text: '_',
	line: '|',
	rule: '-',
	full: '#',
	empty: '.',
	arrow: '->',
	up: '^',
	down: 'v',
	upDown: 'up/down',
	leftRight: 'left/right',
	enter: 'enter',
	more: '...',
	spinner: ['|', '/', '-', '\\'],
};

export function chooseGlyphs(env: Readonly<Record<string, string | undefined>>): Glyphs {
	return isUtf8(env) ? unicode : ascii;
}
