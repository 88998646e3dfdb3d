import test from 'ava';
import type {Facts} from '../../source/engine/facts.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {facts, saying, sshFacts} from './ssh-facts.ts';
import {answers, bridge, dropIn, final, find, lines, names, refuses, textOf} from './ssh-plans.ts';

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
