import {execa} from 'execa';

/** What a finished command left behind. `ok` is exit code 0; output comes without its last newline. */
export type Output = {ok: boolean; exitCode: number; stdout: string; stderr: string};

export type CommandOptions = {
	/** Written to standard input, which is then closed. */
	input?: string | Uint8Array;
	/** Milliseconds; a command that takes longer is killed and always throws. */
	timeout?: number;
	env?: Record<string, string>;
	cwd?: string;
	/** Throw unless the exit code is 0 (the default). */
	check?: boolean;
};

/** The only variables a command of the lab sees, so that it runs alike on every developer's machine. */
export const plainEnvironment = {
	PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
	LANG: 'C.UTF-8',
	HOME: '/root',
	TERM: 'dumb',
	DEBIAN_FRONTEND: 'noninteractive',
};

/**
 * Runs a program of this machine.
 * Throws with the whole command and what it printed when it fails or takes too long.
 */
export async function command(argv: readonly string[], options: CommandOptions = {}): Promise<Output> {
	const {input = '', timeout = 60_000, env = {}, cwd = '/', check = true} = options;
	const [program = '', ...rest] = argv;
	const result = await execa(program, rest, {
		input,
		timeout,
		cwd,
		env: {...plainEnvironment, ...env},
		extendEnv: false,
		reject: false,
		killSignal: 'SIGKILL',
		maxBuffer: 256 * 1024 * 1024,
	});
	const output = {ok: result.exitCode === 0, exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr};
	if (result.timedOut || (check && !output.ok)) {
		const why = result.timedOut ? `did not end within ${timeout / 1000} s` : `exited with ${result.exitCode ?? result.signal ?? result.shortMessage}`;
		throw failure(argv, why, output);
	}

	return output;
}

/** The error of a command: all of it, why, and what it printed. */
export function failure(argv: readonly string[], why: string, {stdout, stderr}: Output): Error {
	return new Error([`${argv.join(' ')}: ${why}`, stdout, stderr].filter(Boolean).join('\n'));
}

/** Where a predicate is asked again and again: both in milliseconds. The limit is for what never comes, not for what comes late. */
export type Patience = {timeout?: number; every?: number};

/**
 * Asks until the answer is truthy, and returns that answer.
 * A predicate that throws counts as "not yet"; its last error is the cause of the error thrown in the end.
 */
export async function waitFor<T>(what: string, predicate: () => T | Promise<T>, {timeout = 120_000, every}: Patience = {}): Promise<NonNullable<T>> {
	const began = Date.now();
	let cause: unknown;
	for (;;) {
		try {
			const answer = await predicate();
			if (answer) {
				return answer;
			}

			cause = undefined;
		} catch (error) {
			cause = error;
		}

		if (Date.now() > began + timeout) {
			throw new Error(`Waited ${timeout / 1000} s in vain: ${what}`, {cause});
		}

		// What takes long is asked less and less often: each question costs a process or two.
		const elapsed = Date.now() - began;
		await new Promise(resolve => {
			setTimeout(resolve, every ?? Math.max(50, Math.min(elapsed / 10, 500)));
		});
	}
}
