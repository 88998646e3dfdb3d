/** Answers, each kept for as long as what it depends on is the same, and asked for anew after that. */
export function keptAnswers<T>(): (question: string, state: string, ask: () => T) => T {
	const answers = new Map<string, {state: string; answer: T}>();
	return (question, state, ask) => {
		const known = answers.get(question);
		if (known?.state === state) {
			return known.answer;
		}

		const answer = ask();
		answers.set(question, {state, answer});
		return answer;
	};
}
