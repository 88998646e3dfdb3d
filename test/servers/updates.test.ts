import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {makeUpgradesPending} from '../vps/debs.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';

/** The updates step as users run it, judged by apt, systemd and unattended-upgrades themselves. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 180_000})).stdout;
const answers = (updates: Record<string, unknown> = {}): AnswersFile => ({version: 1, updates});
const run = async (server: Server, file: AnswersFile, ...argv: string[]) => tool(server, ['--answers', await writeAnswers(server, file), '--yes', '--only', 'updates', ...argv], {timeout: 300_000});
const own = [
	{line: /\/var\/lib\/harden-python-vps/, because: 'the record of what was done stays'},
	{line: /^package hpv-|dpkg-dist: was absent/, because: 'upgrades are not undone, and the preview says so'},
];

async function dump(server: Server, key: string): Promise<string> {
	return sh(server, `apt-config dump ${key} | grep -v '""'`);
}

async function begin(t: ExecutionContext, server: Server): Promise<void> {
	await installTool(server);
	await writeAnswers(server, answers());
	t.is(await sh(server, 'command -v unattended-upgrade || true'), '');
}

onServer('applied, again, undone: security updates come in by themselves, and /etc goes back to the byte', async (t, server) => {
	await begin(t, server);
	await makeUpgradesPending(server, ['plain', 'conffile']);
	await sh(server, 'echo "colour = mine" >/etc/hpv-conffile.conf; systemctl mask --now apt-daily.timer; systemctl reset-failed apt-daily.timer');
	const before = await snapshot(server);

	const looked = await run(server, answers(), '--dry-run');
	t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
	t.regex(looked.stdout, /hpv-probe 1\.0 1\.1/);
	t.regex(looked.stdout, /cannot be undone/);
	t.regex(looked.stdout, /python3-apt/, 'dependencies are in the preview');
	t.deepEqual(compare(before, await snapshot(server)), [], 'a dry run writes nothing');

	const applied = await run(server, answers({rebootAt: '03:15'}));
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.is(await sh(server, 'cat /usr/share/doc/hpv-probe/version'), '1.1');
	t.is(await server.read('/etc/hpv-conffile.conf'), 'colour = mine\n');
	t.regex(await dump(server, 'APT::Periodic'), /Unattended-Upgrade "1"/);
	t.is(await dump(server, 'Unattended-Upgrade::Automatic-Reboot-Time'), 'Unattended-Upgrade::Automatic-Reboot-Time "03:15";');
	t.is(await sh(server, 'systemctl is-active apt-daily.timer apt-daily-upgrade.timer'), 'active\nactive');

	// Its own word: what it may take from, and what it would do with a hole that becomes known tomorrow.
	await makeUpgradesPending(server, ['dependency']);
	const would = await sh(server, 'unattended-upgrade --dry-run --debug 2>&1');
	t.regex(would, new RegExp(`origin=Debian,codename=${server.release}-security,label=Debian-Security`));
	t.regex(would, /hpv-depends/);
	await sh(server, 'dpkg --purge hpv-depends; rm /etc/apt/sources.list.d/lab.list');

	const again = await run(server, answers({rebootAt: '03:15'}));
	t.is(again.exitCode, 0, again.stdout + again.stderr);
	t.is((await status(server)).runs.length, 1, `again is nothing: ${again.stdout}`);

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 5, undone.stdout + undone.stderr);
	t.regex(undone.stdout, /cannot be undone/);
	t.deepEqual(compare(before, await snapshot(server), [...own, {line: /^file \/etc\/apt\/sources\.list\.d\/lab\.list/, because: 'the test removed it'}, {line: /^file \/root\/answers\.yaml/, because: 'the test wrote it'}]), []);
});

onServer('a setting of somebody else\'s that has the last word is found by asking apt, and the step is undone', {releases: ['trixie']}, async (t, server) => {
	await begin(t, server);
	await server.write('/etc/apt/apt.conf.d/99zz-provider', 'APT::Periodic::Unattended-Upgrade "0";\n');
	const before = await snapshot(server);
	const applied = await run(server, answers({upgrade: false}));
	t.is(applied.exitCode, 1, applied.stdout + applied.stderr);
	t.regex(applied.stdout, /Switched off in apt's configuration: APT::Periodic::Unattended-Upgrade/);
	t.deepEqual(compare(before, await snapshot(server), [...own, {line: /^file \/root\/answers\.yaml/, because: 'the test wrote it'}]), []);
});
