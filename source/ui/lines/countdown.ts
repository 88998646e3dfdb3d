/**
 * Tells the seconds left at each mark until the deadline (milliseconds since the epoch); `next` gives the mark below the time left.
 * Returns a function that stops it.
 */
export function countdown(deadline: number, next: (secondsLeft: number) => number | undefined, tell: (seconds: number) => void): () => void {
	let timer: NodeJS.Timeout | undefined;
	const wait = (secondsLeft: number) => {
		const mark = next(secondsLeft);
		if (mark !== undefined) {
			timer = setTimeout(() => {
				tell(mark);
				wait(mark);
			}, deadline - (mark * 1000) - Date.now());
		}
	};

	wait((deadline - Date.now()) / 1000);
	return () => {
		clearTimeout(timer);
	};
}
