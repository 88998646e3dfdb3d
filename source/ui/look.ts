import {chooseGlyphs, type Glyphs} from './glyphs.ts';
import {isUtf8} from './lines/text.ts';
import {clean, toAscii} from './text.ts';

/** How things look on this terminal: its size, its signs, its colours. Handed to every view. */
export type Look = {
	columns: number;
	rows: number;
	glyphs: Glyphs;
	/** Any text on its way to the screen: one line, made harmless, in ASCII where nothing else is understood. */
	plain(text: string): string;
	strong: Style;
	dim: Style;
	/** The one accent colour. */
	accent: Style;
	good: Style;
	bad: Style;
	warn: Style;
};

export type Style = (text: string) => string;

export type Environment = Readonly<Record<string, string | undefined>>;

type Depth = 'none' | '16' | '256' | 'full';

/** SGR parameters by colour depth, ECMA-48 §8.3.117. Middle tones, so that they read on dark and on light. */
const palette = {
	accent: {16: '36', 256: '38;5;37', full: '38;2;38;160;154'},
	good: {16: '32', 256: '38;5;35', full: '38;2;62;160;90'},
	bad: {16: '31', 256: '38;5;167', full: '38;2;214;84;84'},
	warn: {16: '33', 256: '38;5;172', full: '38;2;200;134;30'},
} as const;

function depthOf(env: Environment, color: boolean): Depth {
	if (!color || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') {
		return 'none';
	}

	if (/^(?:truecolor|24bit)$/i.test(env.COLORTERM ?? '')) {
		return 'full';
	}

	return env.TERM?.includes('256') ? '256' : '16';
}

export function createLook({env, color, columns, rows}: {env: Environment; color: boolean; columns: number; rows: number}): Look {
	const depth = depthOf(env, color);
	const harmless = (text: string) => clean(text.replaceAll(/\s*[\r\n]+\s*/g, ' '));
	const style = (open: string, close: string): Style => text => depth === 'none' || text === '' ? text : `\u001B[${open}m${text}\u001B[${close}m`;
	const colour = (name: keyof typeof palette): Style => style(depth === 'none' ? '' : palette[name][depth], '39');
	return {
		columns,
		rows,
		glyphs: chooseGlyphs(env),
		plain: isUtf8(env) ? harmless : text => toAscii(harmless(text)),
		strong: style('1', '22'),
		dim: style('2', '22'),
		accent: colour('accent'),
		good: colour('good'),
		bad: colour('bad'),
		warn: colour('warn'),
	};
}
