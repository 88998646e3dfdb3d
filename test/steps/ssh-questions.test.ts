import test from 'ava';
import {answersSchema} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {samples} from '../engine/sample-keys.ts';
import {deploy, facts, root, sshFacts} from './ssh-facts.ts';
import {answers, final, hardened, textOf, withDeploy} from './ssh-plans.ts';

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
