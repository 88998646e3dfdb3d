import test from 'ava';
import type {Facts} from '../../source/engine/facts.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {samples} from '../engine/sample-keys.ts';
import {deploy, facts, keyFile, root, saying, sshFacts} from './ssh-facts.ts';
import {answers, bridge, dropIn, final, find, hardened, lines, names, textOf} from './ssh-plans.ts';

test('a fresh server: the user and their key come first, sshd last', t => {
	t.deepEqual(names(final(facts())), [
		'package sudo',
		'user deploy',
		'directory /home/deploy/.ssh',
		'file /home/deploy/.ssh/authorized_keys',
		'file /etc/sudoers.d/90-harden-python-vps',
		'unit ssh.service',
		'host-key /etc/ssh/ssh_host_rsa_4096_key',
		`file ${dropIn}`,
	]);
	t.deepEqual(find(final(facts()), 'user')?.desired, {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']});
	t.deepEqual(find(final(facts()), 'file', '/home/deploy/.ssh/authorized_keys')?.desired, {content: `${samples.ed25519.line}\n`, mode: 0o600, owner: 'deploy', group: 'deploy'});
});

test('the last phase leaves one way in', t => {
	const text = lines(textOf(final(facts())));
	for (const line of ['Port 5922', 'AllowUsers deploy', 'PermitRootLogin no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'MaxAuthTries 3', 'LoginGraceTime 30', 'X11Forwarding no', 'AllowTcpForwarding no', 'AllowAgentForwarding no', 'RequiredRSASize 3072', 'PerSourcePenaltyExemptList 127.0.0.0/8,::1']) {
		t.is(text.filter(entry => entry === line).length, 1, line);
	}

	t.deepEqual(text.filter(line => line.startsWith('Port')), ['Port 5922']);
	t.deepEqual(text.slice(text.indexOf('Match all')), ['Match all', '\tPermitRootLogin no', '\tPasswordAuthentication no', '\tKbdInteractiveAuthentication no']);
});

test('the bridge keeps the old ways open beside the new one', t => {
	const text = lines(textOf(bridge(facts())));
	t.deepEqual(text.filter(line => line.startsWith('Port')), ['Port 5922', 'Port 22']);
	t.false(text.some(line => /^\s*(?:AllowUsers|PermitRootLogin|PasswordAuthentication)/.test(line)));
	t.deepEqual(names(bridge(facts())), names(final(facts())), 'only the drop-in differs between the phases');
	t.deepEqual(sshStep.guard!(facts(), answers())!.login, {user: 'deploy', port: 5922, sudo: 'nopasswd'});
});

test('the bridge never opens what is shut already', t => {
	const ssh = saying({passwordauthentication: 'no', permitrootlogin: 'prohibit-password'});
	const text = lines(textOf(bridge(facts({ssh}))));
	t.true(text.includes('PasswordAuthentication no'));
	t.true(text.includes('\tPasswordAuthentication no'));
	t.false(text.includes('PermitRootLogin no'));
});

test('the bridge lets in whom AllowUsers lets in today', t => {
	const ssh = saying({allowusers: ['root', 'bob@10.0.0.1']});
	t.true(lines(textOf(bridge(facts({ssh})))).includes('AllowUsers deploy root bob@10.0.0.1'));
	t.true(lines(textOf(final(facts({ssh})))).includes('AllowUsers deploy'));
});

test('again is nothing: the hardened server plans the same file in both phases', t => {
	t.is(textOf(final(hardened())), textOf(final(facts())));
	t.is(textOf(bridge(hardened())), textOf(final(facts())));
	t.is(textOf(final(hardened()), '/home/deploy/.ssh/authorized_keys'), `${samples.ed25519.line}\n`);
	t.is(find(final(hardened()), 'host-key'), undefined);
	t.deepEqual(find(final(hardened()), 'user')?.desired, {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']});
});

test('an interrupted bridge plans the same bridge', t => {
	const host = facts({ssh: sshFacts({ports: [22, 5922]})});
	t.is(textOf(bridge(host)), textOf(bridge(facts())));
});

test('Debian 12: only what its sshd knows', t => {
	const ssh = sshFacts({version: '9.2', supported: {...sshFacts().supported, kex: sshFacts().supported['kex']!.filter(name => !name.startsWith('mlkem'))}});
	const text = lines(textOf(final(facts({ssh}))));
	t.true(text.includes('KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha256'));
	t.false(text.some(line => line.startsWith('PerSourcePenalt')));
	t.deepEqual(text.filter(line => line.startsWith('HostKey ')), ['HostKey /etc/ssh/ssh_host_ed25519_key', 'HostKey /etc/ssh/ssh_host_rsa_4096_key']);
});

test('Ubuntu 22.04: no RequiredRSASize before 9.1', t => {
	t.false(textOf(final(facts({ssh: sshFacts({version: '8.9'})}))).includes('RequiredRSASize'));
});

test('weak host keys are not used, a long RSA key is kept', t => {
	const [rsa, ...others] = sshFacts().hostKeys;
	const resources = final(facts({ssh: sshFacts({hostKeys: [{...rsa!, bits: 4096}, ...others]})}));
	t.is(find(resources, 'host-key'), undefined);
	t.deepEqual(lines(textOf(resources)).filter(line => line.startsWith('HostKey ')), ['HostKey /etc/ssh/ssh_host_rsa_key', 'HostKey /etc/ssh/ssh_host_ed25519_key']);
});

test('no strong host key at all: both are made', t => {
	const resources = final(facts({ssh: sshFacts({hostKeys: []})}));
	t.deepEqual(names(resources).filter(name => name.startsWith('host-key')), ['host-key /etc/ssh/ssh_host_ed25519_key', 'host-key /etc/ssh/ssh_host_rsa_4096_key']);
});

test('short moduli go, comments and long ones stay', t => {
	const moduli = '# Time Type Tests Tries Size Generator Modulus\n20240828 2 6 100 2047 5 C2\n20240828 2 6 100 3071 5 F0\n20240828 2 6 100 8191 2 F1\n';
	const text = textOf(final(facts({ssh: sshFacts({moduli, shortModuli: 1})})), '/etc/ssh/moduli');
	t.is(text, '# Time Type Tests Tries Size Generator Modulus\n20240828 2 6 100 3071 5 F0\n20240828 2 6 100 8191 2 F1\n');
});

test('ssh.socket gives way to ssh.service, before any file is written', t => {
	const units = {'ssh.service': {enabled: false, active: true, masked: false}, 'ssh.socket': {enabled: true, active: true, masked: false}};
	const resources = bridge(facts({units, ssh: sshFacts({socketActivated: true})}));
	const order = names(resources);
	t.deepEqual(find(resources, 'unit', 'ssh.socket')?.desired, {enabled: false, active: false, masked: false});
	t.true(order.indexOf('unit ssh.socket') < order.indexOf('unit ssh.service'));
	t.true(order.indexOf('unit ssh.service') < order.indexOf(`file ${dropIn}`));
	t.is(find(resources, 'unit', 'ssh.socket')?.reload?.action, 'restart');
	t.regex(sshStep.warnings!(facts({units, ssh: sshFacts({socketActivated: true})}), answers()).join(' '), /ssh\.socket/);
});

test('tunnels where they are wanted', t => {
	const text = lines(textOf(final(facts(), {forwarding: true})));
	t.true(text.includes('AllowTcpForwarding yes'));
	t.true(text.includes('AllowAgentForwarding yes'));
	t.true(text.includes('X11Forwarding no'));
});

const ufw = (rules: Facts['firewall']['ufw']['rules']) => facts({firewall: {...facts().firewall, backend: 'ufw', ufw: {installed: true, enabled: true, rules, foreign: []}}});
const tcp = (action: 'allow' | 'limit' | 'deny', port: number, from = 'any') => ({action, port, protocol: 'tcp', from} as const);

for (const [what, host, ssh, expected] of [
	['no firewall', facts(), {}, []],
	['ufw lets 22 in', ufw([tcp('allow', 22)]), {}, ['ufw allow 5922/tcp']],
	['ufw lets 5922 in already', ufw([tcp('allow', 5922)]), {}, []],
	['only the allowed addresses', ufw([]), {allowFrom: ['198.51.100.7', '10.0.0.0/8']}, ['ufw allow 5922/tcp from 198.51.100.7', 'ufw allow 5922/tcp from 10.0.0.0/8']],
	['firewalld', facts({firewall: {...facts().firewall, backend: 'firewalld', firewalld: {installed: true, enabled: true, rules: [], foreign: []}}}), {}, ['firewalld allow 5922/tcp']],
] as const) {
	test(`the door in the firewall: ${what}`, t => {
		const resources = bridge(host, ssh);
		t.deepEqual(resources.filter(({type}) => type === 'firewall-rule').map(({name}) => name), expected);
	});
}

test('without root the plan is made from what is known', t => {
	const ssh = sshFacts({config: undefined, configForRoot: undefined, keys: [keyFile('root', undefined)]});
	const host = facts({root: false, operator: {user: 'deploy', address: '198.51.100.7'}, users: [root, deploy], ssh: {...ssh, keys: [keyFile('deploy', `${samples.ed25519.line}\n`)]}});
	t.notThrows(() => final(host));
	t.regex(sshStep.warnings!(host, answers()).join(' '), /Only root can ask sshd/);
	t.regex(sshStep.today(host), /only as root/);
	t.notThrows(() => final(host, {sudo: 'password'}));
});
