import test from 'ava';
import {findLoosening, looseningOf} from '../../source/engine/loosening.ts';

const livesWithout = (...needed: readonly string[]) => async (without: readonly string[]) => needed.every(name => without.includes(name));

test('an app that lives with its sandbox keeps all of it', async t => {
	t.deepEqual(await findLoosening(livesWithout()), []);
});

for (const one of Object.keys(looseningOf)) {
	test(`the one wall in the way is found: ${one}`, async t => {
		t.deepEqual(await findLoosening(livesWithout(one)), [one]);
	});
}

test('two walls in the way are found, and no third', async t => {
	t.deepEqual([...await findLoosening(livesWithout('ProcSubset', 'LockPersonality')) ?? []].toSorted(), ['LockPersonality', 'ProcSubset']);
});

test('an app that does not start at all is told from one that the sandbox stops', async t => {
	t.is(await findLoosening(async () => false), undefined);
});

test('what an app never gets is not among what can be left out', t => {
	for (const name of ['NoNewPrivileges', 'CapabilityBoundingSet', 'ProtectSystem', 'ProtectHome', 'User', 'RestrictSUIDSGID']) {
		t.false(name in looseningOf);
	}
});
