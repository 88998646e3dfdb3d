import {readFileSync} from 'node:fs';
import process from 'node:process';
import test from 'ava';
import {entryFor, parsePortName, parsePorts} from '../../../source/engine/selinux-port.ts';
import type {Host, Output} from '../../../source/engine/types.ts';
import {selinuxPortProvider} from '../../../source/host/providers/selinux-port.ts';
import {emptyHost} from '../../empty-host.ts';
import {law} from '../../law.ts';

/** What semanage 3.8.1 says with Debian 13's policy, in a machine where SELinux is enforcing. */
const policy = readFileSync(new URL('../../fixtures/selinux/ports.txt', import.meta.url), 'utf8').trimEnd();

const quiet = {progress: () => undefined};
/** As it comes through the pipe: its words, then how it ended. */
const said = (words: string, exitCode = 0): Output => ({exitCode: 0, stdout: `${words === '' ? '' : `${words}\n`}${exitCode}`, stderr: ''});

/** semanage as it was seen: what is said here stands beside what the policy says, and it knows single ports and ranges as they were given. */
function withSemanage(given: Record<string, string> = {}) {
	const here = new Map(Object.entries(given));
	const asked: string[] = [];
	const isNamed = (range: string) => parsePorts(policy).some(({protocol, from, to}) => protocol === 'tcp' && from === to && String(from) === range);

	function change(how: string, range: string, type: string): Output {
		const isKnown = here.has(range) || isNamed(range);
		if (how === '--delete') {
			return here.delete(range) ? said('') : said(`ValueError: Port tcp/${range} is ${isKnown ? 'defined in policy, cannot be deleted' : 'not defined'}`, 1);
		}

		// Debian 12's refuses it in these words; 13's goes on with "already defined, modifying instead".
		if (isKnown === (how === '--add')) {
			return said(`ValueError: Port tcp/${range} ${isKnown ? 'already defined' : 'is not defined'}`, 1);
		}

		here.set(range, type);
		return said('libsemanage.add_user: user sddm not in password file');
	}

	const host: Host = {
		...emptyHost,
		async run([program, , , , ...words]) {
			asked.push(words.join(' '));
			const own = [...here].map(([range, type]) => `${type.padEnd(30)} tcp      ${range}`);
			return program === 'sh' && words[1] === '--list'
				? said([...own, ...words.includes('--locallist') ? [] : [policy]].join('\n'))
				: change(words[1]!, words.at(-1)!, words[3]!);
		},
	};
	return {provider: selinuxPortProvider(host), here, asked};
}

test('types of ports, the narrowest first', t => {
	const ranges = parsePorts(policy);
	t.true(ranges.length > 450);
	t.is(ranges.filter(({from, to}) => !(from > 0 && from <= to && to <= 65_535)).length, 0);
	const type = (port: number) => entryFor(ranges, {protocol: 'tcp', port})?.type;
	for (const [port, name] of Object.entries({22: 'ssh_port_t', 5922: 'unreserved_port_t', 8080: 'http_cache_port_t', 10_005: 'http_cache_port_t', 222: 'reserved_port_t', 6001: 'xserver_port_t'})) {
		t.is(type(Number(port)), name, port);
	}

	t.is(entryFor(ranges, {protocol: 'dccp', port: 22}), undefined);
	t.deepEqual(parsePorts('ValueError: SELinux policy is not managed or store cannot be accessed.\n\n'), []);
});

test('names of ports', t => {
	t.deepEqual(parsePortName('tcp/5922'), {protocol: 'tcp', port: 5922});
	for (const name of ['', '5922', 'tcp/', 'tcp/0', 'tcp/65536', 'tcp/22-23', 'icmp/1', 'tcp/22\n', 'tcp/-d']) {
		t.throws(() => parsePortName(name), {message: /Not a port/}, name);
	}
});

test('the law: a port that nobody names, and back to what the policy says', async t => {
	const {provider, here, asked} = withSemanage();
	t.deepEqual(await provider.read('tcp/5922'), {type: 'unreserved_port_t', byPolicy: true});
	await law(t, {provider, name: 'tcp/5922', state: {type: 'ssh_port_t'}});
	t.deepEqual(here, new Map());
	t.deepEqual(asked.filter(words => !words.includes('--list')), [
		'port --add --type ssh_port_t --proto tcp 5922',
		'port --modify --type ssh_port_t --proto tcp 5922',
		'port --delete --proto tcp 5922',
	]);
});

test('the law: a port that the policy names alone', async t => {
	const {provider, here} = withSemanage();
	t.deepEqual(await provider.read('tcp/8080'), {type: 'http_cache_port_t', byPolicy: true});
	await law(t, {provider, name: 'tcp/8080', state: {type: 'ssh_port_t'}});
	t.deepEqual(here, new Map());
});

test('the law: what somebody said here comes back', async t => {
	const {provider, here} = withSemanage({5922: 'http_port_t', 7000: 'ssh_port_t'});
	t.deepEqual(await provider.read('tcp/5922'), {type: 'http_port_t'});
	await law(t, {provider, name: 'tcp/5922', state: {type: 'ssh_port_t'}});
	t.deepEqual(here, new Map([['5922', 'http_port_t'], ['7000', 'ssh_port_t']]));
});

test('a port that is sshd\'s already needs nothing, whoever said so', async t => {
	const {provider} = withSemanage({'5900-5999': 'ssh_port_t'});
	for (const name of ['tcp/22', 'tcp/5922']) {
		t.true(provider.same!(await provider.read(name), {type: 'ssh_port_t'}), name);
	}

	t.false(provider.same!(null, {type: 'ssh_port_t'}));
	t.true(provider.same!(null, null));
});

test('somebody\'s range stays whole', async t => {
	const {provider, here} = withSemanage({'5900-5999': 'vnc_port_t'});
	t.deepEqual(await provider.read('tcp/5922'), {type: 'vnc_port_t'});
	const problem = await t.throwsAsync(provider.write('tcp/5922', {type: 'ssh_port_t'}, quiet), {name: 'Problem', message: /tcp\/5900-5999 are vnc_port_t/});
	t.regex((problem as Error & {wayOut: string}).wayOut, /semanage port --delete --proto tcp 5900-5999/);
	t.deepEqual(here, new Map([['5900-5999', 'vnc_port_t']]));
});

test('without semanage nobody can tell; where it fails, its words are told', async t => {
	const missing = selinuxPortProvider({...emptyHost, run: async () => said('sh: 1: semanage: not found', 127)});
	t.is(await missing.read('tcp/5922'), null);
	await missing.write('tcp/5922', null, quiet);
	await t.throwsAsync(missing.write('tcp/5922', {type: 'ssh_port_t'}, quiet), {name: 'Problem', message: /semanage port --add` failed: sh: 1: semanage: not found/});
	for (const [output, words] of [
		[said('ValueError: SELinux policy is not managed or store cannot be accessed.', 1), /store cannot be accessed/],
		[said(''), /it said nothing/],
		[{exitCode: 124, stdout: '', stderr: ''}, /it said nothing/],
	] as const) {
		const broken = selinuxPortProvider({...emptyHost, run: async () => output});
		if (process.getuid?.() === 0) {
			await t.throwsAsync(broken.read('tcp/5922'), {name: 'Problem', message: words});
		} else {
			t.is(await broken.read('tcp/5922'), null);
		}
	}
});
