import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {acceptedIn, becameRoot, parseEstablished, parseJournal, parseOwnAddresses, parseStat, parseUid, withoutZone, type JournalEntry} from '../../source/host/login-lines.ts';

/** Written by sshd and sudo on servers of both releases, while a client logged in, guessed and lied. */
const fixtures = {
	bookworm: readFileSync(join(import.meta.dirname, '../fixtures/journal/bookworm.jsonl'), 'utf8'),
	trixie: readFileSync(join(import.meta.dirname, '../fixtures/journal/trixie.jsonl'), 'utf8'),
};

for (const [release, output] of Object.entries(fixtures)) {
	const entries = parseJournal(output);

	test(`${release}: every login is seen, and nothing that only looks like one`, t => {
		t.true(entries.length > 40);
		const logins = entries.map(entry => acceptedIn(entry)).filter(login => login !== undefined);
		t.deepEqual(logins.map(({method, user, peer: {address}}) => `${method} ${user} ${address}`), [
			'publickey deploy 198.51.100.7',
			'password deploy 198.51.100.7',
			'publickey deploy 198.51.100.7',
			'publickey deploy 2001:db8:198:51::7',
		]);
		t.true(logins.every(({method, key}) => method === 'publickey' ? /^ED25519 SHA256:[\w+/]{43}$/.test(key ?? '') : key === undefined));
		// A user wrote this one, with logger(1).
		t.true(output.includes('from 198.51.100.9 port 4242'));
	});

	test(`${release}: sudo counts once its session is open`, t => {
		const roots = entries.map(entry => becameRoot(entry)).filter(uid => uid !== undefined);
		t.deepEqual(roots, [1000, 1000, 1000, 1000]);
		t.true(output.includes('incorrect password attempt'));
	});
}

const sshd: JournalEntry = {cursor: 's=1', identifier: 'sshd', message: '', uid: 0, pid: 42};
const fingerprint = 'SHA256:6A9Socs+bAVwUZbwwwhWTpb/VCAEZMh02Dp5tLIlM1Y';

for (const [message, expected] of [
	[`Accepted publickey for deploy from 198.51.100.7 port 32792 ssh2: ED25519 ${fingerprint}`, `ED25519 ${fingerprint}`],
	[`Accepted publickey for deploy from 198.51.100.7 port 32792 ssh2: ECDSA-SK ${fingerprint}`, `ECDSA-SK ${fingerprint}`],
	[`Accepted publickey for deploy from 198.51.100.7 port 32792 ssh2: ED25519-CERT ${fingerprint} ID me port 1 ssh2 (serial 0) CA ED25519 ${fingerprint}`, `ED25519-CERT ${fingerprint}`],
	[`Accepted publickey for deploy from fe80::1%eth0 port 5 ssh2: RSA MD5:${Array.from({length: 16}, () => 'a0').join(':')}`, `RSA MD5:${Array.from({length: 16}, () => 'a0').join(':')}`],
] as const) {
	test(`a key is read from: ${message}`, t => {
		t.is(acceptedIn({...sshd, message})?.key, expected);
	});
}

for (const message of [
	'Invalid user x from 1.2.3.4 port 5 ssh2 from 198.51.100.7 port 32800',
	`Failed publickey for deploy from 198.51.100.7 port 1 ssh2: ED25519 ${fingerprint}`,
	`Failed password for invalid user Accepted publickey for deploy from 1.2.3.4 port 5 ssh2: ED25519 ${fingerprint}`,
	`Accepted publickey for deploy from 1.2.3.4 port 5 ssh2: ED25519 ${fingerprint} from 198.51.100.7 port 6 ssh2`,
	`Accepted publickey for x from 1.2.3.4 port 5 from 198.51.100.7 port 6 ssh2: ED25519 ${fingerprint}`,
	`Accepted publickey for deploy from 198.51.100.7 port 1 ssh2: ED25519 ${fingerprint}\nAccepted publickey for root from 198.51.100.7 port 1 ssh2`,
	`x\nAccepted publickey for deploy from 198.51.100.7 port 1 ssh2: ED25519 ${fingerprint}`,
	`Postponed publickey for deploy from 198.51.100.7 port 1 ssh2: ED25519 ${fingerprint}`,
	'Accepted publickey for deploy from 198.51.100.7 port 1 ssh2: ED25519 SHA256:short',
]) {
	test(`no login: ${JSON.stringify(message)}`, t => {
		t.is(acceptedIn({...sshd, message}), undefined);
	});
}

test('a line counts only from root and under the name of sshd', t => {
	const message = `Accepted publickey for deploy from 198.51.100.7 port 32792 ssh2: ED25519 ${fingerprint}`;
	t.truthy(acceptedIn({...sshd, message}));
	t.truthy(acceptedIn({...sshd, identifier: 'sshd-session', message}));
	t.is(acceptedIn({...sshd, uid: 1000, message}), undefined);
	t.is(acceptedIn({...sshd, identifier: 'nginx', message}), undefined);
});

test('a line under another program\'s name is dropped; a program that is gone by now is not held against it', t => {
	const line = {__CURSOR: 's=1', SYSLOG_IDENTIFIER: 'sshd', MESSAGE: 'x', _UID: '0', _PID: '7'};
	const output = [{...line, _COMM: 'logger'}, {...line, _COMM: 'sshd'}, line, {...line, MESSAGE: [97, 128]}, {...line, _UID: undefined}].map(entry => JSON.stringify(entry));
	t.is(parseJournal([...output, '-- No entries --', ''].join('\n')).length, 2);
});

for (const [message, uid, expected] of [
	['pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)', 1000, 1000],
	['pam_unix(sudo:session): session opened for user root(uid=0) by deploy(uid=1000)', 1000, 1000],
	['pam_unix(sudo:session): session opened for user root(uid=0) by deploy(uid=1000)', 0, 1000],
	['pam_unix(sudo:session): session opened for user root(uid=0) by deploy(uid=1000)', 1001, undefined],
	['pam_unix(sudo:session): session opened for user postgres(uid=107) by deploy(uid=1000)', 1000, undefined],
	['pam_unix(sudo:auth): authentication failure; logname= uid=1000 euid=0 tty= ruser=deploy rhost=  user=deploy', 1000, undefined],
	['  deploy : user NOT in sudoers ; PWD=/tmp/pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000)', 1000, undefined],
] as const) {
	test(`sudo, written by ${uid}: ${message}`, t => {
		t.is(becameRoot({cursor: 's=1', identifier: 'sudo', message, uid, pid: 1}), expected);
		t.is(becameRoot({cursor: 's=1', identifier: 'su', message, uid, pid: 1}), undefined);
	});
}

test('ss: addresses of both families, mapped and with a zone, and their processes', t => {
	const output = `0      0      [2001:db8:203:113::10]:5922 [2001:db8:198:51::7]:55362 users:(("sshd",pid=113,fd=4),("sshd",pid=107,fd=4))
0      36           203.0.113.10:22         198.51.100.7:59684
ESTAB-like 0  [::ffff:203.0.113.10]:22  [::ffff:198.51.100.8]:1
0      0      [fe80::1]%host0:22 [fe80::2]%host0:4711 users:(("",pid=1,fd=4)",pid=9,fd=1),("b",pid=10,fd=1))
`;
	t.deepEqual(parseEstablished(output), [
		{local: {address: '2001:db8:203:113::10', port: 5922}, peer: {address: '2001:db8:198:51::7', port: 55_362}, pids: [113, 107]},
		{local: {address: '203.0.113.10', port: 22}, peer: {address: '198.51.100.7', port: 59_684}, pids: []},
		{local: {address: '203.0.113.10', port: 22}, peer: {address: '198.51.100.8', port: 1}, pids: []},
		{local: {address: 'fe80::1%host0', port: 22}, peer: {address: 'fe80::2%host0', port: 4711}, pids: [9, 10]},
	]);
	t.deepEqual(parseEstablished(''), []);
	t.is(withoutZone('fe80::1%host0'), 'fe80::1');
});

test('ip: the addresses of all links', t => {
	t.deepEqual(parseOwnAddresses('[{"ifname":"lo","addr_info":[{"local":"127.0.0.1"},{"local":"::1"}]},{},{"ifname":"host0","addr_info":[{"local":"203.0.113.10"},{}]}]'), ['127.0.0.1', '::1', '203.0.113.10']);
	t.deepEqual(parseOwnAddresses(''), []);
});

const rest = 'S 107 113 113 0 -1 4194624 235 0 0 0 0 0 0 0 20 0 1 0 267049 18132992 1657';

for (const [stat, program] of [
	[`113 (sshd) ${rest}`, 'sshd'],
	[`113 (tmux: server) ${rest}`, 'tmux: server'],
	[`113 (a) S 1 (b)) ${rest}`, 'a) S 1 (b)'],
	[`113 (\n) ${rest}\n`, '\n'],
] as const) {
	test(`stat of ${JSON.stringify(program)}`, t => {
		t.deepEqual(parseStat(stat), {program, parent: 107, startTicks: 267_049});
	});
}

test('no stat, no uid', t => {
	t.is(parseStat(''), undefined);
	t.is(parseStat('113 (sshd) S 107'), undefined);
	t.is(parseUid('Name:\tUid:\t7\nUid:\t1000\t0\t0\t0\n'), 1000);
	t.is(parseUid(''), undefined);
});
