import type {Answers} from './answers.ts';
import type {Conversation} from './engine/conversation.ts';
import type {Facts} from './engine/facts.ts';
import type {Journal} from './engine/journal.ts';
import type {Session} from './engine/session.ts';
import type {Step} from './engine/step.ts';
import type {Host, Providers} from './engine/types.ts';
import type {guardFor} from './host/guard.ts';

/** What the user asked for on the command line. */
export type Options = {
	dryRun: boolean;
	/** Milliseconds; undefined with --no-guard. */
	guardTimeout?: number;
	/** Answers are taken from a file or are the defaults, and nobody is asked. */
	unattended: boolean;
	/** The answers of --answers, if any. */
	answers?: Answers;
	/** --only and --skip, already resolved. */
	steps: readonly Step[];
};

/** Everything that a run of the tool works with. Made once, in cli.ts; only the journal, the session, what is watched, what was looked at and a turn to looking only move. */
export type Bench = {
	readonly host: Host;
	readonly providers: Providers;
	readonly conversation: Conversation;
	options: Options;
	readonly stateFolder: string;
	readonly guard: ReturnType<typeof guardFor>;
	/** This very file, for the guard to copy. */
	readonly bundle: string;
	/** The facts, collected anew after anything was changed. */
	facts(): Promise<Facts>;
	/** The user may have changed something: collect them anew the next time. */
	lookAgain(): void;
	/** Puts on record how the server stood before the first change; does nothing where it was changed before. */
	recordBaseline(): Promise<void>;
	/** What still looks on whether a change of the run lasts: waited for before the run is kept. */
	watched: Array<Promise<void>>;
	journal: Journal;
	/** The journal was written by someone else (the guard): read it anew. */
	reopenJournal(): Promise<void>;
	session: Session;
	saveSession(change: Partial<Session>): Promise<void>;
	/** Released for the guard when its time has come. */
	releaseLock(): Promise<void>;
	takeLock(): Promise<void>;
	/** The user or the system asked us to stop: SIGINT, SIGHUP, SIGTERM. */
	stopRequested(): NodeJS.Signals | undefined;
	clock(): number;
	/** While true a signal waits until the change in hand is finished. */
	busy: boolean;
};
