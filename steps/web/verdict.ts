import type {Verdict} from '../../source/engine/types.ts';

export type {Verdict} from '../../source/engine/types.ts';

export const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
export const fail = (evidence: string): Verdict => ({status: 'fail', evidence});
export const notRun = (evidence: string): Verdict => ({status: 'not-run', evidence});
