import type {Argv, Host, Output, RunOptions} from '../engine/types.ts';

/** The same for who asks in the same words. */
function questionOf(argv: Argv, options?: RunOptions): string {
	return JSON.stringify([argv, options?.input]);
}

/** A host for one look around: what several ask in the same words is run once, and all get the answer. */
export function sharing(host: Host): Host {
	return sharingFor(host, () => undefined);
}

/** A host for what is asked again and again: only while a command runs its answer is shared with who asks the same. */
export function sharingUnderWay(host: Host): Host {
	return sharingFor(host, forget => forget());
}

/**
 * Hosts for checks that only look, one each: what several of them ask is run once. One that asks again in the same words wants
 * to know it anew (an answer of DNS that got lost, a connection that is to last).
 */
export function sharingAmong(host: Host): () => Host {
	const shared = sharing(host);
	return () => {
		const asked = new Set<string>();
		return {
			...shared,
			async run(argv, options) {
				const question = questionOf(argv, options);
				const isAgain = asked.has(question);
				asked.add(question);
				return (isAgain ? host : shared).run(argv, options);
			},
		};
	};
}

/** `ended` is told when an answer is there, and how to forget it. */
function sharingFor(host: Host, ended: (forget: () => void) => void): Host {
	const asked = new Map<string, Promise<Output>>();
	return {
		...host,
		origin: host.origin ?? host,
		async run(argv, options) {
			if ((options?.input !== undefined && !options.asks) || options?.onLine !== undefined) {
				return host.run(argv, options);
			}

			const question = questionOf(argv, options);
			const known = asked.get(question);
			if (known) {
				return known;
			}

			const answer = host.run(argv, options).finally(() => {
				ended(() => {
					asked.delete(question);
				});
			});
			asked.set(question, answer);
			return answer;
		},
	};
}
