import test from 'ava';
import {parseGreeting, probeArgv} from '../../source/engine/ssh-probe.ts';
import {askSshd, effectiveArgv, globMatches, parseEffective, parseSshdConfig, readsDropIn} from '../../source/engine/sshd-config.ts';
import type {Argv, Host, Output} from '../../source/engine/types.ts';
import {emptyHost} from '../empty-host.ts';

test('lines of sshd_config', t => {
	const text = '# comment\n\nPort 22\n\tpermitRootLogin=no # why\nAllowUsers "bob smith" carol\nChallengeResponseAuthentication yes\n"Port" "23"\nMatch User bob\n  X11Forwarding\tno\n';
	t.deepEqual(parseSshdConfig(text), [
		{line: 2, keyword: 'port', words: ['22'], conditional: false},
		{line: 3, keyword: 'permitrootlogin', words: ['no'], conditional: false},
		{line: 4, keyword: 'allowusers', words: ['bob smith', 'carol'], conditional: false},
		{line: 5, keyword: 'kbdinteractiveauthentication', words: ['yes'], conditional: false},
		{line: 6, keyword: 'port', words: ['23'], conditional: false},
		{line: 7, keyword: 'match', words: ['User', 'bob'], conditional: true},
		{line: 8, keyword: 'x11forwarding', words: ['no'], conditional: true},
	]);
});

for (const [pattern, name, matches] of [
	['*.conf', '00-x.conf', true],
	['*.conf', '.hidden.conf', false],
	['*.conf', 'x.conf.bak', false],
	['?0-*', '00-x', true],
	['[!0]*', '00-x', false],
	['[01]*', '00-x', true],
	['a+b', 'aab', false],
	['a+b', 'a+b', true],
] as const) {
	test(`glob ${pattern} and ${name}: ${matches}`, t => {
		t.is(globMatches(pattern, name), matches);
	});
}

for (const [line, reads] of [
	['Include /etc/ssh/sshd_config.d/*.conf', true],
	['include sshd_config.d/*', true],
	['Include /a /etc/ssh/sshd_config.d/00*.conf', true],
	['Include=/etc/ssh/sshd_config.d/00-harden-python-vps.conf', true],
	['Include /etc/ssh/sshd_config.d/[5-9]*.conf', false],
	['Include /etc/ssh/*.conf', false],
	['Port 22', false],
] as const) {
	test(`${line} ${reads ? 'reads' : 'does not read'} our file`, t => {
		t.is(readsDropIn(parseSshdConfig(line)[0]!), reads);
	});
}

test('what sshd -T says', t => {
	t.deepEqual(parseEffective('port 22\nport 23\nallowusers a\nallowusers b@10.0.0.0/8\npermitrootlogin no\nbanner none\nrekeylimit 0 0\n'), {
		port: ['22', '23'], allowusers: ['a', 'b@10.0.0.0/8'], permitrootlogin: ['no'], banner: ['none'], rekeylimit: ['0 0'],
	});
	t.deepEqual(effectiveArgv({user: 'root', address: '192.0.2.1', port: 2222}), ['sshd', '-T', '-C', 'user=root,host=192.0.2.1,addr=192.0.2.1,laddr=127.0.0.1,lport=2222']);
});

function answering(...outputs: Array<Partial<Output>>): Host & {asked: Argv[]} {
	const asked: Argv[] = [];
	return {
		...emptyHost,
		asked,
		async run(argv) {
			asked.push(argv);
			return {exitCode: 0, stdout: '', stderr: '', ...outputs[asked.length - 1]};
		},
	};
}

test('sshd is lent its folder where a socket still waits for the first login', async t => {
	const host = answering({exitCode: 255, stderr: 'Missing privilege separation directory: /run/sshd'}, {stdout: 'port 22'});
	t.deepEqual(await askSshd(host, {user: 'root', address: '192.0.2.1'}), {effective: {port: ['22']}});
	t.is(host.asked[1]![0], 'systemd-run');
	t.deepEqual(await askSshd(answering({exitCode: 1, stderr: 'x\nsshd: no hostkeys available -- exiting.'}), {user: 'root', address: '192.0.2.1'}), {reason: 'sshd: no hostkeys available -- exiting.'});
});

test('what a client hears before it logs in', t => {
	const output = [
		'debug2: local client KEXINIT proposal', 'debug2: KEX algorithms: local', 'debug2: host key algorithms: local', 'debug2: ciphers stoc: local', 'debug2: MACs stoc: local',
		'debug2: peer server KEXINIT proposal', 'debug2: KEX algorithms: a,b', 'debug2: host key algorithms: c', 'debug2: ciphers ctos: x', 'debug2: ciphers stoc: d', 'debug2: MACs ctos: y', 'debug2: MACs stoc: e,f',
		'debug1: Authentications that can continue: publickey', 'root@127.0.0.1: Permission denied (publickey,password).',
	].join('\r\n');
	t.deepEqual(parseGreeting(output), {
		methods: ['publickey', 'password'],
		offer: {kex: ['a', 'b'], hostKey: ['c'], cipher: ['d'], mac: ['e', 'f']},
		lastWords: 'root@127.0.0.1: Permission denied (publickey,password).',
	});
	t.deepEqual(parseGreeting('ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n'), {lastWords: 'ssh: connect to host 127.0.0.1 port 1: Connection refused'});
	t.deepEqual(probeArgv('::1', 22, 'root').slice(-3), ['--', '::1', 'true']);
});
