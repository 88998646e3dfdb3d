import {explain} from '../problem.ts';
import type {Accepted} from './accepted.ts';
import type {Check, Host, Verdict} from './types.ts';

export type Checked = {check: Check; verdict: Verdict; /** Somebody lives with it, where it failed. */ accepted?: Accepted};

/** A check that breaks has not passed. */
async function ask(check: Check, host: Host): Promise<Verdict> {
	try {
		return await check.verify(host);
	} catch (error) {
		return {status: 'fail', evidence: explain(error)};
	}
}

/**
 * Asks each consumer in turn. `pause` (asked after a check failed, with the number of tries so far) waits for a service
 * that has just been reloaded to settle, or says that this is the last word.
 */
export async function runChecks(
	checks: readonly Check[],
	host: Host,
	tell: (check: Check, verdict?: Verdict) => void,
	pause: (tries: number, check: Check) => Promise<boolean> = async () => false,
): Promise<readonly Checked[]> {
	const results: Checked[] = [];
	for (const check of checks) {
		tell(check);
		let verdict = await ask(check, host);
		for (let tries = 1; verdict.status === 'fail' && await pause(tries, check); tries++) {
			verdict = await ask(check, host);
		}

		tell(check, verdict);
		results.push({check, verdict});
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
