import test, {type ExecutionContext} from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {Problem} from '../../source/problem.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {samples} from '../engine/sample-keys.ts';
import {deploy, facts, keyFile, root, saying, sshFacts} from './ssh-facts.ts';

const dropIn = '/etc/ssh/sshd_config.d/00-harden-python-vps.conf';
const cloudLock = String.raw`no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"debian\" rather than the user \"root\".';echo;sleep 10;exit 142"`;

function answers(ssh: Record<string, unknown> = {}): Answers {
	return answersSchema.parse({ssh});
}

function find<K extends Resource['type']>(resources: readonly Resource[], type: K, name?: string): Extract<Resource, {type: K}> | undefined {
	return resources.find((resource): resource is Extract<Resource, {type: K}> => resource.type === type && (name === undefined || resource.name === name));
}

function textOf(resources: readonly Resource[], name = dropIn): string {
	const desired = find(resources, 'file', name)?.desired;
	return desired && 'content' in desired ? desired.content : '';
}

const final = (host: Facts, ssh: Record<string, unknown> = {}) => sshStep.resources(host, answers(ssh));
const bridge = (host: Facts, ssh: Record<string, unknown> = {}) => sshStep.guard!(host, answers(ssh))!.bridge;
const lines = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
const names = (resources: readonly Resource[]) => resources.map(({type, name}) => `${type} ${name}`);

function refuses(t: ExecutionContext, host: Facts, ssh: Record<string, unknown>, words: RegExp): void {
	for (const plan of [final, bridge]) {
		const problem = t.throws(() => plan(host, ssh), {instanceOf: Problem});
		t.regex(`${problem?.message} ${problem?.wayOut}`, words);
	}
}

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

/** What the facts are once the step was kept. */
function hardened(): Facts {
	const content = textOf(final(facts()));
	const own = {...deploy, groups: ['sudo'], shell: '/bin/bash'};
	return facts({
		users: [root, own],
		ssh: saying({port: '5922', permitrootlogin: 'no', passwordauthentication: 'no', allowusers: ['deploy']}, {
			ports: [5922],
			files: [...sshFacts().files, {path: dropIn, content}],
			keys: [keyFile('root', `${samples.ed25519.line}\n`), keyFile('deploy', `${samples.ed25519.line}\n`)],
			hostKeys: [{path: '/etc/ssh/ssh_host_rsa_4096_key', type: 'ssh-rsa', bits: 4096, fingerprint: ''}, {path: '/etc/ssh/ssh_host_ed25519_key', type: 'ssh-ed25519', bits: 256, fingerprint: ''}],
		}),
	});
}

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

function withMain(content: string, others: ReadonlyArray<{path: string; content: string}> = []): Facts {
	return facts({ssh: sshFacts({files: [{path: '/etc/ssh/sshd_config', content, mode: 0o600, owner: 'root', group: 'root'}, ...others]})});
}

for (const [what, before, after] of [
	[
		'Port lines add up: they go',
		'Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n  port=2222\n#Port 23\nUsePAM yes\n',
		`Include /etc/ssh/sshd_config.d/*.conf\n#Port 22   # now in ${dropIn}\n#  port=2222   # now in ${dropIn}\n#Port 23\nUsePAM yes\n`,
	],
	[
		'a port at a ListenAddress beats every Port: it goes, the address stays',
		'Include /etc/ssh/sshd_config.d/*.conf\nListenAddress 203.0.113.5:22\nListenAddress [2001:db8::1]:22\nListenAddress 10.0.0.1\nListenAddress ::\n',
		`Include /etc/ssh/sshd_config.d/*.conf\nListenAddress 203.0.113.5   # the port is now in ${dropIn}\nListenAddress 2001:db8::1   # the port is now in ${dropIn}\nListenAddress 10.0.0.1\nListenAddress ::\n`,
	],
	[
		'host keys add up: ours are named in our file',
		'Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/ssh_host_ecdsa_key\n',
		`Include /etc/ssh/sshd_config.d/*.conf\n#HostKey /etc/ssh/ssh_host_ecdsa_key   # now in ${dropIn}\n`,
	],
	[
		'no Include: ours alone is read, first',
		'PasswordAuthentication yes\n',
		`# First, so that what is in there counts (harden-python-vps)\nInclude ${dropIn}\n\nPasswordAuthentication yes\n`,
	],
	[
		'an Include that comes late moves to the top',
		'PasswordAuthentication yes\nInclude /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n',
		'# First, so that what is in there counts (harden-python-vps)\nInclude /etc/ssh/sshd_config.d/*.conf\n\nPasswordAuthentication yes\n#Include /etc/ssh/sshd_config.d/*.conf   # now at the top\nUsePAM yes\n',
	],
	[
		'an Include inside a Match block moves too, with all that it names',
		'UsePAM yes\nMatch User bob\n\tInclude sshd_config.d/*.conf /etc/ssh/bob.conf\n',
		'# First, so that what is in there counts (harden-python-vps)\nInclude sshd_config.d/*.conf /etc/ssh/bob.conf\n\nUsePAM yes\nMatch User bob\n#\tInclude sshd_config.d/*.conf /etc/ssh/bob.conf   # now at the top\n',
	],
	[
		'our file is read once only',
		'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nInclude sshd_config.d/*.conf\n',
		'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n#Include sshd_config.d/*.conf   # now at the top\n',
	],
] as const) {
	test(`sshd_config: ${what}`, t => {
		const resource = find(final(withMain(before)), 'file', '/etc/ssh/sshd_config');
		t.deepEqual(resource?.desired, {content: after, mode: 0o600, owner: 'root', group: 'root'});
		t.is(find(final(withMain(after)), 'file', '/etc/ssh/sshd_config'), undefined, 'and then there is nothing left to do');
		t.is(textOf(bridge(withMain(before)), '/etc/ssh/sshd_config'), after, 'the bridge does it too');
	});
}

for (const [what, content] of [
	['Debian\'s own file', undefined],
	['what does not concern us may come first', 'UsePAM yes\nSubsystem sftp internal-sftp\nInclude /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\nMatch User bob\n\tPasswordAuthentication yes\n'],
] as const) {
	test(`sshd_config stays as it is: ${what}`, t => {
		t.is(find(final(content === undefined ? facts() : withMain(content)), 'file', '/etc/ssh/sshd_config'), undefined);
	});
}

test('drop-ins: one that is read before ours loses our keywords, one after only its ports', t => {
	const early = '/etc/ssh/sshd_config.d/00-aaa.conf';
	const late = '/etc/ssh/sshd_config.d/50-cloud-init.conf';
	const host = withMain('Include /etc/ssh/sshd_config.d/*.conf\n', [
		{path: early, content: 'PasswordAuthentication yes\nBanner /etc/issue\nAllowUsers bob\nMatch User bob\n\tChallengeResponseAuthentication yes\n'},
		{path: late, content: 'PasswordAuthentication yes\nPort 2222\n'},
	]);
	const resources = final(host);
	t.is(textOf(resources, early), `#PasswordAuthentication yes   # now in ${dropIn}\nBanner /etc/issue\nAllowUsers bob\nMatch User bob\n#\tChallengeResponseAuthentication yes   # now in ${dropIn}\n`);
	t.is(textOf(resources, late), `PasswordAuthentication yes\n#Port 2222   # now in ${dropIn}\n`);
	const order = names(resources);
	t.true(order.indexOf(`file ${late}`) < order.indexOf(`file ${dropIn}`));
});

test('a Match block that lets passwords in is told', t => {
	const host = withMain('Include /etc/ssh/sshd_config.d/*.conf\nMatch User bob\n\tPasswordAuthentication yes\n');
	t.regex(sshStep.warnings!(host, answers()).join('\n'), /Match block in \/etc\/ssh\/sshd_config lets some log in with a password/);
	t.notRegex(sshStep.warnings!(facts(), answers()).join('\n'), /Match/);
});

test('options on sshd\'s command line are refused', t => {
	refuses(t, facts({ssh: sshFacts({options: '-p 2222'})}), {}, /SSHD_OPTS="-p 2222"/);
	t.notThrows(() => final(facts({ssh: sshFacts({options: '-4'})})));
});

const withDeploy = (content: string | undefined, changes = {}) => facts({users: [root, deploy], ssh: sshFacts({keys: [keyFile('root', `${samples.ed25519.line}\n`), keyFile('deploy', content, changes)]})});

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

test('a second factor stays', t => {
	const both = saying({authenticationmethods: 'publickey,keyboard-interactive:pam', kbdinteractiveauthentication: 'yes'});
	const text = lines(textOf(final(facts({ssh: both}))));
	t.false(text.some(line => /KbdInteractive|AuthenticationMethods/.test(line)));
	t.true(text.includes('PasswordAuthentication no'));
	t.regex(sshStep.warnings!(facts({ssh: both}), answers()).join(' '), /second factor/);
	const password = saying({authenticationmethods: 'password publickey'});
	t.true(lines(textOf(final(facts({ssh: password})))).includes('AuthenticationMethods publickey'));
	t.false(textOf(bridge(facts({ssh: password}))).includes('AuthenticationMethods'));
	t.true(lines(textOf(final(facts({ssh: saying({authenticationmethods: 'publickey'})})))).includes('AuthenticationMethods publickey'));
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

function question(host: Facts, id: string, ssh: Record<string, unknown> = {}): Question | undefined {
	return sshStep.questions(host, answers(ssh)).find(entry => entry.id === id);
}

function text(host: Facts, id: string, ssh: Record<string, unknown> = {}) {
	const found = question(host, id, ssh);
	if (found?.kind !== 'text') {
		throw new Error(id);
	}

	return found;
}

test('Enter all the way is a good server, where root has a key', t => {
	let given = answers();
	for (const entry of sshStep.questions(facts(), given).filter(question => question.kind === 'text')) {
		t.is(entry.validate(entry.default), undefined, entry.id);
		given = answersSchema.parse({...given, ssh: {...given.ssh, [entry.id.slice('ssh.'.length)]: entry.parse(entry.default)}});
	}

	t.deepEqual(given.ssh?.authorizedKeys, [samples.ed25519.line]);
	t.is(textOf(sshStep.resources(facts(), given)), textOf(final(facts())));
	t.deepEqual(sshStep.questions(facts(), given).map(({id}) => id), ['ssh.user', 'ssh.authorizedKeys', 'ssh.sudo', 'ssh.port', 'ssh.allowFrom', 'ssh.forwarding']);
});

test('without any key Enter is not enough, and the screen says how to make one', t => {
	const host = facts({ssh: sshFacts({keys: []})});
	const keys = text(host, 'ssh.authorizedKeys');
	t.is(keys.default, '');
	t.regex(keys.validate('')!, /ssh-keygen -t ed25519.*PowerShell/s);
	t.regex(keys.why, /ssh-keygen -t ed25519/);
	t.is(keys.validate(samples.ed25519.line), undefined);
	t.regex(keys.remark!(samples.ed25519.line)!, /^ED25519 SHA256:/);
	t.regex(keys.validate(samples.dsa.line)!, /DSA/);
	t.is(text(withDeploy(`${samples.ed25519.line}\n`), 'ssh.authorizedKeys').validate(''), undefined, 'the user has one already');
});

test('the questions refuse what the resources refuse', t => {
	t.regex(text(facts(), 'ssh.user').validate('Deploy')!, /small letters/);
	t.regex(text(facts(), 'ssh.user').validate('root')!, /root/);
	t.regex(text(facts(), 'ssh.port').validate('x')!, /1 to 65535/);
	t.regex(text(facts(), 'ssh.port').validate('70000')!, /1 to 65535/);
	t.is(text(facts(), 'ssh.port').remark!('5922'), '5922 is free on this server');
	t.is(text(facts(), 'ssh.port').remark!('22'), 'sshd listens there today');
	t.regex(text(facts(), 'ssh.port').remark!('40000')!, /outgoing/);
	const sources = text(facts(), 'ssh.allowFrom');
	t.is(sources.validate(''), undefined);
	t.is(sources.validate('198.51.100.0/24, 10.0.0.1'), undefined);
	t.regex(sources.validate('10.0.0.1')!, /lock yourself out/);
	t.regex(sources.validate('198.51.100.7; rm')!, /not an address/);
	t.deepEqual(sources.parse('198.51.100.7,  10.0.0.1'), ['198.51.100.7', '10.0.0.1']);
});

test('a password is asked for last, and only where one is missing', t => {
	t.is(sshStep.questions(facts(), answers({sudo: 'password'})).at(-1)?.kind, 'password');
	t.is(question(facts(), 'ssh.passwordHash', {sudo: 'password', passwordHash: '$y$j9T$abc$def'}), undefined);
	t.is(question(facts({users: [root, {...deploy, passwordUsable: true}]}), 'ssh.passwordHash', {sudo: 'password'}), undefined);
});

test('words: today, exposure, what to remember', t => {
	t.is(sshStep.today(facts()), 'passwords allowed, root allowed, 1 key found');
	t.is(sshStep.today(hardened()), 'keys only, root refused, port 5922');
	t.deepEqual(sshStep.exposure!(facts(), answers()), [
		{what: 'Log in as root', before: 'by password or key', after: 'nobody'},
		{what: 'Log in as deploy', before: 'no such user', after: 'by key, from anyone'},
		{what: 'SSH on port 22', before: 'open', after: 'closed, once you have come in on 5922'},
		{what: 'SSH on port 5922', before: 'closed', after: 'open'},
	]);
	t.deepEqual(sshStep.exposure!(hardened(), answers()).map(({before}) => before), ['nobody', 'by key']);
	const remember = sshStep.remember!(hardened(), answers()).join('\n');
	t.regex(remember, /ssh -p 5922 deploy@203\.0\.113\.10/);
	t.regex(remember, /Host vps\n {8}HostName 203\.0\.113\.10\n {8}Port 5922\n {8}User deploy/);
});

test('no server, no step', t => {
	t.regex(sshStep.unfit!(facts({ssh: sshFacts({installed: false})}), {version: 1})!, /apt install openssh-server/);
	t.is(sshStep.unfit!(facts(), {version: 1}), undefined);
});
