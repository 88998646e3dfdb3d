import {setTimeout as delay} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {adminKey, harden, installTool, status, tool, type AnswersFile} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {bystander} from '../vps/sets.ts';

/** The firewall step by the whole tool, on servers as people have them. `npm run build` has to have been run. */

const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 120_000})).stdout;
const seen = async (server: Server, port: number) => {
	const from = await server.network.attacker();
	return [await server.probe(port, {from}), await server.probe(port, {from, family: 'ipv6'})];
};

const open = ['open', 'open'];
const filtered = ['filtered', 'filtered'];

/** The admin's key opens root's account, and things listen that should not be reached. */
async function prepare(server: Server, ports: readonly number[]): Promise<Snapshot> {
	const {publicKey} = await adminKey();
	await sh(server, `mkdir -p /root/.ssh; echo '${publicKey}' >>/root/.ssh/authorized_keys`);
	for (const port of ports) {
		await server.write(`/etc/systemd/system/listen-${port}.service`, `[Service]\nExecStart=socat TCP6-LISTEN:${port},fork,reuseaddr,ipv6only=0 EXEC:cat\n[Install]\nWantedBy=multi-user.target\n`);
	}

	await sh(server, `systemctl daemon-reload; for p in ${ports.join(' ')}; do systemctl enable --quiet --now listen-$p; done`);
	await installTool(server);
	await sh(server, 'apt-get update -q >/dev/null; rm -rf /var/lib/harden-python-vps');
	return snapshot(server);
}

const ours = [
	{line: /\/var\/lib\/harden-python-vps|\/root\/answers\.yaml/, because: 'the record of what was done stays'},
];

async function applied(t: ExecutionContext, server: Server, answers: AnswersFile): Promise<void> {
	const output = await harden(server, {version: 1, ...answers}, ['--only', 'firewall'], {log: line => t.log(line)});
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.log(output.stdout);
}

async function again(t: ExecutionContext, server: Server): Promise<void> {
	const {runs} = await status(server);
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', '--only', 'firewall']);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.is((await status(server)).runs.length, runs.length, output.stdout);
}

async function undone(t: ExecutionContext, server: Server, before: Snapshot): Promise<void> {
	const output = await tool(server, ['undo', '--all', '--yes']);
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	t.deepEqual(compare(before, await snapshot(server), ours), []);
	await server.reboot();
	t.deepEqual(compare(before, await snapshot(server), ours), []);
}

// Firewalld itself is met on both in firewall.test.ts.
for (const [backend, releases] of [['ufw', ['bookworm', 'trixie']], ['firewalld', ['trixie']]] as const) {
	onServer(`${backend}, installed by the step: sshd on 2022 is let in, databases are not, and undo leaves nothing behind`, {releases, packages: bystander}, async (t, server) => {
		await server.write('/etc/ssh/sshd_config.d/10-port.conf', 'Port 2022\n');
		await sh(server, 'systemctl restart ssh');
		const before = await prepare(server, [5432, 6379, 8443]);
		const watch = watchPort(server, 2022);
		await applied(t, server, {firewall: {backend, web: false, allow: [{port: 8443}, {port: 5432, from: '198.51.100.7'}, {port: 5432, from: '2001:db8:198:51::7'}]}});
		t.deepEqual(await watch(), [], 'a new connection to SSH was possible at every moment');
		t.deepEqual(await seen(server, 2022), open);
		t.deepEqual(await seen(server, 8443), open);
		t.deepEqual(await seen(server, 6379), filtered);
		t.deepEqual(await seen(server, 5432), filtered);
		t.deepEqual([await server.probe(5432), await server.probe(5432, {family: 'ipv6'})], open);
		t.deepEqual(await server.scan({from: await server.network.attacker()}), [2022, 8443]);
		const quick = await Promise.all(Array.from({length: 10}, async () => server.ssh({port: 2022})));
		t.true(quick.every(({ok}) => ok), 'ten quick logins of the admin');
		const audit = await tool(server, ['audit', '--only', 'firewall']);
		t.is(audit.exitCode, 0, audit.stdout);
		t.log(audit.stdout);
		await again(t, server);
		await server.reboot();
		t.deepEqual(await server.scan({from: await server.network.attacker()}), [2022, 8443]);
		await again(t, server);
		await undone(t, server, before);
	});
}

/**
 * Connects again and again; returns how to stop and the moments when nobody answered. From an address of its own: OpenSSH 10
 * turns away for a while whoever connects so often without logging in (PerSourcePenalties).
 */
function watchPort(server: Server, port: number): () => Promise<string[]> {
	let isOver = false;
	const refused: string[] = [];
	const work = (async () => {
		const from = await server.network.client('watcher', {ipv4: '198.51.100.99'});
		while (!isOver) {
			const state = await server.probe(port, {from});
			if (state !== 'open') {
				refused.push(`${new Date().toISOString()} ${state}`);
			}

			await delay(50);
		}
	})();
	return async () => {
		isOver = true;
		await work;
		return refused;
	};
}
