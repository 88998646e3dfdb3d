import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import type {Host, Look} from '../../source/engine/types.ts';
import {machine} from '../../source/host/host.ts';
import {pathsIn, placesAt} from '../../source/host/places.ts';
import {emptyHost} from '../empty-host.ts';

/** A host with these things on it, and accounts of which the name service lists two. */
function hostWith(things: Readonly<Record<string, Look>>): {host: Host; asked: string[]} {
	const asked: string[] = [];
	const answers: Record<string, string> = {
		'getent passwd': 'root:x:0:0::/root:/bin/sh\ndeploy:x:1000:1000::/home/deploy:/bin/sh\n',
		'getent group': 'root:x:0:\nshadow:x:42:\n',
		'getent passwd 70001': 'afar:x:70001:70001::/:/bin/sh\n',
	};
	const host: Host = {
		...emptyHost,
		async run(argv) {
			asked.push(argv.join(' '));
			return {exitCode: 0, stdout: answers[argv.join(' ')] ?? '', stderr: ''};
		},
		look: async name => things[name],
	};
	return {host, asked};
}

test('places have the names of whose they are, or the numbers that nobody has', async t => {
	const {host, asked} = hostWith({
		'/etc/shadow': {kind: 'file', mode: 0o640, uid: 0, gid: 42},
		'/home/a|b': {kind: 'directory', mode: 0o755, uid: 1000, gid: 1005},
		'/srv/x': {kind: 'link', mode: 0o777, uid: 70_001, gid: 0},
	});
	t.deepEqual([...await placesAt(host, ['/etc/shadow', '/etc/shadow', '/nowhere'])], [['/etc/shadow', {kind: 'file', mode: 0o640, owner: 'root', group: 'shadow'}]]);
	t.deepEqual(asked, ['getent passwd', 'getent group'], 'nobody is asked for one by one without need');
	t.deepEqual([...(await placesAt(host, ['/home/a|b', '/srv/x'])).values()], [
		{kind: 'directory', mode: 0o755, owner: 'deploy', group: '1005'},
		{kind: 'link', mode: 0o777, owner: 'afar', group: 'root'},
	]);
});

test('real files, with set-id bits, links not followed, so many levels deep', async t => {
	const folder = await mkdtemp(path.join(tmpdir(), 'places-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	const at = (...names: string[]) => path.join(folder, ...names);
	await mkdir(at('a', 'b', 'c'), {recursive: true});
	await writeFile(at('a', 'file'), '');
	await chmod(at('a', 'file'), 0o4711);
	await symlink(at('a'), at('link'));
	t.deepEqual((await pathsIn(machine, folder, 2)).toSorted(), [at('a'), at('a', 'b'), at('a', 'file'), at('link')]);
	t.deepEqual(await pathsIn(machine, at('link'), 2), []);
	t.deepEqual(await machine.look(at('a', 'file')), {kind: 'file', mode: 0o4711, uid: process.getuid!(), gid: process.getgid!()});
	t.is((await machine.look(at('link')))?.kind, 'link');
	t.is((await machine.look(at('a')))?.kind, 'directory');
	t.is(await machine.look(at('nowhere')), undefined);
});
