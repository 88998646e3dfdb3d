import {steps} from '../steps/index.ts';
import type {Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import {baselineOf, type Baseline} from './engine/baseline.ts';
import {runChecks, type Checked} from './engine/check.ts';
import type {Facts} from './engine/facts.ts';
import {withBlock} from './engine/session.ts';
import type {Step} from './engine/step.ts';
import type {Check, Host} from './engine/types.ts';
import {readBaseline, writeBaseline} from './host/audit-record.ts';
import {sharingAmong} from './host/sharing.ts';
import {version} from './version.ts';
import {t} from './words.ts';

/** An audit is read-only: what has to change something to find out is named, and not run. */
function readOnly(check: Check): Check {
	return check.writes
		? {...check, verify: async () => ({status: 'not-run', evidence: t('It changes something for a moment, and an audit changes nothing. It is run when the step is applied.')})}
		: check;
}

/** The checks of a step as an audit runs them, against the answers that were stored, or the defaults. */
export function auditChecks(step: Step, facts: Facts, stored: Answers): readonly Check[] {
	const unfit = step.auditedOnlyWhenTaken && stored[step.id] === undefined ? t('This step was not taken.') : step.unfit?.(facts, stored);
	const checks = step.checks(facts, withBlock(stored, step.id)).map(check => readOnly(check));
	return unfit === undefined ? checks : checks.map(check => ({...check, verify: async () => ({status: 'not-run' as const, evidence: unfit})}));
}

export async function audit(host: Host, facts: Facts, stored: Answers, chosen: readonly Step[] = steps): Promise<readonly Checked[]> {
	const ownHost = sharingAmong(host);
	const checks = chosen.flatMap(step => auditChecks(step, facts, stored)).map((check): Check => {
		const its = ownHost();
		return {...check, verify: async () => check.verify(its)};
	});
	return runChecks(checks, host, () => {/* told as a whole, by whoever asked */});
}

/** What is pending is known when the package lists are there; everything else is looked at in the meantime. */
async function baselineNow(bench: Bench, fetching: Promise<void>, at: string): Promise<Baseline> {
	const auditOf = async (chosen: readonly Step[]) => audit(bench.host, await bench.facts(), {version: 1}, chosen);
	const facts = await bench.facts();
	const results = await Promise.all([
		fetching.then(async () => auditOf(steps.filter(({id}) => id === 'updates'))),
		auditOf(steps.filter(({id}) => id !== 'updates')),
	]);
	return baselineOf(facts, results.flat(), {at, tool: version});
}

/**
 * Looks, ahead of the very first change, what `audit` would have said that moment of a server on which nothing was asked for yet,
 * and returns how to put that on record. It looks while the package lists are fetched; the record comes with the first change.
 * A server that was changed already has no such moment any more. That it cannot be kept is never a reason not to go on.
 */
export function lookAtBaseline(bench: Bench, fetching: Promise<void>): () => Promise<void> {
	const {journal, stateFolder, conversation} = bench;
	if (bench.options.dryRun || journal.runs.length > 0) {
		return async () => undefined;
	}

	const at = new Date().toISOString();
	let isOnRecord = false;
	const looking = readBaseline(stateFolder).then(async known => known === undefined ? baselineNow(bench, fetching, at) : undefined);
	// Whether it succeeded is only of interest when it is put on record.
	looking.catch(() => undefined);
	return async () => {
		// Each step comes here before it changes something.
		if (isOnRecord) {
			return;
		}

		isOnRecord = true;
		try {
			const baseline = await looking;
			if (baseline) {
				conversation.tell({type: 'note', tone: 'info', text: t('Noting how this server stands before the first change, for `audit` and `report`.')});
				await writeBaseline(stateFolder, baseline);
			}
		} catch (error) {
			conversation.tell({type: 'note', tone: 'warning', text: t('How it stands now could not be noted: {reason}. All else goes on.', {reason: (error as Error).message})});
		}
	};
}
