import test from 'ava';
import {lockFrom, lockIsFor, optionsIn} from '../../source/engine/requirements-lock.ts';

/** Locks of dependencies, from what pip reports. */

const hash = 'ab'.repeat(32);
const entry = (name: string, changes: Record<string, unknown> = {}) => ({metadata: {name, version: '1.0'}, is_direct: false, download_info: {url: 'https://example.com/x', archive_info: {hash: `sha256=${hash}`}}, ...changes});
const report = (...install: readonly unknown[]) => JSON.stringify({version: '1', install});

test('a lock says each package in its version and with its hash, and what it is for', t => {
	const text = lockFrom(report(entry('Werkzeug'), entry('Flask', {metadata: {name: 'Flask', version: '3.1.3+local'}})), 'aaaaaaaaaaaa');
	t.deepEqual(text.split('\n').filter(line => !line.startsWith('#')), [`flask==3.1.3+local --hash=sha256:${hash}`, `werkzeug==1.0 --hash=sha256:${hash}`, '']);
	t.is(lockIsFor(text), 'aaaaaaaaaaaa');
	t.is(lockIsFor('flask==1\n'), '');
});

const wrong: ReadonlyArray<[what: string, entry: unknown]> = [
	['from an address', entry('x', {is_direct: true})],
	['from git', entry('x', {download_info: {url: 'https://example.com/x', vcs_info: {vcs: 'git'}}})],
	['without a hash', entry('x', {download_info: {archive_info: {}}})],
	['with a name that is more', entry('x\n--index-url=https://evil.example')],
	['with a version that is more', entry('x', {metadata: {name: 'x', version: '1 --hash=sha256:00'}})],
	['with a hash that is more', entry('x', {download_info: {archive_info: {hash: `sha256=${hash}\n-e .`}}})],
];

for (const [what, one] of wrong) {
	test(`nothing is locked by half: ${what}`, t => {
		t.throws(() => lockFrom(report(entry('flask'), one), 'aaaaaaaaaaaa'), {name: 'Problem', message: /cannot be locked/});
	});
}

test('a report that is none', t => {
	for (const text of ['', '{}', 'null', '{"install": [{}]}']) {
		t.throws(() => lockFrom(text, 'aaaaaaaaaaaa'), {name: 'Problem', message: /did not say/});
	}
});

test('where pip looks is told again, what it looks for is not', t => {
	t.deepEqual(optionsIn(['--index-url \\\n https://example.com/simple\nflask --hash=sha256:00\n# --pre\n', '  -i https://b.example\ngunicorn\n']), ['--index-url   https://example.com/simple', '-i https://b.example']);
});
