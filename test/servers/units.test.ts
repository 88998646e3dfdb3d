import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {apply} from '../../source/engine/apply.ts';
import type {UnitFacts} from '../../source/engine/facts.ts';
import type {Provider, ResourceType} from '../../source/engine/types.ts';
import {FakeMachine} from '../engine/fake-machine.ts';
import {runInside} from '../inside.ts';
import {law} from '../law.ts';
import type {Server} from '../vps/server.ts';
import {quiet, sh, unchanged, withProviders} from './with-providers.ts';

/** Units, kernel settings, and reading without root, on real servers. */

/** The facts look into the folders themselves; systemd says what is true. */
async function factsAgree(t: ExecutionContext, server: Server): Promise<void> {
	const found = await runInside<Record<string, UnitFacts>>(server, path.join(import.meta.dirname, 'units-inside.ts'), {});
	const files = await sh(server, 'systemctl list-unit-files --no-legend --no-pager --plain --type=service,socket,timer');
	const states = new Map(files.split('\n').map(line => line.split(/\s+/).slice(0, 2) as [string, string]).filter(([name]) => !name.includes('@.')));
	for (const [name, state] of states) {
		t.like(found[name], {enabled: ['enabled', 'enabled-runtime', 'alias'].includes(state), masked: state.startsWith('masked')}, `${name} is ${state}`);
	}

	const active = (await sh(server, 'systemctl list-units --state=active --no-legend --no-pager --plain --type=service,socket,timer')).split('\n').map(line => line.split(' ', 1)[0]!);
	t.deepEqual(Object.keys(found).filter(name => found[name]!.active).toSorted(), active.toSorted());
	t.deepEqual(Object.keys(found).filter(name => !states.has(name) && !found[name]!.active && !name.includes('@.')), []);
}

withProviders('units keep the law: services, sockets, timers, masks, scripts of System V', async (t, {server, providers: {unit: provider}}) => {
	await sh(server, String.raw`
		cd /etc/systemd/system
		printf '[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\nAlias=other.service\nAlso=friend.service neighbour.service\n' >with-friends.service
		for name in friend neighbour; do printf "[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\nAlso=with-friends.service\n" >$name.service; done
		printf '[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=timers.target\n' >yearly.timer
		printf '[Service]\nExecStart=true\n' >yearly.service
		printf '[Socket]\nListenStream=203.0.113.10:7777\n[Install]\nWantedBy=sockets.target\n' >door.socket
		cp yearly.service door.service
		printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: oldone\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\ncase $1 in start) setsid sleep 9999 & ;; stop) pkill -f "sleep 9999" ;; esac\n' >/etc/init.d/oldone; chmod +x /etc/init.d/oldone
		systemctl daemon-reload; ln -s ../neighbour.service multi-user.target.wants/neighbour.service
	`);
	const off = {enabled: false, active: false, masked: false};
	const running = {enabled: true, active: true, masked: false};
	t.deepEqual(await provider.read('no-such.service'), {...off, links: {}});
	await unchanged(t, server, async () => {
		for (const name of ['with-friends.service', 'friend.service', 'yearly.timer', 'door.socket', 'oldone.service']) {
			await law(t, {provider, name, state: running});
		}

		for (const name of ['with-friends.service', 'oldone.service']) {
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
	await sh(server, 'systemctl mask --quiet no-such.service apt-daily-upgrade.timer; systemctl mask --runtime --quiet dpkg-db-backup.timer; systemctl enable --runtime --quiet door.socket; systemctl enable --quiet serial-getty@ttyS1.service with-friends.service');
	await factsAgree(t, server);
	await sh(server, 'systemctl unmask --quiet no-such.service apt-daily-upgrade.timer; systemctl unmask --runtime --quiet dpkg-db-backup.timer; systemctl disable --runtime --quiet door.socket; systemctl disable --quiet serial-getty@ttyS1.service with-friends.service');
	// A mask above an enabled unit hides it, and comes back with it.
	await sh(server, 'systemctl enable apt-daily.timer; systemctl mask --now apt-daily.timer; systemctl reset-failed apt-daily.timer');
	t.like(await provider.read('apt-daily.timer'), {enabled: true, active: false, masked: true});
	await unchanged(t, server, async () => {
		await law(t, {provider, name: 'apt-daily.timer', state: running});
		await law(t, {provider, name: 'apt-daily.timer', state: off});
	});
});

withProviders('units that cannot be what is asked for say why', async (t, {server, providers}) => {
	const {unit} = providers;
	const running = {enabled: true, active: true, masked: false};
	await sh(server, String.raw`
		cd /etc/systemd/system
		printf '[Service]\nExecStart=sh -c "echo my last words >&2; exit 3"\n[Install]\nWantedBy=multi-user.target\n' >dies.service
		printf '[Service]\nExecStart=sh -c "sleep 0.4; echo died late >&2; exit 3"\nRestart=on-failure\n[Install]\nWantedBy=multi-user.target\n' >dies-late.service
		printf '[Service]\nExecStart=sh -c "sleep 2; echo died after >&2; exit 3"\n[Install]\nWantedBy=multi-user.target\n' >dies-after.service
		printf '[Service]\nType=oneshot\nExecStart=sh -c "echo refused >&2; exit 3"\n[Install]\nWantedBy=multi-user.target\n' >refuses.service
		printf '[Service]\nExecStart=sleep infinity\n' >static.service
		printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\nExecStart=false\nRestart=always\nRestartSec=300\n[Install]\nWantedBy=multi-user.target\n' >tries.service
		printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=sleep 2\n[Install]\nWantedBy=multi-user.target\n' >slow.service
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
	await server.waitFor('it to be given up', async () => (await sh(server, 'systemctl is-failed dies-late.service || true')) === 'failed');
	const dead = await unit.read('dies-late.service');
	t.like(dead, {enabled: true, active: false, failed: true});
	t.true(unit.came!(dead, running), 'nobody stopped it');
	t.false(unit.came!({...dead, failed: undefined}, running), 'somebody stopped it');
	t.false(unit.came!({...dead, masked: true}, running), 'somebody masked it');
	t.false(unit.came!(dead, {...running, active: false}), 'we did not start it');
	await unit.write('dies-late.service', {enabled: false, active: false, masked: false}, quiet);
	t.is(await sh(server, 'systemctl is-failed dies-late.service || true'), 'inactive');
	// One that never comes up, and tries again and again, is stopped too.
	await sh(server, 'systemctl enable --quiet tries.service; systemctl start tries.service || true');
	const trying = await unit.read('tries.service');
	t.true(unit.came!(trying, running), JSON.stringify(trying));
	await unit.write('tries.service', {enabled: false, active: false, masked: false}, quiet);
	t.is(await sh(server, 'systemctl show --property=ActiveState --value tries.service'), 'inactive');
	// One whose start was good, and that is dead when it is read back.
	const doomed: Provider<'unit'> = {
		...unit,
		async write(name, state, context) {
			await unit.write(name, state, context);
			await server.waitFor('it to die', async () => (await sh(server, `systemctl is-failed ${name} || true`)) === 'failed');
		},
	};
	const change = {type: 'unit', name: 'dies-after.service', before: await unit.read('dies-after.service'), desired: running, why: ''} as const;
	const journal = await new FakeMachine().openJournal();
	await t.throwsAsync(
		apply({run: await journal.begin('app', 'App'), changes: [change], providers: {...providers, unit: doomed}, journal, tell() {/* nobody listens */}, clock: Date.now}),
		{name: 'Problem', message: /did not start.*died after/s},
	);
	await unit.write('dies-after.service', {...running, enabled: false, active: false}, quiet);
	// A drop-in that systemd has not read yet.
	await sh(server, String.raw`mkdir /etc/systemd/system/refuses.service.d; printf "[Service]\nExecStart=\nExecStart=true\nRemainAfterExit=yes\n" >/etc/systemd/system/refuses.service.d/x.conf`);
	await unit.write('refuses.service', running, quiet);
	t.like(await unit.read('refuses.service'), running);
});

withProviders('kernel settings keep the law', async (t, {server, providers: {sysctl: provider}}) => {
	await server.run(['ip', 'link', 'add', 'host0.5', 'link', 'host0', 'type', 'vlan', 'id', '5'], {check: false});
	await unchanged(t, server, async () => {
		await law(t, {provider, name: 'net.ipv4.conf.all.log_martians', state: {value: '1'}});
		await law(t, {provider, name: 'net.ipv4.tcp_rmem', state: {value: '4096 \t 131072 6000000'}});
		await law(t, {provider, name: 'net.ipv4.ip_local_port_range', state: {value: '33000 60000'}});
		if (await provider.read('net.ipv4.conf.host0/5.rp_filter')) {
			await law(t, {provider, name: 'net.ipv4.conf.host0/5.rp_filter', state: {value: '1'}});
		}
	});
	const key = 'net.ipv4.conf.default.accept_redirects';
	const before = await provider.read(key);
	t.is(before?.interfaces?.['host0'], '1');
	await provider.write(key, {value: '0'}, quiet);
	// As the next boot does, where the default is set before the interface is made.
	await sh(server, 'sysctl -q -w net.ipv4.conf.host0.accept_redirects=0');
	await provider.write(key, before, quiet);
	t.deepEqual(await provider.read(key), before, 'an interface that inherited the default gets back what it had');
	t.is(await provider.read('net.ipv4.no_such_key'), null);
	await provider.write('net.ipv4.no_such_key', null, quiet);
	await t.throwsAsync(provider.write('net.ipv4.no_such_key', {value: '1'}, quiet), {name: 'Problem', message: /no setting/});
	await t.throwsAsync(provider.write('net.ipv4.tcp_rmem', {value: 'nonsense'}, quiet), {name: 'Problem', message: /EINVAL/});
	await t.throwsAsync(provider.write('kernel.kptr_restrict', {value: '7'}, quiet), {name: 'Problem', message: /refused/});
	await t.throwsAsync(provider.write('net.ipv4.tcp_rmem', null, quiet), {name: 'Problem', message: /cannot be removed/});
	await t.throwsAsync(provider.read('net.ipv4.route.flush'), {name: 'Problem', message: /access is denied/});
	await t.throwsAsync(provider.read('net//..//..//etc/passwd'), {name: 'Error'});
});

withProviders('without root, reading shows what it can and fails nowhere', async (t, {server, ask}) => {
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
