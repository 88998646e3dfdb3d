import {setTimeout} from 'node:timers/promises';
import type {Sighting} from '../../source/engine/conversation.ts';
import type {Proof} from '../../source/host/confirm.ts';
import {onServer} from '../vps/on-server.ts';
import {rootKey} from '../vps/image.ts';
import type {Server} from '../vps/server.ts';
import {sshArgv} from '../vps/ssh.ts';
import {bystander} from '../vps/sets.ts';
import {guarded, harness, type Guarded} from './guarded-server.ts';

/** What counts as the new login, on real servers: to the wizard that watches, and to `confirm` inside of it. */

type Seen = Sighting | {type: 'end'};

/** Watches for so many milliseconds while something happens, and returns what was seen. */
async function watching(guard: Guarded, milliseconds: number, act: () => Promise<unknown>): Promise<readonly Seen[]> {
	const watched = guard.ask<Seen>('watch', milliseconds);
	await setTimeout(1500);
	await act();
	return watched;
}

/** `confirm` as its user types it, in whatever that login's shell is made to run. */
const confirm = `sudo node ${harness} confirm`;

async function proofOf(server: Server, login: Parameters<Server['ssh']>[0]): Promise<Proof> {
	const {stdout, stderr} = await server.ssh({command: confirm, ...login});
	const json = /\{"ok".*\}/.exec(stdout)?.[0];
	return json === undefined ? {ok: false, why: `no answer: ${stdout}${stderr}`, wayOut: ''} : JSON.parse(json) as Proof;
}

onServer('sees the new login, and none of those that prove nothing', async (t, server) => {
	const guard = await guarded(server);
	const {key} = guard;
	await server.network.admin();
	await guard.ask('arm', {milliseconds: 300_000});
	const home = {user: 'deploy', key, port: 5922};

	const nothing = await watching(guard, 16_000, async () => {
		await server.run(['cp', '-r', '/home/deploy/.ssh', '/root/deploy-ssh']);
		await server.copyIn(key, '/root/deploy-key');
		await server.run(['chmod', '600', '/root/deploy-key']);
		const local = sshArgv('127.0.0.1', {...home, key: '/root/deploy-key'}, 'sleep 2');
		const own = sshArgv(server.addresses.ipv4, {...home, key: '/root/deploy-key'}, 'sleep 2');
		await Promise.all([
			server.ssh({...home, port: 22, command: 'sleep 2'}),
			server.ssh({user: 'root', port: 5922, command: 'sleep 2'}),
			server.ssh({user: 'deploy', port: 5922, password: 'correct', command: 'sleep 2'}),
			server.ssh({...home, user: 'Accepted publickey for deploy from 198.51.100.7 port 5 ssh2'}),
			server.run(local),
			server.run(own),
			server.run(['runuser', '-u', 'deploy', '--', 'logger', '-t', 'sshd', 'Accepted publickey for deploy from 198.51.100.7 port 5 ssh2: ED25519 SHA256:6A9Socs+bAVwUZbwwwhWTpb/VCAEZMh02Dp5tLIlM1Y']),
		]);
	});
	t.deepEqual([...new Set(nothing.map(({type}) => type))], ['connection', 'end']);
	t.true(nothing.every(seen => seen.type !== 'connection' || (seen.address === '198.51.100.7' && seen.port === 5922)));

	for (const family of ['ipv4', 'ipv6'] as const) {
		await guard.ask('extend', 300_000);
		const began = Date.now();
		const seen = await watching(guard, 30_000, async () => server.ssh({...home, family, command: 'sleep 1'}));
		t.true(Date.now() - began < 15_000);
		t.is(seen.length, 4, JSON.stringify(seen));
		const address = family === 'ipv4' ? '198.51.100.7' : '2001:db8:198:51::7';
		t.deepEqual(seen.filter(({type}) => type !== 'key'), [{type: 'connection', address, port: 5922}, {type: 'sudo', user: 'deploy'}, {type: 'end'}]);
		t.regex((seen[1] as Sighting & {type: 'key'}).key, /^ED25519 SHA256:[\w+/]{43}$/);
	}

	// A login of before is not a new one; the next is, also to a wizard that was started again after it.
	await guard.ask('extend', 300_000);
	t.deepEqual(await watching(guard, 4000, async () => undefined), [{type: 'end'}]);
	const login = server.ssh({...home, command: 'sleep 6'});
	await setTimeout(1000);
	const late = await guard.ask<Seen>('watch', 15_000);
	t.deepEqual(late.map(({type}) => type), ['connection', 'key', 'sudo', 'end']);
	await login;
});

onServer('waits for a real sudo where that asks for a password', {releases: ['bookworm']}, async (t, server) => {
	const guard = await guarded(server, {sudo: 'ALL'});
	await guard.ask('arm', {milliseconds: 300_000, login: {user: 'deploy', port: 5922, sudo: 'password'}});
	const home = {user: 'deploy', key: guard.key, port: 5922};
	const wrong = await watching(guard, 12_000, async () => server.ssh({...home, command: 'echo wrong | sudo -S true; sudo -n true; logger -t sudo "pam_unix(sudo:session): session opened for user root(uid=0) by deploy(uid=0)"; sleep 1'}));
	t.deepEqual(wrong.map(({type}) => type), ['connection', 'key', 'end']);
	await guard.ask('extend', 300_000);
	const right = await watching(guard, 20_000, async () => server.ssh({...home, options: ['-tt'], command: 'echo correct | sudo -S true; sleep 1'}));
	t.deepEqual(right.map(({type}) => type), ['connection', 'key', 'sudo', 'end']);
});

onServer('does not call it proven where sudo does not work', {releases: ['trixie']}, async (t, server) => {
	const guard = await guarded(server, {sudo: 'ALL'});
	await guard.ask('arm', {milliseconds: 300_000});
	const seen = await watching(guard, 12_000, async () => server.ssh({user: 'deploy', key: guard.key, port: 5922, command: 'sleep 2'}));
	t.deepEqual(seen.map(({type}) => type), ['connection', 'key', 'end']);
});

onServer('confirm: a new login passes, in whatever way it runs sudo', {packages: bystander}, async (t, server) => {
	const guard = await guarded(server);
	await guard.ask('arm', {milliseconds: 300_000});
	const home = {user: 'deploy', key: guard.key, port: 5922};
	for (const command of [confirm, `bash -lc '${confirm}; true'`, `sudo -s sh -c 'node ${harness} confirm; true'`, `env SSH_CONNECTION='9.9.9.9 1 9.9.9.9 22' ${confirm}`]) {
		const proof = await proofOf(server, {...home, command});
		t.true(proof.ok, `${command}: ${JSON.stringify(proof)}`);
		t.regex(proof.ok ? proof.who : '', /^deploy from 198\.51\.100\.7, key ED25519 SHA256:/);
	}

	t.true((await proofOf(server, {...home, family: 'ipv6', options: ['-tt']})).ok);
});

onServer('confirm: anything else is refused, and why', {releases: ['trixie'], packages: bystander}, async (t, server) => {
	const guard = await guarded(server);
	const home = {user: 'deploy', key: guard.key, port: 5922};
	const client = await server.network.admin();
	// A connection from before, which later shells ride on.
	const master = ['-o', 'ControlPath=/run/harden-lab-%C'];
	await client.run(sshArgv(server.address(client), {...home, options: [...master, '-M', '-N', '-f']}));
	await guard.ask('arm', {milliseconds: 300_000});

	const refusal = async (login: Parameters<Server['ssh']>[0]): Promise<string> => {
		const proof = await proofOf(server, {...home, ...login});
		return proof.ok ? 'proven' : proof.why;
	};

	t.regex(await refusal({options: master}), /older than the change/);
	await client.run(sshArgv(server.address(client), {...home, options: [...master, '-O', 'exit']}));
	t.is(await refusal({}), 'proven');
	t.regex(await refusal({port: 22}), /came in on port 22, not on port 5922/);
	await server.write('/etc/sudoers.d/other', 'other ALL=(ALL) NOPASSWD: ALL\n', {mode: 0o440});
	await server.run(['sh', '-ec', 'useradd --create-home other; cp -r /home/deploy/.ssh /home/other/; chown -R other: /home/other']);
	t.regex(await refusal({user: 'other'}), /not a login of deploy/);
	t.regex(await refusal({user: 'root', key: rootKey, command: `node ${harness} confirm`}), /not a login of deploy/);
	t.regex(await refusal({key: undefined, password: 'correct'}), /used a password/);
	t.regex(await refusal({options: ['-tt'], command: `tmux new-session -d "${confirm} > /tmp/proof"; sleep 4; cat /tmp/proof`}), /tmux or screen/);
	const [console] = await guard.ask<Proof>('confirm');
	t.regex(console!.ok ? 'proven' : console!.why, /not opened by a login over SSH/);
	await server.copyIn(guard.key, '/root/deploy-key');
	await server.run(['chmod', '600', '/root/deploy-key']);
	const own = await server.run(sshArgv(server.addresses.ipv4, {...home, key: '/root/deploy-key'}, confirm));
	t.regex(own.stdout, /came from the server itself/);
	await server.write('/root/su', `#!/bin/sh\nnode ${harness} confirm\n`, {mode: 0o755});
	await server.run(['sh', '-c', 'echo root:secret | chpasswd']);
	t.regex(await refusal({options: ['-tt'], command: '(sleep 2; echo secret) | su -c /root/su'}), /without sudo/);
});
