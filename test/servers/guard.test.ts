import {setTimeout} from 'node:timers/promises';
import {execa} from 'execa';
import type {ExecutionContext} from 'ava';
import type {GuardRecord} from '../../source/host/guard.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {guarded, harness, type Guarded} from './guarded-server.ts';

/** The armed revert on real servers: when it fires, what it survives, and what it leaves. */

/** Arms for so many milliseconds and hangs with a change made, like a wizard at work; then dies by SIGKILL. Returns the deadline. */
async function armAndDie(server: Server, {record}: Guarded, milliseconds: number): Promise<number> {
	const [program, ...rest] = server.argv(['node', harness, 'hang', JSON.stringify({milliseconds})]);
	const wizard = execa(program!, rest, {reject: false, stdio: 'ignore'});
	const {stdout: pid} = await server.waitFor('the change', async () => server.run(['grep', '.', '/root/guarded']));
	const armed = await record();
	await server.run(['kill', '-KILL', pid]);
	await wizard;
	return armed === 'nothing' ? 0 : armed.deadline;
}

async function waitForFire(server: Server, {fired}: Guarded, timeout: number): Promise<number> {
	const {at} = await server.waitFor('the guard to fire', async () => (await fired()).find(({what}) => what === 'ended'), {timeout});
	return at;
}

async function assertPutBack(t: ExecutionContext, server: Server, {ask, record}: Guarded): Promise<void> {
	t.false(await server.exists('/root/guarded'));
	t.like(await record(), {state: 'fired', outcome: 'Run 1 is put back.', run: 1, step: 'ssh'});
	await ask('disarm');
	t.is(await record(), 'nothing');
	t.false(await server.exists('/etc/systemd/system/harden-guard.service'));
}

onServer('fires at its deadline after the armed process was killed, and once only', async (t, server) => {
	const guard = await guarded(server);
	const before = await snapshot(server);
	const deadline = await armAndDie(server, guard, 6000);
	t.is((await server.run(['stat', '-c', '%a', '/var/lib/harden-python-vps/guard'])).stdout, '700');
	await server.run(['systemctl', 'daemon-reload']);
	await waitForFire(server, guard, 15_000);
	// When its process was started, and when all was over, which on a busy machine takes a while.
	const [began = 0, ended = 0] = (await guard.fired()).map(({at}) => at - deadline);
	t.log(`${began} ms after the deadline, over after ${ended} ms`);
	t.true(began > -200 && began < 4000, `${began} ms`);
	t.true(ended < 8000, `${ended} ms`);
	await assertPutBack(t, server, guard);
	await setTimeout(2000);
	t.deepEqual((await guard.fired()).map(({what}) => what), ['began', 'ended']);
	await server.run(['rm', '/root/fired']);
	t.deepEqual(compare(before, await snapshot(server)), []);
});

for (const [how, restart] of [['a reboot', async (server: Server) => server.reboot()], ['a power cut', async (server: Server) => server.powerCut()]] as const) {
	onServer(`fires early after ${how}`, async (t, server) => {
		const guard = await guarded(server);
		await armAndDie(server, guard, 600_000);
		await restart(server);
		const booted = Date.now();
		const at = await waitForFire(server, guard, 20_000);
		t.log(`${at - booted} ms after the end of the boot`);
		t.true(at - booted < 10_000);
		await assertPutBack(t, server, guard);
		await server.reboot();
		t.deepEqual((await guard.fired()).map(({what}) => what), ['began', 'ended']);
		t.deepEqual((await server.run(['systemctl', '--failed', '--plain', '--no-legend'])).stdout, '');
	});
}

onServer('leaves everything as it was when disarmed, and does not fire', {releases: ['bookworm']}, async (t, server) => {
	const guard = await guarded(server);
	const before = await snapshot(server);
	await guard.ask('arm', {milliseconds: 20_000});
	t.true(compare(before, await snapshot(server)).length > 2);
	await guard.ask('disarm');
	t.deepEqual(compare(before, await snapshot(server)), []);
	await setTimeout(20_000);
	t.deepEqual(await guard.fired(), []);
	await server.reboot();
	await setTimeout(2000);
	t.deepEqual(await guard.fired(), []);
	t.deepEqual(compare(before, await snapshot(server)), []);
});

onServer('moves its deadline, and takes one change at a time', {releases: ['trixie']}, async (t, server) => {
	const guard = await guarded(server);
	// Something was left behind: no reason to try again, which would find nothing else.
	await server.write('/root/fire.json', JSON.stringify({exits: 1}));
	await guard.ask('arm', {milliseconds: 5000});
	const armed = await guard.record();
	t.like(armed, {state: 'armed', stepTitle: 'SSH', version: 1});
	const [refused] = await guard.ask<{problem: string}>('arm', {run: 2});
	t.regex(refused!.problem, /^The step "SSH" still waits for its new login/);
	const [extended] = await guard.ask<{deadline: number}>('extend', 12_000);
	t.true(extended!.deadline > Date.now() + 9000);
	await setTimeout(6000);
	t.deepEqual(await guard.fired(), []);
	t.deepEqual(await guard.ask('live'), [true]);
	await waitForFire(server, guard, 20_000);
	const late = (await guard.fired())[0]!.at - extended!.deadline;
	t.true(Math.abs(late) < 4000, `${late} ms`);
	t.like((await guard.ask('extend', 12_000))[0], {problem: 'Nothing is waiting for a new login.'});
	t.deepEqual(await guard.ask('live'), [false]);
	await setTimeout(5000);
	t.deepEqual((await guard.fired()).map(({what}) => what), ['began', 'ended']);
	// The record of the last one is in nobody's way.
	await guard.ask('arm', {run: 3});
	t.like(await guard.record(), {state: 'armed', run: 3});
	await guard.ask('arm', {run: 3, milliseconds: 30_000});
	t.true(((await guard.record()) as GuardRecord).deadline < Date.now() + 31_000);
});

onServer('is tried again when its process is killed, also across a reboot', {releases: ['trixie']}, async (t, server) => {
	const guard = await guarded(server);
	await server.write('/root/fire.json', JSON.stringify({crashes: 3}));
	await armAndDie(server, guard, 2000);
	await server.waitFor('two tries', async () => (await guard.fired()).length >= 2);
	t.like(await guard.record(), {state: 'armed', firing: true});
	await server.reboot();
	await waitForFire(server, guard, 30_000);
	t.is((await guard.fired()).filter(({what}) => what === 'began').length, 4);
	await assertPutBack(t, server, guard);
});

onServer('takes no confirmation once it fires; once confirmed it waits for whoever closes the old way, and no longer', {releases: ['bookworm']}, async (t, server) => {
	const guard = await guarded(server);
	await server.write('/root/fire.json', JSON.stringify({takes: 6000}));
	await armAndDie(server, guard, 2000);
	await server.waitFor('it to begin', async () => (await guard.fired()).length > 0);
	const tooLate = {problem: 'The time is up: the guard is putting everything back.'};
	t.like((await guard.ask('proven', 60_000))[0], tooLate);
	t.like((await guard.ask('extend', 60_000))[0], tooLate);
	t.like((await guard.ask('disarm'))[0], tooLate);
	await waitForFire(server, guard, 20_000);
	await assertPutBack(t, server, guard);

	await server.run(['rm', '/root/fired', '/root/fire.json']);
	await armAndDie(server, guard, 20_000);
	t.deepEqual(await guard.ask('proven', 6000), []);
	t.like(await guard.record(), {state: 'confirmed', confirmedBy: 'deploy'});
	await server.run(['systemctl', 'start', 'harden-guard.service']);
	await server.waitFor('it to look', async () => (await guard.fired()).length > 0);
	t.deepEqual((await guard.fired()).map(({what}) => what), ['nothing to do']);
	t.true(await server.exists('/root/guarded'));
	await waitForFire(server, guard, 20_000);
	await assertPutBack(t, server, guard);
});

onServer('is not armed where the copy of the tool does not run, and says so', {releases: ['trixie']}, async (t, server) => {
	const guard = await guarded(server);
	const before = await snapshot(server);
	await server.write('/root/broken.mjs', 'throw new Error("no tool")');
	const [answer] = await guard.ask<{problem: string}>('arm', {bundle: '/root/broken.mjs'});
	t.regex(answer!.problem, /^The safety net could not be armed, and so nothing was changed: the copy of the tool in \S+ does not run: Error: no tool$/);
	await server.run(['rm', '/root/broken.mjs']);
	t.deepEqual(compare(before, await snapshot(server)), []);
});
