import {join} from 'node:path';
import {build} from 'esbuild';
import {rootKey} from '../vps/image.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {sshArgv} from '../vps/ssh.ts';
import {Terminal} from '../vps/terminal.ts';

const harness = '/root/plain-harness.mjs';

async function install(server: Server): Promise<void> {
	const {outputFiles} = await build({
		entryPoints: [join(import.meta.dirname, 'plain-harness.ts')],
		bundle: true,
		write: false,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		banner: {js: 'import {createRequire} from "node:module"; const require = createRequire(import.meta.url);'},
	});
	await server.write(harness, outputFiles[0]!.contents);
}

/** The harness in a terminal over SSH; `noted` has script(1) note every byte that it writes. */
async function open(server: Server, term: string, {noted = false} = {}): Promise<Terminal> {
	const admin = await server.network.admin();
	const command = `node ${harness} /root/told`;
	const whole = noted ? `script --quiet --flush --return --command '${command}' /root/written` : command;
	return Terminal.open(admin, sshArgv(server.address(admin), {key: rootKey, options: ['-tt']}, `TERM=${term} ${whole}`));
}

async function told(server: Server): Promise<unknown[]> {
	return (await server.read('/root/told')).split('\n').filter(Boolean).map(line => JSON.parse(line) as unknown);
}

for (const term of ['dumb', 'vt220']) {
	onServer(`questions and the guard on a ${term} terminal over SSH`, async (t, server) => {
		await install(server);
		const terminal = await open(server, term, {noted: true});
		await terminal.waitFor('Which port? (5922)');
		await terminal.type('high');
		await terminal.send('Enter');
		await terminal.waitFor('Type a number.');
		// Inquirer leaves the wrong answer there to be put right; the plain reader asks again.
		await (term === 'dumb'
			? terminal.waitFor(screen => screen.split('Which port? (5922)').length === 3)
			: terminal.send('BSpace', 'BSpace', 'BSpace', 'BSpace'));

		await terminal.type('2222');
		await terminal.send('Enter');
		await terminal.waitFor('Which keys?');
		await terminal.paste('ssh-ed25519 AAAA one\nssh-rsa BBBB two\n\n');
		await terminal.waitFor('Which password?');
		await terminal.type('s3crex');
		await terminal.send('BSpace');
		await terminal.type('t');
		await terminal.send('Enter');
		await terminal.waitFor('Once more, please:');
		await terminal.type('s3cret');
		await terminal.send('Enter');
		await terminal.waitFor('Seen: deploy can use sudo.');
		await terminal.waitFor('Undone in 30 seconds.');
		await terminal.type('undo');
		await terminal.send('Enter');
		await terminal.waitFor('Keep it? (no)');
		await terminal.type('yes');
		await terminal.send('Enter');
		t.is(await terminal.ended(), 0);
		t.deepEqual(await told(server), [
			{type: 'answer', value: '2222'},
			{type: 'answer', value: 'ssh-ed25519 AAAA one\nssh-rsa BBBB two'},
			{type: 'answer', value: 's3cret'},
			'undo',
			true,
		]);
		const written = await server.read('/root/written');
		t.false(written.includes('s3cre'));
		t.is(written.includes('\u001B'), term !== 'dumb');
		await terminal.close();
	});

	for (const [what, leave] of [
		['Ctrl-C', async (terminal: Terminal) => terminal.send('C-c')],
		['Ctrl-D', async (terminal: Terminal) => terminal.send('C-d')],
		['a connection cut', async (terminal: Terminal) => terminal.hangUp()],
	] as const) {
		onServer(`${what} on a ${term} terminal is quit`, {releases: ['trixie']}, async (t, server) => {
			await install(server);
			const terminal = await open(server, term);
			await terminal.waitFor('Which port? (5922)');
			await leave(terminal);
			await server.waitFor('the answer', async () => server.exists('/root/told'));
			t.deepEqual(await told(server), [{type: 'quit'}]);
			await terminal.close();
		});
	}
}
