import test from 'ava';
import {runChecks} from '../../source/engine/check.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {emptyHost} from '../empty-host.ts';

const host: Host = {
	...emptyHost,
	run: async () => ({exitCode: 0, stdout: '', stderr: ''}),
};

/** Checks that are asked and answered by hand. */
function byHand() {
	const log: string[] = [];
	const answers = new Map<string, (verdict: Verdict) => void>();
	const check = (id: string, rest: Partial<Check> = {}): Check => ({
		id, title: id, severity: 'low', fix: '', ...rest,
		async verify() {
			log.push(`asked ${id}`);
			return new Promise(resolve => {
				answers.set(id, resolve);
			});
		},
	});
	const settled = async () => new Promise<void>(resolve => {
		setImmediate(resolve);
	});
	return {
		log,
		check,
		async answer(id: string, status: Verdict['status'] = 'pass') {
			await settled();
			answers.get(id)!({status, evidence: id});
			await settled();
		},
	};
}

test('checks that only look go side by side, told in their order; what writes goes alone', async t => {
	const {log, check, answer} = byHand();
	const checks = [check('a'), check('b'), check('ban', {writes: true}), check('c')];
	const running = runChecks(checks, host, ({id}, verdict) => {
		log.push(verdict ? `told ${id}` : `next ${id}`);
	});
	await answer('b');
	t.deepEqual(log, ['next a', 'asked a', 'asked b'], 'b is there first, and waits for its turn to be told');
	await answer('a');
	t.deepEqual(log.slice(3), ['told a', 'next b', 'told b', 'next ban', 'asked ban'], 'nobody else looks while it writes');
	await answer('ban');
	await answer('c');
	t.deepEqual(log.slice(8), ['told ban', 'next c', 'asked c', 'told c']);
	t.deepEqual((await running).map(({check: {id}, verdict}) => `${id} ${verdict.status}`), ['a pass', 'b pass', 'ban pass', 'c pass']);
});

test('no more than four at a time', async t => {
	const {log, check, answer} = byHand();
	const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
	const running = runChecks(ids.map(id => check(id)), host, () => undefined);
	await answer('b');
	t.deepEqual(log, ['asked a', 'asked b', 'asked c', 'asked d', 'asked f'], 'the place of b is free');
	for (const id of ['a', 'c', 'd', 'f', 'e']) {
		await answer(id);
	}

	t.is((await running).length, 6);
});

test('who fails is asked again by itself until it is the last word; who breaks has not passed', async t => {
	const verdicts: Record<string, Verdict[]> = {
		slow: [{status: 'fail', evidence: 'not yet'}, {status: 'pass', evidence: 'now'}],
		bad: [{status: 'fail', evidence: 'no'}, {status: 'fail', evidence: 'still no'}, {status: 'pass', evidence: 'never asked'}],
	};
	const tries: string[] = [];
	const check = (id: string, verify: Check['verify']): Check => ({id, title: id, severity: 'low', fix: '', verify});
	const results = await runChecks([
		check('slow', async () => verdicts['slow']!.shift()!),
		check('bad', async () => verdicts['bad']!.shift()!),
		check('broken', async () => {
			throw new Error('gone');
		}),
	], host, () => undefined, async (count, {id}) => {
		tries.push(`${id} ${count}`);
		return id === 'slow' || (id === 'bad' && count < 2);
	});
	t.deepEqual(results.map(({check: {id}, verdict: {status, evidence}}) => `${id} ${status} ${evidence}`), ['slow pass now', 'bad fail still no', 'broken fail gone']);
	t.deepEqual(tries.toSorted(), ['bad 1', 'bad 2', 'broken 1', 'slow 1']);
});

test('nothing is changed for a look where a check before it failed; failing advice is no reason', async t => {
	const check = (id: string, rest: Partial<Check> = {}, status: Verdict['status'] = 'pass'): Check => ({id, title: id, severity: 'low', fix: '', ...rest, verify: async () => ({status, evidence: ''})});
	const told = async (checks: readonly Check[]) => (await runChecks(checks, host, () => undefined)).map(({check: {id}, verdict: {status}}) => `${id} ${status}`);
	t.deepEqual(await told([check('a', {}, 'fail'), check('ban', {writes: true}), check('b')]), ['a fail', 'ban not-run', 'b pass']);
	t.deepEqual(await told([check('a', {advice: true}, 'fail'), check('ban', {writes: true})]), ['a fail', 'ban pass']);
});
