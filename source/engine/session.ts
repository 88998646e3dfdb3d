import {z} from 'zod';
import {answersSchema, secretAnswers, type Answers} from '../answers.ts';
import {withoutValues} from '../answers/secrets.ts';
import {stepIds, type StepId} from './step.ts';

const stepId = z.enum(stepIds);

/** Where the user is, so that a dropped connection costs nothing. Holds no secret. */
export const sessionSchema = z.object({
	version: z.literal(1),
	answers: answersSchema,
	chosen: z.array(stepId),
	done: z.array(stepId),
	skipped: z.array(stepId),
	finished: z.boolean(),
	/** ISO 8601. */
	updatedAt: z.string(),
});

export type Session = z.infer<typeof sessionSchema>;

export function newSession(answers: Answers, chosen: readonly StepId[]): Session {
	return {version: 1, answers, chosen: [...chosen], done: [], skipped: [], finished: false, updatedAt: ''};
}

/** A new session over chosen steps. What other steps did in an earlier one stays in force, with the answers that it was done with. */
export function nextSession(before: Session, answers: Answers, chosen: readonly StepId[]): Session {
	const done = before.done.filter(id => !chosen.includes(id));
	const kept = Object.fromEntries(Object.entries(before.answers).filter(([block]) => (done as readonly string[]).includes(block)));
	return {...newSession({...answers, ...kept}, chosen), done};
}

/** What was stored, if it can still be understood. */
export function parseSession(value: unknown): Session | undefined {
	const parsed = sessionSchema.safeParse(value);
	return parsed.success ? parsed.data : undefined;
}

/** The answers as they may be stored or printed: without the secrets among them. */
export function withoutSecrets(answers: Answers): Answers {
	const secret: readonly string[] = secretAnswers;
	const named = answers.secrets && {secrets: {...answers.secrets, environment: withoutValues(answers.secrets.environment)}};
	return {...Object.fromEntries(Object.entries(answers).map(([block, value]) => [
		block,
		value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).filter(([key]) => !secret.includes(`${block}.${key}`))) : value,
	])), ...named} as Answers;
}

/** A copy of a tree with one leaf set. */
function withLeaf(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
	const branches = (tree ?? {}) as Record<string, unknown>;
	return key === undefined ? value : {...branches, [key]: withLeaf(branches[key], rest, value)};
}

/** Sets one answer by its path, `ssh.port`, and returns the new answers; the schema has the last word. */
export function withAnswer(answers: Answers, path: string, value: unknown): Answers {
	return answersSchema.parse(withLeaf(answers, path.split('.'), value));
}

/**
 * What a step may build on: its own answers, and those of steps that are in force. A port of an SSH step that was skipped
 * or failed is nobody's port.
 */
export function inForce({answers, done}: Pick<Session, 'answers' | 'done'>, step: StepId): Answers {
	const blocks = Object.entries(answers).filter(([name]) => name === 'version' || name === step || (done as readonly string[]).includes(name));
	return withBlock(answersSchema.parse(Object.fromEntries(blocks)), step);
}

/** The same answers with a block of defaults where the step has none yet. */
export function withBlock(answers: Answers, step: StepId): Answers {
	return answersSchema.parse({...answers, [step]: answers[step] ?? {}});
}
