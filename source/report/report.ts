import {t} from '../words.ts';
import {day} from './days.ts';
import {censored, type ReportDocument} from './document.ts';
import {done} from './done.ts';
import {incidentPlan} from './incident.ts';
import type {ReportInput} from './input.ts';
import {evidence, remains} from './remains.ts';
import {exposure, summary} from './summary.ts';
import {threatModel} from './threats.ts';

/** The report to hand on: what was done and why, the proof, what remains, what could happen, and what to do then. Pure. */
export function reportOf(input: ReportInput): ReportDocument {
	const {version, at, facts} = input;
	return censored({
		title: t('Security report: {hostname}', {hostname: facts.hostname}),
		subtitle: t('{os}, as of {time}', {os: facts.os.prettyName, time: day(at)}),
		sections: [summary(input), exposure(input), remains(input), done(input), threatModel(input), incidentPlan(input), evidence(input)],
		footer: t('Made by harden-python-vps {version} on the server itself. It says what was found at that time, and holds no secret; whom it describes the server to is still worth a thought.', {version}),
	});
}
