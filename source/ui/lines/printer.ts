import {createLook, type Environment, type Look} from '../look.ts';
import {toAscii} from '../text.ts';
import {isUtf8} from './text.ts';

/** Colour as functions; without colour each gives its text back. Colour is never the only signal. */
export type Paint = Pick<Look, 'strong' | 'dim' | 'accent' | 'good' | 'bad' | 'warn'>;

/** Lines are never drawn into a frame, so the size of the terminal does not matter. */
export function paint(color: boolean, env: Environment = {}): Paint {
	return createLook({env, color, columns: 80, rows: 24});
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
