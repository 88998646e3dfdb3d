import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import type {Facts, Fail2banFacts} from '../../source/engine/facts.ts';
import {fail2banStep} from '../../steps/fail2ban.ts';
import {parseConversation, parseJails, parseList, parseMatches, whyItEnds} from '../../steps/fail2ban/checks.ts';
import {facts, sshFacts} from './ssh-facts.ts';

/** As Fail2Ban 1.1.0 of Debian 13 said it, four questions on its standard input. */
const conversation = `Fail2Ban v1.1.0 reads log file that contains password failure report
and bans the corresponding IP addresses using firewall rules.

fail2ban> Status
|- Number of jail:	2
\`- Jail list:	recidive, sshd
fail2ban> Status for the jail: sshd
|- Filter
|  |- Currently failed:	0
|  |- Total failed:	0
|  \`- Journal matches:	_SYSTEMD_UNIT=ssh.service + _COMM=sshd
\`- Actions
   |- Currently banned:	0
   |- Total banned:	0
   \`- Banned IP list:	
fail2ban> Sorry but the jail 'recidive' does not exist
fail2ban> These IP addresses/networks are ignored:
|- 127.0.0.0/8
\`- ::1
fail2ban> 
`;

test('each question of a conversation has its answer', t => {
	const [status, sshd, recidive, ignored, ...rest] = parseConversation(conversation) as [string, string, string, string];
	t.deepEqual(parseJails(status), ['recidive', 'sshd']);
	t.deepEqual(parseMatches(sshd), ['_SYSTEMD_UNIT=ssh.service', '+', '_COMM=sshd']);
	t.is(recidive, 'Sorry but the jail \'recidive\' does not exist');
	t.deepEqual(parseList(ignored), ['127.0.0.0/8', '::1']);
	t.deepEqual(rest, ['']);
});

test('of one that does not run there are no answers', t => {
	t.deepEqual(parseConversation('Fail2Ban v1.1.0 reads\n\nfail2ban> fail2ban> fail2ban> \n'), ['', '', '']);
	t.deepEqual(parseConversation(''), []);
});

const jailFile = '/etc/fail2ban/jail.d/50-harden-python-vps.local';
const answers = (fail2ban: Record<string, unknown> = {}, ssh?: Record<string, unknown>): Answers => answersSchema.parse({fail2ban, ...ssh && {ssh}});
const known = (changes: Partial<Fail2banFacts>): Facts => facts({fail2ban: {...facts().fail2ban, ...changes}});

/** The lines of our jails, without comments. */
function jails(host: Facts, wanted: Answers): readonly string[] {
	const resource = fail2banStep.resources(host, wanted).find(({name}) => name === jailFile);
	return (resource?.desired as {content: string}).content.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

const values = (host: Facts, wanted: Answers, key: string) => jails(host, wanted).filter(line => line.startsWith(`${key} = `)).map(line => line.slice(key.length + 3));

test('packages, the jails, and the service, which the package does not start', t => {
	const resources = fail2banStep.resources(facts(), answers());
	t.deepEqual(resources.map(({type, name}) => `${type} ${name}`), ['package fail2ban', 'package python3-systemd', 'package nftables', `file ${jailFile}`, 'unit fail2ban.service']);
	t.like(resources[0]!.desired, {startsOff: ['fail2ban.service']});
	t.deepEqual(fail2banStep.resources(facts(), answersSchema.parse({})), [], 'the block is absent');
});

test('answers come to both jails as they should', t => {
	t.deepEqual(values(facts(), answers(), 'maxretry'), ['5', '5']);
	t.deepEqual(values(facts(), answers({maxRetry: 3, findTime: '1h', banTime: '7d'}), 'maxretry'), ['3', '5'], 'who comes back is counted otherwise');
	t.deepEqual(values(facts(), answers({findTime: '1h', banTime: '7d'}), 'bantime'), ['7d', '1w']);
	t.deepEqual(values(facts(), answers({findTime: '1h'}), 'findtime'), ['1h', '1d']);
});

for (const [title, host, wanted, ports] of [
	['where sshd listens', facts(), answers(), '22'],
	['there, and where it is to listen', facts({ssh: sshFacts({ports: [2022, 22]})}), answers({}, {port: 5922}), '22,2022,5922'],
	['nobody knows', facts({ssh: sshFacts({ports: []})}), answers(), '22'],
] as const) {
	test(`the ports of the jail: ${title}`, t => {
		t.deepEqual(values(host, wanted, 'port'), [ports]);
	});
}

for (const [title, host, wanted, ignored] of [
	['the operator', facts(), answers(), '127.0.0.0/8 ::1 198.51.100.7'],
	['at the console there is no address', facts({operator: {user: 'root'}}), answers(), '127.0.0.0/8 ::1'],
	['operators of earlier days stay', known({operators: ['192.0.2.5']}), answers(), '127.0.0.0/8 ::1 192.0.2.5 198.51.100.7'],
	['the list of SSH, and what was asked for; what a network holds is said once', facts(), answers({ignore: ['192.0.2.1', '2001:db8::/48']}, {allowFrom: ['198.51.100.0/24']}), '127.0.0.0/8 ::1 198.51.100.0/24 192.0.2.1 2001:db8::/48'],
	['the user\'s own, names too', known({ignored: ['192.0.2.77', 'office.example']}), answers(), '127.0.0.0/8 ::1 198.51.100.7 192.0.2.77 office.example'],
] as const) {
	test(`never banned: ${title}`, t => {
		t.deepEqual(values(host, wanted, 'ignoreip'), [ignored, ignored]);
	});
}

for (const [title, host, backends] of [
	['not installed yet: it will write a file', facts(), ['systemd', 'polling']],
	['a file', known({installed: true, logFile: '/var/log/fail2ban.log'}), ['systemd', 'polling']],
	['the journal', known({installed: true}), ['systemd', 'systemd']],
] as const) {
	test(`who comes back is seen where its log is: ${title}`, t => {
		t.deepEqual(values(host, answers(), 'backend'), [...backends]);
	});
}

test('questions: their defaults, and what is no answer', t => {
	const questions = fail2banStep.questions(facts(), answers());
	t.deepEqual(questions.map(question => [question.id, question.default]), [['fail2ban.maxRetry', '5'], ['fail2ban.banTime', '1h'], ['fail2ban.ignore', '']]);
	const wrong: Readonly<Record<string, readonly string[]>> = {
		'fail2ban.maxRetry': ['0', '101', '5 ', '-1', 'five'],
		'fail2ban.banTime': ['0h', '1 h', '1h\nbantime = -1', '-1', 'for ever'],
		'fail2ban.ignore': ['192.0.2.1; x', '192.0.2.0/33', 'a.example'],
	};
	for (const question of questions) {
		for (const text of wrong[question.id]!) {
			t.truthy(question.kind === 'text' && question.validate(text), `${question.id} ${text}`);
		}
	}
});

test('why Fail2Ban ended is its first complaint about its own configuration', t => {
	t.is(whyItEnds([
		'2026-11-29 05:40:29,236 fail2ban                [410]: ERROR   Failed during configuration: Have not found any log file for sshd jail',
		'2026-11-29 05:40:29,237 fail2ban                [410]: ERROR   ERROR: test configuration failed',
	].join('\n')), 'Failed during configuration: Have not found any log file for sshd jail');
	t.is(whyItEnds('OK: configuration test is successful'), undefined);
});
