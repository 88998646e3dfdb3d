import {z} from 'zod';
import {answersSchema, type Answers} from '../answers.ts';
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

/** What was stored, if it can still be understood. */
export function parseSession(value: unknown): Session | undefined {
	const parsed = sessionSchema.safeParse(value);
	return parsed.success ? parsed.data : undefined;
}

/** The answers as they may be stored or printed: without the one secret among them. */
export function withoutSecrets(answers: Answers): Answers {
	return answers.ssh === undefined ? answers : {...answers, ssh: {...answers.ssh, passwordHash: undefined}};
}

/** Sets one answer by its path, `ssh.port`, and returns the new answers; the schema has the last word. */
export function withAnswer(answers: Answers, path: string, value: unknown): Answers {
	const [block = '', key = ''] = path.split('.');
	const current = (answers as unknown as Record<string, Record<string, unknown> | undefined>)[block] ?? {};
	return answersSchema.parse({...answers, [block]: {...current, [key]: value}});
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
