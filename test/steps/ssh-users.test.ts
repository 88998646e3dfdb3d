import test from 'ava';
import {sshStep} from '../../steps/ssh/index.ts';
import {samples} from '../engine/sample-keys.ts';
import {deploy, facts, keyFile, root, saying, sshFacts} from './ssh-facts.ts';
import {answers, cloudLock, final, find, lines, refuses, textOf, withDeploy} from './ssh-plans.ts';

test('an existing user is kept: shell, home, groups, keys', t => {
	const content = `# mine\n${samples.ecdsa256.line}`;
	const resources = final(withDeploy(content), {authorizedKeys: [samples.ed25519.line]});
	t.deepEqual(find(resources, 'user')?.desired, {shell: '/bin/zsh', home: '/home/deploy', groups: ['docker', 'sudo']});
	t.is(textOf(resources, '/home/deploy/.ssh/authorized_keys'), `${content}\n${samples.ed25519.line}\n`);
	t.is(textOf(final(withDeploy(content)), '/home/deploy/.ssh/authorized_keys'), `${content}\n`, 'root\'s keys are not added to somebody who has keys');
});

test('a key that stands there locked gets a line of its own before it', t => {
	const content = `command="true" ${samples.ed25519.line}\n`;
	t.is(textOf(final(withDeploy(content), {authorizedKeys: [samples.ed25519.line]}), '/home/deploy/.ssh/authorized_keys'), `${samples.ed25519.line}\n${content}`);
});

test('root\'s cloud key comes without its lock', t => {
	const ssh = sshFacts({keys: [keyFile('root', `${cloudLock} ${samples.ecdsa256.line}\n`)]});
	t.is(textOf(final(facts({ssh})), '/home/deploy/.ssh/authorized_keys'), `${samples.ecdsa256.line}\n`);
});

for (const [what, content] of [
	['no key anywhere', undefined],
	['an empty file', ''],
	['only a key that may do one thing', `command="backup" ${samples.ed25519.line}\n`],
	['only a DSA key', `${samples.dsa.line}\n`],
	['only a short RSA key', `${samples.rsa2048.line}\n`],
] as const) {
	test(`${what}: refused, and told how to make one`, t => {
		refuses(t, facts({ssh: sshFacts({keys: [keyFile('root', content)]})}), {}, /no key.*ssh-keygen -t ed25519/s);
	});
}

test('a home that sshd would not trust is put right', t => {
	const home = {mode: 0o775, owner: 'deploy', group: 'users'};
	const host = withDeploy(`${samples.ed25519.line}\n`, {problems: ['others can write to /home/deploy'], places: {home, folder: {mode: 0o755, owner: 'root', group: 'root'}, file: {mode: 0o644, owner: 'bob', group: 'bob'}}});
	const resources = final(host);
	t.deepEqual(find(resources, 'directory', '/home/deploy')?.desired, {mode: 0o755, owner: 'deploy', group: 'users'});
	t.deepEqual(find(resources, 'directory', '/home/deploy/.ssh')?.desired, {mode: 0o700, owner: 'deploy', group: 'users'});
	t.deepEqual(find(resources, 'file', '/home/deploy/.ssh/authorized_keys')?.desired, {content: `${samples.ed25519.line}\n`, mode: 0o600, owner: 'deploy', group: 'users'});
	t.regex(sshStep.warnings!(host, answers()).join(' '), /others can write to \/home\/deploy/);
});

test('links in somebody\'s home are not followed', t => {
	refuses(t, withDeploy(undefined, {links: ['/home/deploy/.ssh']}), {}, /\/home\/deploy\/\.ssh is a link/);
});

test('bytes that are no text are refused', t => {
	refuses(t, withDeploy(`\uFFFD\n${samples.ed25519.line}\n`), {}, /bytes that are no text/);
});

test('keys lie where sshd looks for them', t => {
	const ssh = saying({authorizedkeysfile: '/etc/ssh/keys/%u .ssh/authorized_keys'});
	const resources = final(facts({ssh}));
	t.deepEqual(find(resources, 'file', '/etc/ssh/keys/deploy')?.desired, {content: `${samples.ed25519.line}\n`, mode: 0o644, owner: 'root', group: 'root'});
	t.is(find(resources, 'directory'), undefined);
});

for (const [what, host, ssh, words] of [
	['root', facts(), {user: 'root'}, /root cannot log in/],
	['a system account', facts({users: [root, {...deploy, name: 'www-data', uid: 33}]}), {user: 'www-data'}, /of the system itself/],
	['a user without a shell', facts({users: [root, {...deploy, shell: '/usr/sbin/nologin'}]}), {}, /no shell/],
	['an expired account', facts({users: [root, deploy], ssh: sshFacts({expired: [{user: 'deploy', what: 'account'}]})}), {}, /has expired/],
	['an expired password', facts({users: [root, deploy], ssh: sshFacts({expired: [{user: 'deploy', what: 'password'}]})}), {}, /chage/],
	['a port that is taken', facts({listeners: [{protocol: 'tcp', address: '::', port: 5922, program: 'nginx'}]}), {}, /nginx listens on port 5922/],
	['a port of the web', facts(), {port: 443}, /for the web/],
	['an allow-list without the caller', facts(), {allowFrom: ['203.0.113.0/24']}, /198\.51\.100\.7, is not among them/],
	['a short key', facts(), {authorizedKeys: [samples.rsa2048.line]}, /3072/],
	['a private key in the answers', facts(), {authorizedKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----']}, /PRIVATE/],
	['sudo by a password that there is not', facts(), {sudo: 'password'}, /has none/],
	['DenyUsers', facts({users: [root, deploy], ssh: saying({denyusers: ['dep*']})}), {}, /DenyUsers dep\*/],
	['DenyGroups', facts({users: [root, deploy], ssh: saying({denygroups: ['docker']})}), {}, /DenyGroups docker/],
	['AllowGroups by pattern only', facts({users: [root, deploy], ssh: saying({allowgroups: ['ssh-*']})}), {}, /AllowGroups ssh-\*/],
] as const) {
	test(`refused with the way out: ${what}`, t => {
		refuses(t, host, ssh, words);
	});
}

test('AllowGroups: the user joins one', t => {
	const resources = final(facts({ssh: saying({allowgroups: ['ssh-*', 'remote']})}));
	t.deepEqual(find(resources, 'user')?.desired, {shell: '/bin/bash', home: '/home/deploy', groups: ['remote', 'sudo']});
});

test('allowed addresses go into AllowUsers, in their one spelling, and are never penalised', t => {
	const resources = final(facts(), {allowFrom: ['198.51.100.7/24', '2001:DB8::0/48']});
	t.true(lines(textOf(resources)).includes('AllowUsers deploy@198.51.100.0/24 deploy@2001:db8::/48'));
	t.true(lines(textOf(resources)).includes('PerSourcePenaltyExemptList 127.0.0.0/8,::1,198.51.100.0/24,2001:db8::/48'));
});

test('the operator stays able to log in, unless it is root', t => {
	const bob = {...deploy, name: 'bob', uid: 1001};
	const host = facts({operator: {user: 'bob', address: '198.51.100.7'}, users: [root, bob]});
	t.true(lines(textOf(final(host))).includes('AllowUsers deploy bob'));
	t.true(lines(textOf(final(host, {user: 'bob'}))).includes('AllowUsers bob'));
	const hostile = facts({operator: {user: 'x*'}, users: [root, {...bob, name: 'x*'}]});
	t.true(lines(textOf(final(hostile))).includes('AllowUsers deploy'));
});

test('who loses access is told', t => {
	const bob = {...deploy, name: 'bob', uid: 1001};
	const keys = [keyFile('root', `${samples.ed25519.line}\n`), keyFile('bob', `${samples.ecdsa256.line}\n`)];
	t.regex(sshStep.warnings!(facts({users: [root, bob], ssh: sshFacts({keys})}), answers()).join('\n'), /then no more: bob/);
	const files = [...sshFacts().files, {path: '/etc/ssh/sshd_config.d/60-bob.conf', content: 'AllowUsers bob\n'}];
	t.notRegex(sshStep.warnings!(facts({users: [root, bob], ssh: sshFacts({keys, files})}), answers()).join('\n'), /no more/);
});

test('sudo: without a password by a file, with one by the group and a hash', t => {
	t.is(textOf(final(facts()), '/etc/sudoers.d/90-harden-python-vps').split('\n').at(-2), 'deploy ALL=(ALL:ALL) NOPASSWD: ALL');
	const resources = final(facts(), {sudo: 'password', passwordHash: '$y$j9T$abc$def'});
	t.is(find(resources, 'file', '/etc/sudoers.d/90-harden-python-vps')?.desired, null);
	t.deepEqual(find(resources, 'password')?.desired, {hash: '$y$j9T$abc$def'});
	t.true(find(resources, 'password')?.secret);
	const known = facts({users: [root, {...deploy, passwordUsable: true}]});
	t.is(find(final(known, {sudo: 'password'}), 'password'), undefined);
});

test('without PAM a user without password must not be locked', t => {
	t.deepEqual(find(final(facts({ssh: saying({usepam: 'no'})})), 'password')?.desired, {hash: '*'});
	t.is(find(final(facts()), 'password'), undefined);
});
