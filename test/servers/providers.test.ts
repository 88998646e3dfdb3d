import {isDeepStrictEqual} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import type {FileState, Providers, ResourceType} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {boot, type Server} from '../vps/server.ts';
import {reasonAgainst} from '../vps/host.ts';
import {releases} from '../vps/image.ts';
import {cutAtEveryEffect, installHarness, remoteProviders, type Ask} from './remote-providers.ts';

/** The law of the providers, and what attackers and power cuts do to them, on real servers. */

type World = {server: Server; providers: Providers; ask: Ask};

const quiet = {progress() {/* nobody listens */}};
const reason = await reasonAgainst();

for (const release of releases) {
	const on = (title: string, body: (t: ExecutionContext, world: World) => Promise<void>) => {
		const name = `${release}: ${title}`;
		if (reason) {
			test.skip(`${name} (not run: ${reason})`, () => undefined);
			return;
		}

		test.serial(name, async t => {
			t.timeout(240_000);
			const server = await boot({release});
			try {
				const ask = await installHarness(server);
				await body(t, {server, ask, providers: remoteProviders(ask)});
			} finally {
				await server.destroy();
			}
		});
	};

	const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script])).stdout;
	const unchanged = async (t: ExecutionContext, server: Server, work: () => Promise<void>) => {
		const before = await snapshot(server);
		await work();
		t.deepEqual(compare(before, await snapshot(server), [
			{line: /^file \/var\/lib\/harden-python-vps(?:\/secrets)?:/, because: 'the tool\'s own folder, empty'},
			{line: /^file \/root\/power-cut\.mjs:/, because: 'the test\'s own'},
		]), []);
	};

	on('files keep the law: text, binary, modes, owners, links, absence', async (t, {server, providers: {file: provider}}) => {
		await unchanged(t, server, async () => {
			const text = {content: 'Port 5922\n# ünïcödé\n', mode: 0o640, owner: 'root', group: 'adm'};
			const binary = {content: Buffer.from([0, 255, 254, 10, 13, 0]).toString('base64'), encoding: 'base64', mode: 0o600, owner: 'root', group: 'root'} as const;
			const setuid = {content: '#!/bin/sh\n', mode: 0o6755, owner: 'daemon', group: 'adm'};
			const states: Record<string, FileState> = {
				text,
				binary,
				setuid,
				sticky: {...text, mode: 0o1777},
				nobodys: {...text, owner: '4711', group: '4712'},
				'without a newline': {...text, content: 'a\r\nb\uFEFF'},
				empty: {...text, content: ''},
				link: {link: '../../nowhere with spaces'},
			};
			for (const [name, state] of Object.entries(states)) {
				await law(t, {provider, name: `/etc/ssh/sshd_config.d/${name}`, state});
			}

			// Over what is there, in both directions.
			await law(t, {provider, name: '/etc/hosts', state: binary});
			await law(t, {provider, name: '/etc/hosts', state: null});
			await law(t, {provider, name: '/etc/hosts', state: {link: '/etc/hostname'}});
			await law(t, {provider, name: '/etc/localtime', state: text});
			await law(t, {provider, name: '/bin/harden-through-a-link-of-roots', state: setuid});
		});
		const {content} = await provider.read('/bin/sudo') as {content: string};
		t.true(content.length > 100_000);
		t.like(await provider.read('/usr/bin/sudo'), {mode: 0o4755, encoding: 'base64'});
	});

	on('files are refused where something else is, and where they cannot be', async (t, {server, providers: {file}}) => {
		await sh(server, 'mkdir /etc/afolder; mkfifo /etc/apipe; mknod /etc/adevice c 1 3; : >/etc/afile; truncate -s 20M /etc/huge');
		const text = {content: 'x', mode: 0o600, owner: 'root', group: 'root'};
		for (const name of ['/etc/afolder', '/etc/apipe', '/etc/adevice', '/run/systemd/journal/dev-log']) {
			await t.throwsAsync(file.read(name), {name: 'Problem', message: /should be a file/}, name);
			await t.throwsAsync(file.write(name, text, quiet), {name: 'Problem', message: /should be a file/}, name);
			await t.throwsAsync(file.write(name, null, quiet), {name: 'Problem', message: /should be a file/}, name);
		}

		await t.throwsAsync(file.read('/etc/huge'), {name: 'Problem', message: /larger than/});
		await t.throwsAsync(file.read('/etc/afile/below'), {name: 'Problem', message: /not a folder/});
		await t.throwsAsync(file.write('/etc/missing/folder/x', text, quiet), {name: 'Problem', message: 'The folder /etc/missing/folder does not exist.'});
		t.is(await file.read('/etc/missing/folder/x'), null);
		await file.write('/etc/missing/folder/x', null, quiet);
		await t.throwsAsync(file.write('/etc/x', {...text, owner: 'nosuchuser'}, quiet), {name: 'Problem', message: /no user nosuchuser/});
		await t.throwsAsync(file.write('/etc/x', {...text, group: '--help'}, quiet), {name: 'Problem', message: /no group --help/});
		await t.throwsAsync(file.write('/proc/sys/kernel/ostype', text, quiet), {name: 'Problem'});
		await sh(server, 'mkdir /etc/full; mount -t tmpfs -o size=64k tmpfs /etc/full; echo old >/etc/full/x');
		await t.throwsAsync(file.write('/etc/full/x', {...text, content: 'x'.repeat(200_000)}, quiet), {name: 'Problem', message: /disk is full/});
		t.is(await sh(server, 'cat /etc/full/x; ls -A /etc/full'), 'old\nx');
		await t.throwsAsync(file.read('/etc/../etc/passwd'), {name: 'Error'});
	});

	on('no link of an attacker is followed', async (t, {server, providers: {file, directory}}) => {
		await sh(server, `
			useradd --create-home mallory
			ln -s /etc /home/mallory/.ssh
			mkdir -m 2775 /srv/shared; chgrp mallory /srv/shared; ln -s /etc /srv/shared/conf
			mkdir -p /home/mallory/roots/deep; ln -s /etc /home/mallory/roots/deep/link
			ln -s /etc /tmp/link
			mkdir /home/mallory/real; ln -s /etc/shadow /home/mallory/real/authorized_keys; chown -R -h mallory: /home/mallory/real
			ln -s loop2 /opt/loop1; ln -s loop1 /opt/loop2
			ln -s ../srv/./real /opt/good; ln -s /opt/good /opt/better; mkdir /srv/real; echo yes >/srv/real/file
		`);
		const text = {content: 'x', mode: 0o600, owner: 'mallory', group: 'mallory'};
		const before = await snapshot(server);
		for (const folder of ['/home/mallory/.ssh', '/srv/shared/conf', '/home/mallory/roots/deep/link', '/tmp/link']) {
			for (const write of [async () => file.read(`${folder}/hosts`), async () => file.write(`${folder}/hosts`, text, quiet), async () => file.write(`${folder}/hosts`, null, quiet), async () => directory.write(`${folder}/new`, {mode: 0o700, owner: 'root', group: 'root'}, quiet)]) {
				await t.throwsAsync(write, {name: 'Problem', message: /link that somebody other than root/}, folder);
			}
		}

		await t.throwsAsync(directory.read('/home/mallory/.ssh'), {name: 'Problem', message: /should be a folder/});
		await t.throwsAsync(directory.write('/home/mallory/.ssh', {mode: 0o700, owner: 'mallory', group: 'mallory'}, quiet), {name: 'Problem', message: /should be a folder/});
		await t.throwsAsync(file.read('/opt/loop1/x'), {name: 'Problem', message: /circle/});
		t.deepEqual(compare(before, await snapshot(server)), []);

		t.like(await file.read('/opt/better/file'), {content: 'yes\n'});
		t.deepEqual(await file.read('/home/mallory/real/authorized_keys'), {link: '/etc/shadow'});
		await law(t, {provider: file, name: '/home/mallory/real/authorized_keys', state: text});
		t.deepEqual(compare(before, await snapshot(server)), []);
	});

	on('a power cut leaves the old or the new, and its leftovers go with the next write', async (t, {server, providers: {file}}) => {
		const text = {content: 'new', mode: 0o644, owner: 'root', group: 'root'};
		const leftover = '.harden-python-vps-0123456789abcdef01234567.tmp';
		await sh(server, `touch /etc/sudoers.d/${leftover} /etc/sudoers.d/.harden-python-vps-mine; mkdir /etc/sudoers.d/.harden-python-vps-76543210fedcba9876543210.tmp`);
		await file.write('/etc/sudoers.d/90-x', text, quiet);
		t.deepEqual((await sh(server, 'ls -A /etc/sudoers.d')).split('\n'), ['.harden-python-vps-76543210fedcba9876543210.tmp', '.harden-python-vps-mine', '90-x', 'README']);

		const old = {...text, content: 'old'};
		const seen = new Set<string>();
		await file.write('/etc/target', old, quiet);
		const request = {type: 'file', operation: 'write', name: '/etc/target', state: {...text, mode: 0o4600, owner: 'daemon'}} as const;
		const cuts = await cutAtEveryEffect(server, request, async () => {
			const state = await file.read('/etc/target');
			t.true([old, request.state].some(expected => isDeepStrictEqual(state, expected)), JSON.stringify(state));
			seen.add((state as {content: string}).content);
			await file.write('/etc/target', old, quiet);
			t.is(await sh(server, 'find /etc -maxdepth 1 -name ".harden*"'), '');
		});
		t.true(cuts >= 6, `${cuts} cuts`);
		t.deepEqual([...seen], ['old', 'new']);
	});

	on('folders keep the law, and only empty ones are removed', async (t, {server, providers: {directory: provider}}) => {
		await unchanged(t, server, async () => {
			await law(t, {provider, name: '/etc/new', state: {mode: 0o750, owner: 'root', group: 'adm'}});
			await law(t, {provider, name: '/etc/new', state: {mode: 0o3775, owner: 'daemon', group: '4711'}});
			await law(t, {provider, name: '/etc/ssh/sshd_config.d', state: {mode: 0o700, owner: 'daemon', group: 'adm'}});
		});
		await t.throwsAsync(provider.write('/etc/a/b', {mode: 0o750, owner: 'root', group: 'adm'}, quiet), {name: 'Problem', message: 'The folder /etc/a does not exist.'});
		await t.throwsAsync(provider.write('/etc/ssh', null, quiet), {name: 'Problem', message: /not empty: .*, …/});
		await t.throwsAsync(provider.read('/etc/hosts'), {name: 'Problem', message: /should be a folder/});
	});

	on('users and passwords keep the law, and leave no trace in /etc', async (t, {server, providers: {user, password}, ask}) => {
		const deploy = {shell: '/bin/bash', home: '/home/deploy', groups: ['adm', 'sudo']};
		await unchanged(t, server, async () => {
			await law(t, {provider: user, name: 'deploy', state: deploy});
			t.is((await password.read('deploy')).hash, '!');
			await user.write('deploy', deploy, quiet);
			t.is(await sh(server, 'stat -c %a:%U:%G /home/deploy; id -nG deploy; ls -A /home/deploy | tr "\\n" " "'), '700:deploy:deploy\ndeploy adm sudo\n.bash_logout .bashrc .profile ');
			await law(t, {provider: user, name: 'deploy', state: {...deploy, shell: '/bin/sh', groups: []}});
			await law(t, {provider: user, name: 'deploy', state: {...deploy, groups: ['sudo', 'users']}});
			const {value: hash} = await ask({type: 'hash', operation: 'read', name: 'pass word äöü'}) as {value: string};
			for (const state of [{hash}, {hash: '*'}, {hash: ''}, {hash: '!!'}, {hash: `!${hash}`, lastChanged: 0}, {hash, lastChanged: null}, {hash, lastChanged: 12_345}]) {
				await law(t, {provider: password, name: 'deploy', state});
				await law(t, {provider: password, name: 'root', state});
			}

			await password.write('deploy', {hash}, quiet);
			const {ok} = await server.ssh({user: 'deploy', password: 'pass word äöü'});
			t.true(ok, 'the password that was hashed opens a login');
			await sh(server, 'mkdir -m 700 /home/deploy/.ssh; chown deploy: /home/deploy/.ssh');
			await user.write('deploy', null, quiet);
			t.is((await password.read('deploy')).hash, '!', 'of a user that is not there');
			await password.write('deploy', {hash: '!'}, quiet);
		});
		await t.throwsAsync(password.write('deploy', {hash: '*'}, quiet), {name: 'Problem', message: /no user deploy/});
		await t.throwsAsync(password.write('root', {hash: 'x\nroot::'}, quiet), {name: 'Error'});
		await t.throwsAsync(user.write('deploy', {...deploy, groups: ['nosuchgroup']}, quiet), {name: 'Problem', message: /nosuchgroup/});
		await t.throwsAsync(user.write('--help', deploy, quiet), {name: 'Problem'});
		t.is(await user.read('deploy'), null);
	});

	on('a user whose home holds something goes, the home stays, and comes back with them', async (t, {server, providers: {user, directory}}) => {
		const deploy = {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']};
		await user.write('deploy', deploy, quiet);
		await sh(server, 'useradd --uid 1001 between; echo mine >/home/deploy/notes; echo "# mine" >>/home/deploy/.bashrc; chown deploy: /home/deploy/notes');
		const told = await law(t, {provider: user, name: 'deploy', state: null});
		t.true(told.some(event => event.type === 'output' && event.line.includes('/home/deploy') && event.line.includes('.bashrc, notes')), JSON.stringify(told));
		t.deepEqual(await directory.read('/home/deploy'), {mode: 0o700, owner: 'deploy', group: 'deploy'});
		t.is(await sh(server, 'cat /home/deploy/notes; tail -n 1 /home/deploy/.bashrc'), 'mine\n# mine');

		await user.write('deploy', null, quiet);
		await sh(server, 'chown root: /home/deploy');
		await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /already there and belongs to somebody else/});
		await sh(server, 'rm -r /home/deploy; groupadd deploy');
		await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /already a group named deploy/});
		t.is(await user.read('deploy'), null);
		// A link in the home's place leads nowhere.
		await sh(server, 'groupdel deploy; mkdir /srv/victim; touch /srv/victim/x; ln -s /srv/victim /home/deploy');
		await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /belongs to somebody else/});
		await sh(server, 'rm /home/deploy; useradd --no-create-home --home-dir /home/deploy deploy; ln -s /srv/victim /home/deploy');
		await user.write('deploy', null, quiet);
		t.is(await sh(server, 'ls /srv/victim'), 'x');
	});

	on('a user is removed by their own sudo, over their own login', async (t, {server, providers: {user, password}, ask}) => {
		await sh(server, 'echo "deploy ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/90-test; chmod 440 /etc/sudoers.d/90-test');
		await unchanged(t, server, async () => {
			await user.write('deploy', {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']}, quiet);
			const {value: hash} = await ask({type: 'hash', operation: 'read', name: 'secret'}) as {value: string};
			await password.write('deploy', {hash}, quiet);
			const request = JSON.stringify({type: 'user', operation: 'write', name: 'deploy', state: null});
			const {stdout, stderr} = await server.ssh({user: 'deploy', password: 'secret', command: `echo '${request}' | sudo /usr/local/bin/node /root/provider-harness.mjs && echo still here`});
			t.is(stdout, '{"told":[]}\nstill here', stderr);
			t.is(await user.read('deploy'), null);
			await server.waitFor('the login to be over', async () => !(await server.run(['pgrep', '-U', '1000'], {check: false})).ok, {timeout: 30_000});
		});
	});

	on('a power cut while a user is made or removed leaves no trace either', async (t, {server, providers: {user}}) => {
		const deploy = {shell: '/bin/sh', home: '/home/deploy', groups: ['sudo']};
		const request = {type: 'user', operation: 'write', name: 'deploy'} as const;
		await unchanged(t, server, async () => {
			const tree = async () => sh(server, 'find /etc /home -printf "%p %m %u:%g %l\\n" | sort; find /etc -type f -exec sha256sum {} + | sort');
			const before = await tree();
			const found = new Set<boolean>();
			for (const state of [deploy, null]) {
				await user.write('deploy', state === null ? deploy : null, quiet);
				const cuts = await cutAtEveryEffect(server, {...request, state}, async effect => {
					found.add(await user.read('deploy') === null);
					await user.write('deploy', null, quiet);
					t.is(await tree(), before, `cut at effect ${effect}`);
					if (state === null) {
						await user.write('deploy', deploy, quiet);
					}
				});
				t.true(cuts > 10, `${cuts} cuts`);
			}

			t.is(found.size, 2, 'cuts before and after the user was made');
			await user.write('deploy', null, quiet);
		});
	});

	on('units keep the law: services, sockets, timers, masks, scripts of System V', async (t, {server, providers: {unit: provider}}) => {
		await sh(server, `
			cd /etc/systemd/system
			printf '[Service]\\nExecStart=sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\nAlias=other.service\\nAlso=friend.service neighbour.service\\n' >with-friends.service
			for name in friend neighbour; do printf "[Service]\\nExecStart=sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\nAlso=with-friends.service\\n" >$name.service; done
			printf '[Timer]\\nOnCalendar=yearly\\n[Install]\\nWantedBy=timers.target\\n' >yearly.timer
			printf '[Service]\\nExecStart=true\\n' >yearly.service
			printf '[Socket]\\nListenStream=203.0.113.10:7777\\n[Install]\\nWantedBy=sockets.target\\n' >door.socket
			cp yearly.service door.service
			printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: oldone\\n# Required-Start:\\n# Required-Stop:\\n# Default-Start: 2 3 4 5\\n# Default-Stop: 0 1 6\\n### END INIT INFO\\ncase $1 in start) setsid sleep 9999 & ;; stop) pkill -f "sleep 9999" ;; esac\\n' >/etc/init.d/oldone; chmod +x /etc/init.d/oldone
			systemctl daemon-reload; ln -s ../neighbour.service multi-user.target.wants/neighbour.service
		`);
		const off = {enabled: false, active: false, masked: false};
		const running = {enabled: true, active: true, masked: false};
		t.deepEqual(await provider.read('no-such.service'), {...off, links: {}});
		await unchanged(t, server, async () => {
			for (const name of ['with-friends.service', 'friend.service', 'yearly.timer', 'door.socket', 'oldone.service']) {
				await law(t, {provider, name, state: running});
				await law(t, {provider, name, state: {...off, enabled: true}});
				await law(t, {provider, name, state: {...off, active: true}});
			}

			await law(t, {provider, name: 'ssh.service', state: off});
			await law(t, {provider, name: 'ssh.service', state: {...running, active: false}});
			await law(t, {provider, name: 'ssh.service', state: {...off, masked: true}});
			await law(t, {provider, name: 'apt-daily.timer', state: {...off, masked: true}});
			await law(t, {provider, name: 'no-such.service', state: {...off, masked: true}});
		});
		// Only the unit that was asked for.
		await provider.write('with-friends.service', running, quiet);
		t.like(await provider.read('friend.service'), off);
		t.like(await provider.read('neighbour.service'), {enabled: true, active: false});
		await provider.write('with-friends.service', off, quiet);
		t.like(await provider.read('neighbour.service'), {enabled: true, active: false});
		// A mask above an enabled unit hides it, and comes back with it.
		await sh(server, 'systemctl enable apt-daily.timer; systemctl mask --now apt-daily.timer; systemctl reset-failed apt-daily.timer');
		t.like(await provider.read('apt-daily.timer'), {enabled: true, active: false, masked: true});
		await unchanged(t, server, async () => {
			await law(t, {provider, name: 'apt-daily.timer', state: running});
			await law(t, {provider, name: 'apt-daily.timer', state: off});
		});
	});

	on('units that cannot be what is asked for say why', async (t, {server, providers: {unit}}) => {
		const running = {enabled: true, active: true, masked: false};
		await sh(server, `
			cd /etc/systemd/system
			printf '[Service]\\nExecStart=sh -c "echo my last words >&2; exit 3"\\n[Install]\\nWantedBy=multi-user.target\\n' >dies.service
			printf '[Service]\\nExecStart=sh -c "sleep 0.4; echo died late >&2; exit 3"\\nRestart=on-failure\\n[Install]\\nWantedBy=multi-user.target\\n' >dies-late.service
			printf '[Service]\\nType=oneshot\\nExecStart=sh -c "echo refused >&2; exit 3"\\n[Install]\\nWantedBy=multi-user.target\\n' >refuses.service
			printf '[Service]\\nExecStart=sleep infinity\\n' >static.service
			printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=sleep 2\\n[Install]\\nWantedBy=multi-user.target\\n' >slow.service
		`);
		await t.throwsAsync(unit.write('dies.service', running, quiet), {name: 'Problem', message: /did not start.*my last words/s});
		await t.throwsAsync(unit.write('dies-late.service', running, quiet), {name: 'Problem', message: /did not start.*died late/s});
		await t.throwsAsync(unit.write('refuses.service', running, quiet), {name: 'Problem', message: /did not start.*refused/s});
		await t.throwsAsync(unit.write('static.service', running, quiet), {name: 'Problem', message: /other units start it/});
		await t.throwsAsync(unit.write('no-such.service', running, quiet), {name: 'Problem', message: /no-such/});
		await unit.write('static.service', {...running, enabled: false}, quiet);
		t.like(await unit.read('static.service'), {enabled: false, active: true});
		// On its way up counts as up.
		await sh(server, 'systemctl start --no-block slow.service; systemctl show -p ActiveState slow.service');
		t.like(await unit.read('slow.service'), {active: true});
		// A failure is forgotten with the undo.
		await unit.write('dies-late.service', {enabled: false, active: false, masked: false}, quiet);
		// A drop-in that systemd has not read yet.
		await sh(server, 'mkdir /etc/systemd/system/refuses.service.d; printf "[Service]\\nExecStart=\\nExecStart=true\\nRemainAfterExit=yes\\n" >/etc/systemd/system/refuses.service.d/x.conf');
		await unit.write('refuses.service', running, quiet);
		t.like(await unit.read('refuses.service'), running);
	});

	on('kernel settings keep the law', async (t, {server, providers: {sysctl: provider}}) => {
		await server.run(['ip', 'link', 'add', 'host0.5', 'link', 'host0', 'type', 'vlan', 'id', '5'], {check: false});
		await unchanged(t, server, async () => {
			await law(t, {provider, name: 'net.ipv4.conf.all.log_martians', state: {value: '1'}});
			await law(t, {provider, name: 'net.ipv4.tcp_rmem', state: {value: '4096 \t 131072 6000000'}});
			await law(t, {provider, name: 'net.ipv4.ip_local_port_range', state: {value: '33000 60000'}});
			if (await provider.read('net.ipv4.conf.host0/5.rp_filter')) {
				await law(t, {provider, name: 'net.ipv4.conf.host0/5.rp_filter', state: {value: '1'}});
			}
		});
		t.is(await provider.read('net.ipv4.no_such_key'), null);
		await provider.write('net.ipv4.no_such_key', null, quiet);
		await t.throwsAsync(provider.write('net.ipv4.no_such_key', {value: '1'}, quiet), {name: 'Problem', message: /no setting/});
		await t.throwsAsync(provider.write('net.ipv4.tcp_rmem', {value: 'nonsense'}, quiet), {name: 'Problem', message: /EINVAL/});
		await t.throwsAsync(provider.write('kernel.kptr_restrict', {value: '7'}, quiet), {name: 'Problem', message: /refused/});
		await t.throwsAsync(provider.write('net.ipv4.tcp_rmem', null, quiet), {name: 'Problem', message: /cannot be removed/});
		await t.throwsAsync(provider.read('net.ipv4.route.flush'), {name: 'Problem', message: /access is denied/});
		await t.throwsAsync(provider.read('net//..//..//etc/passwd'), {name: 'Error'});
	});

	on('without root, reading shows what it can and fails nowhere', async (t, {server, ask}) => {
		await sh(server, 'chmod a+x /root; chmod a+r /root/provider-harness.mjs');
		const read = async (type: ResourceType, name: string) => {
			const {value, problem, bug} = await ask({type, operation: 'read', name}, 'daemon');
			t.is(problem ?? bug, undefined);
			return value;
		};

		t.like(await read('file', '/etc/hosts'), {owner: 'root'});
		t.is(await read('file', '/etc/shadow'), null);
		t.is(await read('file', '/etc/sudoers.d/README'), null);
		t.is(await read('directory', '/root/.ssh/x'), null);
		t.deepEqual(await read('password', 'root'), {hash: '!'});
		t.like(await read('user', 'root'), {home: '/root'});
		t.like(await read('unit', 'ssh.service'), {enabled: true, active: true});
		t.is(await read('sysctl', 'net.ipv4.route.flush'), null);
	});
}
