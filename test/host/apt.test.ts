import test from 'ava';
import {unowned, wipedFolders} from '../../source/host/apt/added-files.ts';
import {areNewest, parseAptConfig, parseInstallation, parseSimulation} from '../../source/engine/apt.ts';
import {belongsToData, holdsData} from '../../source/host/apt/data.ts';
import {parseConffiles, parseSums, parseUcf} from '../../source/host/apt/conffiles.ts';
import {aptProblem, failureKind, type FailureKind} from '../../source/host/apt/failure.ts';
import {isHere, packageState, parseAutomatic, parseInstalled, wholePackages} from '../../source/engine/installed.ts';
import {listsAge} from '../../source/host/apt/lists.ts';
import {lockHolder, parseLocks, parseService} from '../../source/host/apt/locks.ts';
import {beyond, parseOrphans} from '../../source/host/apt/removal.ts';
import {parseUnit} from '../../source/host/apt/service.ts';
import {overall, parseStatus} from '../../source/host/apt/status.ts';
import {leftOf} from '../../source/host/apt/traces.ts';
import {stillPending} from '../../source/host/apt/pending.ts';
import {kernelIsOld, timeServiceOf} from '../../source/host/facts/packages.ts';
import type {Host} from '../../source/engine/types.ts';
import {emptyHost} from '../empty-host.ts';

/** Lines as apt, dpkg and systemd of Debian 12, Debian 13 and Ubuntu 22.04/24.04 print them. */

const upgradeOutput = `NOTE: This is only a simulation!
      apt-get needs root privileges for real execution.
Reading package lists...
Inst libssl3 [3.0.15-1~deb12u1] (3.0.16-1~deb12u1 Debian:12.11/stable, Debian-Security:12/stable-security [amd64]) []
Inst base-files [12.4+deb12u5] (12.4+deb12u11 Debian:12.11/stable [amd64])
Inst xz-utils [5.8.1-1] (5.8.1-1+deb13u2 Debian:13.8/stable, Debian-Security:13/stable-security [amd64])
Inst linux-image-6.1.0-37-amd64 (6.1.140-1 Debian-Security:12/stable-security [amd64])
Inst openssl [3.0.2-0ubuntu1.18] (3.0.2-0ubuntu1.19 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64])
Inst tzdata [2024a-3ubuntu1] (2025b-0ubuntu0.24.04.1 Ubuntu:24.04/noble-updates [all])
Inst libzip [1] (2 UbuntuESMApps:22.04/jammy-apps-security [amd64])
Inst libc6:i386 [2.36-9] (2.36-9+deb12u10 Debian:12.11/stable [i386]) [libc6:amd64 ]
Inst hpv [1.0] (1.1 localhost [all])
Conf base-files (12.4+deb12u11 Debian:12.11/stable [amd64])
`;

test('what a simulation would do: old and new version, and where it comes from', t => {
	t.deepEqual(parseSimulation(upgradeOutput).map(({action, name, from, to, security}) => [action, name, from, to, security].join(' ')), [
		'install libssl3 3.0.15-1~deb12u1 3.0.16-1~deb12u1 true',
		'install base-files 12.4+deb12u5 12.4+deb12u11 false',
		'install xz-utils 5.8.1-1 5.8.1-1+deb13u2 true',
		'install linux-image-6.1.0-37-amd64  6.1.140-1 true',
		'install openssl 3.0.2-0ubuntu1.18 3.0.2-0ubuntu1.19 true',
		'install tzdata 2024a-3ubuntu1 2025b-0ubuntu0.24.04.1 false',
		'install libzip 1 2 true',
		'install libc6:i386 2.36-9 2.36-9+deb12u10 false',
		'install hpv 1.0 1.1 false',
	]);
	t.deepEqual(parseSimulation('Remv iptables-persistent [1.0.20]\nPurg ufw [0.36.2-1]\nInst nftables (1.0.6 Debian:12/stable [amd64])\n').map(({action, name}) => `${action} ${name}`), [
		'remove iptables-persistent', 'remove ufw', 'install nftables',
	]);
	t.deepEqual(parseSimulation('Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n'), []);
});

const installOutput = `Reading package lists...
Building dependency tree...
Reading state information...
sudo is already the newest version (1.9.16p2-3+deb13u5).
The following additional packages will be installed:
   iptables (1.8.11-2)
Suggested packages:
   firewalld (2.3.1-1+deb13u1)
   dnsutils
Recommended packages:
   rsyslog (8.2504.0-1+deb13u2)
The following packages will be REMOVED:
   theirs (1:1.0-1)
   purged* (2.0)
The following NEW packages will be installed:
   iptables (1.8.11-2)
   libc6:i386 (2.41-12)
   ufw (0.36.2-9)
The following packages will be upgraded:
   libssl3 (3.0.15-1~deb12u1 => 3.0.16-1~deb12u1)
The following packages will be DOWNGRADED:
   hpv (2.0 => 1:1.1)
1 upgraded, 3 newly installed, 1 downgraded, 2 to remove and 0 not upgraded.
Need to get 530 kB of archives.
After this operation, 16.1 MB of additional disk space will be used.
'http://mirror.example/debian/pool/main/i/iptables/iptables_1.8.11-2_amd64.deb' iptables_1.8.11-2_amd64.deb 360924 MD5Sum:16e74aac945c7b5f01ce48de9dcc1ac0
'http://security.example/pool/main/u/ufw/ufw_0.36.2-9%2bdeb13u1_all.deb' ufw_0.36.2-9+deb13u1_all.deb 169188 \n'http://mirror.example/debian/pool/main/h/hpv/hpv_1%3a1.1_all.deb' hpv_1%3a1.1_all.deb 10
`;

test('what installing would come to: what comes, goes and changes, and what is to be fetched', t => {
	const {actions, about} = parseInstallation(installOutput);
	t.deepEqual(actions.map(({action, name, from, to}) => [action, name, from, to].join(' ')), [
		'remove theirs 1:1.0-1 ',
		'remove purged 2.0 ',
		'install iptables  1.8.11-2',
		'install libc6:i386  2.41-12',
		'install ufw  0.36.2-9',
		'install libssl3 3.0.15-1~deb12u1 3.0.16-1~deb12u1',
		'install hpv 2.0 1:1.1',
	]);
	t.deepEqual([...about], [
		['iptables', {version: '1.8.11-2', size: 360_924}],
		['ufw', {version: '0.36.2-9+deb13u1', size: 169_188}],
		['hpv', {version: '1:1.1', size: 10}],
	]);
	t.deepEqual(parseInstallation('Reading package lists...\nufw is already the newest version (0.36.2-9).\n0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n'), {actions: [], about: new Map()});
});

test('a package called security is no security update', t => {
	t.false(parseSimulation('Inst modsecurity-crs [1] (2 Debian:12.11/stable [all])')[0]!.security);
});

test('what holds somebody\'s data is never purged', t => {
	for (const name of ['postgresql-17', 'postgresql-9.6', 'mariadb-server', 'mariadb-server-10.11', 'mysql-server-8.0']) {
		t.true(holdsData(name), name);
	}

	for (const name of ['postgresql', 'postgresql-common', 'postgresql-client-17', 'nginx', 'mariadb-client']) {
		t.false(holdsData(name), name);
	}
});

test('the settings of data are not swept', t => {
	t.true(['/etc/postgresql', '/etc/postgresql/17/main/conf.d', '/etc/mysql/conf.d'].every(folder => belongsToData(folder)));
	t.false(['/etc/postgresql-common', '/etc/nginx', '/etc/mysql2'].some(folder => belongsToData(folder)));
});

test('what a removal takes along', t => {
	const names = new Set(['a', 'b']);
	t.deepEqual(beyond(parseSimulation('Remv a [1]\nRemv b [1]'), names), []);
	t.deepEqual(beyond(parseSimulation('Remv a [1]\nRemv theirs [1]'), names), ['theirs']);
	t.deepEqual(beyond(parseSimulation('Remv a [1]\nInst b (2 x [all])'), names), ['b'], 'what would come is as unwelcome as what would go');
});

test('apt\'s configuration: the last word counts, lists grow', t => {
	const config = parseAptConfig('APT::Periodic "";\nAPT::Periodic::Enable "0";\nUnattended-Upgrade::Origins-Pattern "";\nUnattended-Upgrade::Origins-Pattern:: "origin=Debian";\nUnattended-Upgrade::Origins-Pattern:: "label=Debian-Security";\n');
	t.deepEqual(config.get('Unattended-Upgrade::Origins-Pattern'), ['origin=Debian', 'label=Debian-Security']);
	t.deepEqual(config.get('APT::Periodic::Enable'), ['0']);
	t.deepEqual(config.get('APT::Periodic'), []);
});

test('apt\'s status lines', t => {
	t.deepEqual(parseStatus('dlstatus:1:20.0000:Retrieving file 1 of 5'), {phase: 'download', percent: 20, label: 'Retrieving file 1 of 5'});
	t.deepEqual(parseStatus('pmstatus:fail2ban:33.3333:Configuring fail2ban (all)'), {phase: 'work', percent: 33.3333, label: 'Configuring fail2ban (all)'});
	t.deepEqual(parseStatus('pmstatus:libc6:i386:40.0000:Unpacking libc6:i386 (i386)'), {phase: 'work', percent: 40, label: 'Unpacking libc6:i386 (i386)'});
	t.deepEqual(parseStatus('pmerror:hpv:60.0000:installed hpv package post-installation script subprocess returned error exit status 3'), {
		phase: 'error', name: 'hpv', label: 'installed hpv package post-installation script subprocess returned error exit status 3',
	});
	t.is(parseStatus('Setting up ufw (0.36.2-1) ...'), undefined);
	t.is(parseStatus('E: pmstatus: what is this'), undefined);
});

test('one percentage that never goes back', t => {
	t.is(overall(0, 'install', {phase: 'download', percent: 50}), 15);
	t.is(overall(15, 'install', {phase: 'work', percent: 0}), 30);
	t.is(overall(30, 'install', {phase: 'work', percent: 100}), 100);
	t.is(overall(42, 'install', {phase: 'download', percent: 100}), 42);
	t.is(overall(0, 'remove', {phase: 'work', percent: 40}), 40);
	t.is(overall(0, 'fetch', {phase: 'download', percent: 99}), 99);
});

const failures: ReadonlyArray<[FailureKind, string]> = [
	['lock', 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)'],
	['lock', 'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?'],
	['lock', 'E: Unable to lock directory /var/lib/apt/lists/'],
	['disk', 'E: You don\'t have enough free space in /var/cache/apt/archives/.'],
	['disk', 'dpkg: error processing archive x.deb (--unpack):\n cannot copy extracted data: failed to write (No space left on device)'],
	['clock', 'E: Release file for http://x/InRelease is not valid yet (invalid for another 3h). Updates for this repository will not be applied.'],
	['signature', 'W: GPG error: http://x InRelease: The following signatures couldn\'t be verified because the public key is not available: NO_PUBKEY 1234'],
	['signature', 'E: The repository \'http://x InRelease\' is not signed.'],
	['release', 'E: Repository \'http://x\' changed its \'Codename\' value from \'bookworm\' to \'trixie\''],
	['network', 'E: Failed to fetch http://x/a.deb  Temporary failure resolving \'x\''],
	['network', 'W: Failed to fetch http://x/InRelease  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)'],
	['stale', 'E: Failed to fetch http://x/a_1.deb  404  Not Found [IP: 192.0.2.1 80]'],
	['stale', 'E: Failed to fetch http://x/Packages  Hash Sum mismatch'],
	['release', 'E: The repository \'http://x stretch Release\' no longer has a Release file.'],
	['script', 'dpkg: error processing package hpv-broken (--configure):\n installed hpv-broken package post-installation script subprocess returned error exit status 3\nE: Sub-process /usr/bin/dpkg returned an error code (1)'],
	['unknown-package', 'E: Unable to locate package hpv'],
	['unknown-package', 'E: Package \'hpv\' has no installation candidate'],
	['dependencies', 'The following packages have unmet dependencies:\n a : Depends: b but it is not going to be installed\nE: Unable to correct problems, you have held broken packages.'],
	['other', 'E: Something nobody has seen before'],
];

for (const [kind, text] of failures) {
	test(`why apt failed: ${kind}: ${text.slice(0, 50)}`, t => {
		const lines = ['Reading package lists...', 'Building dependency tree...', ...text.split('\n')];
		t.is(failureKind(lines), kind);
		const {message, wayOut} = aptProblem(lines);
		t.regex(message, /^[A-Z\d]|^hpv|^apt/);
		t.regex(wayOut, /\.$/);
		t.notRegex(message + wayOut, /undefined|\{\w+}|\?$/);
	});
}

test('the failure names what it is about', t => {
	t.regex(aptProblem(['E: Unable to locate package hpv-nowhere']).message, /hpv-nowhere/);
	t.regex(aptProblem(['E: Package \'hpv\' has no installation candidate']).message, /hpv/);
	const {message} = aptProblem(failures.find(([kind]) => kind === 'script')![1].split('\n'));
	t.regex(message, /^hpv-broken could not/);
	t.regex(message, /exit status 3/);
});

test('what is installed, half done, or left as settings', t => {
	const installed = parseInstalled([
		'ii \tdpkg\tamd64\t1.21.22', 'ii \tufw\tall\t0.36.2-1', 'ii \tlibc6\ti386\t2.36', 'rc \tfail2ban\tall\t1.0.2', 'iU \thalf\tamd64\t1', 'iFR\tworse\tamd64\t1', 'un \tgone\t\t', 'hi \theld\tall\t2', '',
	].join('\n'));
	t.deepEqual([...installed.keys()], ['dpkg', 'ufw', 'libc6:i386', 'fail2ban', 'half', 'worse', 'gone', 'held']);
	t.deepEqual([...installed].filter(([, {broken}]) => broken).map(([name]) => name), ['half', 'worse']);
	t.deepEqual([...installed].filter(([, found]) => isHere(found)).map(([name]) => name), ['dpkg', 'ufw', 'libc6:i386', 'half', 'worse', 'held']);
	t.deepEqual(packageState(installed.get('fail2ban'), false), {installed: false, settings: true});
	t.deepEqual(packageState(installed.get('ufw'), true), {installed: true, automatic: true});
	t.deepEqual(packageState(undefined, true), {installed: false});
});

test('what still waits is told by the versions that are here, where they tell it', t => {
	const upgrade = (name: string, from: string, to: string) => ({name, from, to, security: false});
	const here = (versions: string) => parseInstalled(`ii \tdpkg\tamd64\t1\n${versions}`);
	const before = [upgrade('a', '1', '2'), upgrade('b', '1', '2'), upgrade('linux-image-new', '', '3')];
	const then = here('ii \ta\tall\t1\nii \tb\tall\t1\n');
	t.deepEqual(stillPending(before, then, then), before);
	t.deepEqual(stillPending(before, then, here('ii \ta\tall\t2\nii \tb\tall\t1\nii \tother\tall\t9\n')), [before[1], before[2]]);
	t.deepEqual(stillPending(before, then, here('ii \ta\tall\t2\nii \tb\tall\t2\nii \tlinux-image-new\tall\t3\n')), []);
	t.is(stillPending(before, then, here('ii \ta\tall\t1.5\nii \tb\tall\t1\n')), undefined, 'a version that nobody spoke of');
	t.is(stillPending(before, then, here('hi \ta\tall\t1\nii \tb\tall\t1\n')), undefined, 'held since');
	t.is(stillPending(before, then, here('ii \tb\tall\t1\n')), undefined, 'gone since');
});

const policyOf = (...versions: ReadonlyArray<readonly [string, string]>) => versions.map(([installed, candidate], index) => `p${index}:
  Installed: ${installed}
  Candidate: ${candidate}
  Version table:
 *** ${installed} 500
        500 http://mirror.example/debian trixie/main amd64 Packages
        100 /var/lib/dpkg/status
`).join('');

test('that nothing is newer is told by each package that is here, whole', t => {
	const whole = 'ii \tdpkg\tamd64\t1\nhi \tadduser\tall\t3\nii \tlibc6\ti386\t2\n';
	t.deepEqual(wholePackages(parseInstalled(`${whole}rc \tufw\tall\t1\nun \tgone\t\t\n`)), ['dpkg', 'adduser', 'libc6:i386']);
	for (const half of ['iF ', 'iiR', 'iW ', 'iU ', 'iH ', 'it ']) {
		t.is(wholePackages(parseInstalled(`${whole}${half}\tufw\tall\t1\n`)), undefined, half);
	}

	t.true(areNewest(policyOf(['1:2.0-1+b1', '1:2.0-1+b1'], ['3', '3']), 2));
	t.false(areNewest(policyOf(['1', '1'], ['2', '2+deb13u1']), 2));
	t.false(areNewest(policyOf(['2', '1']), 1), 'pinned down to an older one');
	t.false(areNewest(policyOf(['1', '1']), 2), 'one was not answered');
	t.false(areNewest('', 1));
});

test('which packages came as a dependency', t => {
	t.deepEqual([...parseAutomatic('Package: libx\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: ufw\nArchitecture: amd64\nAuto-Installed: 0\n')], ['libx']);
	t.deepEqual([...parseAutomatic('')], []);
});

test('configuration files as their packages brought them', t => {
	const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
	t.deepEqual(parseConffiles(`ufw\n\n /etc/ufw/sysctl.conf ${md5}\n /etc/old ${md5} obsolete\n /etc/with space ${md5}\nless\n\n`), [
		{package: 'ufw', path: '/etc/ufw/sysctl.conf', md5},
		{package: 'ufw', path: '/etc/old', md5},
		{package: 'ufw', path: '/etc/with space', md5},
	]);
	t.deepEqual(parseUcf('ufw /etc/default/ufw\nnone /etc/none\n', `${md5}  /etc/default/ufw\n`), [{package: 'ufw', path: '/etc/default/ufw', md5}]);
	t.is(parseSums(`${md5}  /etc/with space\n`).get('/etc/with space'), md5);
});

test('who holds a lock', async t => {
	const locks = '1: OFDLCK ADVISORY  WRITE -1 fe:00:1550321 0 EOF\n2: POSIX  ADVISORY  WRITE 812 00:27:1508724 0 EOF\n3: POSIX  ADVISORY  READ 9 00:27:1 0 EOF\n4: -> POSIX  ADVISORY  WRITE 813 00:27:1508724 0 EOF\n5: FLOCK  ADVISORY  WRITE 14 00:27:2 0 EOF\n';
	t.deepEqual(parseLocks(locks), [812, 14], 'not who reads, nor who waits');
	const files: Record<string, string> = {
		'/proc/locks': locks,
		'/proc/812/cmdline': '/usr/bin/python3\0/usr/bin/unattended-upgrade\0--download-only\0',
		'/proc/812/cgroup': '1:cpu:/\n0::/system.slice/apt-daily-upgrade.service\n',
	};
	const host: Host = {
		...emptyHost,
		run: async argv => ({exitCode: 0, stdout: argv.includes('/proc/812/fd') ? '/proc/812/fd/5' : '', stderr: ''}),
		read: async path => files[path],
	};
	t.deepEqual(await lockHolder(host, ['/var/lib/dpkg/lock-frontend']), {pid: 812, program: 'unattended-upgrade', service: 'apt-daily-upgrade.service'});
	t.is(parseService('0::/user.slice/user-0.slice/session-3.scope\n'), undefined);
	t.is(parseService('0::/user.slice/user-1000.slice/user@1000.service/app.slice\n'), undefined);
});

test('the service that the package manager runs in', t => {
	t.deepEqual(parseUnit('ExecMainStatus=0\nActiveState=active'), {active: true, failed: false, exitCode: 0});
	t.deepEqual(parseUnit('ExecMainStatus=100\nActiveState=failed'), {active: false, failed: true, exitCode: 100});
	t.deepEqual(parseUnit('ExecMainStatus=0\nActiveState=failed'), {active: false, failed: true, exitCode: 1}, 'killed by a signal');
	t.deepEqual(parseUnit('ExecMainStatus=0\nActiveState=inactive'), {active: false, failed: false, exitCode: 0});
	t.deepEqual(parseOrphans('Id=fail2ban.service\nLoadState=not-found\n\nId=ufw.service\nLoadState=loaded'), ['fail2ban.service']);
});

test('what packages\' scripts left, and nothing that somebody else added since', t => {
	const before = {users: ['root'], groups: ['root'], folders: ['/etc/apt'], pages: []};
	const after = {users: ['root', 'polkitd'], groups: ['root', 'polkitd'], folders: ['/etc/apt', '/etc/xml'], pages: ['11 /var/www/html/welcome', '22 /var/www/html/index.html']};
	const now = {users: ['root', 'polkitd', 'theirs'], groups: ['root', 'theirs'], folders: ['/etc/apt', '/etc/xml', '/etc/theirs'], pages: ['11 /var/www/html/welcome', '33 /var/www/html/index.html']};
	t.deepEqual(leftOf({packages: ['polkitd'], before, after}, now), {users: ['polkitd'], groups: [], folders: ['/etc/xml'], pages: ['11 /var/www/html/welcome']});
});

test('folders that a package\'s script would wipe, and what the user has in them', t => {
	t.deepEqual(wipedFolders('case "$1" in\n  purge)\n    rm -rf /var/lib/nginx /var/log/nginx /etc/nginx\n    ;;\nesac\n# rm -rf /etc/old\nrm -rf /etc/x/; rm -f /etc/y\nrm -rf /etc $D/etc/z /etc/a/b /etc/..\n'), ['/etc/nginx', '/etc/x']);
	t.deepEqual(unowned(['/etc/nginx/nginx.conf', '/etc/nginx/sites-available/mine'], 'nginx-common: /etc/nginx/nginx.conf\na, b: /etc/nginx/shared'), ['/etc/nginx/sites-available/mine']);
});

test('the age of the lists', async t => {
	const age = async (names: readonly string[], fetched?: number) => listsAge({
		...emptyHost,
		run: async () => ({exitCode: 1, stdout: '', stderr: ''}),
		list: async () => names,
		stat: async () => fetched === undefined ? undefined : {modified: fetched, size: 0, isFolder: true, mark: ''},
	});
	const lists = ['mirror.example_debian_dists_trixie_main_binary-amd64_Packages', 'partial'];
	const now = Date.now() / 1000;
	t.true(Math.abs((await age(lists, now - 600))! - 600) < 60);
	t.is(await age(lists, now + 1000), 0, 'the clock was wrong then');
	t.is(await age(lists), undefined);
	t.is(await age(['partial'], now - 600), undefined, 'never fetched');
});

test('a restart is due for a newer kernel of the same flavour, or a newer build of the running one', t => {
	const running = '6.1.0-37-amd64\n#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)';
	const packages = {'linux-image-6.1.0-37-amd64': '6.1.140-1'};
	t.false(kernelIsOld(running, ['vmlinuz-6.1.0-37-amd64', 'vmlinuz-6.1.0-9-amd64'], packages));
	t.true(kernelIsOld(running, ['vmlinuz-6.1.0-37-amd64', 'vmlinuz-6.1.0-40-amd64'], packages));
	t.false(kernelIsOld(running, ['vmlinuz-6.1.0-37-amd64', 'vmlinuz-6.1.0-40-cloud-amd64'], packages), 'of another flavour');
	t.true(kernelIsOld(running, ['vmlinuz-6.1.0-37-amd64'], {'linux-image-6.1.0-37-amd64': '6.1.147-1'}));
	t.false(kernelIsOld('6.18.44-provider\n#1 SMP', ['vmlinuz-6.1.0-40-amd64'], {}), 'not installed here: a container, or the provider\'s');
	t.false(kernelIsOld('6.12.43+deb13-amd64\n#1 SMP Debian 6.12.43-1 (2025-08-27)', ['vmlinuz-6.12.43+deb13-amd64', 'vmlinuz-6.12.41+deb13-amd64'], {'linux-image-6.12.43+deb13-amd64': '6.12.43-1'}));
	t.true(kernelIsOld('6.12.43+deb13-amd64\n#1 SMP Debian 6.12.43-1 (2025-08-27)', ['vmlinuz-6.12.43+deb13-amd64', 'vmlinuz-6.12.48+deb13-amd64'], {}));
});

test('what keeps the clock', t => {
	t.is(timeServiceOf(new Set(['ssh.service', 'systemd-timesyncd.service'])), 'systemd-timesyncd');
	t.is(timeServiceOf(new Set(['chrony.service'])), 'chrony');
	t.is(timeServiceOf(new Set(['chronyd.service', 'ntp.service'])), 'chrony');
	t.is(timeServiceOf(new Set(['systemd-timesyncd.timer'])), undefined);
	t.is(timeServiceOf(new Set()), undefined);
});
