import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {machine} from '../../source/host/host.ts';
import {scratch} from '../../source/host/scratch.ts';

test('a scratch file is read by other programs, and has no name', async t => {
	const room = await mkdtemp(path.join(tmpdir(), 'scratch-'));
	try {
		const file = await scratch(async file => writeFile(file, 'some words'), room);
		t.is((await machine.run(['cat', file!.path])).stdout, 'some words');
		t.deepEqual(await readdir(room), []);
		t.is(await readFile(file!.path, 'utf8'), 'some words', 'it can be read again');
		file!.drop();
		await t.throwsAsync(readFile(file!.path), {code: 'ENOENT'});

		t.is(await scratch(async () => {/* makes nothing */}, room), undefined);
		t.is(await scratch(async file => mkdir(path.join(file, 'in', 'a', 'file')), room), undefined);
		t.deepEqual(await readdir(room), []);
		t.is(await scratch(async file => writeFile(file, ''), path.join(room, 'missing')), undefined);
	} finally {
		await rm(room, {recursive: true});
	}
});

test('it is in memory', async t => {
	const file = await machine.scratch(async file => writeFile(file, file));
	t.true((await readFile(file!.path, 'utf8')).startsWith('/dev/shm/harden-python-vps-'));
	file!.drop();
});
