import type {ExecutionContext} from 'ava';
import {allow, parseRuleText, ruleName} from '../../source/engine/firewall-rule.ts';
import type {Providers} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {firewalld, ufw} from '../vps/sets.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';

/** The firewall's providers on real servers: what the kernel lets through, and that undo leaves nothing behind. */

const quiet = {progress() {/* nobody listens */}};
const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script])).stdout;
const on = {enabled: true, incoming: 'deny', outgoing: 'allow', routed: 'deny', ipv6: true} as const;
const ssh = ruleName('ufw', allow(22));
const attackers = async (server: Server, port: number) => {
	const from = await server.network.attacker();
	return [await server.probe(port, {from}), await server.probe(port, {from, family: 'ipv6'})];
};

async function providersOn(server: Server): Promise<Providers> {
	return remoteProviders(await installHarness(server));
}

/** ufw's settings of the kernel are resources of their own in the step. */
const settings = {line: /^sysctl net\.ipv[46]\./, because: 'resources of their own'};

async function unchanged(t: ExecutionContext, server: Server, work: () => Promise<void>): Promise<void> {
	const before = await snapshot(server);
	await work();
	t.deepEqual(compare(before, await snapshot(server), [
		settings,
		{line: /^firewall table ip filter: was table ip filter \{\s*\}, is table ip filter \{\s*(?:chain \w+ \{[^}]*policy accept;\s*\}\s*)*\}$/, because: 'ufw\'s own commands had made the empty table; its empty chains do nothing'},
		{line: /^file \/var\/lib\/harden-python-vps/, because: 'the tool\'s own folder'},
	]), []);
}

/** Things that listen for both families. */
async function listen(server: Server, ...ports: number[]): Promise<void> {
	for (const port of ports) {
		await server.run(['systemd-run', '--quiet', `--unit=listen-${port}`, 'socat', `TCP6-LISTEN:${port},fork,reuseaddr,ipv6only=0`, 'EXEC:cat']);
		await server.waitFor(`${port} to listen`, async () => (await sh(server, 'ss -Hltn')).includes(`:${port} `));
	}
}

onServer('ufw: rules and policies keep the law, whether it is on or off, and leave nothing behind', {packages: ufw}, async (t, server) => {
	const {firewall, 'firewall-rule': rule} = await providersOn(server);
	const names = ['allow 5922/tcp', 'deny 53', 'reject 99/tcp', 'allow 6000:6007/udp', 'allow any from 198.51.100.0/24', 'allow 5432/tcp from 203.0.113.7', 'reject 5432/tcp from 2001:db8::/48', 'deny any/udp'];
	await unchanged(t, server, async () => {
		const off = await firewall.read('ufw');
		for (const text of names.slice(2)) {
			await law(t, {provider: rule, name: `ufw ${text}`, state: {}});
		}

		await rule.write(ssh, {}, quiet);
		await law(t, {provider: firewall, name: 'ufw', state: on});
		await law(t, {provider: firewall, name: 'ufw', state: {...on, incoming: 'reject', routed: 'allow'}});
		await firewall.write('ufw', on, quiet);
		for (const text of names.slice(0, 5)) {
			await law(t, {provider: rule, name: `ufw ${text}`, state: {}});
		}

		await law(t, {provider: firewall, name: 'ufw', state: {...on, incoming: 'allow', outgoing: 'reject'}});
		await firewall.write('ufw', off, quiet);
		await rule.write(ssh, null, quiet);
	});
});

/** As a user leaves it: rules of all forms that ufw has, one that is of no use, and IPv6 forgotten. */
const theirs = `
	sed -i 's/^IPV6=.*/IPV6=no/; s/^DEFAULT_INPUT_POLICY=.*/DEFAULT_INPUT_POLICY=ACCEPT/' /etc/default/ufw
	ufw allow OpenSSH; ufw allow 22/tcp; ufw allow 8080/tcp comment "my; app"; ufw allow 80,443/tcp; ufw allow in on lo
	ufw deny from 10.0.0.0/8; ufw limit 2222/tcp; ufw reject 98; ufw route allow in on lo out on host0`;

for (const enabled of [false, true]) {
	onServer(`ufw with rules of the user's own, ${enabled ? 'on' : 'off'}: they stay, and everything comes back to the byte`, {packages: ufw}, async (t, server) => {
		await sh(server, `(${theirs}) >/dev/null; ${enabled ? 'ufw --force enable' : ':'}`);
		const {firewall, 'firewall-rule': rule} = await providersOn(server);
		await unchanged(t, server, async () => {
			const before = await firewall.read('ufw');
			t.like(before, {enabled, incoming: 'allow', ipv6: false});
			const names = ['ufw allow 22/tcp', 'ufw allow 5922/tcp', 'ufw allow 5432/tcp from 2001:db8::/48'];
			const gone = ['ufw allow 8080/tcp', 'ufw deny any from 10.0.0.0/8', 'ufw allow 22/tcp from 0.0.0.0/0', 'ufw reject 98'];
			const states = new Map<string, Awaited<ReturnType<typeof rule.read>>>();
			for (const name of [...names, ...gone]) {
				states.set(name, await rule.read(name));
			}

			t.like(states.get('ufw allow 22/tcp'), {only: 'ipv4'});
			for (const name of names) {
				await rule.write(name, {}, quiet);
			}

			await firewall.write('ufw', on, quiet);
			t.deepEqual(await attackers(server, 22), ['open', 'open']);
			for (const name of gone.slice(0, 2)) {
				await rule.write(name, null, quiet);
			}

			const rules = await sh(server, 'iptables -S ufw-user-input; ip6tables -S ufw6-user-input');
			t.regex(rules, /-A ufw-user-input -p tcp -m multiport --dports 80,443 -j ACCEPT/);
			t.regex(rules, /-A ufw6-user-input -p tcp -m tcp --dport 22 -j ACCEPT/);
			t.notRegex(rules, /8080|10\.0\.0\.0/);
			for (const name of gone.slice(0, 2).toReversed()) {
				await rule.write(name, states.get(name)!, quiet);
			}

			await firewall.write('ufw', before, quiet);
			for (const name of names.toReversed()) {
				await rule.write(name, states.get(name)!, quiet);
			}
		});
	});
}

onServer('ufw: its rules bite over IPv4 and IPv6, open connections live on, and its own reading of our rules is ours', {packages: ufw}, async (t, server) => {
	const {firewall, 'firewall-rule': rule} = await providersOn(server);
	await listen(server, 5432, 5922, 6379);
	const admin = await server.network.admin();
	const session = server.ssh({command: 'for i in $(seq 40); do echo $i; sleep 0.25; done', timeout: 60_000});
	await rule.write(ssh, {}, quiet);
	await rule.write('ufw allow 5922/tcp', {}, quiet);
	await rule.write('ufw allow 5432/tcp from 198.51.100.7', {}, quiet);
	await rule.write('ufw allow 5432/tcp from 2001:db8:198:51::7', {}, quiet);
	await firewall.write('ufw', on, quiet);
	t.deepEqual(await attackers(server, 22), ['open', 'open']);
	t.deepEqual(await attackers(server, 5922), ['open', 'open']);
	t.deepEqual(await attackers(server, 6379), ['filtered', 'filtered']);
	t.deepEqual(await attackers(server, 5432), ['filtered', 'filtered']);
	t.deepEqual([await server.probe(5432), await server.probe(5432, {family: 'ipv6'})], ['open', 'open']);
	await rule.write('ufw allow 5922/tcp', null, quiet);
	t.deepEqual(await attackers(server, 5922), ['filtered', 'filtered']);
	t.is((await session).stdout.split('\n').length, 40, 'the open connection lived through all of it');
	t.true((await server.ssh({from: admin})).ok);

	// ufw writes its files anew with every rule of its own: ours have to come out the same.
	const blocks = async () => (await sh(server, 'grep -hA3 "^### tuple" /etc/ufw/user.rules /etc/ufw/user6.rules')).split('\n');
	const before = await blocks();
	await sh(server, 'ufw allow 9999/udp; ufw delete allow 9999/udp');
	t.deepEqual(await blocks(), before);
	await server.reboot();
	await listen(server, 5432, 6379);
	t.deepEqual(await attackers(server, 22), ['open', 'open']);
	t.deepEqual(await attackers(server, 6379), ['filtered', 'filtered']);
	t.is(await server.probe(5432), 'open');
});

onServer('ufw: a write cut off between file and kernel is seen, and put right', {releases: ['trixie'], packages: ufw}, async (t, server) => {
	const {firewall, 'firewall-rule': rule} = await providersOn(server);
	await rule.write(ssh, {}, quiet);
	await firewall.write('ufw', on, quiet);
	const name = ruleName('ufw', parseRuleText('allow 8443/tcp')!);
	await rule.write(name, {}, quiet);
	await sh(server, 'ip6tables -D ufw6-user-input -p tcp --dport 8443 -j ACCEPT');
	t.like(await rule.read(name), {unsettled: true});
	await rule.write(name, {}, quiet);
	t.is((await rule.read(name))?.unsettled, undefined);
	await sh(server, 'sed -i "/ 8443 /,+2d" /etc/ufw/user.rules /etc/ufw/user6.rules');
	t.like(await rule.read(name), {unsettled: true});
	await rule.write(name, null, quiet);
	t.is(await rule.read(name), null);
	t.notRegex(await sh(server, 'iptables -S; ip6tables -S'), /8443/);
});

onServer('firewalld: rules keep the law, whether it runs or not, and leave nothing behind', {packages: firewalld}, async (t, server) => {
	const {'firewall-rule': rule} = await providersOn(server);
	const names = ['allow 5922/tcp', 'allow 6000:6007/udp', 'allow 5432/tcp from 203.0.113.7', 'reject 5432/tcp from 2001:db8::/48', 'deny 99/tcp'];
	for (const running of [true, false]) {
		await sh(server, running ? 'systemctl start firewalld' : 'systemctl stop firewalld');
		t.is((await server.run(['firewall-cmd', '--state'], {check: false})).ok, running);
		await unchanged(t, server, async () => {
			for (const text of names) {
				await law(t, {provider: rule, name: `firewalld ${text}`, state: {}});
			}

			// What the zone opens by itself, as a service.
			await law(t, {provider: rule, name: 'firewalld allow 22/tcp', state: null});
			if (running) {
				// The same rules, in another order than at the start: nothing that a packet could tell.
				await sh(server, 'firewall-cmd --reload');
			}
		});
	}
});

onServer('firewalld: its rules bite over IPv4 and IPv6, open connections live on, and it reads what we wrote', {packages: firewalld}, async (t, server) => {
	const {'firewall-rule': rule} = await providersOn(server);
	await server.write('/etc/ssh/sshd_config.d/10-port.conf', 'Port 22\nPort 5922\n');
	await sh(server, 'systemctl restart ssh');
	await listen(server, 5432, 6379);
	t.deepEqual(await attackers(server, 22), ['open', 'open']);
	t.deepEqual(await attackers(server, 5922), ['filtered', 'filtered']);
	const session = server.ssh({command: 'for i in $(seq 40); do echo $i; sleep 0.25; done', timeout: 60_000});
	await rule.write('firewalld allow 5922/tcp', {}, quiet);
	await rule.write('firewalld allow 5432/tcp from 198.51.100.7', {}, quiet);
	await rule.write('firewalld allow 5432/tcp from 2001:db8:198:51::7', {}, quiet);
	t.deepEqual(await attackers(server, 5922), ['open', 'open']);
	await rule.write('firewalld allow 22/tcp', null, quiet);
	t.deepEqual(await attackers(server, 22), ['filtered', 'filtered']);
	t.deepEqual(await attackers(server, 6379), ['filtered', 'filtered']);
	t.deepEqual(await attackers(server, 5432), ['filtered', 'filtered']);
	t.deepEqual([await server.probe(5432), await server.probe(5432, {family: 'ipv6'})], ['open', 'open']);
	t.is((await session).stdout.split('\n').length, 40, 'the open connection lived through all of it');
	await sh(server, 'firewall-cmd --check-config');
	const [permanent, running] = [await sh(server, 'firewall-cmd --permanent --list-all'), await sh(server, 'firewall-cmd --list-all')];
	for (const listed of [permanent, running]) {
		t.regex(listed, /ports: 5922\/tcp$/m);
		t.notRegex(listed, /services:.*\bssh\b/);
		t.regex(listed, /rule family="ipv4" source address="198\.51\.100\.7" port port="5432" protocol="tcp" accept/);
	}

	await server.reboot();
	// Debian 12's tells systemd that it has started a moment before its rules are there.
	await server.waitFor('firewalld to be up', async () => (await server.run(['firewall-cmd', '--state'], {check: false})).ok);
	t.deepEqual(await attackers(server, 22), ['filtered', 'filtered']);
	t.deepEqual(await attackers(server, 5922), ['open', 'open']);
});
