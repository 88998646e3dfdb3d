import process from 'node:process';
import {createLook, type Environment, type Look, type Style} from '../look.ts';
import {toAscii, wrap} from '../text.ts';
import {cleanLines, isUtf8} from './text.ts';

/** Colour as functions; without colour each gives its text back. Colour is never the only signal. */
export type Paint = Pick<Look, 'strong' | 'dim' | 'accent' | 'good' | 'bad' | 'warn'> & {
	/**
	 * Sentences, made harmless, in lines that end between two words; each whole where nobody knows how wide the terminal is.
	 * Each line is indented, those after the first by `hang` more.
	 */
	prose(text: string, layout?: {style?: Style; indent?: string; hang?: string}): readonly string[];
};

/** Where text goes: how wide it is, if it is a terminal. */
export type Output = NodeJS.WritableStream & {isTTY?: boolean; columns?: number};

export function columnsOf(output?: Output): number {
	return output?.isTTY && output.columns ? output.columns : Number.POSITIVE_INFINITY;
}

/** Only sentences are fitted to the terminal: a command or a diff that was broken could not be copied. */
export function paint(color: boolean, env: Environment = {}, output?: Output): Paint {
	return {
		...createLook({env, color, columns: 80, rows: 24}),
		prose(text, {style = (line: string) => line, indent = '', hang = ''} = {}) {
			const room = columnsOf(output) - indent.length;
			return cleanLines(text).flatMap(line => {
				const first = wrap(line, room)[0]!;
				const rest = line.slice(first.length).trimStart();
				const more = rest === '' ? [] : wrap(rest, room - hang.length).map(part => indent + hang + style(part));
				return [first === '' ? '' : indent + style(first), ...more];
			});
		},
	};
}

export type Printer = {
	print(lines: readonly string[]): void;
	/** The same text as `print` would write it, for a prompt that stands on the same line as its answer. */
	form(line: string): string;
};

/** Writes lines as this terminal can show them. */
export function printer(stdout: NodeJS.WritableStream, env: Environment): Printer {
	const form = isUtf8(env) ? (line: string) => line : toAscii;
	return {
		form,
		print(lines) {
			if (lines.length > 0) {
				stdout.write(lines.map(line => `${form(line)}\n`).join(''));
			}
		},
	};
}

/** How a command writes its lines: in the colours, the signs and the width of what they go to. */
export function linesOn(stdout: Output, color: boolean, env: Environment = process.env): Printer & {paint: Paint} {
	return {paint: paint(color && Boolean(stdout.isTTY), env, stdout), ...printer(stdout, env)};
}
