import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {centralLogOf, webhookProblem} from '../../source/answers/monitoring.ts';
import {bytesOf} from '../../source/answers/values.ts';
import {answersToYaml} from '../../source/complete-answers.ts';
import type {Facts, MonitoringFacts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {isSuspended} from '../../steps/monitoring/check-forwarding.ts';
import {monitoringStep} from '../../steps/monitoring/index.ts';
import {facts} from './ssh-facts.ts';

/** Facts and answers in, resources and questions out; and the parts of harden-alert that read what others wrote. */

const hook = 'https://hooks.slack.com/services/T0/B0/s3cr3t';
const answers = (monitoring: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Answers => answersSchema.parse({monitoring, ...more});
const storing = (monitoring: Partial<MonitoringFacts>): Facts => facts({monitoring: {webhook: false, smtpPassword: false, sendmail: false, waiting: 0, logFolder: true, ...monitoring}});
const resource = (list: readonly Resource[], name: string) => list.find(entry => entry.name === name);
const contentOf = (list: readonly Resource[], name: string) => (resource(list, name)?.desired as {content?: string} | undefined)?.content ?? '';
const conf = (given: Answers, found = facts()) => contentOf(monitoringStep.resources(found, given), '/etc/harden/alert/alert.conf');
const ids = (questions: readonly Question[]) => questions.map(({id, kind}) => `${id} ${kind}`);

for (const [address, problem] of Object.entries({
	[hook]: undefined, 'https://ntfy.sh/topic?auth=abc': undefined, 'https://me:tk_1@ntfy.example.com/t': undefined, 'https://[2001:db8::1]:8443/x': undefined,
	'http://127.0.0.1:9000/x': undefined, 'http://localhost/x': undefined, 'http://10.1.2.3/x': undefined, 'http://[::1]/x': undefined, 'http://[fd00::1]/x': undefined,
	'http://ntfy.sh/topic': 'not encrypted', 'http://10.evil.example/x': 'not encrypted', 'http://203.0.113.7/x': 'not encrypted', 'http://127.0.0.1.example.com/x': 'not encrypted',
	'ftp://x/y': 'no address', 'hooks.slack.com/x': 'no address', 'https://a b/': 'no address', 'https://x/"y': 'no address', 'https://x/y\n[alert]': 'no address', 'https://': 'no address',
})) {
	test(`a webhook at ${JSON.stringify(address)}: ${problem ?? 'good'}`, t => {
		t.is(webhookProblem(address), problem as ReturnType<typeof webhookProblem>);
		t.is(answersSchema.safeParse({monitoring: {webhook: address}}).success, problem === undefined);
	});
}

for (const [place, is] of Object.entries({
	'logs.example.com': {host: 'logs.example.com', port: 6514}, 'logs.example.com:10514': {host: 'logs.example.com', port: 10_514}, logs: {host: 'logs', port: 6514},
	'203.0.113.7': undefined, 'logs.example.com:0': undefined, 'logs.example.com:70000': undefined, 'a"b': undefined, 'logs example': undefined, 'tcp://logs': undefined, 'x\n': undefined, '-x': undefined,
})) {
	test(`a central log at ${JSON.stringify(place)}: ${is ? 'good' : 'refused'}`, t => {
		t.deepEqual(centralLogOf(place), is);
		t.is(answersSchema.safeParse({monitoring: {centralLog: place}}).success, is !== undefined);
	});
}

test('no answer can become a second line of a configuration file', t => {
	for (const wrong of [{email: 'me@example.com\nBcc: you'}, {email: 'a b@c'}, {smtp: {host: 'x\ny'}}, {smtp: {user: 'a b'}}, {smtpPassword: 'a\nb'}, {journal: {maxUse: '1G\nX=1'}}, {caFile: '/x y'}, {caFile: '/a"b'}, {format: 'carrier pigeon'}, {limits: {disk: 0}}]) {
		t.false(answersSchema.safeParse({monitoring: wrong}).success, JSON.stringify(wrong));
	}
});

test('nothing but Enter: a journal with limits, looks and a weekly audit; nobody is told, and that is said', t => {
	const list = monitoringStep.resources(facts(), answers());
	t.regex(contentOf(list, '/etc/systemd/journald.conf.d/50-harden-python-vps.conf'), /^Storage=persistent\nCompress=yes\nSystemMaxUse=500M\nMaxRetentionSec=90d$/m);
	t.deepEqual(list.filter(({type}) => type === 'unit').map(({name}) => name), ['harden-watch.timer', 'harden-audit.timer']);
	t.is(resource(list, '/etc/harden/alert/webhook'), undefined);
	t.deepEqual(list.filter(({type}) => type === 'package').map(({name}) => name), ['python3', 'openssl']);
	t.regex(monitoringStep.warnings!(facts(), answers()).join('\n'), /nobody hears of it/);
	t.regex(monitoringStep.remember!(facts(), answers()).join('\n'), /Nobody is told/);
	t.deepEqual(monitoringStep.resources(facts(), answersSchema.parse({})), []);
	t.notRegex(contentOf(monitoringStep.resources(facts(), answers({journal: {keep: 'forever'}})), '/etc/systemd/journald.conf.d/50-harden-python-vps.conf'), /MaxRetentionSec/);
});

test('the webhook and the password are secret: marked, root\'s alone, and in no file of answers', t => {
	const given = answers({webhook: hook, email: 'me@example.com', smtp: {host: 'smtp.example.com', user: 'me@example.com'}, smtpPassword: 'hunter2 3'});
	const list = monitoringStep.resources(facts(), given);
	t.like(resource(list, '/etc/harden/alert/webhook'), {secret: true, desired: {mode: 0o600, content: `${hook}\n`}});
	t.like(resource(list, '/etc/harden/alert/smtp-password'), {secret: true, desired: {mode: 0o600, content: 'hunter2 3\n'}});
	const others = list.filter(entry => !entry.secret);
	t.notRegex(JSON.stringify(others), /s3cr3t|hunter2/);
	t.notRegex(answersToYaml(given), /s3cr3t|hunter2/);
	t.regex(conf(given), /^from = me@example\.com$/m);
	t.deepEqual(monitoringStep.warnings!(facts(), given), []);
});

test('a stored webhook stays where none is given, and goes where that is asked for', t => {
	const there = storing({webhook: true});
	t.is(resource(monitoringStep.resources(there, answers()), '/etc/harden/alert/webhook'), undefined);
	t.deepEqual(monitoringStep.warnings!(there, answers()), []);
	t.like(resource(monitoringStep.resources(there, answers({webhook: 'none'})), '/etc/harden/alert/webhook'), {desired: null});
	t.is(resource(monitoringStep.resources(facts(), answers({webhook: 'none'})), '/etc/harden/alert/webhook'), undefined);
	t.regex(monitoringStep.warnings!(there, answers({webhook: 'none'})).join(','), /nobody hears/);
});

test('this machine\'s own mail program is let do what it does; otherwise the units are closed', t => {
	const unit = (given: Answers) => contentOf(monitoringStep.resources(facts(), given), '/etc/systemd/system/harden-watch.service');
	t.regex(unit(answers()), /^NoNewPrivileges=yes$/m);
	t.regex(unit(answers({email: 'me@example.com', smtp: {host: 'smtp.example.com'}})), /^ProtectSystem=strict$/m);
	t.notRegex(unit(answers({email: 'me@example.com'})), /NoNewPrivileges|ProtectSystem/);
	t.regex(monitoringStep.warnings!(facts(), answers({email: 'me@example.com'})).join(','), /no mail can be sent/);
	t.deepEqual(monitoringStep.warnings!(storing({sendmail: true}), answers({email: 'me@example.com'})), []);
});

test('a central log: by a second rsyslog, while the system\'s own stays as it is', t => {
	const given = answers({centralLog: 'logs.example.com', caFile: '/etc/ssl/mine.pem'});
	const list = monitoringStep.resources(facts(), given);
	const rules = contentOf(list, '/etc/rsyslog.d/harden-forward/forward.rules');
	t.regex(contentOf(list, '/etc/systemd/system/harden-forward.service'), /^LoadCredential=ca\.pem:\/etc\/ssl\/mine\.pem$/m);
	t.regex(rules, /target="logs\.example\.com" port="6514"[^]*StreamDriverMode="1" StreamDriverAuthMode="x509\/name" StreamDriverPermittedPeers="logs\.example\.com"/);
	t.like(resource(list, 'rsyslog.service'), {desired: {enabled: false, active: false}});
	t.like(resource(list, 'harden-forward.service'), {desired: {enabled: true, active: true}});
	const running = facts({units: {'rsyslog.service': {enabled: true, active: true, masked: false}, 'harden-forward.service': {enabled: true, active: true, masked: false}}});
	t.is(resource(monitoringStep.resources(running, given), 'rsyslog.service'), undefined);
	t.like(resource(monitoringStep.resources(running, answers()), 'harden-forward.service'), {desired: {enabled: false, active: false}}, 'switched off later');
	t.true(isSuspended(['action x resumed', 'action x suspended (…)']));
	t.false(isSuspended(['action x suspended (…)', 'action x resumed']));
});

test('what is looked at follows what is in force', t => {
	t.regex(conf(answers()), /^app = \n[^]*^sites =\n[^]*^drill-max-age = \n/m);
	const shop = conf(answers({}, {app: {name: 'shop'}, web: {domains: ['shop.example.com']}, https: {}, postgres: {}, backups: {}}), facts({postgres: {candidate: '17', clusters: []}}));
	t.regex(shop, /^app = shop$[^]*^sites =\n {4}shop\.example\.com\n/m);
	t.regex(shop, /^ {4}\/etc\/harden\/postgresql\/server\.crt$/m);
	t.regex(shop, /^drill-max-age = 777600s$/m);
	t.regex(conf(answers({}, {app: {name: 'shop'}, web: {}, https: {}})), /^sites =\n {4}localhost\n/m);
	t.is(bytesOf('500M'), 524_288_000);
});

test('questions: three, and the mail server only where there is mail', t => {
	t.deepEqual(ids(monitoringStep.questions(facts(), answers())), ['monitoring.webhook password', 'monitoring.email text', 'monitoring.centralLog text']);
	t.deepEqual(ids(monitoringStep.questions(facts(), answers({email: 'me@example.com', smtp: {host: 'smtp.example.com', user: 'me'}}))), ['monitoring.webhook password', 'monitoring.email text', 'monitoring.smtp.host text', 'monitoring.smtp.user text', 'monitoring.smtpPassword password', 'monitoring.centralLog text']);
	const [webhook, , host] = monitoringStep.questions(facts(), answers({email: 'me@example.com'}));
	t.true(webhook?.kind === 'password' && webhook.validate('') === undefined && webhook.validate('none') === undefined && webhook.validate(hook) === undefined && (webhook.validate('http://ntfy.sh/x') ?? '').includes('encryption'));
	t.true(host?.kind === 'text' && host.validate('') !== undefined && host.validate('smtp.example.com') === undefined);
});

const library = path.join(import.meta.dirname, '../../snippets/alert/lib');

/** What a piece of harden-alert says of values: Python as it lands on the server. */
async function python(script: string, value: unknown): Promise<unknown> {
	const {stdout} = await execa('python3', ['-IBc', `import sys, json; sys.path.insert(0, ${JSON.stringify(library)}); value = json.load(sys.stdin)\n${script}`], {input: JSON.stringify(value)});
	return JSON.parse(stdout) as unknown;
}

test('logins, refusals and failures are read as the journal has them, and nobody can forge a login', async t => {
	const key = `ED25519 SHA256:${'a'.repeat(43)}`;
	const accepted = `Accepted publickey for deploy from 198.51.100.66 port 4242 ssh2: ${key}`;
	const sshd = {_UID: '0', SYSLOG_IDENTIFIER: 'sshd-session', _COMM: 'sshd-session'};
	const values = [
		{...sshd, MESSAGE: accepted},
		{_UID: '0', SYSLOG_IDENTIFIER: 'sshd', MESSAGE: 'Accepted password for root from 2001:db8::1:2 port 4242 ssh2'},
		{...sshd, MESSAGE: '::ffff: nothing'},
		{...sshd, _UID: '1000', MESSAGE: accepted},
		{...sshd, _COMM: 'logger', MESSAGE: accepted},
		{...sshd, MESSAGE: `Invalid user ${accepted}`},
	];
	t.deepEqual(await python('import journal; print(json.dumps([journal.login_in(entry) for entry in value]))', values), [
		{user: 'deploy', address: '198.51.100.66', network: '198.51.100.66', method: 'publickey', key},
		{user: 'root', address: '2001:db8::1:2', network: '2001:db8::/64', method: 'password', key: ''},
		null, null, null, null,
	]);
	const sudo = (MESSAGE: string) => ({SYSLOG_IDENTIFIER: 'sudo', MESSAGE});
	t.deepEqual(await python('import journal; print(json.dumps([journal.refused_in(entry) for entry in value]))', [
		sudo('   guest : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/guest ; USER=root ; COMMAND=/usr/bin/cat --token=hunter2'),
		sudo('deploy : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id'),
		sudo('deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/echo user NOT in sudoers'),
		{SYSLOG_IDENTIFIER: 'su', MESSAGE: 'FAILED SU (to root) guest on pts/1'},
	]), [
		{user: 'guest', why: 'user NOT in sudoers', command: '/usr/bin/cat'},
		{user: 'deploy', why: '3 incorrect password attempts', command: '/usr/bin/id'},
		null,
		{user: 'guest', why: 'su to root was refused', command: ''},
	]);
	const failed = {_PID: '1', MESSAGE_ID: 'd9b373ed55a64feb8242e02dbe79a49c', UNIT_RESULT: 'exit-code', MESSAGE: 'x'};
	t.deepEqual(await python('import journal; print(json.dumps([journal.failed_unit_in(entry) for entry in value]))', [
		{...failed, UNIT: 'shop.service'}, {...failed, UNIT: 'run-u12.service'}, {...failed, UNIT: 'harden-alert@x.service'}, {...failed, UNIT: 'shop.service', _PID: '99'},
	]), [{unit: 'shop.service', result: 'exit-code'}, null, null, null]);
});

test('each kind of receiver gets its form, and what strangers wrote calls nobody', async t => {
	const script = `
import channels, types, urllib.parse
settings = types.SimpleNamespace(format='auto', host='vps')
def made(address):
    form = channels.format_of(settings, urllib.parse.urlsplit(address))
    body, headers = channels.payload(form, 'vps', 'Tïtle', '<!channel> @everyone & more', {'severity': 'high', 'kind': 'login'})
    return [form, body.decode(), headers]
print(json.dumps([made(address) for address in value]))`;
	const [ntfy, slack, discord, own] = await python(script, ['https://ntfy.sh/x', hook, 'https://discord.com/api/webhooks/1/2', 'https://example.com/x']) as Array<[string, string, Record<string, string>]>;
	t.deepEqual(ntfy, ['ntfy', '<!channel> @everyone & more', {Title: 'vps: T?tle', Priority: '4', Tags: 'login'}]);
	t.is(slack![0], 'slack');
	t.is((JSON.parse(slack![1]) as {text: string}).text, '*vps: Tïtle*\n&lt;!channel&gt; @everyone &amp; more');
	t.is(discord![0], 'discord');
	t.like(JSON.parse(discord![1]), {content: '**vps: Tïtle**\n<!channel> @everyone & more', allowed_mentions: {parse: []}});
	t.is(own![0], 'json');
	t.like(JSON.parse(own![1]), {host: 'vps', kind: 'login', title: 'Tïtle'});
});

test('a certificate is told of when it should have been renewed, be it made for years or for days', async t => {
	const script = String.raw`
import looks, types
settings = types.SimpleNamespace(certificate_days=14, sites=['x'], certificates=[])
looks.served = lambda site: 'PEM'
def told(lifetime, left):
    end = looks.time.time() + left * 86400
    looks.date_of = lambda text: (end - lifetime * 86400, end)
    return [found['title'] for found in looks.certificates(settings)]
print(json.dumps([told(*each) for each in value]))`;
	t.deepEqual(await python(script, [[90, 29], [90, 15], [90, 13], [6, 2], [6, 1], [90, -1]]), [[], [], ['A certificate ends soon'], [], ['A certificate ends soon'], ['A certificate has ended']]);
});

test('mail is one message with the headers that it should have, whatever stands in an alert', async t => {
	const script = String.raw`
import channels, os, tempfile, types
folder = tempfile.mkdtemp()
channels.SENDMAIL = folder + '/sendmail'
with open(channels.SENDMAIL, 'w') as file:
    file.write('#!/bin/sh\ncat >' + folder + '/mail\n')
os.chmod(channels.SENDMAIL, 0o755)
settings = types.SimpleNamespace(host='vps', email='me@example.com', sender='', smtp_host='')
channels.send_mail(settings, value['title'], value['text'], None)
print(json.dumps(open(folder + '/mail').read()))
import shutil; shutil.rmtree(folder)`;
	const mail = await python(script, {title: 'x\nBcc: you@example.com', text: 'One.\n.\nTwo, é.'}) as string;
	const [head = ''] = mail.split('\n\n');
	t.regex(head, /^Subject: \[vps\] x Bcc: you@example\.com$/m);
	t.regex(head, /^From: harden-alert@vps$/m);
	t.notRegex(head, /^Bcc/m);
});

test('the same is told once, counted, and summed up; what lasts is told again only after its time', async t => {
	const script = String.raw`
import tempfile, types, time
import common, alerts
common.STATE = tempfile.mkdtemp()
alerts.QUEUE, alerts.LOG = common.STATE + '/queue', common.STATE + '/log.jsonl'
clock = [1000000.0]
time.time = lambda: clock[0]
alerts.say = lambda *_: None
settings = types.SimpleNamespace(host='vps', repeat_after=86400, webhook='https://x', email='')
told = []
for step in value:
    clock[0] += step.get('wait', 0)
    if 'sum' in step:
        alerts.sum_up(settings)
    else:
        alerts.tell(settings, 'ban', step['key'], 'Title', ['line\x1b[2J'], 'low', step.get('standing'))
found = [[alert['key'], alert['times'], alert['still']] for alert in alerts.waiting()]
import shutil; shutil.rmtree(common.STATE)
print(json.dumps(found))`;
	t.deepEqual(await python(script, [{key: 'a'}, {key: 'a', wait: 10}, {key: 'a', wait: 10}, {key: 'b'}, {sum: true}, {sum: true, wait: 90_000}, {sum: true}]), [['a', 1, false], ['b', 1, false], ['a', 2, false]]);
	t.deepEqual(await python(script, [{key: 'a'}, {key: 'a', wait: 10}, {key: 'a', wait: 90_000}]), [['a', 1, false], ['a', 2, false]]);
	const every = (count: number) => Array.from({length: count}, () => ({key: 'd', standing: 120, wait: 120}));
	t.deepEqual(await python(script, every(720)), [['d', 1, false]]);
	t.deepEqual(await python(script, every(730)), [['d', 1, false], ['d', 1, true]], 'still so, a day later');
	t.deepEqual(await python(script, [...every(3), {key: 'd', standing: 120, wait: 7200}]), [['d', 1, false], ['d', 1, false]], 'away for hours, and back');
});

test('every kind of alert has its paragraph in the runbook, with the same name in both places', async t => {
	const text = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
	const anchors = [...text.matchAll(/<a id="(?<anchor>[a-z-]+)"><\/a>/g)].map(match => match.groups!['anchor']!);
	const kinds = ['watch', 'looks', 'drift'].flatMap(name => [...readFileSync(path.join(library, `${name}.py`), 'utf8').matchAll(/\b(?:alert\(|tell\(settings, )'(?<kind>[a-z-]+)'/g)].map(match => match.groups!['kind']!));
	t.true(kinds.length > 12);
	for (const kind of new Set([...kinds, 'backup', 'drill'])) {
		t.true(anchors.includes(kind), kind);
	}

	const found = await python('import runbook; print(json.dumps({name: [heading, body.split(chr(10) * 2)[0]] for name, (heading, body) in runbook.sections(value).items()}))', text) as Record<string, [string, string]>;
	t.deepEqual(Object.keys(found), anchors);
	t.true(Object.values(found).every(([heading, aid]) => heading.length > 5 && aid.length > 30 && aid.length < 420));
});
