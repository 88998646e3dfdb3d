import {utimes, writeFile} from 'node:fs/promises';
import test from 'ava';
import type {Host} from '../../source/engine/types.ts';
import {remembering} from '../../source/host/remembering.ts';
import {withTemporaryFile} from '../tool.ts';

function counting(): {host: Host; asked: string[]} {
	const asked: string[] = [];
	const host: Host = {
		async run(argv) {
			asked.push(argv.join(' '));
			return {exitCode: 0, stdout: String(asked.length), stderr: ''};
		},
		read: async () => undefined,
		list: async () => [],
	};
	return {host, asked};
}

test('what only packages change is asked again when they did, everything else always', async t => {
	await withTemporaryFile('status', async record => {
		const {host, asked} = counting();
		const again = remembering(host, [record, '/nowhere']);
		const version = async () => (await again.run(['ssh', '-V'])).stdout;
		t.is(await version(), '1');
		t.is(await version(), '1');
		t.is((await again.run(['ssh', '-Q', 'kex'])).stdout, '2');
		t.is((await again.run(['dpkg-query', '--show', 'a'])).stdout, '3');
		t.is((await again.run(['dpkg-query', '--show', 'b'])).stdout, '4');
		await again.run(['systemctl', 'is-active', 'ssh']);
		await again.run(['systemctl', 'is-active', 'ssh']);
		t.is(asked.length, 6);
		await utimes(record, 1, 1);
		t.is(await version(), '7');
		await writeFile(record, 'longer than before');
		await utimes(record, 1, 1);
		t.is(await version(), '8');
		t.is(await version(), '8');
	});
});
