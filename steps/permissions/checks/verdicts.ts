import type {Verdict} from '../../../source/engine/types.ts';

export const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
export const fail = (evidence: string): Verdict => ({status: 'fail', evidence});
export const notRun = (evidence: string): Verdict => ({status: 'not-run', evidence});

/** The first few of many. */
export function few(names: readonly string[], most = 6): string {
	return names.slice(0, most).join(', ') + (names.length > most ? ', …' : '');
}
