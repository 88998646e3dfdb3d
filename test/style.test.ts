import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {execa} from 'execa';

/** `npm run check` takes minutes of one processor: here, other tests run beside it. */
test('types and style hold', async t => {
	t.timeout(15 * 60_000);
	const {exitCode, all} = await execa('npm', ['run', '--silent', 'check'], {cwd: path.join(import.meta.dirname, '..'), reject: false, all: true, env: {...process.env, NODE_OPTIONS: ''}});
	t.is(exitCode, 0, all);
});
