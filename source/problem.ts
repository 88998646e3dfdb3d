/**
 * Something the user can put right: what is wrong, and the way out.
 * Anything else that is thrown is a bug of ours and is shown with its stack.
 */
export class Problem extends Error {
	override readonly name = 'Problem';
	readonly wayOut: string;
	/** The exit code of the whole command when nothing else is said (see the contract in docs/). */
	readonly exitCode: number;

	constructor(fact: string, wayOut: string, exitCode = 2) {
		super(fact);
		this.wayOut = wayOut;
		this.exitCode = exitCode;
	}
}

/** What a failed change says to the user: the message of a Problem with its way out, or of any other error. */
export function explain(error: unknown): string {
	if (error instanceof Problem) {
		return `${error.message}${error.message.includes('\n') ? '\n' : ' '}${error.wayOut}`;
	}

	return error instanceof Error ? error.message : String(error);
}
