import test from 'ava';
import {apply} from '../../source/engine/apply.ts';
import {undoableRuns, unfinishedRun} from '../../source/engine/journal.ts';
import {allChanges, plan} from '../../source/engine/plan.ts';
import type {Resource} from '../../source/engine/types.ts';
import {settle, undoRun, type Undoing} from '../../source/engine/undo.ts';
import {FakeMachine, PowerCut} from './fake-machine.ts';

const file = (content: string) => ({content, mode: 0o644, owner: 'root', group: 'root'});

/** One of each way of writing: a transaction, atomic files (new, changed, removed, secret), and half-way states. */
const wanted: readonly Resource[] = [
	{type: 'package', name: 'fail2ban', desired: {installed: true}, why: ''},
	{type: 'package', name: 'ufw', desired: {installed: true}, why: ''},
	{type: 'file', name: '/etc/new', desired: file('new'), why: ''},
	{type: 'file', name: '/etc/changed', desired: file('after'), why: ''},
	{type: 'file', name: '/etc/removed', desired: null, why: ''},
	{type: 'file', name: '/etc/secret', desired: file('hush'), why: '', secret: true},
	{type: 'user', name: 'deploy', desired: {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']}, why: ''},
	{type: 'sysctl', name: 'net.ipv4.tcp_syncookies', desired: {value: '1'}, why: ''},
];

function fresh(): FakeMachine {
	const machine = new FakeMachine();
	machine.things.set('file /etc/changed', file('before'));
	machine.things.set('file /etc/removed', file('theirs'));
	machine.things.set('sysctl net.ipv4.tcp_syncookies', {value: '0'});
	return machine;
}

async function undoing(machine: FakeMachine): Promise<Undoing> {
	return {
		providers: machine.providers,
		journal: await machine.openJournal(),
		tell() {/* nothing listens */},
		async reload() {/* nothing runs */},
	};
}

/** A start of the tool: settle what is open, plan again, apply, keep. */
async function applyAll(machine: FakeMachine): Promise<void> {
	const context = await undoing(machine);
	const {journal, providers} = context;
	const open = unfinishedRun(journal);
	const {continued} = open ? await settle(open, context) : {};
	const changes = allChanges(await plan(wanted, providers));
	if (!continued && changes.length === 0) {
		return;
	}

	const run = continued?.run ?? await journal.begin('ssh', 'SSH');
	await apply({run, changes, providers, journal, tell() {/* nothing listens */}, clock: () => 0});
	await journal.record({event: 'kept', run});
}

async function undoAll(machine: FakeMachine): Promise<void> {
	const context = await undoing(machine);
	const open = unfinishedRun(context.journal);
	if (open?.status === 'undoing') {
		await settle(open, context);
	}

	for (const run of undoableRuns(context.journal)) {
		await undoRun(run, 'asked for', context);
	}
}

/** Runs the work, cut after `first` effects, then again cut after `second`, then to its end. Returns whether both cuts bit. */
async function throughTwoCuts(machine: FakeMachine, work: (machine: FakeMachine) => Promise<void>, first: number, second: number): Promise<boolean> {
	let cuts = 0;
	for (const budget of [first, second, Number.POSITIVE_INFINITY]) {
		machine.cutAfter(budget);
		try {
			await work(machine);
		} catch (error) {
			if (!(error instanceof PowerCut)) {
				throw error;
			}

			cuts++;
		}
	}

	return cuts === 2;
}

async function effectsOf(machine: FakeMachine, work: (machine: FakeMachine) => Promise<void>): Promise<number> {
	machine.cutAfter(Number.POSITIVE_INFINITY);
	await work(machine);
	return machine.effects;
}

test('an uninterrupted apply makes everything as wanted, and again is nothing', async t => {
	const machine = fresh();
	await applyAll(machine);
	t.is(allChanges(await plan(wanted, machine.providers)).length, 0);
	const {effects} = machine;
	machine.cutAfter(Number.POSITIVE_INFINITY);
	await applyAll(machine);
	t.true(effects > 20);
	t.is(machine.effects, 0, 'a second run has no effect at all');
});

test('apply: the power cut at every effect, twice, leaves no difference, and undo still leads back to the start', async t => {
	const reference = fresh();
	const effects = await effectsOf(reference, applyAll);
	let doubles = 0;
	for (let first = 0; first < effects; first++) {
		for (let second = 0; second < effects; second++) {
			const machine = fresh();
			doubles += await throughTwoCuts(machine, applyAll, first, second) ? 1 : 0;
			t.deepEqual(machine.picture(), reference.picture(), `cut after ${first}, then ${second}`);
			machine.cutAfter(Number.POSITIVE_INFINITY);
			await undoAll(machine);
			t.deepEqual(machine.picture(), fresh().picture(), `undone after cuts at ${first}, ${second}`);
		}
	}

	t.true(doubles > 200, `${doubles} runs were cut twice`);
});

test('undo: the power cut at every effect, twice, leads back to the start', async t => {
	const done = fresh();
	await applyAll(done);
	const effects = await effectsOf(done, undoAll);
	let doubles = 0;
	for (let first = 0; first < effects; first++) {
		for (let second = 0; second < effects; second++) {
			const machine = fresh();
			await applyAll(machine);
			doubles += await throughTwoCuts(machine, undoAll, first, second) ? 1 : 0;
			t.deepEqual(machine.picture(), fresh().picture(), `cut after ${first}, then ${second}`);
		}
	}

	t.true(doubles > 100, `${doubles} runs were cut twice`);
});

test('a half-applied run can be undone at once instead of being continued, whichever effect was cut', async t => {
	const effects = await effectsOf(fresh(), applyAll);
	for (let first = 0; first < effects; first++) {
		const machine = fresh();
		machine.cutAfter(first);
		await t.throwsAsync(applyAll(machine), {instanceOf: PowerCut});
		machine.cutAfter(Number.POSITIVE_INFINITY);
		await undoAll(machine);
		t.deepEqual(machine.picture(), fresh().picture(), `cut after ${first}`);
	}
});

test('an edit made since is neither overwritten by apply nor by undo', async t => {
	const machine = fresh();
	const {journal, providers, ...rest} = await undoing(machine);
	const {configuration} = await plan(wanted, providers);
	machine.things.set('file /etc/changed', file('edited since the preview'));
	const run = await journal.begin('ssh', 'SSH');
	await t.throwsAsync(apply({run, changes: configuration, providers, journal, tell() {/* nothing listens */}, clock: () => 0}), {message: /changed by someone else since the preview/});
	await undoRun(journal.run(run), 'failed', {journal, providers, ...rest});
	t.deepEqual(machine.things.get('file /etc/changed'), file('edited since the preview'));
	t.is(machine.things.get('file /etc/new'), undefined);
	machine.things.set('file /etc/changed', file('before'));
	await applyAll(machine);
	machine.things.set('file /etc/new', file('mine now'));
	const context = await undoing(machine);
	const left = await undoRun(undoableRuns(context.journal)[0]!, 'asked for', context);
	t.deepEqual(left.map(({change}) => change.name), ['/etc/new']);
	t.deepEqual(machine.picture(), {...fresh().picture(), 'file /etc/new': file('mine now')});
});

test('secrets are in the vault, never in the journal', async t => {
	const machine = fresh();
	await applyAll(machine);
	t.false(machine.journal.includes('hush'));
	t.true([...machine.secrets.values()].some(text => text.includes('hush')));
});

/** All or nothing, as a rotation is: a start settles what a crash left; then, while it is not yet so, the change is made. */
async function turnWhole(machine: FakeMachine, after: 'settling' | 'all' = 'all'): Promise<void> {
	const context = await undoing(machine);
	const {journal, providers} = context;
	const open = unfinishedRun(journal);
	if (open) {
		assertSettled(await settle(open, context));
	}

	const changes = allChanges(await plan(wanted.filter(({type}) => type === 'file'), providers)).map(change => ({...change, lasting: 'It does not come back.'}));
	if (after === 'settling' || changes.length === 0) {
		return;
	}

	const run = await journal.begin('postgres', 'A new password', {whole: true});
	await apply({run, changes, providers, journal, tell() {/* nothing listens */}, clock: () => 0});
	await journal.record({event: 'kept', run});
	await journal.finish(run, 'It does not come back.');
}

/** A whole run is never gone on with. */
function assertSettled({continued}: Awaited<ReturnType<typeof settle>>): void {
	if (continued) {
		throw new Error('A whole run was to be gone on with');
	}
}

test('a whole run: the power cut at every effect leaves all or nothing, and what was finished is neither undone nor remembered', async t => {
	const done = fresh();
	const effects = await effectsOf(done, turnWhole);
	for (let first = 0; first < effects; first++) {
		const machine = fresh();
		machine.cutAfter(first);
		await t.throwsAsync(turnWhole(machine), {instanceOf: PowerCut});
		machine.cutAfter(Number.POSITIVE_INFINITY);
		await turnWhole(machine, 'settling');
		const isKept = JSON.stringify(machine.picture()) === JSON.stringify(done.picture());
		t.deepEqual(machine.picture(), (isKept ? done : fresh()).picture(), `cut after ${first}`);
	}

	t.false([...done.secrets.values()].some(text => text.includes('hush')), 'the vault has forgotten it');
	t.is(undoableRuns((await undoing(done)).journal).length, 0);
	const picture = done.picture();
	await undoAll(done);
	t.deepEqual(done.picture(), picture);
});
