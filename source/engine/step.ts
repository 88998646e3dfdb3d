import type {Answers} from './answers-type.ts';
import type {Facts} from './facts.ts';
import type {Check, Host, Resource} from './types.ts';

export const stepIds = ['updates', 'ssh', 'firewall', 'fail2ban', 'app', 'secrets', 'postgres', 'web', 'https', 'django', 'permissions', 'backups', 'monitoring'] as const;
export type StepId = typeof stepIds[number];

/** A screen of the wizard. Everything but `checks` is pure: facts + answers → plain data. */
export type Step = {
	id: StepId;
	title: string;
	/** One plain sentence: why a developer wants this. */
	purpose: string;
	/** Where it stands today, in a few words, for the opening screen: `passwords allowed, root allowed, 1 key found`. */
	today(facts: Facts): string;
	/** Why this host cannot have it, and what to do. */
	unfit?(facts: Facts, answers: Answers): string | undefined;
	/** Asked in order. The list is made anew after each answer, so that an answer can open further questions. */
	questions(facts: Facts, answers: Answers): readonly Question[];
	/** Answers as they are where the user only presses Enter: what an unattended run starts from for a key left out. */
	resources(facts: Facts, answers: Answers): readonly Resource[];
	/** A step that can cut the admin off. Its change is armed with a revert, and kept only after a new login. Undefined where nothing is left to change that could. */
	guard?(facts: Facts, answers: Answers): Guarding | undefined;
	/** The effects to verify, after apply and in `audit`. */
	checks(facts: Facts, answers: Answers): readonly Check[];
	/** What its checks will ask and wait for longest: asked as soon as its packages are there, while the rest is made. Only looks. */
	ahead?(host: Host): Promise<unknown>;
	/** What the user has to remember, for the last screen; no line without a need. */
	remember?(facts: Facts, answers: Answers): readonly string[];
	/** What to think of before going on, from the facts alone: e.g. a database open to the internet. Shown in the preview. */
	warnings?(facts: Facts, answers: Answers): readonly string[];
	/** Who can reach what, before and after, for the preview's table. */
	exposure?(facts: Facts, answers: Answers): readonly Exposure[];
	/** Steps whose effect this one relies on: undoing one of them undoes this one first. */
	standsOn?: readonly StepId[];
	/** Steps without which this one has nothing to work on: it is left out, with that reason, where one of them was not taken. */
	needs?: readonly StepId[];
	/** What is right depends on the user's answers, so without them there is nothing to audit. Otherwise the defaults are audited. */
	auditedOnlyWhenTaken?: true;
};

export type Guarding = {
	/** The same as `resources`, with the old way in still open beside the new one. Applied first; `resources` follows the confirmed login. */
	bridge: readonly Resource[];
	/** What the new login must look like. */
	login: {user: string; port: number; sudo: 'nopasswd' | 'password'};
	/** One sentence: why this is safe. */
	safeBecause: string;
};

/** One row of the before/after table. */
export type Exposure = {what: string; before: string; after: string};

export type QuestionBase = {
	/** The path of the answer: `ssh.port`. */
	id: string;
	/** A full question. */
	message: string;
	/** Why it is asked, in plain words; one or two sentences. */
	why: string;
	/** What may break. */
	risk?: string;
	/** More, on request: the `?` key. */
	explain?: string;
};

export type Question = QuestionBase & (
	| {kind: 'text'; default: string; placeholder?: string; /** What is wrong and how to put it right, or undefined. */ validate(value: string): string | undefined; /** A fact about a valid value: `5922 is free on this server`. */ remark?(value: string): string | undefined; /** The stored form. */ parse(value: string): unknown; /** Several lines may be pasted (keys). */ lines?: true}
	| {kind: 'select'; default: unknown; choices: ReadonlyArray<{value: unknown; label: string; hint?: string}>}
	| {kind: 'checkbox'; default: readonly unknown[]; choices: ReadonlyArray<{value: unknown; label: string; hint?: string}>}
	| {kind: 'confirm'; default: boolean}
	/** Typed twice without echo; only its hash is kept, and never in the session. Pasted, once is enough, and it is taken as it is, or as `parse` stores it; nothing leaves the answer as it was. */
	| {kind: 'password'; default: ''; validate(value: string): string | undefined; pasted?: true; parse?(value: string): unknown}
);
