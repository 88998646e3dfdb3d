import type {Bench} from './bench.ts';
import {unfinishedRun} from './engine/journal.ts';
import {t} from './words.ts';

/** `14:32`, of milliseconds since the epoch, by this server's clock. */
export function timeOf(milliseconds: number): string {
	return new Date(milliseconds).toTimeString().slice(0, 5);
}

/** Where things stand when the user leaves before the end: the last lines on the terminal. */
export async function standing({journal, guard, session, options}: Bench): Promise<readonly string[]> {
	if (options.dryRun) {
		return [t('Stopped. This was a dry run: nothing was written.')];
	}

	const open = unfinishedRun(journal);
	const record = await guard.read();
	if (open && record?.run === open.run) {
		return [
			t('Stopped. "{step}" waits for your new login.', {step: open.title}),
			t('Without one, everything of that step is put back at {time}, by itself. Start the tool again to go on.', {time: timeOf(record.deadline)}),
		];
	}

	if (open) {
		return [
			t('Stopped in "{step}", between two changes.', {step: open.title}),
			t('Start the tool again to go on, or put it back with: {tool} undo --step {id}', {id: open.step}),
		];
	}

	const titles = options.steps.filter(({id}) => session.done.includes(id)).map(({title}) => title);
	if (titles.length > 0) {
		return [t('Stopped. Nothing is half done; these steps are done: {steps}.', {steps: titles.join(', ')}), t('Start the tool again to go on.')];
	}

	return session.chosen.length === 0
		? [t('Nothing was changed.')]
		: [t('Stopped. Nothing was changed. Your answers are kept for the next start.')];
}
