import {readFile, stat} from 'node:fs/promises';
import {execa} from 'execa';
import {command, failure, waitFor, type CommandOptions, type Output, type Patience} from './command.ts';

/** A booted Debian and what tests do in it, whatever it runs on: a container (server.ts) or a full machine (machine.ts). */
export abstract class Booted {
	/** Milliseconds: how long a command may take where nobody says, and how long its end may take to be heard of here. */
	protected abstract readonly patience: {usual: number; more: number};

	/** The argv for this machine that runs a program in there. Throws while it is off. */
	abstract argv(argv: readonly string[]): string[];

	/** Runs a command as root, with a plain environment. Throws as `command` does. */
	async run(argv: readonly string[], options: CommandOptions = {}): Promise<Output> {
		const {timeout = this.patience.usual} = options;
		const output = await command(this.argv(['timeout', '--kill-after=2', String(timeout / 1000), ...argv]), {...options, check: false, timeout: timeout + this.patience.more});
		if (output.exitCode === 124) {
			throw failure(argv, `did not end within ${timeout / 1000} s`, output);
		}

		if (!output.ok && options.check !== false) {
			throw failure(argv, `exited with ${output.exitCode}`, output);
		}

		return output;
	}

	/** The content of a text file, last newline included. */
	async read(file: string): Promise<string> {
		const {stdout} = await execa(...this.#execa(['cat', '--', file]), {stripFinalNewline: false});
		return stdout;
	}

	/** Writes a file of root's, making its folders. */
	async write(file: string, content: string | Uint8Array, {mode = 0o644} = {}): Promise<void> {
		const script = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod -- "$2" "$1"';
		await this.run(['sh', '-c', script, 'write', file, mode.toString(8)], {input: content});
	}

	async exists(file: string): Promise<boolean> {
		const {ok} = await this.run(['test', '-e', file], {check: false});
		return ok;
	}

	/** Copies a file of this machine to a file, or the content of a folder into a folder. */
	async copyIn(local: string, remote: string): Promise<void> {
		const found = await stat(local);
		if (found.isFile()) {
			await this.write(remote, await readFile(local), {mode: found.mode % 0o1000});
			return;
		}

		await this.run(['mkdir', '-p', remote]);
		await execa('tar', ['-C', local, '-cf', '-', '.'], {buffer: {stdout: false}}).pipe(...this.#execa(['tar', '-C', remote, '-xf', '-', '--no-same-owner']));
	}

	async waitFor<T>(what: string, predicate: () => T | Promise<T>, patience?: Patience): Promise<NonNullable<T>> {
		return waitFor(what, predicate, patience);
	}

	#execa(argv: readonly string[]): [string, string[]] {
		const [program, ...rest] = this.argv(argv);
		return [program!, rest];
	}
}
