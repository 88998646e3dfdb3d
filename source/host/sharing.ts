import type {Host, Output} from '../engine/types.ts';

/** A host for one look around: what several ask in the same words is run once, and all get the answer. */
export function sharing(host: Host): Host {
	const asked = new Map<string, Promise<Output>>();
	return {
		...host,
		async run(argv, options) {
			if (options?.input !== undefined || options?.onLine !== undefined) {
				return host.run(argv, options);
			}

			const question = JSON.stringify(argv);
			const answer = asked.get(question) ?? host.run(argv, options);
			asked.set(question, answer);
			return answer;
		},
	};
}
