import {readFileSync} from 'node:fs';
import test from 'ava';
import {answersSchema} from '../../source/answers.ts';
import {describe, reversed} from '../../source/engine/describe.ts';
import type {Facts, KernelFacts} from '../../source/engine/facts.ts';
import type {Change, Host} from '../../source/engine/types.ts';
import {collectPermissions} from '../../source/host/facts/permissions.ts';
import {accessControlObjection} from '../../steps/permissions/apparmor.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {emptyHost} from '../empty-host.ts';
import {facts} from './ssh-facts.ts';

/** SELinux, where that is what runs: the port of sshd. */

function withSelinux(selinux?: KernelFacts['selinux']): Facts {
	const {permissions, ...others} = facts();
	return {...others, permissions: {...permissions, kernel: {...permissions.kernel, ...selinux && {accessControl: ['selinux'], selinux}}}};
}

const answers = (port: number) => answersSchema.parse({ssh: {port}});
const planned = (host: Facts, port = 5922) => sshStep.resources(host, answers(port)).map(({type, name}) => `${type} ${name}`);
const ours = (names: readonly string[]) => names.filter(name => /selinux|policycoreutils/.test(name));

for (const enforcing of [true, false]) {
	test(`${enforcing ? 'enforcing' : 'permissive'}: the new port is sshd's before sshd listens there`, t => {
		const host = withSelinux({enforcing, semanage: true});
		const names = planned(host);
		t.deepEqual(ours(names), ['selinux-port tcp/5922']);
		t.true(names.indexOf('selinux-port tcp/5922') < names.findIndex(name => name.startsWith('unit ssh.')));
		t.true(names.indexOf('selinux-port tcp/5922') < names.findIndex(name => name.startsWith('file /etc/ssh/')));
		t.deepEqual(sshStep.guard!(host, answers(5922))!.bridge.map(({type, name}) => `${type} ${name}`), names, 'and so in the bridge');
		t.deepEqual(ours(planned(host, 22)), [], 'the usual port is sshd\'s in every policy');
	});
}

test('where semanage is missing, it comes first', t => {
	t.deepEqual(ours(planned(withSelinux({enforcing: true, semanage: false}))), ['package policycoreutils-python-utils', 'selinux-port tcp/5922']);
	t.deepEqual(ours(planned(withSelinux({enforcing: true, semanage: false}), 22)), []);
});

test('where SELinux is not what runs, nothing is planned, shown or checked', t => {
	t.deepEqual(ours(planned(facts())), []);
	t.false(sshStep.checks(facts(), answers(5922)).some(({id}) => id === 'ssh.selinux-port'));
});

test('what is said about AppArmor stays', t => {
	t.is(accessControlObjection(withSelinux({enforcing: true, semanage: true})), 'not available here, because SELinux is what this system uses; it stays as it is');
});

test('words of the change, there and back', t => {
	const change: Change = {type: 'selinux-port', name: 'tcp/5922', why: '', before: {type: 'unreserved_port_t', byPolicy: true}, desired: {type: 'ssh_port_t'}};
	t.like(describe(change), {sign: '~', title: 'tcp/5922', detail: 'unreserved_port_t → ssh_port_t'});
	t.like(describe(reversed(change)), {sign: '~', detail: 'ssh_port_t → unreserved_port_t'});
	t.like(describe({...change, before: null}), {sign: '+', detail: 'ssh_port_t'});
});

const policy = readFileSync(new URL('../fixtures/selinux/ports.txt', import.meta.url), 'utf8');

/** A host on which semanage says this; `here` is what was said on it. Its last line is how it ended. */
function saying(stdout?: string, here = '', enforce = '1'): Host {
	return {
		...emptyHost,
		run: async argv => ({exitCode: 0, stderr: '', stdout: stdout ?? (argv.includes('--locallist') ? `${here}0` : `${here}${policy}0`)}),
		read: async path => path === '/sys/fs/selinux/enforce' ? enforce : undefined,
	};
}

async function verdict(host: Host, port = 5922) {
	const check = sshStep.checks(withSelinux({enforcing: true, semanage: true}), answers(port)).find(({id}) => id === 'ssh.selinux-port');
	return check!.verify(host);
}

test('the check', async t => {
	const label = 'ssh_port_t                     tcp      5922\n';
	t.deepEqual(await verdict(saying(undefined, label)), {status: 'pass', evidence: 'tcp/5922 is ssh_port_t; SELinux is enforcing'});
	t.deepEqual(await verdict(saying(undefined, label, '0')), {status: 'pass', evidence: 'tcp/5922 is ssh_port_t; SELinux is permissive'});
	t.deepEqual(await verdict(saying(), 22), {status: 'pass', evidence: 'tcp/22 is ssh_port_t; SELinux is enforcing'});
	t.deepEqual(await verdict(saying()), {status: 'fail', evidence: 'tcp/5922 is unreserved_port_t; SELinux is enforcing'});
	t.deepEqual(await verdict(saying(undefined, 'http_port_t                    tcp      22\n'), 22), {status: 'fail', evidence: 'tcp/22 is http_port_t; SELinux is enforcing'}, 'what was said here counts more than the policy');
	t.deepEqual(await verdict(saying('sh: 1: semanage: not found\n127')), {status: 'not-run', evidence: 'semanage is not here to be asked (package policycoreutils-python-utils)'});
	const refused = 'ValueError: SELinux policy is not managed or store cannot be accessed.';
	t.deepEqual(await verdict(saying(`${refused}\n1`)), {status: 'not-run', evidence: refused});
	t.deepEqual(await verdict(saying('0')), {status: 'not-run', evidence: 'semanage said nothing'}, 'a policy without any port is none');
});

test('facts: on or off, refusing or watching, with its program or without; in a container it is the host\'s business', async t => {
	const collected = async (files: Record<string, string>, container = false) => {
		const {kernel: {accessControl, selinux}} = await collectPermissions({
			...emptyHost,
			run: async ([program]) => ({exitCode: program === 'systemd-detect-virt' && container ? 0 : 1, stdout: '', stderr: ''}),
			read: async path => files[path],
			stat: async path => path in files ? {modified: 0, size: 0, isFolder: false, mark: ''} : undefined,
		});
		return {accessControl, selinux};
	};

	const enforce = '/sys/fs/selinux/enforce';
	t.deepEqual(await collected({}), {accessControl: [], selinux: undefined});
	t.deepEqual(await collected({'/usr/sbin/semanage': ''}), {accessControl: [], selinux: undefined});
	t.deepEqual(await collected({[enforce]: '1', '/usr/sbin/semanage': ''}), {accessControl: ['selinux'], selinux: {enforcing: true, semanage: true}});
	t.deepEqual(await collected({[enforce]: '0'}), {accessControl: ['selinux'], selinux: {enforcing: false, semanage: false}});
	t.deepEqual(await collected({[enforce]: '1'}, true), {accessControl: [], selinux: undefined});
});
