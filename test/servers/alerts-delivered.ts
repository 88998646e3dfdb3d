import type {ExecutionContext} from 'ava';
import type {Output} from '../vps/command.ts';
import {logPort, type Receiver} from '../vps/receiver.ts';
import type {Server} from '../vps/server.ts';
import {alert, look, mailedBy, sh, tests, toldBy} from './alerts.ts';

/** How alerts come to those who are told, and what happens while they cannot. */

const passwordFile = '/etc/harden/alert/smtp-password';

async function test(server: Server): Promise<string> {
	return (await alert(server, '--test')).stdout;
}

/** Nobody else on the server sees the password while it is in use. */
async function passwordIsInSight(server: Server, {mail}: Receiver): Promise<string> {
	await mail.mood('slow');
	const testing = test(server);
	await server.waitFor('harden-alert to talk to the mail server', async () => (await sh(server, 'ss -Htn state established "( dport = :587 or dport = :465 )"')) !== '');
	const {stdout} = await server.run(['sh', '-c', String.raw`pgrep -f "harden-alert --test" && cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n" | grep -Ff - || true`], {input: mail.login.password});
	await mail.mood('');
	await testing;
	return stdout.split('\n').filter(line => !/^\d+$/.test(line)).join('\n');
}

/** Mail by TLS only; a refusal is told, what could not be sent waits, and comes once it is put right. */
export async function mailIsTold(t: ExecutionContext, server: Server, receiver: Receiver): Promise<void> {
	const {mail} = receiver;
	const events = await mail.events();
	t.true(events.length > 4 && events.every(({encrypted, type}) => encrypted && (type === 'mail' || type === 'login')), 'nothing of it was ever in the clear');
	t.true(events.some(event => event.type === 'mail' && /^Subject: \[vps\] root logged in from a new address/m.test(event.data) && event.from.includes(mail.login.user) && event.to.join(',').includes('ops@example.test')));
	t.is(await passwordIsInSight(server, receiver), '');

	await mail.mood('open');
	t.regex(await test(server), server.release === 'trixie' ? /mail: NOT taken\. mail\.example\.test:587: STARTTLS/ : /mail: taken/);
	await mail.mood('');
	await sh(server, `mv ${passwordFile} /opt/right; (umask 077; echo wrong >${passwordFile})`);
	const meanwhile = await mailedBy(receiver, async () => {
		await server.run(['systemctl', 'start', 'later.service'], {check: false});
		await look(server);
	});
	t.deepEqual(meanwhile, []);
	t.regex((await alert(server, '--status')).stdout, /mail: not reached since .*answered 535: 5\.7\.8 authentication failed\n1 alerts wait/);
	const later = await mailedBy(receiver, async () => {
		await sh(server, `mv /opt/right ${passwordFile}`);
		t.deepEqual(await toldBy(receiver, async () => alert(server, '--retry')), [], 'the webhook has it already');
	});
	t.deepEqual(later.map(({subject, encrypted}) => [subject, encrypted]), [['[vps] later.service failed', true]]);
	t.regex(later[0]!.text, /What to do: Look at its own words/);
	// By the other way of TLS, too.
	await sh(server, 'sed -i "s/^smtp-port = 587/smtp-port = 466/; s/^smtp-port = 465/smtp-port = 587/; s/^smtp-port = 466/smtp-port = 465/" /etc/harden/alert/alert.conf');
	t.regex(await test(server), /mail: taken/);
	await sh(server, 'sed -i "s/^smtp-port = 587/smtp-port = 466/; s/^smtp-port = 465/smtp-port = 587/; s/^smtp-port = 466/smtp-port = 465/" /etc/harden/alert/alert.conf');
}

/** A wrong password is found before it is kept, in one try: mail servers lock those out who guess. The old one is back in force. */
export async function wrongPasswordIsTold(t: ExecutionContext, {mail}: Receiver, apply: (password: string) => Promise<Output>): Promise<void> {
	const before = (await mail.events()).length;
	const output = await apply('mistyped');
	t.is(output.exitCode, 1, output.stdout + output.stderr);
	t.regex(output.stdout, /mail: mail\.example\.test:465 answered 535/);
	t.notRegex(output.stdout + output.stderr, /mistyped/);
	t.deepEqual((await mail.events()).slice(before).map(event => event.type === 'login' && event.isRight), [false]);
}

export async function awayAndBack(t: ExecutionContext, server: Server, receiver: Receiver, verdicts: () => Promise<Record<string, string>>): Promise<void> {
	const rules = '/etc/rsyslog.d/harden-forward/forward.rules';
	// It tries again every ten seconds, then less often. Here it is in a hurry.
	await sh(server, `cp -p ${rules} /opt/rules; sed -i 's/resumeInterval="10"/resumeInterval="1"/' ${rules}; systemctl restart harden-forward; logger before-it-was-away`);
	await server.waitFor('the central log to have the line', async () => (await receiver.log()).includes('before-it-was-away'));
	await receiver.answer('302');
	t.regex(await test(server), /webhook: NOT taken\. 203\.0\.113\.1:8443 answered 302/);
	await receiver.answer('away');
	await server.waitFor('the connection to be gone', async () => (await sh(server, `ss -Htn state established '( dport = :${logPort} )'`)) === '');
	// What is written before rsyslog hears of the break is lost on the line, as always with syslog over TCP; what follows is kept.
	await server.waitFor('rsyslog to know that nobody is there', async () => {
		await sh(server, 'logger at-the-break');
		return (await server.journal({unit: 'harden-forward.service'})).includes('cannot connect to');
	});
	await sh(server, 'logger while-it-was-away; cp /etc/systemd/system/later.service /run/systemd/system/last.service; systemctl daemon-reload');
	const whileAway = await toldBy(receiver, async () => {
		await server.run(['systemctl', 'start', 'last.service'], {check: false});
		await look(server);
	});
	t.deepEqual(whileAway, []);
	t.regex((await alert(server, '--status')).stdout, /webhook: not reached since [^]*\n1 alerts wait/);
	t.regex((await verdicts())['delivery']!, /^fail: 1 alerts wait/);
	await receiver.answer('200');
	const later = await toldBy(receiver, async () => {
		t.true((await alert(server, '--retry')).ok);
		t.true((await alert(server, '--retry')).ok);
	});
	t.deepEqual(later.map(({title}) => title), ['last.service failed']);
	await server.waitFor('the central log to have what it missed', async () => (await receiver.log()).includes('while-it-was-away'));
	await sh(server, `cp -p /opt/rules ${rules}; systemctl restart harden-forward; rm /run/systemd/system/last.service; systemctl daemon-reload; systemctl reset-failed last.service`);
	t.true((await tests(receiver)).length > 1);
}
