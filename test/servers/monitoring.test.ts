import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import {logName, logPort, startReceiver, type Message, type Receiver} from '../vps/receiver.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';

/** The monitoring step by the whole tool: what happens on a server reaches whoever is told, once. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 240_000})).stdout;
const alert = async (server: Server, ...words: string[]) => server.run(['harden-alert', ...words], {check: false});
const look = async (server: Server) => server.run(['harden-alert', 'watch', '--everything'], {timeout: 120_000});

async function apply(server: Server, monitoring: Record<string, unknown>, ...argv: string[]) {
	const file = await writeAnswers(server, {version: 1, backups: {repository: '/opt/backups', paths: ['/opt/data']}, monitoring});
	return tool(server, ['--answers', file, '--yes', '--only', 'backups,monitoring', ...argv], {timeout: 400_000});
}

async function applied(t: ExecutionContext, server: Server, monitoring: Record<string, unknown>): Promise<string> {
	const output = await apply(server, monitoring);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

type Told = {kind: string; title: string; text: string};
const toldIn = (messages: readonly Message[]) => messages.map(({body}) => JSON.parse(body) as Told);

/** What arrives while something is done, but for the tests of who is told. */
async function toldBy(receiver: Receiver, work: () => Promise<unknown>): Promise<readonly Told[]> {
	const before = (await receiver.messages()).length;
	await work();
	return toldIn((await receiver.messages()).slice(before)).filter(({kind}) => kind !== 'test');
}

async function verdicts(server: Server): Promise<Record<string, string>> {
	const {stdout} = await tool(server, ['audit', '--json', '--only', 'monitoring'], {timeout: 240_000});
	const {checks} = JSON.parse(stdout) as {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};
	return Object.fromEntries(checks.map(({id, status: verdict, evidence}) => [id.replace('monitoring.', ''), verdict === 'fail' ? `fail: ${evidence}` : verdict]));
}

const passing = {journal: 'pass', runs: 'not-run', looks: 'pass', timers: 'pass', received: 'not-run', delivery: 'pass', receiver: 'pass', failures: 'pass', drift: 'not-run', 'root-only': 'pass', 'central-log': 'pass'};

/** A server that somebody uses: a user without rights, things that fail, sshd with keys only by a file of the user's. */
async function prepare(server: Server): Promise<Snapshot> {
	for (const name of ['flaky', 'later']) {
		await server.write(`/etc/systemd/system/${name}.service`, '[Service]\nType=oneshot\nExecStart=false\n');
	}

	await server.write('/etc/ssh/sshd_config.d/00-mine.conf', 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n');
	await server.write('/etc/fail2ban/jail.d/10-mine.local', '[sshd]\nbackend = systemd\n');
	await sh(server, `
		mkdir -p /opt/data; echo mine >/opt/data/mine
		useradd --create-home guest
		systemctl daemon-reload; systemctl reload ssh
		systemctl restart fail2ban
		apt-get update -q >/dev/null
	`);
	await server.waitFor('Fail2Ban to answer', async () => (await server.run(['fail2ban-client', 'ping'], {check: false})).ok, {timeout: 30_000});
	await installTool(server);
	return snapshot(server);
}

const ours = [
	{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'},
	{line: /^file \/opt\/|^file \/etc\/letsencrypt|00-mine\.conf|^running unit (flaky|later)\.service|^firewall table inet f2b-table/, because: 'the test did that'},
];

onServer('what happens is told once, to whoever is to know, and what was set is put back', {packages: ['fail2ban', 'nftables', 'python3-systemd', 'python3', 'openssl', 'restic']}, async (t, server) => {
	const receiver = await startReceiver(server.network);
	await receiver.name(server);
	await server.write('/opt/ca.pem', receiver.ca);
	await server.write('/opt/other.pem', receiver.otherCa);
	t.true((await server.ssh()).ok, 'the admin came in before');
	const before = await prepare(server);

	await nobodyIsTold(t, server);
	const answers = {webhook: receiver.webhook, caFile: '/opt/ca.pem', centralLog: logName, repeatAfter: '10h'};
	// Half a minute more, so on one release; it was seen on both.
	if (server.release === 'trixie') {
		await strangersAreRefused(t, server, receiver, before, answers);
	}

	const said = await applied(t, server, answers);
	t.log(said);
	t.deepEqual(toldIn(await receiver.messages()).map(({kind}) => kind).filter(kind => kind === 'test'), ['test'], 'the test message came, once');
	await againIsNothing(t, server, answers);

	await eventsAreTold(t, server, receiver);
	await conditionsAreTold(t, server, receiver);
	await driftIsTold(t, server, receiver);
	await secretsStaySecret(t, server, receiver, said);
	await awayAndBack(t, server, receiver);

	await server.reboot();
	await server.waitFor('the log to be sent again', async () => (await verdicts(server))['central-log'] === 'pass', {timeout: 60_000});
	await look(server);
	t.deepEqual(await verdicts(server), passing, 'after a reboot');
	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
});

/** Enter all the way: it would watch, and says that nobody would hear of it. */
async function nobodyIsTold(t: ExecutionContext, server: Server): Promise<void> {
	const looked = await apply(server, {}, '--dry-run');
	t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
	t.regex(looked.stdout, /nobody hears of it/);
}

/** By an authority that did not sign its certificate, the receiver is a stranger: nothing is kept, and nothing was sent. */
async function strangersAreRefused(t: ExecutionContext, server: Server, receiver: Receiver, before: Snapshot, answers: Record<string, unknown>): Promise<void> {
	const output = await apply(server, {...answers, caFile: '/opt/other.pem'}, '--skip', 'backups');
	t.is(output.exitCode, 1, output.stdout + output.stderr);
	t.regex(output.stdout, /webhook: 203\.0\.113\.1:8443: .*CERTIFICATE_VERIFY_FAILED/);
	t.regex(output.stdout, /no lasting connection to logs\.example\.test, port 6514\. .*certificate/i);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.deepEqual(await receiver.messages(), []);
	t.is(await receiver.log(), '');
}

async function againIsNothing(t: ExecutionContext, server: Server, answers: Record<string, unknown>): Promise<void> {
	t.deepEqual(await verdicts(server), passing);
	const {runs} = await status(server);
	await applied(t, server, {...answers, webhook: ''});
	t.is((await status(server)).runs.length, runs.length, 'again is nothing, without the secret, which nobody types twice');
}

async function eventsAreTold(t: ExecutionContext, server: Server, receiver: Receiver): Promise<void> {
	await look(server);
	const from = await server.network.attacker();
	const [login, ...more] = await toldBy(receiver, async () => {
		t.true((await server.ssh({from})).ok);
		t.true((await server.ssh()).ok);
		await look(server);
		t.true((await server.ssh({from})).ok);
		await look(server);
	});
	t.like(login, {kind: 'login', title: 'root logged in from a new address: 198.51.100.66'});
	t.regex(login!.text, /SHA256:.*\n[^]*Was it you[^]*Runbook: sudo harden-alert --runbook login/);
	t.deepEqual(more, [], 'once, and of the admin, who had come in before, nothing');

	const bans = await toldBy(receiver, async () => {
		await server.run(['fail2ban-client', 'set', 'sshd', 'banip', '192.0.2.213']);
		await look(server);
		await look(server);
	});
	t.deepEqual(bans.map(({kind, title}) => [kind, title]), [['ban', '192.0.2.213 was banned']]);

	const refused = await toldBy(receiver, async () => {
		await server.run(['runuser', '-u', 'guest', '--', 'sudo', '-S', 'cat', '/etc/shadow', '--token=hunter2'], {check: false, input: 'wrong\n'});
		await look(server);
	});
	t.deepEqual(refused.map(({kind, title}) => [kind, title]), [['sudo', 'guest was refused to act as somebody else']]);
	t.regex(refused[0]!.text, /\/usr\/bin\/cat/);
	t.notRegex(refused[0]!.text, /hunter2/, 'never with the arguments');

	const failed = await toldBy(receiver, async () => {
		await server.run(['systemctl', 'start', 'flaky.service'], {check: false});
		await server.run(['systemctl', 'start', 'flaky.service'], {check: false});
		await look(server);
		await look(server);
	});
	t.deepEqual(failed.map(({kind, title}) => [kind, title]), [['unit', 'flaky.service failed']]);

	const backup = await toldBy(receiver, async () => {
		await sh(server, 'mv /opt/data /opt/away; ! systemctl start harden-backup.service');
		await server.waitFor('systemd to have told', async () => (await receiver.messages()).some(({body}) => body.includes('The last backup failed')), {timeout: 60_000});
		await look(server);
		await sh(server, 'mv /opt/away /opt/data; systemctl start harden-backup.service');
		await look(server);
	});
	t.deepEqual(backup.map(({kind, title}) => [kind, title]), [['backup', 'The last backup failed']]);
	t.regex(backup[0]!.text, /Not there, so not backed up: \/opt\/data/);
	t.regex((await alert(server, '--recent')).stdout, /unit +flaky\.service failed[^]*backup +The last backup failed/);
	t.regex((await alert(server, '--runbook', 'backup')).stdout, /^A backup failed, or is overdue\n[^]*systemctl start harden-backup/);
}

async function conditionsAreTold(t: ExecutionContext, server: Server, receiver: Receiver): Promise<void> {
	const conditions = await toldBy(receiver, async () => {
		await server.write('/etc/letsencrypt/live/shop/fullchain.pem', readFileSync(path.join(import.meta.dirname, '../fixtures/certificates/ended-in-2025.pem')));
		await sh(server, `
			sed -i 's/^disk = .*/disk = 1/; s/^updates-after = .*/updates-after = 0s/' /etc/harden/alert/alert.conf
			touch /run/reboot-required; echo linux-image >/run/reboot-required.pkgs
		`);
		await look(server);
		await look(server);
		await sh(server, 'rm -r /etc/letsencrypt /run/reboot-required*; sed -i \'s/^disk = .*/disk = 90/; s/^updates-after = .*/updates-after = 2d/\' /etc/harden/alert/alert.conf');
	});
	const said = conditions.map(({title, text}) => `${title}\n${text}\n`).join('');
	t.log(said);
	for (const title of ['A certificate has ended', 'The disk at / is nearly full', 'The server waits for a restart']) {
		t.true(said.includes(`${title}\n`), `${title}: ${said}`);
	}

	t.is(said.split('A certificate has ended').length, 2, 'once');
	t.true(said.includes('in /etc/letsencrypt/live/shop/fullchain.pem ended on 2025-04-01 00:00 UTC.'));
	t.true(conditions.length === 1 || conditions.length <= 5, 'many at once come as one message');
}

async function driftIsTold(t: ExecutionContext, server: Server, receiver: Receiver): Promise<void> {
	const drift = await toldBy(receiver, async () => {
		await sh(server, 'rm /etc/ssh/sshd_config.d/00-mine.conf; systemctl reload ssh; systemctl start harden-audit.service');
		await sh(server, 'systemctl start harden-audit.service');
	});
	t.deepEqual(drift.map(({kind}) => kind), ['drift'], 'once, and the next time it is known');
	t.regex(drift[0]!.text, /ssh\.passwords/);
}

async function secretsStaySecret(t: ExecutionContext, server: Server, receiver: Receiver, said: string): Promise<void> {
	t.is(await sh(server, 'stat -c "%a %U" /etc/harden/alert /etc/harden/alert/* | sort -u'), '600 root\n700 root');
	const [journal, files] = [await server.journal(), await sh(server, 'cat /var/lib/harden-python-vps/journal.jsonl /var/lib/harden-python-vps/session.json /var/lib/harden-python-vps/alerts/*.json* /etc/systemd/system/harden-*')];
	for (const text of [said, journal, files, await receiver.log()]) {
		t.false(text.includes(receiver.secret));
	}
}

async function awayAndBack(t: ExecutionContext, server: Server, receiver: Receiver): Promise<void> {
	await sh(server, 'logger before-it-was-away');
	await server.waitFor('the central log to have the line', async () => (await receiver.log()).includes('before-it-was-away'), {timeout: 30_000});
	await receiver.answer('302');
	t.regex((await alert(server, '--test')).stdout, /webhook: NOT taken\. 203\.0\.113\.1:8443 answered 302/);
	await receiver.answer('away');
	await server.waitFor('the connection to be gone', async () => (await sh(server, `ss -Htn state established '( dport = :${logPort} )'`)) === '', {timeout: 30_000});
	// What is written before rsyslog hears of the break is lost on the line, as always with syslog over TCP; what follows is kept.
	await server.waitFor('rsyslog to know that nobody is there', async () => {
		await sh(server, 'logger at-the-break');
		return (await server.journal({unit: 'harden-forward.service'})).includes('cannot connect to');
	}, {timeout: 60_000});
	await sh(server, 'logger while-it-was-away');
	const whileAway = await toldBy(receiver, async () => {
		await server.run(['systemctl', 'start', 'later.service'], {check: false});
		await look(server);
	});
	t.deepEqual(whileAway, []);
	t.regex((await alert(server, '--status')).stdout, /webhook: not reached since .*\n1 alerts wait/);
	t.regex((await verdicts(server))['delivery']!, /^fail: 1 alerts wait/);
	await receiver.answer('200');
	const later = await toldBy(receiver, async () => {
		t.true((await alert(server, '--retry')).ok);
		t.true((await alert(server, '--retry')).ok);
	});
	t.deepEqual(later.map(({title}) => title), ['later.service failed']);
	await server.waitFor('the central log to have what it missed', async () => (await receiver.log()).includes('while-it-was-away'), {timeout: 120_000});
}
