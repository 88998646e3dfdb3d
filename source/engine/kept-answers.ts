import type {Output} from './types.ts';

/** timeout(1) and whatever ends by a signal or breaks off say that from here on; it is no answer. */
const noAnswer = 124;

/** What commands said, each kept for as long as what it depends on is the same, and asked for anew after that. What was no answer is not kept. */
export function keptAnswers(): (question: string, state: string, ask: () => Promise<Output>) => Promise<Output> {
	const answers = new Map<string, {state: string; answer: Promise<Output>}>();
	return async (question, state, ask) => {
		const known = answers.get(question);
		if (known?.state === state) {
			return known.answer;
		}

		const answer = ask();
		const entry = {state, answer};
		answers.set(question, entry);
		const forget = () => {
			if (answers.get(question) === entry) {
				answers.delete(question);
			}
		};

		answer.then(({exitCode}) => exitCode >= noAnswer && forget(), forget);
		return answer;
	};
}
