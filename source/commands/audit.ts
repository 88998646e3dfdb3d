import process from 'node:process';
import {steps} from '../../steps/index.ts';
import type {Answers} from '../answers.ts';
import type {Flags} from '../cli.ts';
import {runChecks, scoreOf, type Checked} from '../engine/check.ts';
import {exposedNow} from '../engine/exposure.ts';
import {parseSession, withBlock} from '../engine/session.ts';
import type {Check} from '../engine/types.ts';
import {collectFacts} from '../host/facts/index.ts';
import {machine} from '../host/host.ts';
import {readJson} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {assertRoot} from '../root.ts';
import {auditLines, type AuditView} from '../ui/report-lines.ts';
import {exitCodes} from '../wizard.ts';
import {t} from '../words.ts';

/** An audit is read-only: what has to change something to find out is named, and not run. */
function readOnly(check: Check): Check {
	return check.writes
		? {...check, verify: async () => ({status: 'not-run', evidence: t('It changes something for a moment, and an audit changes nothing. It is run when the step is applied.')})}
		: check;
}

/** `audit`: every check of every step, against the session's answers or the defaults, and what can be reached from outside. */
export async function auditCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('The checks ask sshd, the firewall and Fail2Ban, which answer root only: run it with sudo.'));
	const session = parseSession(await readJson(stateFolder(), 'session.json'));
	const stored: Answers = session?.answers ?? {version: 1};
	const facts = await collectFacts(machine, stored);
	const chosen = steps.filter(({id}) => (flags.only?.includes(id) ?? true) && !flags.skip?.includes(id));
	const results: Checked[] = [];
	for (const step of chosen) {
		const unfit = step.auditedOnlyWhenTaken && stored[step.id] === undefined ? t('This step was not taken.') : step.unfit?.(facts);
		const checks = step.checks(facts, withBlock(stored, step.id)).map(check => readOnly(check));
		const fitting = unfit === undefined ? checks : checks.map(check => ({...check, verify: async () => ({status: 'not-run' as const, evidence: unfit})}));
		results.push(...await runChecks(fitting, machine, () => {/* told as a whole, below */}));
	}

	const view: AuditView = {score: scoreOf(results), checks: results, exposure: exposedNow(facts)};
	const asJson = {
		score: view.score,
		checks: results.map(({check: {id, title, severity, references = [], fix}, verdict}) => ({id, title, severity, references, fix, ...verdict})),
		exposure: view.exposure,
	};
	process.stdout.write(options['json'] ? JSON.stringify(asJson, undefined, '\t') + '\n' : auditLines(view, {color: flags.color && process.stdout.isTTY}).join('\n') + '\n');
	return results.some(({verdict}) => verdict.status === 'fail') ? exitCodes.auditFailed : exitCodes.done;
}
