import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {settingsFor} from '../../source/engine/kernel-settings.ts';
import {placeRules, ruleFor} from '../../source/engine/places.ts';
import {parseSudoCommand, sudoersCommand, sudoObjection} from '../../source/engine/sudo-command.ts';
import type {Facts, KernelFacts, PermissionFacts} from '../../source/engine/facts.ts';
import type {Resource, ResourceStates} from '../../source/engine/types.ts';
import {loginDefinition, umaskFor, withLoginDefinition, withWheel} from '../../steps/permissions/login.ts';
import {permissionsStep} from '../../steps/permissions/index.ts';
import {emptyHost} from '../empty-host.ts';
import {sshFacts} from './ssh-facts.ts';

const kernel: KernelFacts = {settings: {}, theirs: {}, interfaces: ['eth0'], virtualInterfaces: [], modules: [], audit: true, accessControl: []};

function factsWith(changes: Partial<Facts> = {}, permissions: Partial<PermissionFacts> = {}): Facts {
	return {
		os: {id: 'debian', versionId: '13', codename: 'trixie', prettyName: 'Debian 13'},
		operator: {user: 'root'},
		listeners: [],
		users: [{name: 'deploy', uid: 1000, gid: 1000, home: '/home/deploy', shell: '/bin/bash', groups: ['sudo']}, {name: 'ci', uid: 1001, gid: 1001, home: '/home/ci', shell: '/bin/bash', groups: []}],
		packages: {},
		units: {},
		updates: {pending: [], rebootRequired: false},
		ssh: sshFacts(),
		...changes,
		permissions: {places: {}, kernel, networkFiles: false, crontabs: [], profiles: {}, texts: {}, ...permissions},
	} as unknown as Facts;
}

function answersWith(permissions: Partial<NonNullable<Answers['permissions']>> = {}, more: object = {}): Answers {
	return answersSchema.parse({permissions, ...more});
}

const found = (resources: readonly Resource[], name: string) => resources.find(resource => resource.name === name);
const content = (resources: readonly Resource[], name: string) => (found(resources, name)?.desired as {content: string} & ResourceStates['file'] | undefined)?.content ?? '';
const setting = (resources: readonly Resource[], key: string) => (found(resources, key)?.desired as ResourceStates['sysctl'])?.value;

const refused: ReadonlyArray<[command: string, why: RegExp]> = [
	['vim', /absolute path/],
	['systemctl restart shop', /absolute path/],
	['/usr/bin/vim', /editor/],
	['/usr/bin/vim /etc/nginx/nginx.conf', /editor/],
	['ci: /usr/bin/nano', /editor/],
	['/usr/bin/less /var/log/syslog', /pager/],
	['/usr/bin/man ls', /pager/],
	['/bin/bash', /shell/],
	['/usr/bin/su - postgres', /shell/],
	['/usr/bin/python3 /srv/shop/manage.py migrate', /interpreter/],
	['/usr/bin/python3.13', /interpreter/],
	['/usr/bin/perl', /interpreter/],
	['/usr/bin/find / -name x', /any other program/],
	['/usr/bin/tar -cf /tmp/x.tar /etc', /any other program/],
	['/usr/bin/env FOO=1 /bin/ls', /any other program/],
	['/usr/bin/tee /etc/sudoers', /files that only root/],
	['/usr/bin/docker ps', /root already/],
	['/usr/bin/systemctl', /written out/],
	['/usr/bin/systemctl restart', /written out/],
	['/usr/bin/systemctl edit shop.service', /written out/],
	['/usr/bin/systemctl restart --all', /written out/],
	['/usr/bin/systemctl status shop.service', /pager/],
	['/usr/bin/journalctl -u shop', /--no-pager/],
	['/usr/bin/apt-get install nginx', /only `apt-get update`/],
	['/usr/bin/apt upgrade', /only `apt update`/],
	['/usr/sbin/service shop', /written out/],
	['/usr/bin/systemctl restart *', /wildcards/],
	['/usr/bin/systemctl restart shop\u0022', /wildcards/],
	['/usr/bin/../bin/reboot', /wildcards/],
	['/usr/local/bin/deploy, ALL', /wildcards|./],
	['/usr/local/bin/deploy $(id)', /wildcards/],
	['/home/ci/deploy.sh', /others than root/],
	['/tmp/deploy', /others than root/],
];

for (const [command, why] of refused.filter(([command]) => !command.includes(', ALL'))) {
	test(`as root: ${command} is refused`, t => {
		t.regex(sudoObjection(command) ?? '', why);
		t.false(answersSchema.safeParse({permissions: {sudoCommands: [command]}}).success);
	});
}

test('as root: pinned commands, to the letter', t => {
	for (const [command, text] of [
		['/usr/bin/systemctl restart shop.service', '/usr/bin/systemctl restart shop.service'],
		['ci: /usr/bin/systemctl reload nginx', '/usr/bin/systemctl reload nginx'],
		['/usr/local/sbin/deploy-shop', '/usr/local/sbin/deploy-shop ""'],
		['/usr/local/sbin/deploy-shop --ref=v1,v2 a:b', String.raw`/usr/local/sbin/deploy-shop --ref\=v1\,v2 a\:b`],
		['/usr/bin/journalctl -u shop.service --no-pager', '/usr/bin/journalctl -u shop.service --no-pager'],
		['/usr/bin/apt-get update', '/usr/bin/apt-get update'],
	] as const) {
		t.is(sudoObjection(command), undefined, command);
		t.is(sudoersCommand(parseSudoCommand(command)!), text);
	}

	t.is(parseSudoCommand('ci: /usr/bin/id')?.user, 'ci');
	t.false(answersSchema.safeParse({permissions: {sudoCommands: ['/usr/sbin/reboot\nci ALL=(ALL) ALL']}}).success);
});

test('sudo: who may run it; an admin that there is not is refused', t => {
	const resources = permissionsStep.resources(factsWith(), answersWith({sudoCommands: ['ci: /usr/bin/systemctl restart shop.service', '/usr/sbin/reboot']}, {ssh: {user: 'deploy'}}));
	const text = content(resources, '/etc/sudoers.d/91-harden-python-vps-commands');
	t.regex(text, /^ci ALL=\(root\) NOPASSWD: \/usr\/bin\/systemctl restart shop\.service$/m);
	t.regex(text, /^deploy ALL=\(root\) NOPASSWD: \/usr\/sbin\/reboot ""$/m);
	t.throws(() => permissionsStep.resources(factsWith(), answersWith({sudoCommands: ['/usr/sbin/reboot']})), {message: /no admin but root/});
	t.throws(() => permissionsStep.resources(factsWith(), answersWith({sudoCommands: ['joe: /usr/sbin/reboot']})), {message: /the user joe/});
	t.is(found(permissionsStep.resources(factsWith(), answersWith()), '/etc/sudoers.d/91-harden-python-vps-commands'), undefined);
});

const running = Object.fromEntries(settingsFor(['eth0']).map(({key}) => [key, {value: '0', fixed: false}]));

test('kernel: what runs here goes on working', t => {
	const plain = permissionsStep.resources(factsWith({}, {kernel: {...kernel, settings: running}}), answersWith());
	t.is(setting(plain, 'net.ipv4.conf.all.rp_filter'), '1');
	t.is(setting(plain, 'kernel.yama.ptrace_scope'), '1');
	t.is(setting(plain, 'kernel.kptr_restrict'), '2');
	t.is(setting(plain, 'net.ipv4.conf.eth0.accept_redirects'), '0');
	for (const never of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.accept_ra', 'kernel.modules_disabled', 'user.max_user_namespaces', 'kernel.sysrq']) {
		t.is(found(plain, never), undefined, never);
		t.false(content(plain, '/etc/sysctl.d/90-harden-python-vps.conf').split('\n').some(line => line.startsWith(never)), never);
	}

	const docker = permissionsStep.resources(factsWith({packages: {'docker.io': '26', gdb: '15', bpftrace: '0.21'}}, {kernel: {...kernel, settings: running}}), answersWith());
	t.is(setting(docker, 'net.ipv4.conf.all.rp_filter'), '2');
	t.is(found(docker, 'kernel.yama.ptrace_scope'), undefined);
	t.is(found(docker, 'kernel.kptr_restrict'), undefined);
	t.is(setting(permissionsStep.resources(factsWith({}, {kernel: {...kernel, virtualInterfaces: ['wg0'], settings: running}}), answersWith()), 'net.ipv4.conf.default.rp_filter'), '2');
});

test('kernel: stricter stays, theirs stay theirs, and what is the host\'s is told', t => {
	const settings = {...running, 'kernel.yama.ptrace_scope': {value: '2', fixed: false}, 'kernel.dmesg_restrict': {value: '0', fixed: true}};
	const facts = factsWith({}, {kernel: {...kernel, settings, theirs: {'net.ipv4.conf.all.rp_filter': '/etc/sysctl.d/99-vpn.conf'}}});
	const resources = permissionsStep.resources(facts, answersWith());
	t.is(setting(resources, 'kernel.yama.ptrace_scope'), '2');
	t.is(found(resources, 'kernel.dmesg_restrict'), undefined);
	t.is(found(resources, 'net.ipv4.conf.all.rp_filter'), undefined);
	t.notRegex(content(resources, '/etc/sysctl.d/90-harden-python-vps.conf'), /dmesg_restrict|all\.rp_filter/);
	const told = permissionsStep.warnings!(facts, answersWith()).join('\n');
	t.regex(told, /1 kernel settings are not available here.*kernel\.dmesg_restrict/);
	t.regex(told, /stay yours: net\.ipv4\.conf\.all\.rp_filter \(\/etc\/sysctl\.d\/99-vpn\.conf\)/);
});

test('kernel: every setting can be taken back while the server runs', t => {
	const values = settingsFor([]).map(({key, value}) => `${key}=${value({routes: false, debugging: false, tracing: false}, '0')}`);
	t.deepEqual(values.filter(value => ['kernel.unprivileged_bpf_disabled=1', 'kernel.yama.ptrace_scope=3', 'kernel.kexec_load_disabled=1', 'kernel.modules_disabled=1'].includes(value)), []);
});

test('modules: snaps need squashfs, and what is loaded is in use', t => {
	const blocked = (facts: Facts) => content(permissionsStep.resources(facts, answersWith()), '/etc/modprobe.d/90-harden-python-vps.conf');
	t.regex(blocked(factsWith()), /^install squashfs \/bin\/false$/m);
	t.notRegex(blocked(factsWith({packages: {snapd: '2'}})), /squashfs/);
	t.notRegex(blocked(factsWith({}, {kernel: {...kernel, modules: ['sctp', 'usb_storage']}})), /sctp|usb-storage/);
	t.notRegex(blocked(factsWith()), /vfat|overlay|udf|\bext4\b/);
});

const listening = (program: string, port: number, address = '0.0.0.0', protocol: 'tcp' | 'udp' = 'tcp') => ({protocol, address, port, program});
const up = {enabled: true, active: true, masked: false};

test('services: found by what listens, proposed where no web app needs them', t => {
	const facts = factsWith({
		listeners: [listening('rpcbind', 111), listening('cupsd', 631, '127.0.0.1'), listening('exim4', 25), listening('inetd', 23), listening('nginx', 80)],
		units: {'rpcbind.service': up, 'rpcbind.socket': up, 'exim4.service': up, 'inetd.service': up, 'cups.service': up, 'nginx.service': up},
	});
	const question = permissionsStep.questions(facts, answersWith()).find(({id}) => id === 'permissions.disableServices');
	t.deepEqual(question?.default, ['telnet', 'rpcbind']);
	t.deepEqual(question?.kind === 'checkbox' && question.choices.map(({label}) => label), ['telnet on 23', 'rpcbind on 111', 'mail on 25']);
	const names = (answers: Answers, at = facts) => permissionsStep.resources(at, answers).filter(({type, desired}) => type === 'unit' && !(desired).active).map(({name}) => name);
	t.deepEqual(names(answersWith()), ['inetd.service', 'rpcbind.service', 'rpcbind.socket']);
	t.deepEqual(names(answersWith({disableServices: []})), []);
	t.deepEqual(names(answersWith({disableServices: ['mail', 'nosuch', 'cups.service']})), ['exim4.service', 'cups.service']);
	t.deepEqual(names(answersWith(), {...facts, permissions: {...facts.permissions, networkFiles: true}}), ['inetd.service']);
	for (const vital of ['ssh', 'ssh.service', 'systemd-networkd', 'dbus', 'harden-guard.timer', 'ufw']) {
		t.throws(() => names(answersWith({disableServices: [vital]})), {message: /needed to reach or to run/}, vital);
	}
});

test('places: never looser than they are, links left alone', t => {
	const place = (mode: number, more: object = {}) => ({kind: 'file' as const, mode, owner: 'root', group: 'root', ...more});
	const facts = factsWith({}, {places: {'/etc/crontab': place(0o644), '/etc/ssh/sshd_config': place(0o400), '/etc/shadow': place(0o666, {owner: 'joe', group: 'joe'}), '/etc/cron.daily': place(0o755, {kind: 'link'}), '/root': place(0o755, {kind: 'directory'})}});
	const modes = (packages: Facts['packages']) => permissionsStep.resources({...facts, packages}, answersWith()).filter(({type}) => type === 'mode').map(({name, desired}) => [name, desired]);
	const here = modes({debsums: '3'});
	t.deepEqual(here, [
		['/etc/crontab', {mode: 0o600, owner: 'root', group: 'root'}],
		['/etc/ssh/sshd_config', {mode: 0o400, owner: 'root', group: 'root'}],
		['/etc/shadow', {mode: 0o640, owner: 'root', group: 'shadow'}],
		['/root', {mode: 0o700, owner: 'root', group: 'root'}],
	]);
	const strict = {mode: 0o700, owner: 'root', group: 'root'};
	t.deepEqual(modes({}), [...here, ['/etc/cron.weekly', strict], ['/etc/cron.monthly', strict]], 'those that debsums will bring are planned with');
	t.regex(permissionsStep.warnings!(facts, answersWith()).join('\n'), /Links are not followed.*\/etc\/cron\.daily/);
	t.deepEqual(permissionsStep.resources(facts, answersWith({files: false})).filter(({type}) => type === 'mode'), []);
	t.is(ruleFor('/etc/harden/shop/credentials/SECRET_KEY')?.most, 0o600);
	t.is(ruleFor('/etc/harden/shop/credentials/deep/SECRET_KEY'), undefined);
	t.is(new Set(placeRules.map(({path}) => path)).size, placeRules.length);
});

test('login.defs: in the place of what is there, and never an age', t => {
	t.is(withLoginDefinition('A\t1\nUMASK\t\t022\nB 2\n', 'UMASK', '027'), 'A\t1\nUMASK\t\t027\nB 2\n');
	t.is(withLoginDefinition('UMASK 027\n', 'UMASK', '027'), 'UMASK 027\n');
	t.is(withLoginDefinition('#UMASK 022\n# UMASK is the umask\n', 'UMASK', '027'), 'UMASK\t\t027\n# UMASK is the umask\n');
	t.is(withLoginDefinition('A 1', 'UMASK', '027'), 'A 1\nUMASK\t\t027\n');
	t.is(loginDefinition('#UMASK 1\n UMASK 077\n', 'UMASK'), '077');
	const resources = permissionsStep.resources(factsWith({}, {texts: {'/etc/login.defs': 'PASS_MAX_DAYS\t99999\nSHA_CRYPT_MIN_ROUNDS 500000\n'}}), answersWith());
	t.is(content(resources, '/etc/login.defs'), 'PASS_MAX_DAYS\t99999\nSHA_CRYPT_MIN_ROUNDS 500000\nUMASK\t\t027\nYESCRYPT_COST_FACTOR\t\t6\nSHA_CRYPT_MAX_ROUNDS\t\t500000\n');
});

test('umask: code that a deployment puts into its user\'s folder stays readable for the app', t => {
	t.is(umaskFor(answersWith()), '027');
	t.is(umaskFor(answersWith({}, {app: {source: {path: '/srv/src/shop'}}})), '022');
	t.is(umaskFor(answersWith({}, {app: {source: {sample: 'flask'}}})), '027');
	t.is(umaskFor(answersWith({umask: '022'})), '022');
});

const su = 'auth       sufficient pam_rootok.so\n\n# auth       required   pam_wheel.so\n@include common-auth\n';

test('su: for the group sudo, and only where somebody is left who can', t => {
	t.regex(withWheel(su)!, /^auth +sufficient pam_rootok\.so\n# .*\nauth +requisite +pam_wheel\.so group=sudo\n/);
	t.is(withWheel(withWheel(su)!), withWheel(su));
	t.is(withWheel('@include common-auth\n'), undefined);
	const has = (changes: Partial<Facts>) => found(permissionsStep.resources(factsWith(changes, {texts: {'/etc/pam.d/su': su}}), answersWith()), '/etc/pam.d/su') !== undefined;
	t.true(has({}));
	t.true(has({operator: {user: 'deploy'}}));
	t.false(has({operator: {user: 'ci'}}));
	t.false(has({users: []}));
});

test('cron: root, admins, whoever has jobs today, whom the answers name', t => {
	const facts = factsWith({packages: {cron: '3'}}, {crontabs: ['www-data']});
	t.is(content(permissionsStep.resources(facts, answersWith({cronUsers: ['ci']})), '/etc/cron.allow'), 'ci\ndeploy\nroot\nwww-data\n');
	t.is(found(permissionsStep.resources(facts, answersWith()), '/etc/at.allow'), undefined);
	t.is(found(permissionsStep.resources(factsWith(), answersWith()), '/etc/cron.allow'), undefined);
});

test('audit: here, and where the kernel lacks it, with the reason and without the package', async t => {
	const rules = content(permissionsStep.resources(factsWith({packages: {nginx: '1'}}), answersWith()), '/etc/audit/rules.d/50-harden-python-vps.rules');
	t.regex(rules, /^-f 1$/m);
	t.notRegex(rules, /^-f 2|^-e 2/m);
	t.regex(rules, /^-w \/etc\/nginx\/ -p wa -k harden-nginx$/m);
	t.deepEqual(rules.split('\n').filter(line => line.startsWith('-w') && !/ -k harden-[a-z]+$/.test(line)), []);
	const container = factsWith({updates: {pending: [], rebootRequired: false, container: 'lxc'}}, {kernel: {...kernel, audit: false}});
	t.is(found(permissionsStep.resources(container, answersWith()), 'auditd'), undefined);
	t.regex(permissionsStep.warnings!(container, answersWith()).join('\n'), /auditd: not available here, because this is a container \(lxc\)/);
	const check = permissionsStep.checks(container, answersWith()).find(({id}) => id === 'permissions.audit');
	const verdict = await check!.verify({...emptyHost, run: async () => ({exitCode: 0, stdout: 'enabled 1', stderr: ''})});
	t.is(verdict.status, 'not-run');
	t.regex(verdict.evidence, /not available here, because/);
});

test('a banner of their own stays, and ages of passwords are nowhere', t => {
	const name = '/etc/ssh/sshd_config.d/60-harden-python-vps-banner.conf';
	t.truthy(found(permissionsStep.resources(factsWith(), answersWith()), name));
	t.is(found(permissionsStep.resources(factsWith({ssh: {...sshFacts(), config: {banner: ['/etc/our-banner']}}}), answersWith()), name), undefined);
	t.notRegex(JSON.stringify(permissionsStep.resources(factsWith(), answersWith())), /PASS_(?:MAX|MIN)_DAYS/);
});

const withApp = answersWith({}, {app: {name: 'shop', source: {path: '/srv/src/shop'}}});
const confined = (profiles: PermissionFacts['profiles']) => factsWith({}, {kernel: {...kernel, accessControl: ['apparmor']}, profiles});
const day = 24 * 60 * 60;

test('AppArmor: watched first, in force after a day without a complaint, and then it stays', t => {
	const flags = (profiles: PermissionFacts['profiles']) => /flags=\((?<flags>[^)]*)\)/.exec(content(permissionsStep.resources(confined(profiles), withApp), '/etc/apparmor.d/harden.shop'))?.groups?.['flags'];
	t.is(flags({}), 'attach_disconnected, complain');
	t.is(flags({'harden.shop': {mode: 'complain', age: day - 1, refusals: []}}), 'attach_disconnected, complain');
	t.is(flags({'harden.shop': {mode: 'complain', age: day, refusals: ['read /etc/hosts']}}), 'attach_disconnected, complain');
	t.is(flags({'harden.shop': {mode: 'complain', age: day}}), 'attach_disconnected, complain', 'nobody can tell');
	t.is(flags({'harden.shop': {mode: 'complain', age: day, refusals: []}}), 'attach_disconnected');
	t.is(flags({'harden.shop': {mode: 'enforce', age: 1, refusals: []}}), 'attach_disconnected');
});

test('AppArmor: only for an app, only where the kernel has it, and a rule that denies would count while it is only watched', t => {
	const text = content(permissionsStep.resources(confined({}), withApp), '/etc/apparmor.d/harden.shop');
	t.notRegex(text, /^\s*deny /m);
	t.regex(text, /^ {2}\/srv\/src\/shop\/\*\* mr,$/m);
	t.regex(content(permissionsStep.resources(confined({}), withApp), '/etc/systemd/system/shop.service.d/60-apparmor.conf'), /^AppArmorProfile=-harden\.shop$/m);
	t.is(found(permissionsStep.resources(confined({}), answersWith()), 'apparmor'), undefined);
	t.is(found(permissionsStep.resources(factsWith(), withApp), 'apparmor'), undefined);
	t.regex(permissionsStep.warnings!(factsWith(), withApp).join('\n'), /AppArmor: not available here, because this kernel was started without AppArmor/);
});

const withSite = answersWith({}, {app: {name: 'shop', source: {path: '/srv/src/shop'}}, web: {}});

test('AppArmor for nginx: with the web server only, by its unit, and with what other sites name', t => {
	const sites = (places: Partial<Facts['web']['places']>, profiles: PermissionFacts['profiles'] = {}) => ({...confined(profiles), web: {places: {reads: [], writes: [], sockets: [], ...places}}}) as unknown as Facts;
	const text = (facts: Facts) => content(permissionsStep.resources(facts, withSite), '/etc/apparmor.d/harden-nginx');
	t.is(found(permissionsStep.resources(confined({}), withApp), '/etc/apparmor.d/harden-nginx'), undefined);
	t.notRegex(text(sites({})), /^\s*deny |other sites/m);
	t.regex(text(sites({})), /signal \(send\) set=\(quit\) peer=unconfined/, 'while it only watches');
	t.notRegex(text(sites({}, {'harden-nginx': {mode: 'enforce', age: 1, refusals: ['read /opt/x']}})), /peer=unconfined,\n.*set=|complain/);
	const others = text(sites({reads: ['/opt/blog', '/', '/etc', '/srv/a b', '/srv/x,\n/** rwx'], writes: ['/data/cache'], sockets: ['/run/php/fpm.sock', '/run/*']}));
	t.deepEqual(others.split('# What your other sites name in their files\n')[1]!.split('\n').slice(0, 4), ['  /opt/blog{,/,/**} r,', '  /data/cache{,/,/**} rwk,', '  /run/php/fpm.sock rw,', '']);
	const dropIn = found(permissionsStep.resources(sites({}), withSite), '/etc/systemd/system/nginx.service.d/60-apparmor.conf');
	t.deepEqual(dropIn?.reload, {unit: 'nginx.service', action: 'restart', validate: ['nginx', '-t']});
	t.regex(content(permissionsStep.resources(sites({}), withSite), '/etc/systemd/system/harden-apparmor.service'), /^Before=sysinit\.target shop\.service nginx\.service$/m);
});

test('AppArmor: what would be refused is told, and keeps a profile from being put in force', t => {
	const told = (mode: 'complain' | 'enforce') => permissionsStep.warnings!(confined({'harden-nginx': {mode, age: day, refusals: ['read /opt/blog/index.html']}}), withSite).join('\n');
	t.regex(told('complain'), /goes on only watching nginx, since it would have refused: read \/opt\/blog\/index\.html\./);
	t.regex(told('enforce'), /has lately refused nginx: read \/opt\/blog/);
	t.notRegex(permissionsStep.warnings!(confined({}), withSite).join('\n'), /AppArmor/);
	t.regex(permissionsStep.warnings!(confined({'harden.shop': {mode: 'complain', age: day}}), withSite).join('\n'), /^Nobody can tell .* shop/m);
	const remember = (profiles: PermissionFacts['profiles']) => permissionsStep.remember!(confined(profiles), withSite).join('\n');
	t.regex(remember({'harden.shop': {mode: 'enforce', age: 1, refusals: []}}), /^AppArmor only watches so far: nginx\. After a day/);
	t.regex(remember({'harden-nginx': {mode: 'complain', age: day, refusals: ['read /x']}}), /goes on only watching nginx.*read \/x[^]*so far: shop\./);
	t.deepEqual(permissionsStep.remember!(factsWith(), withSite), []);
});

test('a choice not to touch owners and modes is not held against them', t => {
	t.false(permissionsStep.checks(factsWith(), answersWith({files: false})).some(({id}) => id === 'permissions.files'));
});
