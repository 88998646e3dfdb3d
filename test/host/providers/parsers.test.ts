import test from 'ava';
import {parseGroups, parsePasswd, parseShadow} from '../../../source/host/accounts.ts';
import {plainValue, sysctlPath} from '../../../source/host/providers/sysctl.ts';
import {parseProperties} from '../../../source/host/providers/unit.ts';
import {groupsOf} from '../../../source/host/providers/user.ts';
import {isLinkOf, isWanted, linksOf} from '../../../source/host/unit-links.ts';

test('passwd, group and shadow, with what does not belong there', t => {
	t.deepEqual(parsePasswd('root:x:0:0:root:/root:/bin/bash\n# no\n+::::::\nbroken:x:y:0:::\n\nd:x:1000:1001:D,,,:/home/d:/bin/sh\n'), [
		{name: 'root', password: 'x', uid: 0, gid: 0, home: '/root', shell: '/bin/bash'},
		{name: 'd', password: 'x', uid: 1000, gid: 1001, home: '/home/d', shell: '/bin/sh'},
	]);
	t.deepEqual(parseGroups('sudo:x:27:d,e\nadm:x:4:\n+:::\n'), [{name: 'sudo', gid: 27, members: ['d', 'e']}, {name: 'adm', gid: 4, members: []}]);
	t.deepEqual(parseShadow('root:*:20781:0:99999:7:::\nd:$y$j9T$a$b::0:::::\ne::0::::::\n'), [
		{name: 'root', hash: '*', lastChanged: 20_781},
		{name: 'd', hash: '$y$j9T$a$b', lastChanged: null},
		{name: 'e', hash: '', lastChanged: 0},
	]);
	t.deepEqual(groupsOf(parseGroups('sudo:x:27:d,e\nadm:x:4:dd\nabc:x:5:d\nd:x:1000:\n'), 'd'), ['abc', 'sudo']);
});

for (const [name, path] of Object.entries({
	'net.ipv4.tcp_syncookies': 'net/ipv4/tcp_syncookies',
	'net.ipv4.conf.eth0/1.rp_filter': 'net/ipv4/conf/eth0.1/rp_filter',
	'net/ipv4/conf/eth0.1/rp_filter': 'net/ipv4/conf/eth0.1/rp_filter',
	'kernel.randomize_va_space': 'kernel/randomize_va_space',
	'net.ipv6.conf.wg-home.forwarding': 'net/ipv6/conf/wg-home/forwarding',
})) {
	test(`the setting ${name}`, t => {
		t.is(sysctlPath(name), `/proc/sys/${path}`);
	});
}

for (const name of ['', '.', '..', 'net..ipv4', 'net.//.x', '../etc/passwd', '/etc/passwd', 'net/../../etc/passwd', 'net.ipv4.', 'net ipv4.x', 'net.x\ny', 'net.x\0']) {
	test(`no setting: ${JSON.stringify(name)}`, t => {
		t.throws(() => sysctlPath(name), {message: /Not the name/});
	});
}

test('values of several numbers', t => {
	t.is(plainValue('4096\t131072\t6291456\n'), '4096 131072 6291456');
	t.is(plainValue('  1 '), '1');
});

test('properties of a unit, in any order', t => {
	t.deepEqual(parseProperties('Type=\nId=a=b.service\nActiveState=active\n'), {Id: 'a=b.service', UnitFileState: '', ActiveState: 'active', SubState: '', Type: '', NRestarts: ''});
});

test('which links are a unit\'s own', t => {
	const system = '/etc/systemd/system';
	const own = {
		[`${system}/multi-user.target.wants/ssh.service`]: '/lib/systemd/system/ssh.service',
		[`${system}/sshd.service`]: '/lib/systemd/system/ssh.service',
		[`${system}/ssh.service`]: '/dev/null',
		'/etc/rc2.d/S01ssh': '../init.d/ssh',
		'/etc/rc0.d/K01ssh': '../init.d/ssh',
	};
	const others = {
		[`${system}/sockets.target.wants/ssh.socket`]: '/lib/systemd/system/ssh.socket',
		[`${system}/multi-user.target.wants/openssh.service`]: '/lib/systemd/system/openssh.service',
		'/etc/rc2.d/S01sshd': '../init.d/sshd',
	};
	t.deepEqual(linksOf('ssh.service', {...own, ...others}), own);
	t.false(isLinkOf('ssh.socket', '/etc/rc2.d/S01ssh', '../init.d/ssh'));
	t.true(isWanted('ssh.service', own));
	t.false(isWanted('ssh.socket', own));
	t.false(isWanted('ssh.service', {[`${system}/ssh.service`]: '/dev/null'}));
});
