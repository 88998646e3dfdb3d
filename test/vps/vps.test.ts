import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import test from 'ava';
import {bridge, packagePort} from './addresses.ts';
import {waitFor} from './command.ts';
import {makeUpgradesPending} from './debs.ts';
import {rootKey, rootPassword} from './image.ts';
import {bridgeName} from './network.ts';
import {onServer} from './on-server.ts';
import {belongings, owner} from './owner.ts';
import {compare, normaliseIptables, normaliseNft, snapshot} from './snapshot.ts';
import {createKey, sshArgv} from './ssh.ts';
import {Terminal} from './terminal.ts';
import {ufw} from './sets.ts';

test.afterEach.always('nothing is left behind', async t => {
	t.deepEqual(await belongings(), []);
});

onServer('logs in by key and by password, over both families', async (t, server) => {
	const {stdout} = await server.run(['systemctl', 'is-system-running']);
	t.is(stdout, 'running');
	const byKey = await server.ssh({command: 'echo $SSH_CONNECTION'});
	t.is(byKey.stdout.replaceAll(/ \d{5} /g, ' '), '198.51.100.7 203.0.113.10 22');
	const byPassword = await server.ssh({password: rootPassword, family: 'ipv6', from: await server.network.attacker(), command: 'echo $SSH_CONNECTION'});
	t.is(byPassword.stdout.replaceAll(/ \d{5} /g, ' '), '2001:db8:198:51::66 2001:db8:203:113::10 22');

	const wrong = await server.ssh({password: 'wrong'});
	t.false(wrong.ok);
	t.regex(wrong.stderr, /Permission denied/);
	const folder = await mkdtemp(path.join(tmpdir(), 'key-'));
	const {privateFile} = await createKey(path.join(folder, 'stranger'));
	t.false((await server.ssh({key: privateFile})).ok);
	await rm(folder, {recursive: true});
});

onServer('runs commands as root without its sshd', async (t, server) => {
	await server.run(['systemctl', 'stop', 'ssh']);
	t.is(await server.probe(22), 'refused');
	t.is((await server.run(['cat'], {input: 'grüße'})).stdout, 'grüße');
	t.is((await server.run(['sh', '-c', 'exit 7'], {check: false})).exitCode, 7);
	await t.throwsAsync(server.run(['sh', '-c', 'echo because >&2; exit 7']), {message: /exited with 7\nbecause/});
	await t.throwsAsync(server.run(['sleep', '5'], {timeout: 200}), {message: /did not end within 0.2 s/});
	t.is((await server.run(['pgrep', 'sleep'], {check: false})).ok, false);
	t.regex((await server.run(['node', '--version'])).stdout, /^v20\./);
	t.is((await server.run(['npx', '--version'])).stdout, '10.8.2');

	await server.write('/opt/a/b', 'line\n', {mode: 0o640});
	t.is(await server.read('/opt/a/b'), 'line\n');
	t.is((await server.run(['stat', '-c', '%a %U', '/opt/a/b'])).stdout, '640 root');
	await server.copyIn(fileURLToPath(new URL('.', import.meta.url)), '/opt/vps');
	t.true(await server.exists('/opt/vps/vps.test.ts'));
	t.false(await server.exists('/opt/vps/none'));
});

onServer('tells open, refused and filtered ports apart', {packages: ufw}, async (t, server) => {
	t.is(await server.probe(22), 'open');
	t.is(await server.probe(80, {family: 'ipv6'}), 'refused');
	t.deepEqual(await server.scan({ports: 'all'}), [22]);
	const admin = await server.network.admin();
	const attacker = await server.network.attacker();
	await server.run(['nft', '-f', '-'], {input: `
		add table ip lab
		add chain ip lab in { type filter hook input priority 0; policy drop; }
		add rule ip lab in tcp dport 22 ip saddr ${admin.addresses.ipv4} accept
	`});
	t.is(await server.probe(22, {from: admin}), 'open');
	t.is(await server.probe(22, {from: attacker}), 'filtered');
	t.is(await server.probe(22, {from: attacker, family: 'ipv6'}), 'open');
	t.deepEqual(await server.scan({from: attacker, ports: '1-1024'}), []);
	const onlyNew = await server.network.client('modern', {ipv6: '2001:db8:77::1'});
	t.is(await server.probe(22, {from: onlyNew}), 'open');
});

onServer('has no way to the outside', async (t, server) => {
	const admin = await server.network.admin();
	for (const place of [server, admin, server.network]) {
		for (const family of ['-4', '-6']) {
			const {stdout} = await place.run(['ip', family, 'route', 'show', 'default']);
			t.is(stdout, '');
		}
	}

	// Packages alone come in, by way of the cache.
	t.regex((await server.run(['apt-get', 'install', '--yes', 'bash-completion'])).stdout, /Setting up bash-completion/);
});

onServer('is heard at the bridge at once when somebody new was plugged in', {releases: ['trixie']}, async (t, server) => {
	const {network} = server;
	const knock = async () => server.run(['timeout', '2', 'bash', '-c', `exec 3<>/dev/tcp/${bridge.ipv4}/${packagePort}`]);
	await knock();
	for (const n of [1, 2, 3, 4]) {
		await network.client(`new${n}`, {ipv4: `198.51.100.${100 + n}`});
		await knock();
	}

	t.true((await network.run(['ip', '-oneline', 'link', 'show', bridgeName])).stdout.includes(` ${bridge.mac} `));
});

onServer('keeps its disk and loses its memory over a reboot and a power cut', async (t, server) => {
	const bootId = async () => server.read('/proc/sys/kernel/random/boot_id');
	const boots = [await bootId()];
	for (const [name, goDown] of [['reboot', async () => server.reboot()], ['power', async () => server.powerCut()]] as const) {
		await server.write(`/etc/${name}`, 'here');
		await server.write(`/run/${name}`, 'gone');
		await goDown();
		t.is(await server.read(`/etc/${name}`), 'here');
		t.false(await server.exists(`/run/${name}`));
		t.true((await server.ssh()).ok);
		boots.push(await bootId());
	}

	t.is(new Set(boots).size, 3);
	t.regex(await server.journal({boot: '-2', unit: 'ssh'}), /Stopped/);
});

onServer('compares its state before and after', {packages: ufw}, async (t, server) => {
	const start = await snapshot(server);
	await server.ssh();
	t.deepEqual(compare(start, await snapshot(server)), []);

	await server.write('/etc/added', 'x');
	await server.run(['chmod', '0600', '/etc/motd']);
	await server.run(['useradd', 'mallory']);
	await server.run(['systemctl', 'disable', 'apt-daily.timer']);
	await server.run(['ufw', 'allow', '22/tcp']);
	await server.run(['ufw', '--force', 'enable']);
	const differences = compare(start, await snapshot(server), [{line: /^file \/etc\/(passwd|group|shadow|gshadow|subuid|subgid)/, because: 'the accounts tell it'}]);
	for (const expected of [
		/^file \/etc\/added: was absent, is file 0644 root:root sha256:/,
		/^file \/etc\/motd: was file 0644 .*, is file 0600 /,
		/^account passwd mallory: was absent/,
		/^unit file apt-daily\.timer: was enabled, is disabled$/,
		/^firewall iptables-save: was absent/,
		/^sysctl net\.ipv4\.conf\.all\.accept_redirects: was 1, is 0$/,
	]) {
		t.true(differences.some(line => expected.test(line)), `${expected} in\n${differences.join('\n')}`);
	}

	t.false(differences.some(line => line.startsWith('file /etc/passwd')));
	const changed = await snapshot(server);
	await server.reboot();
	t.deepEqual(compare(changed, await snapshot(server), [
		{line: /^running unit apt-daily.timer/, because: 'it was disabled, which counts from the next boot on'},
		{line: /^sysctl net\.ipv4\.conf\.host0\./, because: 'interfaces take the new default when they come up'},
	]), []);
});

onServer('is driven through a real terminal, and survives its loss', async (t, server) => {
	const admin = await server.network.admin();
	const terminal = await Terminal.open(admin, sshArgv(server.address(admin), {key: rootKey, options: ['-tt']}, 'env PS1="ready> " bash --norc'));
	await terminal.waitFor('ready>');
	await terminal.type('echo "$TERM:ä✔中文"; stty size');
	await terminal.send('Enter');
	t.regex(await terminal.waitFor(/^24 80$/m), /^xterm-256color:ä✔中文$/m);
	await terminal.resize(100, 30);
	await terminal.type(String.raw`stty size; printf '\033[31mred\n'`);
	await terminal.send('Enter');
	await terminal.waitFor(/^30 100\nred$/m);
	// eslint-disable-next-line no-control-regex
	t.regex(await terminal.screenAnsi(), /\u001B\[31mred/);
	await t.throwsAsync(terminal.waitFor('never', 200), {message: /did not show "never" within 0.2 s[\s\S]*│ 30 100/});

	await admin.cut();
	t.is(await server.probe(22, {from: admin}), 'filtered');
	await terminal.type('clear; echo b""ack');
	await terminal.send('Enter');
	t.notRegex(await terminal.screen(), /^back$/m);
	await admin.restore();
	await terminal.waitFor(/^back$/m);

	await server.run(['pgrep', '-f', '[b]ash --norc']);
	await terminal.hangUp();
	await server.waitFor('the shell to notice', async () => !(await server.run(['pgrep', '-f', '[b]ash --norc'], {check: false})).ok);
	await terminal.close();
});

onServer('has upgrades pending when asked to', {releases: ['trixie']}, async (t, server) => {
	await makeUpgradesPending(server, ['plain', 'conffile', 'dependency']);
	const {stdout} = await server.run(['apt-get', '--simulate', 'upgrade']);
	t.regex(stdout, /Inst hpv-probe \[1\.0\] \(1\.1 Debian-Security/);
	t.notRegex(stdout, /Inst hpv-depends/);
	await server.run(['apt-get', '--yes', 'upgrade', '--with-new-pkgs']);
	t.is(await server.read('/etc/hpv-conffile.conf'), 'colour = blue\n');
	t.is(await server.read('/usr/share/doc/hpv-library/version'), '1.1\n');
});

onServer('is removed when the test process was killed', {releases: ['trixie']}, async t => {
	const child = execa(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('forgetful.ts', import.meta.url))], {reject: false, timeout: 300_000});
	const {value: line} = await child[Symbol.asyncIterator]().next() as {value: string};
	const left = JSON.parse(line) as {owner: string; belongings: string[]};
	t.not(left.owner, owner);
	t.is(left.belongings.length, 4);
	child.kill('SIGKILL');
	await waitFor('the watchdog to clean up', async () => (await belongings(left.owner)).length === 0);
	for (const place of left.belongings) {
		await t.throwsAsync(stat(place), {code: 'ENOENT'});
	}
});

test('counters and handles are no difference', t => {
	t.is(normaliseNft('table ip a {\n\tcounter packets 3 bytes 20 drop # handle 7\n\telements = { 192.0.2.1 timeout 10m expires 9m5s300ms }\n}\n'), 'table ip a {\n\tcounter drop\n\telements = { 192.0.2.1 timeout 10m }\n}\n');
	t.is(normaliseIptables('# Generated by x on Mon\n*filter\n:INPUT ACCEPT [12:34]\nCOMMIT\n# Completed\n'), '*filter\n:INPUT ACCEPT []\nCOMMIT');
});
