import type {Description} from './describe.ts';
import type {Facts} from './facts.ts';
import type {Exposure, Question, StepId} from './step.ts';
import type {Verdict, Check, WriteProgress} from './types.ts';

/**
 * What the wizard says and asks. Three front ends serve it: Ink, plain lines (inquirer), and unattended.
 * A front end draws and returns choices; it has no effects of its own.
 */
export type Conversation = {
	opening(view: Opening): Promise<'start' | 'some' | 'look' | 'resume' | 'fresh' | 'quit'>;
	/** Which steps; only after `some`. */
	chooseSteps(steps: readonly StepState[]): Promise<readonly StepId[]>;
	ask(question: Question, place: Place): Promise<Reply>;
	preview(view: Preview, place: Place): Promise<'apply' | 'back' | 'skip' | 'quit'>;
	/** Everything that happens while a step is applied, verified, undone. Never waits. */
	tell(event: Telling): void;
	/** A step that failed and was undone. */
	failure(view: Failure, place: Place): Promise<'retry' | 'edit' | 'skip' | 'quit'>;
	/** The guard's wait. Resolves as soon as the user decides; `signal` aborts it when the login was proven or the time is up. */
	guard(view: GuardView, signal: AbortSignal): Promise<'undo' | 'quit'>;
	/** New sightings while `guard` is open. */
	sighted(sighting: Sighting): void;
	/** A yes/no question outside of any step (take Node off again?, undo this?). */
	confirm(message: string, byDefault: boolean): Promise<boolean>;
	ending(view: Ending): Promise<void>;
	/** Puts the terminal back as it was. Safe to call twice. */
	close(): void;
};

export type Reply =
	| {type: 'answer'; value: unknown}
	| {type: 'back'}
	| {type: 'skip'}
	| {type: 'quit'};

export type StepState = {id: StepId; title: string; today: string; state: 'waiting' | 'current' | 'done' | 'skipped' | 'failed' | 'unfit'};

export type Opening = {
	version: string;
	hostname: string;
	os: string;
	facts: Facts;
	/** Sentences: who you are here, and how you came in. */
	connection: string;
	/** What was done to this server so far, and what this start may do, in a sentence. */
	promise: string;
	/** What anyone on the internet can reach now. */
	exposed: ReadonlyArray<{port: string; program: string; remark: string}>;
	steps: readonly StepState[];
	dryRun: boolean;
	/** An unfinished session, in one sentence. */
	unfinished?: string;
	/** What happened since the user was last here: a guard that fired, and why. */
	news?: string;
};

/** Where the user is. */
export type Place = {steps: readonly StepState[]; index: number; total: number; dryRun: boolean; question?: {index: number; total: number}};

export type Preview = {
	title: string;
	purpose: string;
	descriptions: readonly Description[];
	/** Names of packages and upgrades come first, as their own descriptions. */
	exposure: readonly Exposure[];
	warnings: readonly string[];
	safeBecause?: string;
	/** Why it is shown again, where it is. */
	again?: string;
};

export type Telling =
	| {type: 'step'; title: string; count: number}
	| {type: 'start'; description: Description}
	| {type: 'write'; event: WriteProgress}
	| {type: 'done'; description: Description; seconds: number}
	| {type: 'failed'; description: Description; message: string}
	| {type: 'reload'; unit: string; seconds: number}
	| {type: 'check'; check: Pick<Check, 'id' | 'title' | 'severity' | 'fix' | 'advice'>; verdict?: Verdict}
	| {type: 'undoing'; count: number; why: string}
	| {type: 'undone'; description: Description; left?: string}
	| {type: 'kept'; title: string; seconds: number}
	| {type: 'note'; text: string; tone: 'info' | 'good' | 'warning'};

export type Failure = {title: string; fact: string; evidence: readonly string[]; /** Empty where the undo was complete. */ left: readonly string[]};

export type GuardView = {
	title: string;
	/** The line to paste into a second terminal. */
	command: string;
	login: {user: string; port: number; sudo: 'nopasswd' | 'password'};
	/** Milliseconds since the epoch. */
	deadline: number;
};

/** What the wizard sees of the new login, in this order. */
export type Sighting =
	| {type: 'connection'; address: string; port: number}
	| {type: 'key'; user: string; key: string}
	| {type: 'sudo'; user: string};

export type Ending = {
	dryRun: boolean;
	changed: ReadonlyArray<{title: string; count: number; state: StepState['state']}>;
	remember: readonly string[];
	/** Where the same text was written. */
	file?: string;
};
