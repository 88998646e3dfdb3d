import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {adminKey, installTool, status, tool} from '../tool.ts';
import {boot, type Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {drive, openWizard, stepOf} from '../walk.ts';

/**
 * The wizard over SSH at 80×24, with every default; then once more, cut at every moment of every step. The steps are those of
 * the server itself: the ones after them want an app and a name, which have no default that a test could take. On one
 * release: what the steps do is judged on both by whole.test.ts.
 */

const only = ['--only', 'updates,ssh,firewall,fail2ban'];

/** A fresh server on which root has the admin's key, so that Enter is enough. */
async function freshServer(): Promise<Server> {
	const server = await boot({release: 'trixie'});
	await installTool(server);
	const {publicKey} = await adminKey();
	await server.run(['sh', '-c', 'echo "$1" >> /root/.ssh/authorized_keys', 'add', publicKey]);
	return server;
}

async function assertHardened(t: ExecutionContext, server: Server): Promise<void> {
	const attacker = await server.network.attacker();
	t.deepEqual(await server.scan({from: attacker}), [5922]);
	t.is((await server.ssh({user: 'root', port: 5922})).ok, false, 'root is refused');
	t.is((await server.ssh({user: 'deploy', port: 5922, key: (await adminKey()).privateFile, command: 'sudo -n true'})).ok, true);
	const audit = await tool(server, ['audit', ...only]);
	t.is(audit.exitCode, 0, audit.stdout);
}

async function walk(t: ExecutionContext, server: Server): Promise<void> {
	const terminal = await openWizard(server, {argv: only});
	t.is(await drive(server, terminal), 0, await terminal.history());
	await terminal.close();
	await assertHardened(t, server);
}

/** A wizard whose connection was cut finishes the change in hand. */
async function untilEnded(server: Server): Promise<void> {
	await server.waitFor('the cut wizard to end', async () => (await server.run(['pgrep', '-f', 'harden-python-vps[.]mjs --only'], {check: false})).exitCode !== 0);
}

/** Cuts the connection when something is first seen, comes back, and so on to the end. Returns what was seen. */
async function walkWithCuts(t: ExecutionContext, server: Server): Promise<ReadonlySet<string>> {
	const seen = new Set<string>();
	let code: number | undefined;
	for (let tries = 0; code === undefined && tries < 40; tries++) {
		const terminal = await openWizard(server, {argv: only});
		code = await drive(server, terminal, {
			at(moment, screen) {
				const name = `${moment} ${stepOf(screen)}`;
				const isFirst = !seen.has(name) && moment !== 'opening' && moment !== 'ending';
				seen.add(name);
				return isFirst;
			},
		});
		await terminal.close();
		await untilEnded(server);
	}

	t.is(code, 0);
	await assertHardened(t, server);
	return seen;
}

test('trixie: Enter all the way is a good server, and a connection cut at every moment changes nothing about it', async t => {
	const [whole, cut] = await Promise.all([freshServer(), freshServer()]);
	t.teardown(async () => Promise.all([whole.destroy(), cut.destroy()]));
	const [seen] = await Promise.all([walkWithCuts(t, cut), walk(t, whole)]);
	t.log([...seen].join(', '));
	t.true(seen.size > 10, 'it was cut in many places');
	t.deepEqual(alike(await snapshot(whole), await snapshot(cut)), []);
	t.deepEqual((await status(cut)).runs.filter(({status: state}) => state === 'open' || state === 'undoing'), []);
});

test('trixie: a dry run walks through every step with its defaults, and writes nothing', async t => {
	const server = await freshServer();
	t.teardown(async () => server.destroy());
	const before = await snapshot(server);
	const previews = new Set<string>();
	const terminal = await openWizard(server, {argv: ['--dry-run']});
	const code = await drive(server, terminal, {
		at(moment, screen) {
			if (moment === 'preview') {
				previews.add(/^ {2}(?<title>[^:\n]+): \d+ changes/m.exec(screen)?.groups?.['title'] ?? screen);
			}

			return false;
		},
	});
	t.is(code, 0, await terminal.history());
	// With Flask's sample and no secrets asked for, those two steps have nothing to do.
	t.deepEqual([...previews], ['Updates', 'SSH', 'Firewall', 'Fail2Ban', 'Your app', 'PostgreSQL', 'Web server', 'HTTPS', 'Permissions', 'Backups', 'Monitoring']);
	t.regex(await terminal.history(), /Django: The app is no Django project/);
	t.notRegex(await terminal.history(), /save and quit/, 'no screen that is over stays among what was printed');
	await terminal.close();
	t.deepEqual(compare(before, await snapshot(server)), []);
});

/** Cuts the connection while a first change is made; returns once the wizard has ended, with the run begun and not kept. */
async function cutWhileApplying(t: ExecutionContext, server: Server): Promise<void> {
	const runs = (await status(server)).runs.length;
	const terminal = await openWizard(server, {argv: ['--only', 'fail2ban']});
	t.is(await drive(server, terminal, {
		async at(moment) {
			if (moment !== 'applying') {
				return false;
			}

			await server.waitFor('a change to begin', async () => (await status(server)).runs[runs]?.changes.length);
			return true;
		},
	}), undefined);
	await terminal.close();
	await untilEnded(server);
	const run = (await status(server)).runs[runs]!;
	t.is(run.status, 'open');
	t.true(run.changes.some(({status: fate}) => fate === 'done'), 'something was done');
}

test('trixie: a step that was cut off, and is not gone on with, is put back', async t => {
	const server = await freshServer();
	t.teardown(async () => server.destroy());
	const before = await snapshot(server);
	// Skipped, back to nowhere first; then left out when the steps are chosen anew.
	for (const keys of [
		[['Enter', /question 1\//], ['Escape', /question 1\//], ['C-s', /Undoing/]],
		[['Down', /› Start again/], ['Down', /› Only some/], ['Enter', /Which steps/], ['Down', /› \[x\] Fail2Ban/], ['Space', /› \[ \] Fail2Ban/], ['Enter', /Undoing/]],
	] as const) {
		await cutWhileApplying(t, server);
		const terminal = await openWizard(server, {argv: ['--only', 'fail2ban,updates']});
		const opening = await terminal.waitFor(/what is this/);
		t.regex(opening, /Stopped in step 1 of 1/);
		t.notRegex(opening, /Nothing has been changed yet/);
		for (const [key, then] of keys) {
			await terminal.send(key);
			// Escape is to change nothing, which takes a moment to see.
			await setTimeout(500);
			await terminal.waitFor(then);
		}

		await server.waitFor('the run to be over', async () => (await status(server)).runs.at(-1)!.status === 'undone');
		t.regex(await terminal.history(), /Undoing \d+ changes?: You chose not to go on with it\./);
		await terminal.close();
		t.deepEqual(compare(before, await snapshot(server), [{line: /\/var\/lib\/harden-python-vps/, because: 'the record of what was done stays'}]), []);
	}
});

/** Differences between two servers that came to the same end on different ways. */
function alike(whole: Snapshot, cut: Snapshot): string[] {
	return compare(whole, cut, [
		{line: /\/var\/lib\/harden-python-vps/, because: 'the journal tells of the ways, which differ'},
		{line: /ssh_host_/, because: 'each server makes host keys of its own'},
		{line: /shadow/, because: 'it holds the day of the change'},
		{line: /machine-id|\.bash_history|\.cache/, because: 'each server has its own'},
	]);
}
