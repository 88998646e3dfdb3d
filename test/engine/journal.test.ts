import test from 'ava';
import {openJournal, undoableRuns, unfinishedRun, type JournalStore} from '../../source/engine/journal.ts';
import type {Change} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';

function memory(text = ''): JournalStore & {text: string} {
	return {
		text,
		async read() {
			return this.text;
		},
		async append(more) {
			this.text += more;
		},
		async truncate(length) {
			this.text = this.text.slice(0, length);
		},
		async putSecret() {/* none here */},
		async getSecret() {
			return '';
		},
	};
}

const options = {tool: '1.0.0', now: () => '2026-01-01T00:00:00.000Z'};
const change: Change = {type: 'sysctl', name: 'a.b', why: '', before: {value: '0'}, desired: {value: '1'}};

test('a run is known again after a restart', async t => {
	const store = memory();
	const journal = await openJournal(store, options);
	const run = await journal.begin('ssh', 'SSH');
	const [id] = await journal.intend(run, [change]);
	await journal.record({event: 'done', run, id: id!});
	const again = await openJournal(store, options);
	t.like(again.run(run), {step: 'ssh', status: 'open', changes: [{id: 1, status: 'done', change}]});
	t.is(unfinishedRun(again)?.run, run);
	await again.record({event: 'kept', run});
	t.is(unfinishedRun(await openJournal(store, options)), undefined);
	t.is(undoableRuns(again).length, 1);
});

test('a torn last line never happened, and the next event starts on a line of its own', async t => {
	const store = memory();
	const journal = await openJournal(store, options);
	await journal.begin('ssh', 'SSH');
	store.text += '{"event":"intent","run":1,"id":1,"chan';
	const again = await openJournal(store, options);
	t.is(again.run(1).changes.length, 0);
	await again.record({event: 'kept', run: 1});
	t.is((await openJournal(store, options)).run(1).status, 'kept');
});

for (const [what, text] of [
	['a broken line in the middle', '{"event":"open","version":1,"tool":"1","at":""}\n{oops\n{"event":"kept","run":1,"at":""}\n'],
	['a run that never began', '{"event":"open","version":1,"tool":"1","at":""}\n{"event":"kept","run":7,"at":""}\n'],
	['a newer version', '{"event":"open","version":99,"tool":"9","at":""}\n'],
] as const) {
	test(`${what} is a Problem, not a guess`, async t => {
		await t.throwsAsync(openJournal(memory(text), options), {instanceOf: Problem});
	});
}

test('what lasts, and was told so, is not offered for undo again', async t => {
	const journal = await openJournal(memory(), options);
	const run = await journal.begin('updates', 'Updates');
	const [id] = await journal.intend(run, [{...change, lasting: 'upgrades stay'}]);
	await journal.record({event: 'done', run, id: id!}, {event: 'kept', run});
	t.is(undoableRuns(journal).length, 1);
	await journal.record({event: 'undo', run, why: ''}, {event: 'undone', run, id: id!, left: 'upgrades stay'}, {event: 'closed', run});
	t.is(undoableRuns(journal).length, 0);
});
