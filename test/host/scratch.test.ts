import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {machine} from '../../source/host/host.ts';

test.serial('a scratch file is read by other programs, has no name, and is private while it is made', async t => {
	const folder = await mkdtemp(path.join(tmpdir(), 'scratch-'));
	const before = process.env['TMPDIR'];
	process.env['TMPDIR'] = folder;
	try {
		const file = await machine.scratch(async file => writeFile(file, 'some words'));
		t.is((await machine.run(['cat', file!])).stdout, 'some words');
		t.deepEqual(await readdir(folder), []);
		t.is(await readFile(file!, 'utf8'), 'some words', 'it can be read again');

		t.is(await machine.scratch(async () => {/* makes nothing */}), undefined);
		t.is(await machine.scratch(async file => mkdir(path.join(file, 'in', 'a', 'file'))), undefined);
		t.deepEqual(await readdir(folder), []);

		process.env['TMPDIR'] = path.join(folder, 'missing');
		t.is(await machine.scratch(async file => writeFile(file, '')), undefined);
	} finally {
		if (before === undefined) {
			delete process.env['TMPDIR'];
		} else {
			process.env['TMPDIR'] = before;
		}

		await rm(folder, {recursive: true});
	}
});
