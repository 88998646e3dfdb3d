import type {Values} from '../../words.ts';
import {speaksUtf8} from '../glyphs.ts';
import {createLook, type Environment, type Look} from '../look.ts';
import {clean, toAscii} from '../text.ts';

/** Colour as functions; without colour each gives its text back. Colour is never the only signal. */
export type Paint = Pick<Look, 'strong' | 'dim' | 'accent' | 'good' | 'bad' | 'warn'>;

/** Lines are never drawn into a frame, so the size of the terminal does not matter. */
export function paint(color: boolean, env: Environment = {}): Paint {
	return createLook({env, color, columns: 80, rows: 24});
}

/** Text of several lines from outside, each made harmless. */
export function cleanLines(text: string): readonly string[] {
	return text.split(/\r?\n/).map(line => clean(line));
}

/** One line of text from outside, made harmless: what stood on several lines stands on one. */
export function cleanLine(text: string): string {
	return cleanLines(text).join(' ').trim();
}

/** For a diff, where nothing may be hidden: what could not be seen is shown as its code. */
export function visible(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, character => character === '\t' ? '\t' : String.raw`\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Values for `t`, made harmless. */
export function safe(values: Values): Values {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? cleanLine(value) : value]));
}

export type Printer = {
	print(lines: readonly string[]): void;
	/** The same text as `print` would write it, for a prompt that stands on the same line as its answer. */
	form(line: string): string;
};

/** Writes lines as this terminal can show them. */
export function printer(stdout: NodeJS.WritableStream, env: Environment): Printer {
	const form = speaksUtf8(env) ? (line: string) => line : toAscii;
	return {
		form,
		print(lines) {
			if (lines.length > 0) {
				stdout.write(lines.map(line => `${form(line)}\n`).join(''));
			}
		},
	};
}
