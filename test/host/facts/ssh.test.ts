import test from 'ava';
import {countShortModuli, parseExpired, parseOptions, parseSocketPorts, parseSshdPorts, parseVersion} from '../../../source/host/facts/ssh.ts';
import {peopleOf} from '../../../source/host/facts/ssh-keys.ts';

test('the version', t => {
	t.is(parseVersion('OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.17 1 Jul 2025'), '9.2');
	t.is(parseVersion('OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.1'), '10.0');
	t.is(parseVersion('not found'), '');
});

test('the ports of a socket unit', t => {
	t.deepEqual(parseSocketPorts('ActiveState=active\nListen=[::]:22 (Stream)\nListen=0.0.0.0:2222 (Stream)\nListen=/run/x (Stream)\nListen=22 (Stream)\n'), [22, 2222, 22]);
	t.deepEqual(parseSocketPorts('ActiveState=inactive\n'), []);
});

const ss = [
	'tcp LISTEN 0      128    0.0.0.0:5922 0.0.0.0:* users:(("sshd",pid=83,fd=6))',
	'tcp LISTEN 0      128       [::]:5922    [::]:* users:(("sshd",pid=83,fd=7))',
	'tcp LISTEN 0      128    127.0.0.1:6010 0.0.0.0:* users:(("sshd",pid=99,fd=7))',
	'tcp LISTEN 0      128    [::1]:6010 [::]:* users:(("sshd",pid=99,fd=8))',
	'tcp LISTEN 0      128    0.0.0.0:8000 0.0.0.0:* users:(("sshd",pid=99,fd=9))',
	'tcp LISTEN 0      4096         *:22         *:* users:(("sshd",pid=80,fd=3),("systemd",pid=1,fd=37))',
	'udp UNCONN 0      0      0.0.0.0:4444 0.0.0.0:* users:(("sshd",pid=83,fd=9))',
	'tcp LISTEN 0      511    0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=5,fd=3))',
].join('\n');

test('the ports of sshd itself', t => {
	t.deepEqual(parseSshdPorts(ss, 83), [5922, 5922]);
	t.deepEqual(parseSshdPorts(ss, 8), []);
	t.deepEqual(parseSshdPorts(ss), [5922, 5922, 8000, 22]);
	t.deepEqual(parseSshdPorts('tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*'), [], 'without root nobody is named');
});

test('short groups are counted; the file counts from 0', t => {
	t.is(countShortModuli('# Time Type Tests Tries Size\n20240101 2 6 100 2047 2 C0\n20240101 2 6 100 3071 2 C0\n20240101 2 6 100 1535 2 C0\n'), 2);
});

test('options on the command line', t => {
	t.is(parseOptions('# Options\nSSHD_OPTS="-p 2222 -4"\n'), '-p 2222 -4');
	t.is(parseOptions('SSHD_OPTS=\n'), '');
	t.is(parseOptions('#SSHD_OPTS=-p 1\n'), undefined);
});

test('who has to change their password first', t => {
	const shadow = [
		'root:$y$x:0:0:99999:7:::', 'fresh:!:20000:0:99999:7:::', 'old:$y$x:19000:0:90:7:::', 'gone:$y$x:20000:0:99999:7::19999:', 'never:$y$x:20000:0:-1:7:::', 'unknown:$y$x::0:90:7:::',
	].join('\n');
	t.deepEqual(parseExpired(shadow, 20_050), [{user: 'root', what: 'password'}, {user: 'old', what: 'password'}, {user: 'gone', what: 'account'}]);
	t.deepEqual(parseExpired('', 20_050), []);
});

test('people are root, whoever runs this, and those with a shell', t => {
	const user = (name: string, uid: number, shell = '/bin/bash') => ({name, uid, gid: uid, home: `/home/${name}`, shell, groups: []});
	const users = [user('nobody', 65_534, '/usr/sbin/nologin'), user('bob', 1001), user('www-data', 33), user('ci', 1002, '/bin/false'), user('root', 0), user('me', 500)];
	t.deepEqual(peopleOf(users, 'me').map(({name}) => name), ['root', 'me', 'bob']);
});
