import {fileURLToPath} from 'node:url';
import process from 'node:process';
import type {Bench, Options} from './bench.ts';
import type {Conversation} from './engine/conversation.ts';
import type {Facts} from './engine/facts.ts';
import {openJournal, type JournalStore} from './engine/journal.ts';
import {newSession, parseSession, withoutSecrets} from './engine/session.ts';
import {collectFacts} from './host/facts/index.ts';
import {guardFor} from './host/guard.ts';
import {machine} from './host/host.ts';
import {takeLock, takeLockByForce, takeLockPatiently} from './host/lock.ts';
import {providersFor} from './host/providers/index.ts';
import {remembering} from './host/remembering.ts';
import {defaultStateFolder, journalIn, prepareStateFolder, readJson, writeJson} from './host/state-folder.ts';
import {isRoot} from './root.ts';
import {version} from './version.ts';

/** Where the state lies; tests choose their own. */
export function stateFolder(): string {
	return process.env['HARDEN_STATE_DIR'] ?? defaultStateFolder;
}

/** A dry run reads what was done, and forgets what it does. */
function forgetting(store: JournalStore): JournalStore {
	return {
		...store,
		read: async () => isRoot() ? store.read() : '',
		async append() {/* a dry run writes nothing */},
		async truncate() {/* a dry run writes nothing */},
		async putSecret() {/* a dry run writes nothing */},
	};
}

/** Signals that ask us to stop. The change in hand is always finished first. */
function listenToSignals(): () => NodeJS.Signals | undefined {
	let received: NodeJS.Signals | undefined;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			received ??= signal;
		});
	}

	return () => received;
}

/** Sets the tool up. `byForce` is the guard's: it makes way for itself. */
export async function makeBench(conversation: Conversation, options: Options, what: string, byForce = false): Promise<Bench> {
	const folder = stateFolder();
	const store = options.dryRun ? forgetting(journalIn(folder)) : journalIn(folder);
	let release: (() => Promise<void>) | undefined;
	if (!options.dryRun) {
		await prepareStateFolder(folder);
		release = await (byForce ? takeLockByForce : takeLock)(folder, what);
	}

	const open = async () => openJournal(store, {tool: version, now: () => new Date().toISOString()});
	const host = remembering(machine);
	let known: {writes: number; app: string; facts: Promise<Facts>} | undefined;
	const bench: Bench = {
		host,
		providers: providersFor(host),
		conversation,
		options,
		stateFolder: folder,
		guard: guardFor(host, folder),
		bundle: fileURLToPath(import.meta.url),
		async facts() {
			// Another app in the answers is other code to look at.
			const {answers, done} = bench.session;
			const app = JSON.stringify(answers.app ?? null);
			if (known?.writes !== bench.journal.writes || known.app !== app) {
				// The opening screen shows it; and where nobody goes back to that step, nobody asks for it once it is done.
				const isBehind = bench.options.unattended && known !== undefined && done.includes('updates');
				const pending = bench.options.steps.some(({id}) => id === 'updates') && !isBehind;
				known = {writes: bench.journal.writes, app, facts: collectFacts(host, answers, {pending})};
			}

			return known.facts;
		},
		lookAgain() {
			known = undefined;
		},
		recordBaseline: async () => undefined,
		watched: [],
		journal: await open(),
		async reopenJournal() {
			bench.journal = await open();
			known = undefined;
		},
		session: (isRoot() ? parseSession(await readJson(folder, 'session.json')) : undefined) ?? newSession(options.answers ?? {version: 1}, []),
		async saveSession(change) {
			bench.session = {...bench.session, ...change, updatedAt: new Date().toISOString()};
			if (!bench.options.dryRun) {
				await writeJson(folder, 'session.json', {...bench.session, answers: withoutSecrets(bench.session.answers)});
			}
		},
		async releaseLock() {
			await release?.();
			release = undefined;
		},
		async takeLock() {
			release = await takeLockPatiently(folder, what);
		},
		stopRequested: listenToSignals(),
		clock: () => performance.now(),
		busy: false,
	};
	return bench;
}
