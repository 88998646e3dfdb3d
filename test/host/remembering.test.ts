import {utimes, writeFile} from 'node:fs/promises';
import test from 'ava';
import type {Host} from '../../source/engine/types.ts';
import {simulateApt} from '../../source/engine/apt.ts';
import {machine} from '../../source/host/host.ts';
import {remembering} from '../../source/host/remembering.ts';
import {sharing, sharingAmong, sharingUnderWay} from '../../source/host/sharing.ts';
import {withTemporaryFile} from '../tool.ts';
import {emptyHost} from '../empty-host.ts';

function counting(): {host: Host; asked: string[]} {
	const asked: string[] = [];
	const host: Host = {
		...emptyHost,
		async run(argv) {
			asked.push(argv.join(' '));
			return {exitCode: 0, stdout: String(asked.length), stderr: ''};
		},
	};
	return {host, asked};
}

test('what changes with a file is asked again when that changed, everything else always', async t => {
	await withTemporaryFile('status', async record => {
		const {host, asked} = counting();
		const again = remembering({...host, stat: machine.stat, read: machine.read}, [
			{argv: ['dpkg-query', '--show'], files: [record, '/nowhere']},
			{argv: ['ip', 'address'], texts: [record]},
			{argv: ['uname']},
		]);
		const packages = async () => (await again.run(['dpkg-query', '--show'])).stdout;
		const addresses = async () => (await again.run(['ip', 'address'])).stdout;
		t.is(await packages(), '1');
		t.is(await packages(), '1');
		t.is(await addresses(), '2');
		t.is((await again.run(['dpkg-query', '--show', 'a'])).stdout, '3');
		t.is((await again.run(['dpkg-query', '--show', 'b'])).stdout, '4');
		t.is((await again.run(['uname', '-r'])).stdout, '5');
		await again.run(['systemctl', 'is-active', 'ssh']);
		await again.run(['systemctl', 'is-active', 'ssh']);
		t.is(asked.length, 7);
		await utimes(record, 1, 1);
		t.is(await packages(), '8');
		t.is(await addresses(), '2', 'it says the same still');
		await writeFile(record, 'longer than before');
		await utimes(record, 1, 1);
		t.is(await packages(), '9');
		t.is(await packages(), '9');
		t.is(await addresses(), '10');
		t.is((await again.run(['uname', '-r'])).stdout, '5');
	});
});

test('what was no answer is asked for again', async t => {
	const codes = [124, 2];
	let asked = 0;
	const again = remembering({...emptyHost, run: async () => ({exitCode: codes[asked++] ?? 0, stdout: '', stderr: ''})}, [{argv: ['sshd']}]);
	const ask = async () => (await again.run(['sshd'])).exitCode;
	t.is(await ask(), 124, 'it timed out');
	t.is(await ask(), 2);
	t.is(await ask(), 2, 'a no is an answer');
	t.is(asked, 2);
});

test('accounts and what sshd makes of them are asked for again when a file of theirs changed, or when they come from elsewhere', async t => {
	const {host, asked} = counting();
	const files = new Map([
		['/etc/nsswitch.conf', 'passwd: files systemd\ngroup: files systemd # sss\nhosts: files dns\n'],
		['/etc/ssh/sshd_config', 'Include /etc/ssh/sshd_config.d/*.conf /opt/sshd/*.conf\n'],
		['/opt/sshd/a.conf', 'Port 22\n'],
	]);
	let accounts = 1;
	const again = remembering({
		...host,
		read: async path => files.get(path),
		list: async path => [...files.keys()].filter(file => file.startsWith(`${path}/`)).map(file => file.slice(path.length + 1)),
		stat: async path => path === '/etc/passwd' ? {modified: accounts, size: 0, isFolder: false, mark: String(accounts)} : undefined,
	});
	const count = async (...argv: [string, ...string[]]) => {
		await again.run(argv);
		await again.run(argv);
		return asked.length;
	};

	t.is(await count('getent', '--', 'passwd', 'deploy'), 1);
	t.is(await count('sshd', '-T', '-C', 'user=root'), 2);
	files.set('/opt/sshd/a.conf', 'Port 23\n');
	t.is(await count('sshd', '-T', '-C', 'user=root'), 3, 'wherever it includes from');
	t.is(await count('getent', '--', 'passwd', 'deploy'), 3);
	accounts++;
	t.is(await count('getent', '--', 'passwd', 'deploy'), 4);
	t.is(await count('sshd', '-T', '-C', 'user=root'), 5, 'it asks for groups');
	files.set('/etc/nsswitch.conf', 'passwd: files sss\ngroup: files sss\n');
	t.is(await count('getent', '--', 'passwd', 'deploy'), 7, 'another machine tells nobody when it changes');
	t.is(await count('sshd', '-T', '-C', 'user=root'), 9);
	t.is(await count('sshd', '-t'), 11);
});

test('what several ask in the same words is run once', async t => {
	const {host, asked} = counting();
	const look = sharing(host);
	t.is((await look.run(['ss', '-Hltunp'])).stdout, '1');
	t.is((await look.run(['ss', '-Hltunp'])).stdout, '1');
	t.is((await look.run(['cat'], {input: 'a'})).stdout, '2');
	t.is((await look.run(['cat'], {input: 'a'})).stdout, '3', 'what is fed something may do something');
	const questions = async (input: string) => look.run(['client'], {input, asks: true});
	t.is((await questions('who?')).stdout, (await questions('who?')).stdout, 'unless it only asks');
	t.not((await questions('where?')).stdout, (await questions('who?')).stdout);
	const rounds = sharingUnderWay(host);
	const [first, second] = await Promise.all([rounds.run(['ss']), rounds.run(['ss'])]);
	t.is(first, second);
	t.not((await rounds.run(['ss'])).stdout, first.stdout, 'the next one asks anew');
	t.is(asked.length, 7);
	t.is(look.origin, host);
});

test('several who look share an answer; one who asks again gets a new one', async t => {
	const {host, asked} = counting();
	const own = sharingAmong(host);
	const [one, other] = [own(), own()];
	t.is((await one.run(['ss'])).stdout, '1');
	t.is((await other.run(['ss'])).stdout, '1');
	t.is((await one.run(['ss'])).stdout, '2', 'a connection that is to last is looked at twice');
	t.is((await other.run(['ss'])).stdout, '3');
	t.is((await own().run(['ss'])).stdout, '1');
	t.is(asked.length, 3);
	t.is(one.origin, host);
});

test('apt is asked again when its sources or settings changed, but not those of its timers', async t => {
	let asked = 0;
	const files = new Map([['/etc/apt/apt.conf.d/50x', 'APT::Default-Release "stable";']]);
	const times = new Map([['/var/lib/dpkg/status', '1']]);
	const host: Host = {
		...emptyHost,
		async run() {
			asked++;
			return {exitCode: 0, stdout: '', stderr: ''};
		},
		read: async path => files.get(path),
		list: async path => path === '/etc/apt/apt.conf.d' ? [...files.keys()].map(file => file.split('/').at(-1)!) : [],
		stat: async path => times.has(path) ? {modified: 0, size: 0, isFolder: false, mark: times.get(path)!} : undefined,
	};
	const ask = async () => {
		await simulateApt(sharing(host), ['upgrade']);
		return asked;
	};

	t.is(await ask(), 1);
	t.is(await ask(), 1, 'by whichever wrapper it is asked');
	files.set('/etc/apt/apt.conf.d/99harden', '// A word.\nAPT::Periodic::Enable "1";\n\nUnattended-Upgrade::Origins-Pattern {\n\t"origin=Debian,codename=${distro_codename}-security";\n};\n'); // eslint-disable-line no-template-curly-in-string
	t.is(await ask(), 1);
	files.set('/etc/apt/apt.conf.d/99other', 'APT::Periodic::Enable "1"; APT::Default-Release "sid";\n');
	t.is(await ask(), 2);
	times.set('/var/lib/dpkg/status', '2');
	t.is(await ask(), 3);
});
