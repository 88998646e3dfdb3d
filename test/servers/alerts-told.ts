import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {makeUpgradesPending} from '../vps/debs.ts';
import type {Receiver} from '../vps/receiver.ts';
import type {Server} from '../vps/server.ts';
import {alert, look, sh, toldBy, type Told} from './alerts.ts';

/** Each kind of alert, brought about on the server, and what of it reached whoever is told. */

type Story = (t: ExecutionContext, server: Server, receiver: Receiver) => Promise<void>;

const kinds = (told: readonly Told[]) => told.map(({kind, title}) => [kind, title]);

export const eventsAreTold: Story = async (t, server, receiver) => {
	await look(server);
	const from = await server.network.attacker();
	const [login, ...more] = await toldBy(receiver, async () => {
		t.true((await server.ssh({from})).ok);
		t.true((await server.ssh()).ok);
		await look(server);
		t.true((await server.ssh({from})).ok);
		await look(server);
	});
	t.like(login, {kind: 'login', title: 'root logged in from a new address: 198.51.100.66'}, await sh(server, 'journalctl --no-pager -o json -t sshd -t sshd-session -g Accepted; cat /var/lib/harden-python-vps/alerts/*.json'));
	t.regex(login!.text, /SHA256:.*\n[^]*Was it you[^]*Runbook: sudo harden-alert --runbook login/);
	t.deepEqual(more, [], 'once, and of the admin, who had come in before, nothing');

	const events = await toldBy(receiver, async () => {
		await server.run(['fail2ban-client', 'set', 'sshd', 'banip', '192.0.2.213']);
		await server.run(['runuser', '-u', 'guest', '--', 'sudo', '-S', 'cat', '/etc/shadow', '--token=hunter2'], {check: false, input: 'wrong\n'});
		await server.run(['systemctl', 'start', 'flaky.service'], {check: false});
		await server.run(['systemctl', 'start', 'flaky.service'], {check: false});
		await look(server);
		await look(server);
	});
	t.deepEqual(kinds(events), [['sudo', 'guest was refused to act as somebody else'], ['unit', 'flaky.service failed'], ['ban', '192.0.2.213 was banned']]);
	t.regex(events[0]!.text, /\/usr\/bin\/cat/);
	t.notRegex(events[0]!.text, /hunter2/, 'never with the arguments');
	t.regex((await alert(server, '--recent')).stdout, /unit +flaky\.service failed/);
};

/** A backup that fails says why, once, be it by systemd or by a look; and one that is too old is told. */
export const backupsAreTold: Story = async (t, server, receiver) => {
	const failed = await toldBy(receiver, async () => {
		await sh(server, 'mv /opt/data /opt/away; ! systemctl start harden-backup.service');
		await server.waitFor('systemd to have told', async () => (await receiver.messages()).some(({body}) => body.includes('The last backup failed')));
		await look(server);
		await sh(server, 'mv /opt/away /opt/data; systemctl start harden-backup.service');
		await look(server);
	});
	t.deepEqual(kinds(failed), [['backup', 'The last backup failed']]);
	t.regex(failed[0]!.text, /Not there, so not backed up: \/opt\/data/);
	t.regex((await alert(server, '--runbook', 'backup')).stdout, /^A backup failed, or is overdue\n[^]*systemctl start harden-backup/);

	const overdue = await toldBy(receiver, async () => {
		await sh(server, 'sed -i "s/^max-age = .*/max-age = 1s/" /etc/harden/backup/backup.conf; sed -i "s/^drill-max-age = .*/drill-max-age = 1s/" /etc/harden/alert/alert.conf');
		await look(server);
		await look(server);
		await sh(server, 'sed -i "s/^max-age = .*/max-age = 30h/" /etc/harden/backup/backup.conf; sed -i "s/^drill-max-age = .*/drill-max-age = 777600s/" /etc/harden/alert/alert.conf');
	});
	t.deepEqual(kinds(overdue), [['backup', 'The last good backup is too old'], ['drill', 'The last good restore drill is too old']]);
	t.regex(overdue[0]!.text, /It is \d+ hours old; the limit is/);
};

/** As pip-audit's findings lie on a server (NAME-audit.service). */
const holes = {version: 1, ran: true, reason: '', audit: {dependencies: [{name: 'flask', version: '2.0.1', vulns: [{id: 'PYSEC-2023-62', fix_versions: ['2.2.5', '2.3.2']}]}, {name: 'click', version: '8.1.7', vulns: []}]}, outdated: []};

/** How things stand: limits that are set low bring about what a full machine would. */
export const conditionsAreTold: Story = async (t, server, receiver) => {
	const settings = '/etc/harden/alert/alert.conf';
	const kept = await server.read(settings);
	// The server's own look, in the middle, would tell a part of it earlier.
	await sh(server, 'systemctl stop harden-watch.timer harden-watch.service');
	await makeUpgradesPending(server, ['plain']);
	const conditions = await toldBy(receiver, async () => {
		await server.write('/etc/letsencrypt/live/shop/fullchain.pem', readFileSync(path.join(import.meta.dirname, '../fixtures/certificates/ended-in-2025.pem')));
		await server.write('/run/shop-audit/report.json', JSON.stringify(holes));
		await sh(server, `
			sed -i 's/^disk = .*/disk = 1/; s/^memory = .*/memory = 1/; s/^updates-after = .*/updates-after = 0s/; s/^app = .*/app = shop/' ${settings}
			touch /run/reboot-required; echo linux-image >/run/reboot-required.pkgs
		`);
		await look(server);
		await look(server);
	});
	const said = conditions.map(({title, text}) => `${title}\n${text}\n`).join('');
	t.log(said);
	t.regex(said, /^The disk at \/ is nearly full\n\d+ % of its space is used/m);
	for (const title of ['A certificate has ended', 'The server waits for a restart', 'Security updates are not installed', 'Known holes in what shop is made of']) {
		t.is(said.split(`${title}\n`).length, 2, `${title}, once: ${said}`);
	}

	t.true(said.includes('in /etc/letsencrypt/live/shop/fullchain.pem ended on 2025-04-01 00:00 UTC.'));
	t.regex(said, /have been waiting for 0 hours: .*\bhpv-probe\b/);
	t.regex(said, /flask 2\.0\.1: PYSEC-2023-62, corrected in 2\.2\.5, 2\.3\.2/);
	t.is(conditions.length, 1, 'many at once come as one message');
	t.notRegex(said, /Memory/, 'what is over in a moment is nobody\'s business');

	// Four minutes later it is still so.
	const state = '/var/lib/harden-python-vps/alerts/watch.json';
	await sh(server, `python3 -c 'import json; path = "${state}"; state = json.load(open(path)); state["lasting"]["memory"][0] -= 240; json.dump(state, open(path, "w"))'`);
	const memory = await toldBy(receiver, async () => look(server));
	t.deepEqual(kinds(memory), [['memory', 'Memory is nearly used up']]);
	t.regex(memory[0]!.text, /\d+ MiB of \d+ MiB are left\.\nMost is used by: \S/);
	await sh(server, 'rm -r /etc/letsencrypt /run/reboot-required* /run/shop-audit /etc/apt/sources.list.d/lab.list; dpkg --purge hpv-probe');
	await server.write(settings, kept, {mode: 0o600});
	await sh(server, 'systemctl start harden-watch.timer');
};

/**
 * Containers get no word of the kernel's. So systemd's own tool writes one into the journal, with the fields that only the
 * kernel's have, in the kernel's form: of the machine, and of a unit with a limit of its own.
 */
export const killsAreTold: Story = async (t, server, receiver) => {
	const told = await toldBy(receiver, async () => {
		await server.write('/opt/kernel-says', String.raw`
import subprocess, sys, time
machine, boot = (open(path).read().strip().replace("-", "") for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"))
entries = "".join(f"__REALTIME_TIMESTAMP={time.time_ns() // 1000}\n__MONOTONIC_TIMESTAMP={time.monotonic_ns() // 1000}\n_BOOT_ID={boot}\n_MACHINE_ID={machine}\n_TRANSPORT=kernel\nPRIORITY=3\nSYSLOG_IDENTIFIER=kernel\nMESSAGE={line}\n\n" for line in sys.argv[1:])
subprocess.run(["/usr/lib/systemd/systemd-journal-remote", f"--output=/var/log/journal/{machine}/kernel.journal", "-"], input=entries, text=True, check=True)
`);
		const rest = 'total-vm:914512kB, anon-rss:801232kB, file-rss:0kB, shmem-rss:0kB, UID:998 pgtables:1700kB oom_score_adj:0';
		await server.run(['python3', '/opt/kernel-says', `Out of memory: Killed process 4242 (postgres) ${rest}`, `Memory cgroup out of memory: Killed process 4243 (gunicorn) ${rest}`]);
		await server.run(['logger', '--priority', 'kern.err', `Out of memory: Killed process 4244 (forged) ${rest}`]);
		await look(server);
		await look(server);
	});
	t.deepEqual(kinds(told), [['memory', 'postgres was killed for want of memory']], 'the second is counted; and what is not the kernel\'s word is not told');
};

export const driftIsTold: Story = async (t, server, receiver) => {
	const drift = await toldBy(receiver, async () => {
		await sh(server, 'rm /etc/ssh/sshd_config.d/00-mine.conf; systemctl reload ssh; systemctl start harden-audit.service');
		await sh(server, 'systemctl start harden-audit.service');
	});
	t.deepEqual(drift.map(({kind}) => kind), ['drift'], 'once, and the next time it is known');
	t.regex(drift[0]!.text, /ssh\.passwords/);
};
