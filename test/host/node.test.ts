import test from 'ava';
import {nodeGuest, parseHistory, parseParent} from '../../source/host/apt/node.ts';
import type {Host} from '../../source/engine/types.ts';
import {emptyHost} from '../empty-host.ts';

/** Whether Node came only for this tool, from what apt, dpkg and proc(5) print. */

const history = `
Start-Date: 2026-11-20  06:12:01
Commandline: apt-get install htop
Install: htop:amd64 (3.4.1-5)
End-Date: 2026-11-20  06:12:03

Start-Date: 2026-11-25  10:00:00
Commandline: apt-get install --no-install-recommends nodejs
Requested-By: admin (1000)
Install: libuv1t64:amd64 (1.50.0-2, automatic), nodejs:amd64 (20.19.2+dfsg-1+deb13u2), python3:amd64 (3.13.5-1, automatic)
Upgrade: libssl3t64:amd64 (3.5.0-1, 3.5.1-1)
End-Date: 2026-11-25  10:00:09

Start-Date: 2026-11-25  10:05:00
Commandline: apt-get -q --yes install fail2ban
Install: fail2ban:amd64 (1.1.0-8)
End-Date: 2026-11-25  10:05:02
`;

test('apt\'s history: what each transaction newly installed', t => {
	t.deepEqual(parseHistory(history).map(({installed}) => installed), [['htop'], ['libuv1t64', 'nodejs', 'python3'], ['fail2ban']]);
	t.is(parseHistory(history)[1]!.at, new Date(2026, 10, 25, 10, 0, 0).getTime());
	t.deepEqual(parseHistory(''), []);
	t.deepEqual(parseHistory('Start-Date: nonsense\nInstall: x:amd64 (1)\n'), []);
});

test('a process\'s parent, whatever its name', t => {
	t.is(parseParent('42 (node) S 7 42 42'), 7);
	t.is(parseParent('42 (a) b) (c) S 8 42 42'), 8);
});

type Server = {running?: string; named?: string; globals?: readonly string[]; packages?: readonly string[]; unneeded?: readonly string[]; alone?: readonly string[]};

function serverWith({running = '/proc/100\n/proc/90', named = '', globals = ['npm'], packages = ['nodejs', 'libuv1t64', 'python3', 'fail2ban'], unneeded = ['nodejs', 'libuv1t64'], alone = unneeded}: Server): Host {
	const removing = (names: readonly string[]) => names.map(name => `Remv ${name} [1]`).join('\n');
	return {
		...emptyHost,
		async run([program, ...rest]) {
			const stdout = program === 'dpkg-query'
				? packages.map(name => `ii \t${name}\tamd64\t1`).join('\n')
				: (program === 'grep' ? named : (program === 'apt-get' ? removing(rest.includes('--auto-remove') ? unneeded : alone) : (rest[0] === '/proc' ? running : '')));
			return {exitCode: 0, stdout, stderr: ''};
		},
		// We are process 100, run by npx, which is 90.
		read: async path => ({'/var/log/apt/history.log': history, '/proc/self/stat': '100 (node) S 90 1', '/proc/100/stat': '100 (node) S 90 1', '/proc/90/stat': '90 (npm exec) S 1 1'})[path],
		list: async path => path === '/usr/local/lib/node_modules' ? globals : [],
	};
}

const soonAfter = new Date(2026, 10, 25, 10, 20).getTime();

test('Node that came for this tool goes with what came with it, less what others need by now', async t => {
	const guest = await nodeGuest(serverWith({}), soonAfter);
	t.deepEqual(guest?.packages, ['libuv1t64', 'nodejs']);
	t.is(guest?.since, new Date(2026, 10, 25, 10, 0).getTime());
});

test('what came at another time stays, though nobody needs it', async t => {
	const guest = await nodeGuest(serverWith({unneeded: ['nodejs', 'libuv1t64', 'htop'], alone: ['nodejs', 'libuv1t64']}), soonAfter);
	t.deepEqual(guest?.packages, ['libuv1t64', 'nodejs']);
});

const stays: ReadonlyArray<readonly [string, Server, number?]> = [
	['it came more than a day ago', {}, soonAfter + 86_400_000],
	['another program runs with it', {running: '/proc/100\n/proc/555'}],
	['a service or a crontab names it', {named: '/etc/systemd/system/shop.service'}],
	['a program was installed with npm for everybody', {globals: ['npm', 'pm2']}],
	['something else would go with it', {alone: ['nodejs', 'libuv1t64', 'my-app']}],
	['it did not come by apt', {packages: ['fail2ban']}],
	['npm was there before', {packages: ['nodejs', 'npm', 'libuv1t64']}],
];
for (const [why, server, now = soonAfter] of stays) {
	test(`Node stays where ${why}`, async t => {
		t.is(await nodeGuest(serverWith(server), now), undefined);
	});
}
