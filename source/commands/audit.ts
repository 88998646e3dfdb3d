import process from 'node:process';
import {steps} from '../../steps/index.ts';
import {accepting} from '../accepting.ts';
import type {Answers} from '../answers.ts';
import {audit, auditChecks} from '../auditing.ts';
import type {Flags} from '../cli.ts';
import {judge, standingOf} from '../engine/accepted.ts';
import {compared, type Baseline} from '../engine/baseline.ts';
import {scoreOf, type Checked} from '../engine/check.ts';
import {exposedNow} from '../engine/exposure.ts';
import {parseSession} from '../engine/session.ts';
import {collectFacts} from '../host/facts/index.ts';
import {machine} from '../host/host.ts';
import {readAccepted, readBaseline, writeAccepted} from '../host/audit-record.ts';
import {readJson} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {Problem} from '../problem.ts';
import {junit} from '../report/junit.ts';
import {sarif} from '../report/sarif.ts';
import {assertRoot} from '../root.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {auditLines, type AuditView} from '../ui/report-lines.ts';
import {version} from '../version.ts';
import {exitCodes} from '../wizard.ts';
import {t} from '../words.ts';
import {chosenSteps} from './wizard.ts';

const formats = ['text', 'json', 'sarif', 'junit'] as const;
type Format = typeof formats[number];

function formatOf({json, format}: {json?: boolean; format?: Format}): Format {
	if (json && format !== undefined && format !== 'json') {
		throw new Problem(t('--json and --format {format} are two things.', {format}), t('Give one of them.'));
	}

	return json ? 'json' : format ?? 'text';
}

/** A day of this server's calendar, YYYY-MM-DD. */
export function dayOf(date: Date): string {
	return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0')).join('-');
}

function viewOf(results: readonly Checked[], exposure: AuditView['exposure'], baseline: Baseline | undefined): AuditView {
	return {
		score: scoreOf(results),
		...baseline && {before: {score: baseline.score, at: baseline.at, checks: baseline.checks.filter(({status}) => status !== 'not-run').length, shared: compared(baseline, results)}},
		checks: results,
		exposure,
	};
}

/** What `--json` prints. Keys are only ever added: others read it. */
function asJson({score, before, exposure}: AuditView, results: readonly Checked[]): object {
	return {
		score,
		...before && {before},
		checks: results.map(({check: {id, title, severity, references = [], fix}, verdict, accepted}) => ({
			id,
			title,
			severity,
			references,
			fix,
			...verdict,
			...accepted && {accepted: {reason: accepted.reason, until: accepted.until, over: accepted.isOver}},
		})),
		exposure,
	};
}

/** What was stored of the answers; none is as good as all defaults. */
export async function storedAnswers(): Promise<Answers> {
	return parseSession(await readJson(stateFolder(), 'session.json'))?.answers ?? {version: 1};
}

/** `audit`: every check of every step, against the session's answers or the defaults, and what can be reached from outside. */
export async function auditCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('The checks ask sshd, the firewall and Fail2Ban, which answer root only: run it with sudo.'));
	const format = formatOf(options);
	const now = new Date();
	const [stored, risks, baseline] = await Promise.all([storedAnswers(), readAccepted(stateFolder()), readBaseline(stateFolder())]);
	const facts = await collectFacts(machine, stored, {pending: false});
	const known = steps.flatMap(step => auditChecks(step, facts, stored)).map(({id}) => id);
	const accepted = accepting(risks, options, {known, today: dayOf(now), at: now.toISOString()});
	if (accepted !== risks) {
		await writeAccepted(stateFolder(), accepted);
	}

	const ids = chosenSteps(flags);
	const results = judge(await audit(machine, facts, stored, steps.filter(({id}) => ids.has(id))), accepted, dayOf(now));
	const view = viewOf(results, exposedNow(facts), baseline);
	const place = {version, hostname: facts.hostname, at: now.toISOString()};
	const {print, paint} = linesOn(process.stdout, flags.color);
	const texts: Readonly<Record<Exclude<Format, 'text'>, () => string>> = {
		json: () => JSON.stringify(asJson(view, results), undefined, '\t') + '\n',
		sarif: () => JSON.stringify(sarif(results, place), undefined, '\t') + '\n',
		junit: () => junit(results, place),
	};
	if (format === 'text') {
		print(auditLines(view, paint));
	} else {
		process.stdout.write(texts[format]());
	}

	return results.some(result => standingOf(result) === 'fail') ? exitCodes.auditFailed : exitCodes.done;
}
