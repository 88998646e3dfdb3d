import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {command} from '../vps/command.ts';
import {rootPassword} from '../vps/image.ts';
import {Network} from '../vps/network.ts';
import {onServer} from '../vps/on-server.ts';
import {boot, type Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {adminKey, armedGuard, harden, installTool, onServer as place, status, tool, writeAnswers} from '../tool.ts';
import {ufw} from '../vps/sets.ts';

/** The SSH step on booted servers, judged by who gets in. */

const {publicKey, privateFile: key} = await adminKey();
const dropIn = '/etc/ssh/sshd_config.d/00-harden-python-vps.conf';
const ours = [{line: /\/var\/lib\/harden-python-vps|\/root\/(answers\.yaml|harden-python-vps\.mjs)/, because: 'the record of what was done, the answers and the tool stay'}, {line: /\.sudo_as_admin_successful/, because: 'sudo itself leaves it in the home of whoever used it'}];
const only = ['--only', 'ssh'];

async function hardenSsh(t: ExecutionContext, server: Server, ssh: Record<string, unknown> = {}, argv: readonly string[] = []) {
	await installTool(server);
	const output = await harden(server, {version: 1, ssh: {authorizedKeys: [publicKey], ...ssh}}, [...only, ...argv]);
	return {...output, text: output.stdout + output.stderr, assertKept: () => t.is(output.exitCode, 0, output.stdout.slice(-4000) + output.stderr)};
}

async function again(t: ExecutionContext, server: Server): Promise<void> {
	const {runs} = await status(server);
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', ...only]);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.is((await status(server)).runs.length, runs.length, 'the second time changes nothing');
}

async function undone(t: ExecutionContext, server: Server, before: Snapshot): Promise<void> {
	const output = await tool(server, ['undo', '--all', '--yes']);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
}

async function sh(server: Server, script: string): Promise<string> {
	return (await server.run(['sh', '-euc', script])).stdout;
}

async function effective(server: Server, user: string): Promise<string> {
	return (await server.run(['sshd', '-T', '-C', `user=${user},host=x,addr=192.0.2.1,laddr=127.0.0.1,lport=22`])).stdout;
}

const admin = {user: 'deploy', port: 5922, key} as const;

/** Only deploy gets in, only on the new port, only with the key. */
async function assertClosed(t: ExecutionContext, server: Server): Promise<void> {
	const stranger = await server.network.attacker();
	t.deepEqual(await server.scan({from: stranger}), [5922]);
	t.deepEqual(await server.scan({from: stranger, family: 'ipv6'}), [5922]);
	t.true((await server.ssh({...admin, command: 'sudo -n true'})).ok);
	t.true((await server.ssh({...admin, family: 'ipv6'})).ok);
	t.false((await server.ssh({port: 5922})).ok, 'root\'s own key');
	t.false((await server.ssh({port: 5922, password: rootPassword})).ok, 'root\'s password');
	t.regex((await server.ssh({port: 5922, user: 'root', password: rootPassword, from: stranger})).stderr, /Permission denied \(publickey\)/);
}

onServer('only the admin\'s key opens it; scp, sftp, IPv6 and haste work; what comes later changes nothing', async (t, server) => {
	const before = await snapshot(server);
	const session = server.ssh({command: 'trap "" HUP; while [ ! -e /run/over ]; do sleep 0.5; done; echo alive', timeout: 400_000});
	const {assertKept} = await hardenSsh(t, server);
	assertKept();
	await assertClosed(t, server);

	const client = await server.network.admin();
	const options = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes', '-i', key];
	const target = `deploy@${server.address(client)}`;
	for (const form of [[], ['-O']]) {
		t.true((await client.run(['timeout', '20', 'scp', ...form, ...options, '-P', '5922', '/etc/hostname', `${target}:copy`], {check: false})).ok, `scp ${form.join(' ')}`);
	}

	t.true((await client.run(['timeout', '20', 'sftp', ...options, '-P', '5922', '-b', '-', target], {check: false, input: 'get copy /dev/null\nrm copy\n'})).ok, 'sftp');
	const hasty = await Promise.all(Array.from({length: 10}, async () => server.ssh(admin)));
	t.deepEqual(hasty.map(({ok}) => ok), Array.from({length: 10}, () => true), 'ten logins at once');
	const sixOnly = await server.network.client('six', {ipv6: '2001:db8:66::6'});
	t.true((await server.ssh({...admin, from: sixOnly})).ok, 'from IPv6 only');

	await server.write('/etc/ssh/sshd_config.d/40-later.conf', 'PasswordAuthentication yes\nPermitRootLogin yes\nMatch all\n\tPasswordAuthentication yes\n\tPermitRootLogin yes\n');
	await server.run(['systemctl', 'reload', 'ssh']);
	await setTimeout(500);
	t.regex(await effective(server, 'root'), /^permitrootlogin no$[^]*^passwordauthentication no$/m);
	t.false((await server.ssh({port: 5922, password: rootPassword})).ok, 'also when such a file appears later');
	await server.run(['rm', '/etc/ssh/sshd_config.d/40-later.conf']);

	await again(t, server);
	await server.reboot();
	await assertClosed(t, server);
	await undone(t, server, before);
	t.true((await server.ssh({password: rootPassword})).ok, 'undone: root\'s password again');
	void session;
});

onServer('a session that is open lives through it all', {releases: ['bookworm']}, async (t, server) => {
	const session = server.ssh({command: 'while [ ! -e /run/over ]; do sleep 0.2; done; echo alive', timeout: 300_000});
	await sh(server, 'systemctl enable --now ssh.socket 2>/dev/null || true');
	(await hardenSsh(t, server)).assertKept();
	await tool(server, ['undo', '--all', '--yes']);
	await server.write('/run/over', '');
	t.is((await session).stdout, 'alive');
});

onServer('ssh.socket: moved to the service, over a reboot, and back', async (t, server) => {
	await sh(server, 'systemctl disable --now ssh.service 2>&1; systemctl enable --now ssh.socket 2>&1');
	t.true((await server.ssh()).ok, 'the first login starts the service');
	const before = await snapshot(server);
	(await hardenSsh(t, server)).assertKept();
	await assertClosed(t, server);
	await again(t, server);
	await server.reboot();
	await assertClosed(t, server);

	await undone(t, server, before);
	t.is(await sh(server, 'systemctl is-active ssh.socket; systemctl is-enabled ssh.socket'), 'active\nenabled');
	t.true((await server.ssh()).ok);
	await server.reboot();
	t.deepEqual(await server.scan(), [22]);
	t.true((await server.ssh({family: 'ipv6'})).ok);
});

onServer('ssh.socket: nobody comes in, and everything goes back by itself', {releases: ['trixie']}, async (t, server) => {
	await sh(server, 'systemctl disable --now ssh.service 2>&1; systemctl enable --now ssh.socket 2>&1');
	t.true((await server.ssh()).ok);
	await installTool(server);
	await writeAnswers(server, {version: 1, ssh: {authorizedKeys: [publicKey]}});
	const before = await snapshot(server);
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', ...only, '--guard-timeout', '30s']);
	t.is(output.exitCode, 4, output.stdout + output.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.deepEqual(await server.scan(), [22]);
	t.true((await server.ssh({password: rootPassword})).ok);
});

const awkward = `PasswordAuthentication yes
Port 22
ListenAddress 0.0.0.0:22
ListenAddress [::]:22
HostKey /etc/ssh/ssh_host_ecdsa_key
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM yes
Subsystem sftp internal-sftp
Match User root
	PasswordAuthentication yes
	PermitRootLogin yes
Include /etc/ssh/sshd_config.d/*.conf
`;

onServer('an awkward configuration: late Include, ports, Match blocks, a file that sorts first', {releases: ['bookworm']}, async (t, server) => {
	await server.write('/etc/ssh/sshd_config', awkward);
	await server.write('/etc/ssh/sshd_config.d/00-aaa.conf', 'PasswordAuthentication yes\nKbdInteractiveAuthentication yes\n');
	await server.run(['systemctl', 'restart', 'ssh']);
	t.true((await server.ssh({password: rootPassword})).ok);
	const before = await snapshot(server);
	(await hardenSsh(t, server)).assertKept();
	await assertClosed(t, server);
	t.regex(await effective(server, 'root'), /^permitrootlogin no$[^]*^passwordauthentication no$[^]*^kbdinteractiveauthentication no$/m);
	await again(t, server);
	await undone(t, server, before);
	t.true((await server.ssh({password: rootPassword})).ok);
});

onServer('no Include: only our file is read', {releases: ['trixie']}, async (t, server) => {
	await server.write('/etc/ssh/sshd_config', 'PasswordAuthentication yes\nPermitRootLogin yes\nUsePAM yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n');
	await server.write('/etc/ssh/sshd_config.d/60-stray.conf', 'Port 2222\n');
	await server.run(['systemctl', 'restart', 'ssh']);
	const before = await snapshot(server);
	(await hardenSsh(t, server)).assertKept();
	await assertClosed(t, server);
	await undone(t, server, before);
});

const lock = String.raw`no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"debian\" rather than the user \"root\".';echo;sleep 1;exit 142"`;

onServer('keys that sshd would not take are put right, or refused', {releases: ['bookworm']}, async (t, server) => {
	await sh(server, 'useradd --create-home --shell /bin/bash deploy; chmod 0777 /home/deploy; install -d -o root /home/deploy/.ssh; : >/home/deploy/.ssh/authorized_keys; chown daemon: /home/deploy/.ssh/authorized_keys');
	await installTool(server);
	for (const [what, content] of [['an empty file', ''], ['a key for one purpose', `command="backup" ${publicKey}\n`]] as const) {
		await server.write('/root/.ssh/authorized_keys', content, {mode: 0o600});
		const before = await snapshot(server);
		const refused = await harden(server, {version: 1, ssh: {}}, only);
		t.is(refused.exitCode, 2, what);
		t.regex(refused.stdout + refused.stderr, /ssh-keygen -t ed25519/, what);
		t.deepEqual(compare(before, await snapshot(server), ours), [], what);
	}

	await server.write('/root/.ssh/authorized_keys', `${lock} ${publicKey}\n`, {mode: 0o600});
	const before = await snapshot(server);
	const output = await harden(server, {version: 1, ssh: {}}, only);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	await assertClosed(t, server);
	t.is(await sh(server, 'stat -c "%a %U" /home/deploy /home/deploy/.ssh /home/deploy/.ssh/authorized_keys'), '755 deploy\n700 deploy\n600 deploy');
	await undone(t, server, before);
});

onServer('only from the allowed addresses; never without the caller\'s own', {releases: ['trixie']}, async (t, server) => {
	await installTool(server);
	const admins = await server.network.admin();
	const before = await snapshot(server);
	await writeAnswers(server, {version: 1, ssh: {authorizedKeys: [publicKey], allowFrom: ['192.0.2.0/24']}});
	const refused = await server.ssh({command: `node ${place} --answers /root/answers.yaml --yes --only ssh`, timeout: 60_000});
	t.is(refused.exitCode, 2, refused.stdout + refused.stderr);
	t.regex(refused.stdout + refused.stderr, new RegExp(`${admins.addresses.ipv4!.replaceAll('.', String.raw`\.`)}, is not among them`));
	t.deepEqual(compare(before, await snapshot(server), ours), []);

	(await hardenSsh(t, server, {allowFrom: [`${admins.addresses.ipv4}/32`, '2001:db8:198::/48']})).assertKept();
	t.true((await server.ssh(admin)).ok);
	t.true((await server.ssh({...admin, family: 'ipv6'})).ok);
	t.false((await server.ssh({...admin, from: await server.network.attacker()})).ok, 'the right key from elsewhere');
	await again(t, server);
});

onServer('a firewall that is on already lets the new port in', {releases: ['trixie'], packages: ufw}, async (t, server) => {
	await sh(server, 'ufw allow 22/tcp >/dev/null; ufw --force enable >/dev/null');
	t.is(await server.probe(5922), 'filtered');
	const before = await snapshot(server);
	(await hardenSsh(t, server)).assertKept();
	t.true((await server.ssh(admin)).ok);
	t.true((await server.ssh({...admin, family: 'ipv6'})).ok);
	await again(t, server);
	await undone(t, server, before);
});

onServer('sudo asks for the password, where that was chosen; sshd without PAM lets the user in', {releases: ['bookworm']}, async (t, server) => {
	await server.write('/etc/ssh/sshd_config.d/60-pam.conf', 'UsePAM no\n');
	await sh(server, 'sed -i "s/^UsePAM.*//" /etc/ssh/sshd_config; systemctl restart ssh');
	const before = await snapshot(server);
	(await hardenSsh(t, server)).assertKept();
	t.true((await server.ssh({...admin, command: 'sudo -n true'})).ok);
	await undone(t, server, before);

	const {stdout: passwordHash} = await command(['openssl', 'passwd', '-6', 'a short sentence']);
	await writeAnswers(server, {version: 1, ssh: {authorizedKeys: [publicKey], sudo: 'password', passwordHash}});
	const running = tool(server, ['--answers', '/root/answers.yaml', '--yes', ...only], {timeout: 200_000});
	let isOver = false;
	const logins = (async () => {
		while (!isOver) {
			if (await armedGuard(server)) {
				await server.ssh({...admin, command: 'echo "a short sentence" | sudo -S true; sleep 3'});
			}

			await setTimeout(500);
		}
	})();
	const output = await running;
	isOver = true;
	await logins;
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.notRegex(output.stdout, new RegExp(passwordHash.split('$').at(-1)!.slice(0, 20).replaceAll('.', String.raw`\.`)), 'its hash is never shown');
	t.false((await server.ssh({...admin, command: 'sudo -k; sudo -n true'})).ok);
	t.true((await server.ssh({...admin, command: 'sudo -k; echo "a short sentence" | sudo -S true'})).ok);
	t.false((await server.ssh({user: 'deploy', port: 5922, password: 'a short sentence'})).ok, 'SSH takes no password');
	await again(t, server);
	await undone(t, server, before);
});

onServer('a dry run works without root, and writes nothing', {releases: ['bookworm']}, async (t, server) => {
	await installTool(server);
	await sh(server, `useradd --create-home bob; cp ${place} /home/bob/tool.mjs`);
	await server.write('/home/bob/answers.yaml', `version: 1\nssh:\n  authorizedKeys: ["${publicKey}"]\n`);
	const before = await snapshot(server);
	const output = await server.run(['runuser', '-u', 'bob', '--', 'node', '/home/bob/tool.mjs', '--answers', '/home/bob/answers.yaml', '--yes', '--dry-run', ...only], {check: false});
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.regex(output.stdout, /PermitRootLogin no/);
	t.deepEqual(compare(before, await snapshot(server)), []);
});

for (const [release, policy] of [['bookworm', 'Hardened Debian 12 (version 2)'], ['trixie', 'Hardened OpenSSH Server v9.9 (version 1)']] as const) {
	test.serial(`${release}: ssh-audit finds nothing, and its newest policy is passed`, async t => {
		t.timeout(15 * 60_000);
		const network = await Network.create();
		t.teardown(async () => network.destroy());
		const server = await boot({release, network});
		const auditor = await boot({release: 'trixie', packages: ['ssh-audit'], network});
		t.teardown(async () => auditor.destroy());
		t.teardown(async () => server.destroy());
		(await hardenSsh(t, server)).assertKept();
		// Over two families: sshd 10 shuts out an address that greets too often without logging in.
		const {stdout} = await auditor.run(['ssh-audit', '--skip-rate-test', '--no-colors', '--port', '5922', server.addresses.ipv4], {check: false});
		t.regex(stdout, /curve25519-sha256/);
		t.deepEqual(stdout.split('\n').filter(line => /\[(?:fail|warn)\]/.test(line)), []);
		const judged = await auditor.run(['ssh-audit', '--port', '5922', '--policy', policy, server.addresses.ipv6], {check: false});
		t.regex(judged.stdout, /Passed/, judged.stdout + judged.stderr);
	});
}

test('the drop-in has one name everywhere', async t => {
	const {dropIn: known} = await import('../../source/engine/sshd-config.ts');
	t.is(known, dropIn);
});
