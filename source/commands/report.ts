import {access} from 'node:fs/promises';
import {join} from 'node:path';
import process from 'node:process';
import {steps} from '../../steps/index.ts';
import {audit} from '../auditing.ts';
import type {Flags} from '../cli.ts';
import {judge, thatStand} from '../engine/accepted.ts';
import {scoreOf} from '../engine/check.ts';
import {openJournal, type Run} from '../engine/journal.ts';
import {newSession, parseSession, withoutSecrets} from '../engine/session.ts';
import {collectFacts} from '../host/facts/index.ts';
import {readAccepted, readBaseline} from '../host/audit-record.ts';
import {handOut} from '../host/hand-out.ts';
import {machine} from '../host/host.ts';
import {journalIn, prepareStateFolder, readJson, writeJson} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {here} from '../report/here.ts';
import {reportAsHtml} from '../report/html.ts';
import {toldSchema, type ReportInput, type Told} from '../report/input.ts';
import {reportAsMarkdown} from '../report/markdown.ts';
import {reportQuestions} from '../report/questions.ts';
import {reportOf} from '../report/report.ts';
import {assertRoot} from '../root.ts';
import {chooseConversation} from '../ui/choose.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {version} from '../version.ts';
import {exitCodes} from '../wizard.ts';
import {t} from '../words.ts';
import {dayOf} from './audit.ts';

type Wish = {format?: 'html' | 'md'; output?: string; ask?: boolean};

const toldFile = 'report.json';

/** Asks what only the user knows; whoever skips or leaves has said nothing new. */
async function asked(before: Told | undefined, flags: Flags): Promise<Told | undefined> {
	const conversation = await chooseConversation({...flags, plain: true});
	try {
		conversation.tell({type: 'note', tone: 'info', text: t('Three questions that no look at the server answers. Enter takes what stands in brackets; skip leaves them open.')});
		let told: Record<string, unknown> = {};
		for (const question of reportQuestions(before)) {
			const reply = await conversation.ask(question, {steps: [], index: 0, total: 1, dryRun: false});
			if (reply.type !== 'answer') {
				return before;
			}

			told = {...told, [question.id]: reply.value};
		}

		const parsed = toldSchema.parse(told);
		await prepareStateFolder(stateFolder());
		await writeJson(stateFolder(), toldFile, parsed);
		return parsed;
	} finally {
		conversation.close();
	}
}

async function runsSoFar(): Promise<readonly Run[]> {
	// Reading must not mend a torn line under the hands of a wizard at work.
	const journal = await openJournal({...journalIn(stateFolder()), async truncate() {/* the next writer does */}}, {tool: version, now: () => ''});
	return journal.runs;
}

/** How the tool is run here: by the copy that it left, or by npx. */
async function ownCommand(): Promise<string> {
	const kept = join(stateFolder(), 'harden-python-vps.mjs');
	return access(kept).then(() => `sudo node ${kept}`, () => 'sudo npx harden-python-vps');
}

async function gather(told: Told | undefined): Promise<ReportInput> {
	const folder = stateFolder();
	const session = parseSession(await readJson(folder, 'session.json')) ?? newSession({version: 1}, []);
	const [facts, risks, baseline, runs, command] = await Promise.all([collectFacts(machine, session.answers, {pending: false}), readAccepted(folder), readBaseline(folder), runsSoFar(), ownCommand()]);
	const now = new Date();
	const results = judge(await audit(machine, facts, session.answers), risks, dayOf(now));
	const {done} = session;
	const answers = withoutSecrets({version: 1, ...Object.fromEntries(Object.entries(session.answers).filter(([block]) => (done as readonly string[]).includes(block)))});
	return {version, at: now.toISOString(), facts, answers, done, steps, results, ...baseline && {baseline}, runs, ...told && {told}, command, stateFolder: folder};
}

/** Where it lies, how to fetch it from there, and what it says in a line. */
function lastWords(path: string, input: ReportInput): readonly string[] {
	const {results} = input;
	const failing = thatStand(results, 'fail').length;
	const {address, port, user} = here(input);
	return [
		t('The report is in {path}, for root only. Score: {score} of 100, {failing} checks fail.', {path, score: scoreOf(results), failing}),
		t('To fetch it, on your own computer:'),
		`    ssh -p ${port} ${user}@${address} sudo cat ${path} > ${path.split('/').at(-1)!}`,
	];
}

/** `report`: one file for whoever has to know how this server stands. Reads only, but for the file itself. */
export async function reportCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('The checks ask sshd, the firewall and Fail2Ban, which answer root only: run it with sudo.'));
	const {format, output, ask = false}: Wish = options;
	const stored = toldSchema.safeParse(await readJson(stateFolder(), toldFile)).data;
	const canAsk = process.stdin.isTTY && process.stdout.isTTY && !flags.yes && output !== '-';
	const told = canAsk && (ask || stored === undefined) ? await asked(stored, flags) : stored;
	const kind = format ?? (output?.endsWith('.md') ? 'md' : 'html');
	const input = await gather(told);
	const report = reportOf(input);
	const text = kind === 'md' ? reportAsMarkdown(report) : reportAsHtml(report, flags.lang);
	if (output === '-') {
		process.stdout.write(text);
		return exitCodes.done;
	}

	if (output === undefined) {
		await prepareStateFolder(stateFolder());
	}

	const path = await handOut(output ?? join(stateFolder(), `report.${kind}`), text);
	linesOn(process.stdout, flags.color).print(lastWords(path, input));
	return exitCodes.done;
}
