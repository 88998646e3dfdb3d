import test from 'ava';
import {parseConversation, parseJails, parseList, parseMatches} from '../../steps/fail2ban/checks.ts';

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
