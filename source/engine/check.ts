import {explain} from '../problem.ts';
import type {Check, Host, Verdict} from './types.ts';

export type Checked = {check: Check; verdict: Verdict};

/** Asks each consumer in turn. A check that breaks has not passed. */
export async function runChecks(checks: readonly Check[], host: Host, tell: (check: Check, verdict?: Verdict) => void): Promise<readonly Checked[]> {
	const results: Checked[] = [];
	for (const check of checks) {
		tell(check);
		let verdict: Verdict;
		try {
			verdict = await check.verify(host);
		} catch (error) {
			verdict = {status: 'fail', evidence: explain(error)};
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
