import {rm} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {stringify} from 'yaml';
import {fullAnswers, installTool, onServer as toolFile, packTool, tool, writeAnswers} from '../tool.ts';
import {command} from '../vps/command.ts';
import type {NodeLine} from '../vps/image.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {drive, openWizard} from '../walk.ts';

/** What npm would publish, as it is: its content, the Nodes that it runs on, and how each way of running it ends. */

let tarball = '';
test.before(async () => {
	tarball = await packTool();
});
test.after.always(async () => {
	await rm(path.dirname(tarball), {recursive: true, force: true});
});

test('the package is one bundle: snippets and licences inside, no dependency, at most 1.5 MiB', async t => {
	const {stdout: list} = await command(['tar', '-tvzf', tarball]);
	const names = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/harden-python-vps.js', 'dist/THIRD-PARTY-LICENSES.txt', 'dist/harden-python-vps.mjs', 'package.json'];
	t.deepEqual(list.split('\n').map(line => line.split(/\s+/).at(-1)!).toSorted(), names.map(name => `package/${name}`).toSorted());
	const read = async (name: string) => (await command(['tar', '-xzOf', tarball, `package/${name}`])).stdout;
	const {dependencies, optionalDependencies, peerDependencies, scripts, engines} = JSON.parse(await read('package.json')) as Record<string, Record<string, string> | undefined>;
	t.deepEqual([dependencies, optionalDependencies, peerDependencies], [undefined, undefined, undefined]);
	t.false(Object.keys(scripts ?? {}).some(name => /^(?:pre|post)?install$/.test(name)), 'nothing runs when it is installed');
	t.is(engines?.['node'], '>=20.19');
	const licences = await read('dist/THIRD-PARTY-LICENSES.txt');
	for (const name of ['ink', 'react', 'inquirer', 'execa', 'zod', 'yaml', 'handlebars', 'commander', 'yoga-layout']) {
		t.regex(licences, new RegExp(String.raw`^${name} \d[^\n]*\n\n[^]{200}`, 'm'), `${name}'s licence, in full`);
	}

	const bundle = await read('dist/harden-python-vps.mjs');
	t.true(bundle.includes('There is no /var/log/auth.log on Debian 12 and later'), 'the snippets are in it');
	const bin = await read('bin/harden-python-vps.js');
	for (const line of ['harden-python-vps needs Node.js 20.19 or newer; this is ', 'On Debian 13: apt-get install --no-install-recommends nodejs']) {
		t.true(bin.includes(line) && bundle.includes(line), 'both ways of running it say the same on an old Node');
	}
});

const trixie = {releases: ['trixie']} as const;
const packed = '/root/tool.tgz';

/** As an ordinary user, who may read nothing of root's and write nothing. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] as const;

async function put(server: Server): Promise<void> {
	await server.copyIn(tarball, packed);
	await installTool(server);
}

for (const node of [20, 22, 24] as const satisfies readonly NodeLine[]) {
	onServer(`Node ${node}: npx of the tarball, and the one file alone, without a registry`, {...trixie, node}, async (t, server) => {
		await put(server);
		const version = await server.run(['npx', '--yes', `file:${packed}`, '--version']);
		t.regex(version.stdout, /^\d+\.\d+\.\d+$/);
		t.is((await tool(server, ['--version'])).stdout, version.stdout);
		const terminal = await openWizard(server);
		await terminal.waitFor('what is this');
		await terminal.send('q');
		t.is(await terminal.ended(), 130);
		await terminal.close();
	});
}

onServer('a look where nothing is installed yet shows everything and writes nothing: as an ordinary user, and as root', trixie, async (t, server) => {
	await writeAnswers(server, await fullAnswers(), '/tmp/answers.yaml');
	await server.copyIn(path.join(import.meta.dirname, '../../dist/harden-python-vps.mjs'), '/tmp/alone.mjs');
	// Where apt as root would write, given half a chance.
	const look = async () => snapshot(server, {more: ['/var/cache/apt', '/var/lib/apt', '/var/lib/dpkg']});
	const before = await look();
	const dryRun = await server.run([...asNobody, 'env', 'HOME=/nonexistent', 'node', '/tmp/alone.mjs', '--dry-run', '--yes', '--answers', '/tmp/answers.yaml'], {check: false, timeout: 180_000});
	t.is(dryRun.exitCode, 0, dryRun.stdout + dryRun.stderr);
	t.is(dryRun.stderr, '');
	for (const name of ['/etc/ssh/sshd_config.d/00-harden-python-vps.conf', 'unattended-upgrades', 'ufw allow 5922/tcp', '/etc/fail2ban/jail.d/50-harden-python-vps.local']) {
		t.true(dryRun.stdout.includes(name), `${name} is in the preview`);
	}

	t.regex(dryRun.stdout, /Nothing was written/);
	t.deepEqual(compare(before, await look()), []);
	for (const [code, ...argv] of [[0, '--dry-run', '--yes'], [3, 'audit']] as const) {
		const {exitCode, stdout, stderr} = await server.run(['node', '/tmp/alone.mjs', ...argv], {check: false, timeout: 180_000});
		t.is(exitCode, code, stdout + stderr);
		t.deepEqual(compare(before, await look()), [], argv.join(' '));
	}
});

onServer('Node 18: one kind message with the way out, both ways, and exit code 2', {...trixie, node: 18}, async (t, server) => {
	await put(server);
	for (const argv of [['npx', '--yes', `file:${packed}`], ['node', toolFile], ['node', toolFile, 'undo', '--all']]) {
		const {exitCode, stderr, stdout} = await server.run(argv, {check: false});
		const said = stderr.split('\n').filter(line => !line.startsWith('npm ')).join('\n');
		t.is(exitCode, 2, stderr);
		t.is(stdout, '');
		t.regex(said, /^harden-python-vps needs Node\.js 20\.19 or newer; this is 18\.[^]*apt-get install --no-install-recommends nodejs/);
		t.notRegex(said, /\n\s+at /);
	}

	t.false(await server.exists('/var/lib/harden-python-vps'));
});

type Ending = {says: RegExp; code: number};

async function assertEnds(t: ExecutionContext, server: Server, argv: readonly string[], {says, code}: Ending, before: readonly string[] = []): Promise<void> {
	const {exitCode, stdout, stderr} = await server.run([...before, 'node', toolFile, ...argv], {check: false, timeout: 180_000});
	t.is(exitCode, code, `${argv.join(' ')}: ${stdout}${stderr}`);
	t.regex(stdout + stderr, says);
	t.notRegex(stderr, /\n\s+at /, 'no stack');
}

onServer('exit code 2 touches nothing, and 130 is the user\'s own stop', trixie, async (t, server) => {
	await server.copyIn(path.join(import.meta.dirname, '../../dist/harden-python-vps.mjs'), '/opt/tool.mjs');
	await installTool(server);
	await writeAnswers(server, await fullAnswers());
	await server.write('/root/wrong.yaml', stringify({version: 1, ssh: {prot: 22}}));
	const before = await snapshot(server);

	// 2: nothing is touched.
	await assertEnds(t, server, ['--answers', '/root/wrong.yaml', '--yes'], {says: /prot[^]*port/, code: 2});
	await assertEnds(t, server, [], {says: /no terminal to ask you on[^]*ssh -t/, code: 2});
	await assertEnds(t, server, ['undo'], {says: /no terminal to ask you on/, code: 2});
	await assertEnds(t, server, ['confirm'], {says: /Nothing waits for a new login/, code: 2});
	for (const argv of [['--yes'], ['status'], ['audit'], ['undo', '--all', '--yes'], ['confirm'], ['answers']]) {
		const result = await server.run([...asNobody, 'node', '/opt/tool.mjs', ...argv], {check: false});
		t.is(result.exitCode, 2, `${argv.join(' ')}: ${result.stdout}${result.stderr}`);
		t.regex(result.stderr, /root[^]*sudo/);
	}

	const alpine = 'NAME=Alpine\nID=alpine\nVERSION_ID=3.22\nPRETTY_NAME="Alpine Linux v3.22"\n';
	await server.write('/tmp/os-release', alpine);
	await server.run(['mount', '--bind', '/tmp/os-release', '/usr/lib/os-release']);
	await assertEnds(t, server, ['--answers', '/root/answers.yaml', '--yes'], {says: /This is Alpine Linux v3\.22[^]*Nothing was touched/, code: 2});
	await server.run(['umount', '/usr/lib/os-release']);
	const ours = {line: /\/var\/lib\/harden-python-vps/, because: 'the lock and the session lie there'};
	t.deepEqual(compare(before, await snapshot(server), [ours]), [], 'nothing was touched');

	// 130: the user leaves, at the opening and by Ctrl-C at a question.
	for (const keys of [['q'], ['Enter', 'C-c']]) {
		const terminal = await openWizard(server, {argv: ['--only', 'fail2ban']});
		await terminal.waitFor('what is this');
		await terminal.send(keys[0]!);
		if (keys[1]) {
			await terminal.waitFor('save and quit');
			await terminal.send(keys[1]);
		}

		t.is(await terminal.ended(), 130, keys.join(' '));
		await terminal.close();
	}
});

onServer('Node that came only for the wizard is offered to be taken off again, shown, and taken off', {...trixie, node: 'none', packages: ['fail2ban', 'python3-systemd', 'nftables']}, async (t, server) => {
	await installTool(server);
	const packages = async () => (await server.run(['dpkg-query', '--show'])).stdout;
	const before = await packages();
	await server.run(['apt-get', '-q', '--yes', '--no-install-recommends', 'install', 'nodejs'], {timeout: 300_000, env: {DEBIAN_FRONTEND: 'noninteractive'}});
	const terminal = await openWizard(server, {argv: ['--only', 'fail2ban']});
	let offers = 0;
	let preview = '';
	const code = await drive(server, terminal, {
		async at(moment, screen) {
			if (moment === 'offer') {
				offers++;
				await terminal.send('y');
			} else if (moment === 'preview' && offers > 0) {
				preview = screen;
			}

			return false;
		},
	});
	t.is(code, 0, await terminal.history());
	t.is(offers, 1, await terminal.history());
	t.regex(preview, /Node\.js: \d+ changes[^]*- package[^]*nodejs/);
	t.regex(await terminal.history(), /Node\.js is gone; for undo, audit and status install it again first/);
	await terminal.close();
	t.not((await server.run(['sh', '-c', 'command -v node'], {check: false})).exitCode, 0);
	t.is(await packages(), before, 'what came with Node went with it, and nothing else');
	t.true((await server.run(['fail2ban-client', 'status', 'sshd'])).ok, 'what was set up works without it');
	t.regex(await server.read('/var/lib/harden-python-vps/REMEMBER.txt'), /sudo node \/var\/lib\/harden-python-vps\/harden-python-vps\.mjs undo --all/);
	t.true(await server.exists('/var/lib/harden-python-vps/harden-python-vps.mjs'));
});
