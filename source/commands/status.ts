import process from 'node:process';
import type {Flags} from '../cli.ts';
import {describe} from '../engine/describe.ts';
import {openJournal, type Run} from '../engine/journal.ts';
import {guardFor} from '../host/guard.ts';
import {machine} from '../host/host.ts';
import {lockHolder} from '../host/lock.ts';
import {journalIn} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {assertRoot} from '../root.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {statusLines, type StatusView} from '../ui/report-lines.ts';
import {version} from '../version.ts';
import {t} from '../words.ts';

function viewOfRun({run, step, title, status, beganAt, endedAt, why, changes}: Run): StatusView['runs'][number] {
	return {
		run,
		step,
		title,
		status,
		beganAt,
		...endedAt !== undefined && {endedAt},
		...why !== undefined && {why},
		changes: changes.map(entry => ({description: describe(entry.change), status: entry.status, ...entry.left !== undefined && {left: entry.left}})),
	};
}

/** `status`: what is applied, undone, waiting for confirm. Reads only. */
export async function statusCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('What was done can be read by root only: run it with sudo.'));
	const folder = stateFolder();
	const store = journalIn(folder);
	// Reading must not mend a torn line under the hands of a wizard at work.
	const journal = await openJournal({...store, async truncate() {/* the next writer does */}}, {tool: version, now: () => ''});
	const guard = await guardFor(machine, folder).read();
	const holder = await lockHolder(folder);
	const view: StatusView = {version, ...holder && {holder}, ...guard && {guard}, runs: journal.runs.map(run => viewOfRun(run))};
	if (options['json']) {
		process.stdout.write(JSON.stringify(view, undefined, '\t') + '\n');
	} else {
		const {print, paint} = linesOn(process.stdout, flags.color);
		print(statusLines(view, paint));
	}

	return 0;
}
