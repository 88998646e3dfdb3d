import {z} from 'zod';
import {scoreOf, type Checked} from './check.ts';
import {reachesToday} from './exposure.ts';
import type {Facts} from './facts.ts';

/** How a server stood before this tool changed anything on it: kept once, so that there is a before to every after. */

const longestEvidence = 400;

export const baselineSchema = z.object({
	version: z.literal(1),
	/** ISO 8601. */
	at: z.string(),
	/** The version of this tool. */
	tool: z.string(),
	score: z.number(),
	checks: z.array(z.object({
		id: z.string(),
		severity: z.enum(['high', 'medium', 'low']),
		status: z.enum(['pass', 'fail', 'not-run']),
		evidence: z.string(),
	})),
	/** What listened for the outside, and whom the firewall let in. */
	reaches: z.array(z.object({
		port: z.number(),
		protocol: z.enum(['tcp', 'udp']),
		program: z.string().optional(),
		sources: z.array(z.string()),
		published: z.string().optional(),
	})),
});

export type Baseline = z.infer<typeof baselineSchema>;

export function parseBaseline(value: unknown): Baseline | undefined {
	const parsed = baselineSchema.safeParse(value);
	return parsed.success ? parsed.data : undefined;
}

export function baselineOf(facts: Pick<Facts, 'listeners' | 'firewall'>, results: readonly Checked[], made: {at: string; tool: string}): Baseline {
	return {
		version: 1,
		...made,
		score: scoreOf(results),
		checks: results.map(({check: {id, severity}, verdict: {status, evidence}}) => ({id, severity, status, evidence: evidence.slice(0, longestEvidence)})),
		reaches: reachesToday(facts).map(({sources, ...reach}) => ({...reach, sources: [...sources]})),
	};
}

/** The same checks before and after: those that could be asked both times. A step that was not there yet could not be asked. */
export function compared({checks}: Baseline, results: readonly Checked[]): {count: number; before: number; after: number} {
	const before = new Map(checks.filter(({status}) => status !== 'not-run').map(check => [check.id, check]));
	const both = results.filter(({check, verdict}) => verdict.status !== 'not-run' && before.has(check.id));
	return {
		count: both.length,
		before: scoreOf(both.map(({check}) => ({check, verdict: before.get(check.id)!}))),
		after: scoreOf(both),
	};
}
