import type {ExecutionContext} from 'ava';
import {law} from '../law.ts';
import {adminKey, installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {quiet, sh as inside, unchanged, withProviders} from './with-providers.ts';

/** The permissions step by the whole tool, judged by accounts that try. `npm run build` has to have been run. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 180_000})).stdout;
/** What a command says, whether it succeeds or not. */
const said = async (server: Server, script: string) => {
	const {stdout, stderr} = await server.run(['sh', '-c', script], {check: false});
	return `${stdout} ${stderr}`.trim();
};

const answers: AnswersFile = {version: 1, permissions: {sudoCommands: ['ci: /usr/bin/systemctl restart lab.service', 'ci: /usr/local/sbin/lab-deploy']}};
const run = async (server: Server, file: AnswersFile, ...argv: string[]) => tool(server, ['--answers', await writeAnswers(server, file), '--yes', '--only', 'permissions', ...argv], {timeout: 300_000});

const ours = [
	{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'},
	{line: /^file \/srv\/at-boot/, because: 'the test\'s own job writes it'},
];

/** A server with an admin, a deployment user, an intruder, and things that are not as they should be. */
async function prepare(server: Server): Promise<Snapshot> {
	const {publicKey} = await adminKey();
	await sh(server, String.raw`
		for user in deploy ci mallory; do useradd --create-home --shell /bin/bash $user; done
		usermod --append --groups sudo deploy
		install -d -m 0700 -o deploy -g deploy /home/deploy/.ssh
		echo '${publicKey}' >/home/deploy/.ssh/authorized_keys; chown deploy: /home/deploy/.ssh/authorized_keys
		echo 'root:correct horse battery staple' | chpasswd
		install -m 0644 -o mallory /dev/null /home/mallory/trap; ln -sf /home/mallory/trap /etc/security/opasswd
		chmod 0666 /etc/crontab
		printf 'net.ipv4.icmp_ignore_bogus_error_responses = 0\n' >/etc/sysctl.d/70-mine.conf; sysctl -q -p /etc/sysctl.d/70-mine.conf
		printf '@reboot root date >/srv/at-boot\n' >/etc/cron.d/lab
		printf '#!/bin/sh\nid -u\n' >/usr/local/sbin/lab-deploy; chmod 0755 /usr/local/sbin/lab-deploy
		systemctl enable --quiet --now rpcbind.socket
	`);
	await server.write('/etc/systemd/system/lab.service', '[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\n');
	await sh(server, 'systemctl daemon-reload; systemctl enable --quiet --now lab');
	await installTool(server);
	await sh(server, 'apt-get update -q >/dev/null; rm -rf /var/lib/harden-python-vps');
	return snapshot(server);
}

/** Accounts without rights try what they must not be able to, and those with rights what they must. */
async function judged(t: ExecutionContext, server: Server): Promise<void> {
	const as = async (user: string, script: string) => said(server, `cd /tmp; setpriv --reuid=${user} --regid=${user} --init-groups -- sh -c '${script}'`);
	for (const file of ['/etc/shadow', '/etc/crontab', '/etc/ssh/sshd_config', '/etc/sudoers.d/91-harden-python-vps-commands']) {
		t.regex(await as('mallory', `cat ${file}`), /Permission denied/, file);
	}

	t.regex(await as('mallory', 'crontab -l'), /not allowed/);
	t.regex(await as('mallory', 'echo correct horse battery staple | su -c id root'), /^su: Permission denied$/);
	t.is(await as('mallory', 'sh -lc umask'), '0027');
	t.is(await said(server, 'su -s /bin/sh -c "ulimit -Hc" mallory'), '0');
	t.regex(await as('mallory', 'cp /bin/true /dev/shm/x && /dev/shm/x; rm /dev/shm/x'), /Permission denied/);
	t.regex(await as('mallory', String.raw`printf "short1\nshort1\n" | passwd 2>&1`), /.+/);

	// sudo: the named commands, to the letter.
	const before = await sh(server, 'systemctl show --property=MainPID --value lab');
	t.is(await as('ci', 'sudo -n /usr/bin/systemctl restart lab.service'), '');
	t.not(await sh(server, 'systemctl show --property=MainPID --value lab'), before);
	t.is(await as('ci', 'sudo -n /usr/local/sbin/lab-deploy'), '0');
	for (const command of ['/usr/bin/systemctl restart ssh.service', '/usr/bin/systemctl restart lab.service ssh.service', '/usr/local/sbin/lab-deploy --shell', '/bin/sh']) {
		t.regex(await as('ci', `sudo -n ${command}`), /password is required|not allowed/, command);
	}

	// What people and the system need goes on: logins by key and password, apt, the umask of root.
	const {privateFile} = await adminKey();
	const login = await server.ssh({user: 'deploy', key: privateFile, command: 'id -un'});
	t.is(login.stdout, 'deploy', login.stderr);
	const byPassword = await server.ssh({password: 'correct horse battery staple', command: 'sh -lc umask'});
	t.is(byPassword.stdout, '0022', byPassword.stderr);
	await sh(server, 'apt-get install -q -y --reinstall hostname');
	t.is(await sh(server, 'stat -c %a /bin/hostname'), '755');

	t.is(await sh(server, String.raw`sysctl -n net.ipv4.conf.all.send_redirects net.ipv4.conf.host0.accept_redirects net.ipv4.icmp_ignore_bogus_error_responses | tr "\n" " "`), '0 0 0 ', 'ours, and theirs');
	t.is(await server.probe(111, {from: await server.network.attacker()}), 'refused');
	t.is(await sh(server, 'stat -c "%a %U" /home/mallory/trap'), '644 mallory', 'a link is not followed');
	t.regex(await said(server, 'modprobe --showconfig'), /^install dccp \/bin\/false$/m);
}

async function again(t: ExecutionContext, server: Server): Promise<void> {
	const {runs} = await status(server);
	const output = await run(server, answers);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.is((await status(server)).runs.length, runs.length, output.stdout);
}

type Audit = {checks: ReadonlyArray<{id: string; status: string; evidence: string}>};

async function audited(server: Server): Promise<{failed: string[]; notRun: string[]; evidence: string}> {
	const {stdout} = await tool(server, ['audit', '--json', '--only', 'permissions']);
	const {checks} = JSON.parse(stdout) as Audit;
	const ids = (wanted: string) => checks.filter(check => check.status === wanted).map(({id}) => id);
	return {failed: ids('fail'), notRun: ids('not-run'), evidence: checks.map(({id, evidence}) => `${id}: ${evidence}`).join('\n')};
}

onServer('applied, judged by accounts that try, again, after a reboot, undone', {packages: ['cron', 'rpcbind']}, async (t, server) => {
	const before = await prepare(server);
	const shm = await sh(server, 'findmnt -no OPTIONS /dev/shm');
	const looked = await run(server, answers, '--dry-run');
	t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
	t.deepEqual(compare(before, await snapshot(server), [{line: /\/root\/answers\.yaml/, because: 'the test wrote it'}]), [], 'a dry run writes nothing');
	t.regex(looked.stdout, /mode +\/etc\/crontab +0666 root:root → 0600 root:root/);
	t.regex(looked.stdout, /Links are not followed.*\/etc\/security\/opasswd/);
	t.regex(looked.stdout, /not available here, because this is a container/);

	const applied = await run(server, answers);
	t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
	t.log(applied.stdout.slice(applied.stdout.indexOf('check')));
	await judged(t, server);
	await again(t, server);

	await sh(server, 'systemctl start harden-integrity; : >/etc/profile.d/intruder.sh; chmod 0666 /etc/profile.d/intruder.sh; cp /bin/sh /opt/strange; chmod 4755 /opt/strange; printf x >>/bin/hostname; systemctl start harden-integrity || true');
	const {failed, notRun, evidence} = await audited(server);
	t.deepEqual(failed, ['permissions.world-writable', 'permissions.set-id', 'permissions.integrity'], evidence);
	t.deepEqual(notRun, ['permissions.app', 'permissions.modules', 'permissions.su', 'permissions.access-control', 'permissions.audit'], evidence);
	t.regex(evidence, /permissions\.world-writable: .*\/etc\/profile\.d\/intruder\.sh/);
	t.regex(evidence, /permissions\.set-id: .*\/opt\/strange/);
	t.regex(await server.journal({unit: 'harden-integrity'}), /intruder\.sh[\S\s]*\/bin\/hostname/);
	await sh(server, 'rm /etc/profile.d/intruder.sh /opt/strange; apt-get install -q -y --reinstall hostname');

	await server.reboot();
	await judged(t, server);
	t.true(await server.exists('/srv/at-boot'), 'the system\'s own jobs run');
	await again(t, server);

	const undone = await tool(server, ['undo', '--all', '--yes']);
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	t.is(await sh(server, 'findmnt -no OPTIONS /dev/shm'), shm);
	await server.reboot();
	t.deepEqual(compare(before, await snapshot(server), ours), []);
});

withProviders('owners and modes keep the law, and nothing but them is changed', async (t, {server, providers: {mode: provider}}) => {
	await inside(server, `
		useradd --create-home mallory; ln -s /etc/shadow /home/mallory/link; ln /etc/hosts /home/mallory/hard; mkfifo /home/mallory/pipe
		chown -h mallory: /home/mallory/link /home/mallory/pipe
	`);
	await unchanged(t, server, async () => {
		const inode = await inside(server, 'stat -c "%i %Y" /etc/hosts');
		await law(t, {provider, name: '/etc/hosts', state: {mode: 0o600, owner: 'daemon', group: 'adm'}});
		await law(t, {provider, name: '/usr/bin/chage', state: {mode: 0o4750, owner: 'root', group: '4711'}});
		await law(t, {provider, name: '/etc/ssh', state: {mode: 0o1700, owner: 'root', group: 'adm'}});
		t.is(await inside(server, 'stat -c "%i %Y" /etc/hosts'), inode, 'the same file, not rewritten');
	});
	const state = {mode: 0o600, owner: 'mallory', group: 'mallory'};
	for (const name of ['/home/mallory/link', '/home/mallory/pipe']) {
		await t.throwsAsync(provider.read(name), {name: 'Problem', message: /neither a file nor a folder/}, name);
		await t.throwsAsync(provider.write(name, state, quiet), {name: 'Problem'}, name);
	}

	await t.throwsAsync(provider.write('/home/mallory/hard', state, quiet), {name: 'Problem', message: /hard links/});
	t.is(await provider.read('/etc/nosuch'), null);
	await t.throwsAsync(provider.write('/etc/nosuch', state, quiet), {name: 'Problem', message: /is not there/});
	t.is(await inside(server, String.raw`stat -c "%a %U" /etc/shadow /etc/hosts | tr "\n" " "`), '640 root 644 root ');
});
