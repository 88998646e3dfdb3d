import type {Bench} from './bench.ts';
import type {StepState} from './engine/conversation.ts';
import type {Facts} from './engine/facts.ts';
import {inForce} from './engine/session.ts';
import type {Step, StepId} from './engine/step.ts';

/** Where each step stands, for the opening screen and the line of steps. */
export function statesOf({session}: Pick<Bench, 'session'>, steps: readonly Step[], facts: Facts, current?: StepId): readonly StepState[] {
	return steps.map(step => {
		const {id, title} = step;
		const unfit = step.unfit?.(facts, inForce(session, id));
		const state = id === current
			? 'current'
			: (session.done.includes(id)
				? 'done'
				: (session.skipped.includes(id) ? 'skipped' : (unfit === undefined ? 'waiting' : 'unfit')));
		return {id, title, today: unfit ?? step.today(facts), state};
	});
}
