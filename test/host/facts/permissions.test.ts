import test from 'ava';
import type {Look} from '../../../source/engine/types.ts';
import {collectPermissions, isReadOnly, parseMounts, parseProfiles, parseSysctlFile} from '../../../source/host/facts/permissions.ts';
import {emptyHost} from '../../empty-host.ts';

const mountinfo = String.raw`22 1 0:20 / / rw,relatime - overlay overlay rw
30 22 0:25 / /proc rw,nosuid - proc proc rw
31 30 0:25 /sys /proc/sys ro,nosuid - proc proc rw
32 31 0:25 /sys/net /proc/sys/net rw,nosuid - proc proc rw
40 22 0:30 / /dev/shm rw,nosuid,nodev - tmpfs tmpfs rw
41 22 0:31 / /srv/with\040blank rw shared:7 - nfs4 host:/x rw
`;

test('mounts: where, how, what', t => {
	const mounts = parseMounts(mountinfo);
	t.is(mounts.length, 6);
	t.deepEqual(mounts.find(({point}) => point === '/dev/shm'), {point: '/dev/shm', type: 'tmpfs', options: ['rw', 'nosuid', 'nodev']});
	t.is(mounts.at(-1)?.point, '/srv/with blank');
	t.is(mounts.at(-1)?.type, 'nfs4');
	t.deepEqual(parseMounts(''), []);
});

test('mounts: the innermost one, and of several the topmost, decides', t => {
	const mounts = parseMounts(mountinfo);
	t.true(isReadOnly('/proc/sys/kernel/kptr_restrict', mounts));
	t.false(isReadOnly('/proc/sys/net/ipv4/tcp_syncookies', mounts));
	t.false(isReadOnly('/proc/sysrq-trigger', mounts));
	t.false(isReadOnly('/proc/sys/kernel/x', [...mounts, ...parseMounts('50 31 0:25 / /proc/sys rw - proc proc rw')]));
	t.false(isReadOnly('/etc', []));
});

test('places: only those of the table', async t => {
	const things: Record<string, Look> = {
		'/etc/shadow': {kind: 'file', mode: 0o640, uid: 0, gid: 42},
		'/etc/motd': {kind: 'file', mode: 0o644, uid: 0, gid: 0},
		'/etc/cron.d': {kind: 'link', mode: 0o777, uid: 0, gid: 0},
		'/etc/harden': {kind: 'link', mode: 0o777, uid: 0, gid: 0},
		'/etc/sudoers.d': {kind: 'directory', mode: 0o750, uid: 0, gid: 0},
		'/etc/sudoers.d/mine': {kind: 'file', mode: 0o440, uid: 0, gid: 0},
	};
	const {places} = await collectPermissions({
		...emptyHost,
		run: async ([program, database]) => ({exitCode: 0, stdout: program === 'getent' ? (database === 'passwd' ? 'root:x:0:0::/root:/bin/sh' : 'root:x:0:\nshadow:x:42:') : '', stderr: ''}),
		list: async path => path === '/etc/sudoers.d' ? ['mine'] : (path === '/etc/harden' ? ['elsewhere'] : []),
		look: async path => things[path],
	});
	t.deepEqual(places, {
		'/etc/shadow': {kind: 'file', mode: 0o640, owner: 'root', group: 'shadow'},
		'/etc/cron.d': {kind: 'link', mode: 0o777, owner: 'root', group: 'root'},
		'/etc/harden': {kind: 'link', mode: 0o777, owner: 'root', group: 'root'},
		'/etc/sudoers.d': {kind: 'directory', mode: 0o750, owner: 'root', group: 'root'},
		'/etc/sudoers.d/mine': {kind: 'file', mode: 0o440, owner: 'root', group: 'root'},
	});
	t.deepEqual((await collectPermissions(emptyHost)).places, {});
});

test('sysctl.d: keys, in either way of writing them', t => {
	t.deepEqual(parseSysctlFile('# net.a = 1\n;x=1\nnet.ipv4.ip_forward=1\n -kernel.x = 2\nnet/ipv4/conf/eth0.1/rp_filter = 0\nnonsense\n'), ['net.ipv4.ip_forward', 'kernel.x', 'net.ipv4.conf.eth0/1.rp_filter']);
});

test('profiles: ours, and what they do', t => {
	t.deepEqual(parseProfiles('harden.shop (complain)\nnvidia_modprobe (enforce)\nharden.blog (enforce)\nnvidia_modprobe//kmod (enforce)\nharden-nginx (complain)\n'), [{name: 'harden.shop', mode: 'complain'}, {name: 'harden.blog', mode: 'enforce'}, {name: 'harden-nginx', mode: 'complain'}]);
	t.deepEqual(parseProfiles(''), []);
});
