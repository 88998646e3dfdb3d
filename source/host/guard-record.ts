import {link, mkdir, rm, unlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {z} from 'zod';
import {stepIds} from '../engine/step.ts';
import {syncFolder} from './durable.ts';
import {momentSchema} from './moment.ts';
import {readJson, writeJson} from './state-folder.ts';

const armedSchema = z.object({
	version: z.literal(1),
	run: z.int(),
	step: z.enum(stepIds),
	stepTitle: z.string(),
	/** Milliseconds since the epoch, and so is `deadline`. */
	armedAt: z.number(),
	deadline: z.number(),
	/** Milliseconds between `since` and the deadline. */
	window: z.number(),
	/** Only a login after this is a new one. */
	since: momentSchema,
	login: z.object({user: z.string(), port: z.int(), sudo: z.enum(['nopasswd', 'password'])}),
});

const decisionSchema = z.object({decision: z.enum(['keep', 'put-back']), by: z.string()});
const outcomeSchema = z.object({outcome: z.string()});

export type Armed = z.infer<typeof armedSchema>;
export type Decision = z.infer<typeof decisionSchema>;

export type GuardRecord = Armed & {
	/** `fired` once it is over; while things are still being put back it is `armed` or `confirmed`, and `firing` is set. */
	state: 'armed' | 'confirmed' | 'fired';
	firing?: true;
	/** Who confirmed. */
	confirmedBy?: string;
	/** What came of putting it back, in one sentence. */
	outcome?: string;
};

/** Root's alone: to anybody else there is nothing. */
async function readAs<T>(schema: z.ZodType<T>, folder: string, name: string): Promise<T | undefined> {
	try {
		return schema.safeParse(await readJson(folder, name)).data;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EACCES') {
			return undefined;
		}

		throw error;
	}
}

/** What the guard remembers, in files that are each written whole and durably: armed, then decided, then its outcome. */
export function guardRecordIn(folder: string) {
	return {
		async read(): Promise<GuardRecord | undefined> {
			const [armed, decision, outcome] = await Promise.all([
				readAs(armedSchema, folder, 'armed.json'),
				readAs(decisionSchema, folder, 'decision.json'),
				readAs(outcomeSchema, folder, 'outcome.json'),
			]);
			return armed && {
				...armed,
				state: outcome ? 'fired' : (decision?.decision === 'keep' ? 'confirmed' : 'armed'),
				...decision?.decision === 'put-back' && !outcome && {firing: true},
				...decision?.decision === 'keep' && {confirmedBy: decision.by},
				...outcome,
			};
		},
		write: async (armed: Armed) => writeJson(folder, 'armed.json', armed),
		/** Of several who decide at the same instant one wins. Returns the decision that stands. */
		async decide(decision: Decision): Promise<Decision> {
			const own = `decision-${process.pid}.json`;
			await writeJson(folder, own, decision);
			try {
				await link(join(folder, own), join(folder, 'decision.json'));
				await syncFolder(folder);
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
					throw error;
				}
			} finally {
				await unlink(join(folder, own));
			}

			return await readAs(decisionSchema, folder, 'decision.json') ?? decision;
		},
		overrule: async (decision: Decision) => writeJson(folder, 'decision.json', decision),
		finish: async (outcome: string) => writeJson(folder, 'outcome.json', {outcome}),
		/** From here on nothing is armed, whatever else is still there. */
		async forget(): Promise<void> {
			await rm(join(folder, 'armed.json'), {force: true});
			await syncIfThere(folder);
		},
		async prepare(): Promise<void> {
			await rm(folder, {recursive: true, force: true});
			await mkdir(join(folder, 'tool'), {recursive: true, mode: 0o700});
			await syncFolder(dirname(folder));
		},
		async remove(): Promise<void> {
			await rm(folder, {recursive: true, force: true});
			await syncIfThere(dirname(folder));
		},
	};
}

async function syncIfThere(folder: string): Promise<void> {
	try {
		await syncFolder(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}
	}
}
