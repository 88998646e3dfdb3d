import {z} from 'zod';
import {t} from '../words.ts';
import type {Checked} from './check.ts';
import type {Check, Verdict} from './types.ts';

/** Failing checks that somebody lives with, for a reason and until a day. They are told as accepted, and never count as passed. */

/** A day of the calendar as YYYY-MM-DD; undefined for anything else, and for a 31st of February. */
export function parseDay(text: string): string | undefined {
	const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
	return date && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : undefined;
}

export const longestReason = 500;

export const acceptedRisk = z.strictObject({
	/** The check's id. */
	check: z.string(),
	reason: z.string().min(1).max(longestReason),
	/** The last day on which it is accepted. */
	until: z.string().refine(text => parseDay(text) !== undefined),
	/** When it was accepted, ISO 8601. */
	at: z.string(),
});

export type AcceptedRisk = z.infer<typeof acceptedRisk>;

export const acceptedSchema = z.strictObject({version: z.literal(1), risks: z.array(acceptedRisk)});

/** What was stored. What cannot be understood accepts nothing: then the checks fail again, which is the safe side. */
export function parseAccepted(value: unknown): readonly AcceptedRisk[] {
	const parsed = acceptedSchema.safeParse(value);
	return parsed.success ? parsed.data.risks : [];
}

/** One risk a check: a new word on it replaces the old one. */
export function withRisk(risks: readonly AcceptedRisk[], risk: AcceptedRisk): readonly AcceptedRisk[] {
	return [...risks.filter(({check}) => check !== risk.check), risk].toSorted((left, right) => left.check.localeCompare(right.check));
}

export type Accepted = AcceptedRisk & {/** Its last day is over: the check fails again. */ isOver: boolean};

/** The results, with what was accepted of those that failed. `today` as YYYY-MM-DD, on this server. */
export function judge(results: readonly Checked[], risks: readonly AcceptedRisk[], today: string): readonly Checked[] {
	return results.map(result => {
		const risk = result.verdict.status === 'fail' ? risks.find(({check}) => check === result.check.id) : undefined;
		return risk ? {...result, accepted: {...risk, isOver: risk.until < today}} : result;
	});
}

/** How a check is told: its verdict, or that it fails and was accepted. */
export type Standing = 'pass' | 'fail' | 'accepted' | 'not-run';

export function standingOf({verdict, accepted}: {verdict: Pick<Verdict, 'status'>; accepted?: Pick<Accepted, 'isOver'>}): Standing {
	return verdict.status === 'fail' && accepted && !accepted.isOver ? 'accepted' : verdict.status;
}

/** Said in words, so that neither colour nor a picture is needed. */
export function standingWord(standing: Standing): string {
	return {pass: t('passed'), fail: t('failed'), accepted: t('accepted'), 'not-run': t('not run')}[standing];
}

export function severityWord(severity: Check['severity']): string {
	return {high: t('high'), medium: t('medium'), low: t('low')}[severity];
}

const heaviestFirst = ['high', 'medium', 'low'] as const;

/** Those that stand like this, the heaviest first. */
export function thatStand<T extends {check: Pick<Check, 'severity'>; verdict: Pick<Verdict, 'status'>; accepted?: Pick<Accepted, 'isOver'>}>(results: readonly T[], standing: Standing): readonly T[] {
	return results
		.filter(result => standingOf(result) === standing)
		.toSorted((left, right) => heaviestFirst.indexOf(left.check.severity) - heaviestFirst.indexOf(right.check.severity));
}
