import {explain} from '../problem.ts';
import {t} from '../words.ts';
import type {Accepted} from './accepted.ts';
import type {Check, Host, Verdict} from './types.ts';

export type Checked = {check: Check; verdict: Verdict; /** Somebody lives with it, where it failed. */ accepted?: Accepted};

/** How a check went for its step: failing advice is told, and leaves the step as it is. */
export function outcomeOf({advice}: Pick<Check, 'advice'>, {status}: Verdict): Verdict['status'] | 'advice' {
	return status === 'fail' && advice ? 'advice' : status;
}

/** A check that breaks has not passed. */
async function ask(check: Check, host: Host): Promise<Verdict> {
	try {
		return await check.verify(host);
	} catch (error) {
		return {status: 'fail', evidence: explain(error)};
	}
}

/** `pause` says that it is asked once more, or that this is the last word. */
type Pause = (tries: number, check: Check) => Promise<boolean>;

async function askPatiently(check: Check, host: Host, pause: Pause): Promise<Verdict> {
	let verdict = await ask(check, host);
	for (let tries = 1; verdict.status === 'fail' && await pause(tries, check); tries++) {
		verdict = await ask(check, host);
	}

	return verdict;
}

/** What changes something for a moment does so for nothing where the step is about to be undone. */
function notTried(): Verdict {
	return {status: 'not-run', evidence: t('Not tried, since another check failed.')};
}

/** Neighbours that only look go together; what changes something for a moment goes alone, so that nobody else sees that moment. */
function together(checks: readonly Check[]): readonly Check[][] {
	const groups: Check[][] = [];
	for (const check of checks) {
		const last = groups.at(-1);
		if (last && !check.writes && !last[0]!.writes) {
			last.push(check);
		} else {
			groups.push([check]);
		}
	}

	return groups;
}

/** So many consumers are asked at a time: enough that no core idles, few enough that none of them times out. */
const sideBySide = 4;

/**
 * Asks the consumers, several at a time, and tells what they say in the order of the checks. `pause` (asked after a check
 * failed, with the number of tries so far) waits for a service that has just been reloaded to settle.
 */
export async function runChecks(
	checks: readonly Check[],
	host: Host,
	tell: (check: Check, verdict?: Verdict) => void,
	pause: Pause = async () => false,
): Promise<readonly Checked[]> {
	const results: Checked[] = [];
	for (const group of together(checks)) {
		const asked: Array<Promise<Verdict>> = [];
		const isInVain = group[0]!.writes && results.some(({check, verdict}) => outcomeOf(check, verdict) === 'fail');
		for (const [index, check] of group.entries()) {
			const turn = asked[index - sideBySide] ?? Promise.resolve();
			asked.push(turn.then(async () => isInVain ? notTried() : askPatiently(check, host, pause)));
		}

		for (const [index, check] of group.entries()) {
			tell(check);
			const verdict = await asked[index]!;
			tell(check, verdict);
			results.push({check, verdict});
		}
	}

	return results;
}

const weights = {high: 5, medium: 3, low: 1} as const;

/** 0 to 100: the weight of what passed, of all that could be asked. 100 where there was nothing to ask. */
export function scoreOf(results: readonly Checked[]): number {
	const asked = results.filter(({verdict}) => verdict.status !== 'not-run');
	const weigh = (list: readonly Checked[]) => list.reduce((sum, {check}) => sum + weights[check.severity], 0);
	return asked.length === 0 ? 100 : Math.round(100 * weigh(asked.filter(({verdict}) => verdict.status === 'pass')) / weigh(asked));
}
