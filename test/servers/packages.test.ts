import {spawn} from 'node:child_process';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import type {ExecutionContext} from 'ava';
import type {UpdateFacts} from '../../source/engine/facts.ts';
import type {Change, ResourceStates} from '../../source/engine/types.ts';
import {installInside, runInside} from '../inside.ts';
import {install, makeUpgradesPending, offer, type Deb} from '../vps/debs.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import type {Outcome, Request} from './packages-inside.ts';

/** Packages on real servers: exactness of undo, interruptions of every kind, and prompts that must never be seen. */

const entry = path.join(import.meta.dirname, 'packages-inside.ts');
const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script])).stdout;

/** Carries out requests in one process of the tool on the server; a bug of ours fails the test. */
async function ask(server: Server, ...requests: Request[]): Promise<Outcome[]> {
	const outcomes = await runInside<Outcome[]>(server, entry, requests, {timeout: 300_000});
	const bug = outcomes.find(outcome => outcome.bug !== undefined);
	if (bug) {
		throw new Error(bug.bug);
	}

	return outcomes;
}

async function must(server: Server, ...requests: Request[]): Promise<Outcome[]> {
	const outcomes = await ask(server, ...requests);
	const failed = outcomes.find(outcome => outcome.problem !== undefined);
	if (failed) {
		throw new Error(`${failed.problem} ${failed.wayOut}`);
	}

	return outcomes;
}

const undoing = (changes: readonly Change[]): Request => ({do: 'write', entries: changes.map(({name, before}) => ({name, state: before as ResourceStates['package']}))});
const statusOf = async (server: Server, name: string) => (await server.run(['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev}', name], {check: false})).stdout.trim().replace('un', ''); // eslint-disable-line no-template-curly-in-string
const marks = async (server: Server) => sh(server, 'apt-mark showauto; echo; apt-mark showmanual');
const own = [{line: /^file \/var\/lib\/harden-python-vps|^file \/root\/inside/, because: 'the tool\'s own folder'}];

async function same(t: ExecutionContext, server: Server, before: Snapshot, message?: string): Promise<void> {
	t.deepEqual(compare(before, await snapshot(server), own), [], message);
}

/** What the project installs, each with the packages its step asks for; on the older release, whose apt counts otherwise, one small and one large set. */
const sets = {
	bookworm: [['ufw'], ['unattended-upgrades']],
	trixie: [['ufw'], ['fail2ban', 'python3-systemd'], ['unattended-upgrades'], ['firewalld'], ['systemd-timesyncd']],
} as const;

onServer('what comes with a package is shown, and undo takes off exactly that', async (t, server) => {
	await installInside(server, entry);
	await must(server, {do: 'refresh', maximumAge: 0});
	for (const names of sets[server.release]) {
		const [before, marked] = [await snapshot(server), await marks(server)];
		const [installed] = await must(server, {do: 'install', names});
		const changes = installed!.value as Change[];
		const shown = changes.map(({name}) => name).toSorted();
		const came = compare(before, await snapshot(server)).flatMap(line => /^package (\S+): was absent/.exec(line)?.[1] ?? []);
		t.deepEqual(came.toSorted(), shown, `${names.join(' ')}: the preview names what came`);
		const manual = new Set((await sh(server, 'apt-mark showmanual')).split('\n'));
		t.deepEqual(shown.filter(name => manual.has(name)), [...names].toSorted((left, right) => left.localeCompare(right)), 'what came along is marked so');
		const percents = installed!.told.flatMap(event => event.type === 'percent' ? [event.percent] : []);
		t.is(percents.at(-1), 100);
		t.deepEqual(percents, percents.toSorted((left, right) => left - right), 'the percentage never goes back');

		const [again] = await must(server, {do: 'plan', names});
		t.deepEqual(again!.value, [], 'again is nothing');
		const [undone] = await must(server, undoing(changes.toReversed()));
		t.log(`${names.join(' ')}: ${shown.length} packages, on in ${installed!.seconds.toFixed(1)} s, off in ${undone!.seconds.toFixed(1)} s`);
		await same(t, server, before, names.join(' '));
		t.is(await marks(server), marked);
	}

	const [again] = await must(server, {do: 'read', names: ['ufw', 'dpkg', 'libc6']});
	t.deepEqual(again!.value, [{installed: false}, {installed: true}, {installed: true}]);
});

onServer('looking writes nothing, and needs no root', {releases: ['bookworm']}, async (t, server) => {
	await installInside(server, entry);
	const written = 'find /etc/apt /var/lib/apt /var/lib/dpkg /var/lib/harden-python-vps /var/cache/apt /var/cache/debconf /run/harden-python-vps -newer /root/mark 2>/dev/null || true';
	await sh(server, 'touch /root/mark; sleep 0.1');
	const [planned, pending] = await must(server, {do: 'plan', names: ['ufw', 'fail2ban']}, {do: 'pending'}, {do: 'updates'});
	t.true((planned!.value as Change[]).length > 5);
	t.deepEqual(pending!.value, {pending: []});
	t.deepEqual((await sh(server, written)).split('\n').filter(Boolean), []);
	await sh(server, 'cp /root/inside/*.mjs /tmp/inside.mjs; chmod 644 /tmp/inside.mjs');
	const {stdout} = await server.run(['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', 'node', '/tmp/inside.mjs'], {input: JSON.stringify([{do: 'plan', names: ['ufw', 'fail2ban']}])});
	const [outcome] = JSON.parse(stdout) as Outcome[];
	t.deepEqual(outcome!.value, planned!.value);
});

const tiny = (name: string, more: Partial<Deb> = {}): Deb => ({name, version: '1.0', ...more});

/** What the steps ask for on a server where nothing is. */
const ofAllSteps = [
	['unattended-upgrades'], ['ufw', 'nftables'], ['fail2ban', 'python3-systemd'], ['python3', 'python3-venv', 'git'],
	['nginx'], ['libnginx-mod-http-modsecurity', 'modsecurity-crs'], ['certbot'], ['auditd', 'apparmor', 'libpam-pwquality'],
	['aide', 'needrestart', 'debsums'], ['postgresql'], ['restic'], ['rsyslog', 'rsyslog-openssl'],
];

onServer('one question about all steps says of each what asking of it alone would say', async (t, server) => {
	await installInside(server, entry);
	await must(server, {do: 'refresh', maximumAge: 0});
	const plans = ofAllSteps.map((names): Request => ({do: 'plan', names}));
	const alone = await must(server, ...plans);
	const [, ...together] = await must(server, {do: 'foresee', groups: ofAllSteps}, ...plans, {do: 'asked'});
	// What certbot's python3-certbot asks for first depends, on 13, on what else comes: only apt knows.
	t.is(together.pop()!.value, server.release === 'trixie' ? 2 : 1);
	for (const [index, names] of ofAllSteps.entries()) {
		t.deepEqual(together[index]!.value, alone[index]!.value, names.join(' '));
	}
});

onServer('undo takes nothing along: what others need by now stays, edited settings stay, marks stay', async (t, server) => {
	await offer(server, [
		tiny('hpv-app', {depends: 'hpv-lib', files: {'/etc/hpv-app.conf': 'colour = red\n'}}),
		tiny('hpv-lib', {depends: 'hpv-base'}),
		tiny('hpv-base'),
		tiny('hpv-users', {depends: 'hpv-lib'}),
	]);
	const [installed] = await must(server, {do: 'install', names: ['hpv-app']});
	const changes = installed!.value as Change[];
	t.deepEqual(changes.map(({name}) => name).toSorted(), ['hpv-app', 'hpv-base', 'hpv-lib']);
	t.is(await sh(server, 'apt-mark showauto | grep hpv'), 'hpv-base\nhpv-lib');

	await sh(server, 'apt-get install -y hpv-users; echo "colour = mine" >/etc/hpv-app.conf');
	const [undone] = await ask(server, undoing(changes));
	t.regex(undone!.problem ?? '', /hpv-users came to need them since: .*hpv-lib/);
	t.regex(undone!.problem ?? '', /since you edited or added \/etc\/hpv-app\.conf/);
	t.deepEqual([await statusOf(server, 'hpv-app'), await statusOf(server, 'hpv-lib'), await statusOf(server, 'hpv-base'), await statusOf(server, 'hpv-users')], ['rc', 'ii', 'ii', 'ii']);
	t.is(await server.read('/etc/hpv-app.conf'), 'colour = mine\n');
	const [read] = await must(server, {do: 'read', names: ['hpv-app', 'hpv-lib']});
	t.deepEqual(read!.value, [{installed: false, settings: true}, {installed: true, automatic: true}]);

	// The needer gone, the rest goes; what was there before with its settings goes back to just these.
	await sh(server, 'apt-get purge -y hpv-users');
	await must(server, undoing(changes.filter(({name}) => name !== 'hpv-app')));
	t.is(await statusOf(server, 'hpv-lib'), '');
	const [second] = await must(server, {do: 'install', names: ['hpv-app']});
	t.is(await server.read('/etc/hpv-app.conf'), 'colour = mine\n');
	await must(server, undoing(second!.value as Change[]));
	t.is(await statusOf(server, 'hpv-app'), 'rc');
	t.is(await server.read('/etc/hpv-app.conf'), 'colour = mine\n');
	t.is(await statusOf(server, 'hpv-base'), '');
});

onServer('an install that would remove something is refused when it is planned', {releases: ['trixie']}, async (t, server) => {
	await install(server, [tiny('hpv-theirs')]);
	await offer(server, [{...tiny('hpv-new'), depends: 'hpv-part'}, tiny('hpv-part', {conflicts: 'hpv-theirs'} as Partial<Deb>)]);
	await sh(server, 'sed -i "/^Package: hpv-part/a Conflicts: hpv-theirs" /var/lib/lab-repository/Packages; rm /var/lib/lab-repository/Release; apt-get update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/lab.list -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0');
	const [planned] = await ask(server, {do: 'plan', names: ['hpv-new']});
	t.regex(planned!.problem ?? '', /apt would remove hpv-theirs/);
	const [unknown] = await ask(server, {do: 'plan', names: ['hpv-nowhere']});
	t.regex(unknown!.problem ?? '', /do not offer hpv-nowhere/);
});

const service = 'harden-packages.service';
const unitLine = async (server: Server) => sh(server, `systemctl list-units --all --no-legend ${service}`);
const standsBy = async (server: Server) => server.exists('/run/harden-python-vps/packages/waiting');
const passed = async (server: Server) => server.exists('/run/harden-python-vps/packages/passed');

async function offerApp(server: Server): Promise<void> {
	await offer(server, [tiny('hpv-app', {depends: 'hpv-lib'}), tiny('hpv-lib', {depends: 'hpv-base'}), tiny('hpv-base'), tiny('hpv-other')]);
}

onServer('what was accepted ahead stands by, and is installed at a word as it was shown', async (t, server) => {
	await installInside(server, entry);
	await offerApp(server);
	const before = await snapshot(server);
	const [shown] = await must(server, {do: 'plan', names: ['hpv-app']});
	const names = (shown!.value as Change[]).map(({name}) => name);
	t.deepEqual(names, ['hpv-app', 'hpv-base', 'hpv-lib']);

	// Our process ends without a word.
	await must(server, {do: 'ahead', names: ['hpv-app']}, {do: 'until', file: '/run/harden-python-vps/packages/waiting'});
	await server.waitFor('apt to go as well', async () => await unitLine(server) === '');
	t.false(await passed(server));
	await same(t, server, before, 'nothing was changed, and no failed service is left');

	const [, installed] = await must(server, {do: 'ahead', names: ['hpv-app']}, {do: 'install', names: ['hpv-app']});
	t.true(await passed(server), 'through the gate, not by a second apt');
	t.deepEqual((installed!.value as Change[]).map(({name}) => name), names);
	t.is(await sh(server, 'apt-mark showauto | grep hpv'), 'hpv-base\nhpv-lib');
	t.is(await unitLine(server), '');
	await must(server, undoing((installed!.value as Change[]).toReversed()));
	await same(t, server, before);

	// Fetched before, apt says less: its last lines are with it still.
	await sh(server, 'apt-get --download-only -y install hpv-app; apt-get --download-only --no-install-recommends -y install restic');
	for (const wanted of [['hpv-app'], ['restic']]) {
		const [, again] = await must(server, {do: 'ahead', names: wanted}, {do: 'install', names: wanted});
		t.true(await passed(server), wanted.join(' '));
		const came = (again!.value as Change[]);
		t.deepEqual(came.map(({name}) => name), wanted[0] === 'hpv-app' ? names : wanted);
		await must(server, undoing(came.toReversed()));
	}

	await same(t, server, before);
});

onServer('what stands by makes way for other work on packages', {releases: ['trixie']}, async (t, server) => {
	const place = await installInside(server, entry);
	await offerApp(server);
	// For another plan of the same process.
	await must(server, {do: 'ahead', names: ['hpv-app']}, {do: 'until', file: '/run/harden-python-vps/packages/waiting'}, {do: 'install', names: ['hpv-other']});
	t.deepEqual([await statusOf(server, 'hpv-app'), await statusOf(server, 'hpv-other')], ['', 'ii']);

	// For another process, such as the guard's; whoever it stood by for does without it.
	const [program, ...rest] = server.argv(['node', place]);
	const child = spawn(program!, rest, {stdio: ['pipe', 'pipe', 'ignore']});
	child.stdin.end(JSON.stringify([{do: 'ahead', names: ['hpv-app']}, {do: 'until', file: '/run/go-on'}, {do: 'install', names: ['hpv-app']}] satisfies Request[]));
	const ended = text(child.stdout);
	await server.waitFor('apt to stand by', async () => standsBy(server));
	const [settled, off] = await must(server, {do: 'settle'}, {do: 'write', entries: [{name: 'hpv-other', state: {installed: false}}]});
	t.deepEqual(settled!.told, [], 'nobody waits for anybody');
	t.is(off!.problem, undefined);
	t.deepEqual([await statusOf(server, 'hpv-app'), await statusOf(server, 'hpv-other')], ['', '']);
	await sh(server, 'touch /run/go-on');
	t.deepEqual((JSON.parse(await ended) as Outcome[]).map(({problem, bug}) => problem ?? bug), [undefined, undefined, undefined]);
	t.is(await statusOf(server, 'hpv-app'), 'ii');

	// Where it cannot stand by, all is as without.
	await sh(server, holdLock(20));
	const [, waited] = await must(server, {do: 'ahead', names: ['hpv-other']}, {do: 'install', names: ['hpv-other']});
	t.true(waited!.told.some(event => event.type === 'waiting'));
	const [, unknown] = await ask(server, {do: 'ahead', names: ['hpv-nowhere']}, {do: 'install', names: ['hpv-nowhere']});
	t.regex(unknown!.problem ?? '', /do not offer hpv-nowhere/);
	t.is(await unitLine(server), '');
});

/** A process that holds dpkg's lock for some seconds, as another apt would. */
const holdLock = (seconds: number) => `systemd-run --quiet --unit=first-boot python3 -c "
import fcntl, time
f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(${seconds})"; sleep 0.5`;

onServer('a lock that others hold is waited for, and its holder named', {releases: ['bookworm']}, async (t, server) => {
	await offer(server, [tiny('hpv-probe')]);
	await sh(server, holdLock(25));
	const [installed] = await must(server, {do: 'install', names: ['hpv-probe']});
	const waits = installed!.told.flatMap(event => event.type === 'waiting' ? [event.why] : []);
	t.is(waits.length, 1);
	t.regex(waits[0]!, /first-boot\.service, process \d+\) is working on packages/);
	t.is(await statusOf(server, 'hpv-probe'), 'ii');
});

/** Starts an install in a process of ours, and returns once the package's own script runs. */
async function startSlowInstall(server: Server): Promise<{killOurs: () => Promise<void>}> {
	await offer(server, [
		tiny('hpv-slow', {depends: 'hpv-slow-part', scripts: {postinst: 'touch /run/hpv-slow-began; sleep 8; touch /run/hpv-slow-ended'}}),
		tiny('hpv-slow-part'),
	]);
	const place = await installInside(server, entry);
	const [program, ...rest] = server.argv(['node', place]);
	const child = spawn(program!, rest, {stdio: ['pipe', 'ignore', 'ignore']});
	child.stdin.end(JSON.stringify([{do: 'install', names: ['hpv-slow']} satisfies Request]));
	await server.waitFor('the script of the package to run', async () => server.exists('/run/hpv-slow-began'));
	return {
		async killOurs() {
			await sh(server, 'kill -KILL $(pgrep -f [p]ackages-inside.mjs)');
			child.kill('SIGKILL');
		},
	};
}

onServer('our process is killed in the middle: the transaction ends well, and the next start waits for it', {releases: ['bookworm']}, async (t, server) => {
	const {killOurs} = await startSlowInstall(server);
	await killOurs();
	t.false(await server.exists('/run/hpv-slow-ended'));
	const [settled, planned] = await must(server, {do: 'settle'}, {do: 'plan', names: ['hpv-slow']});
	t.true(settled!.told.some(event => event.type === 'waiting' && event.why.includes('earlier run left the package manager at work')));
	t.true(settled!.told.some(event => event.type === 'percent'));
	t.deepEqual(planned!.value, []);
	t.is(await statusOf(server, 'hpv-slow'), 'ii');
	t.is(await sh(server, 'systemctl list-units --all --no-legend harden-packages.service'), '');
});

onServer('a power cut in the middle is healed before anything else, and undo still takes all off', {releases: ['trixie']}, async (t, server) => {
	const before = await snapshot(server, {more: []});
	await startSlowInstall(server);
	const half = await statusOf(server, 'hpv-slow');
	await server.powerCut();
	t.not(half, 'ii');
	t.not(await statusOf(server, 'hpv-slow'), 'ii');
	const [read] = await must(server, {do: 'read', names: ['hpv-slow']});
	t.deepEqual(read!.value, [{installed: true}], 'half done counts as there, so that undo takes it off');
	const [healed, again] = await must(server, {do: 'settle'}, {do: 'settle'});
	t.true(healed!.told.some(event => event.type === 'waiting' && event.why.includes('interrupted')));
	t.deepEqual(again!.told, []);
	t.is(await statusOf(server, 'hpv-slow'), 'ii');
	await must(server, {do: 'write', entries: [{name: 'hpv-slow', state: {installed: false}}, {name: 'hpv-slow-part', state: {installed: false}}]});
	await sh(server, 'rm -r /var/lib/lab-repository /etc/apt/sources.list.d/lab.list');
	await same(t, server, before);
});

onServer('a reboot in the middle waits for the package manager', {releases: ['trixie']}, async (t, server) => {
	const {killOurs} = await startSlowInstall(server);
	// The reboot would end it as well; but nsenter(1), which holds it, stops for good at the SIGSTOP of a shutdown.
	await killOurs();
	// logind asks apt, which holds a reboot off; this is the reboot of somebody who insists, past logind.
	await server.rebooted(async () => server.run(['systemctl', '--no-block', '--job-mode=replace-irreversibly', 'start', 'reboot.target']));
	t.is(await statusOf(server, 'hpv-slow'), 'ii');
	const [settled] = await must(server, {do: 'settle'});
	t.deepEqual(settled!.told, []);
});

onServer('upgrades: security is told, no prompt blocks, an edited file stays, a held package stays', {packages: ['needrestart', 'apt-listchanges']}, async (t, server) => {
	await makeUpgradesPending(server, ['plain', 'conffile', 'dependency']);
	await install(server, [tiny('hpv-held')]);
	await sh(server, 'echo "colour = mine" >/etc/hpv-conffile.conf; apt-mark hold hpv-held');
	// A helper of the system that would ask, and an apt setting that would take the new file.
	await server.write('/etc/apt/apt.conf.d/70theirs', 'Dpkg::Options { "--force-confnew"; };\n');
	const [updates, pending] = await must(server, {do: 'updates'}, {do: 'pending'});
	const facts = updates!.value as UpdateFacts;
	t.deepEqual(facts.pending.filter(({name}) => name.startsWith('hpv')).map(({name, from, to, security}) => `${name} ${from} ${to} ${security}`).toSorted(), [
		'hpv-conffile 1.0 1.1 true',
		'hpv-depends 1.0 1.1 true',
		'hpv-library  1.1 true',
		'hpv-probe 1.0 1.1 true',
	]);
	t.is(facts.container, 'systemd-nspawn');
	t.true(facts.listsAge! < 3600);
	t.true((pending!.value as {pending: string[]}).pending.includes('hpv-library - 1.1'));

	const [upgraded, left] = await must(server, {do: 'upgrade'}, {do: 'pending'});
	t.is(upgraded!.told.flatMap(event => event.type === 'percent' ? [event.percent] : []).at(-1), 100);
	t.deepEqual(left!.value, {pending: []});
	t.is(await server.read('/etc/hpv-conffile.conf'), 'colour = mine\n');
	t.is(await sh(server, 'cat /usr/share/doc/hpv-conffile/version'), '1.1');
});

onServer('a package whose own script fails, or a source that cannot be reached, is a problem with a way out', {releases: ['bookworm']}, async (t, server) => {
	await offer(server, [tiny('hpv-broken', {scripts: {postinst: 'echo no such luck >&2; exit 3'}})]);
	const [installed, settled] = await ask(server, {do: 'install', names: ['hpv-broken']}, {do: 'settle'});
	t.regex(installed!.problem ?? '', /hpv-broken could not be set up by its own script/);
	t.regex(settled!.problem ?? '', /half installed and could not be finished: hpv-broken/);
	await sh(server, 'dpkg --purge hpv-broken');

	await sh(server, String.raw`rm -r /var/lib/apt/lists; rm /etc/apt/sources.list.d/lab.list; echo "Acquire::http::Proxy \"http://127.0.0.1:9\";" >/etc/apt/apt.conf.d/95nowhere`);
	const [planned, updates, refreshed] = await ask(server, {do: 'plan', names: ['ufw']}, {do: 'updates'}, {do: 'refresh', maximumAge: 3600});
	t.deepEqual((planned!.value as Change[]).map(({name}) => name), ['ufw'], 'without lists only the package itself is known');
	t.is((updates!.value as UpdateFacts).listsAge, undefined);
	t.regex(refreshed!.problem ?? '', /package source cannot be reached/);
});
