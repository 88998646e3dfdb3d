import test from 'ava';
import {answersSchema} from '../../source/answers.ts';
import type {Answers} from '../../source/engine/answers-type.ts';
import type {Facts, UpdateFacts} from '../../source/engine/facts.ts';
import type {Host, Resource, ResourceStates} from '../../source/engine/types.ts';
import {automaticVerdict} from '../../steps/updates/checks.ts';
import {updatesStep} from '../../steps/updates.ts';
import {emptyHost} from '../empty-host.ts';

/** Facts as far as this step looks at them. */
function factsWith(updates: Partial<UpdateFacts> = {}, more: Partial<Facts> = {}): Facts {
	return {
		os: {id: 'debian', versionId: '13', codename: 'trixie', prettyName: 'Debian 13'},
		packages: {apt: '3.0.4'},
		updates: {pending: [], rebootRequired: false, listsAge: 600, ...updates},
		...more,
	} as Facts;
}

function answersWith(updates?: Partial<NonNullable<Answers['updates']>>): Answers {
	return answersSchema.parse({updates: updates ?? {}});
}

const named = (resources: readonly Resource[]) => resources.map(({type, name}) => `${type} ${name}`);
const openssl = {name: 'openssl', from: '3.0.15-1', to: '3.0.16-1', security: true};
const tzdata = {name: 'tzdata', from: '2024a', to: '2025b', security: false};

const automatic = ['package unattended-upgrades', 'file /etc/apt/apt.conf.d/99harden-python-vps', 'unit apt-daily.timer', 'unit apt-daily-upgrade.timer'];
const systemdsClock = ['package systemd-timesyncd', 'unit systemd-timesyncd.service'];

const table: ReadonlyArray<[title: string, facts: Facts, answers: Answers, resources: readonly string[]]> = [
	['defaults', factsWith(), answersWith(), ['upgrade all', ...automatic, ...systemdsClock]],
	['no upgrade now', factsWith(), answersWith({upgrade: false}), [...automatic, ...systemdsClock]],
	['nothing by itself', factsWith(), answersWith({automatic: false}), ['upgrade all', ...systemdsClock]],
	['again: timesyncd runs', factsWith({timeService: 'systemd-timesyncd'}), answersWith({upgrade: false, automatic: false}), systemdsClock],
	['chrony runs', factsWith({timeService: 'chrony'}), answersWith({upgrade: false, automatic: false}), ['unit chrony.service']],
	['ntpsec is there and off', factsWith({}, {packages: {apt: '2', ntpsec: '1'}}), answersWith({upgrade: false, automatic: false}), ['unit ntpsec.service']],
	['a container has no clock', factsWith({container: 'systemd-nspawn'}), answersWith(), ['upgrade all', ...automatic]],
	['the block is absent', factsWith(), answersSchema.parse({}), []],
];

for (const [title, facts, answers, expected] of table) {
	test(`resources: ${title}`, t => {
		t.deepEqual(named(updatesStep.resources(facts, answers)), [...expected]);
	});
}

function aptFile(facts: Facts, answers: Answers): string {
	const resource = updatesStep.resources(facts, answers).find(({name}) => name === '/etc/apt/apt.conf.d/99harden-python-vps');
	return (resource!.desired as {content: string} & ResourceStates['file']).content;
}

test('the file for apt: the restart, and where security comes from', t => {
	const content = aptFile(factsWith(), answersWith());
	t.regex(content, /^Unattended-Upgrade::Automatic-Reboot "true";\nUnattended-Upgrade::Automatic-Reboot-Time "04:30";$/m);
	t.regex(content, /^\t"origin=Debian,codename=\$\{distro_codename}-security,label=Debian-Security";$/m);
	const never = aptFile(factsWith(), answersWith({rebootAt: 'never'}));
	t.regex(never, /^Unattended-Upgrade::Automatic-Reboot "false";$/m);
	t.notRegex(never, /Reboot-Time/);
	t.regex(aptFile(factsWith({}, {os: {id: 'ubuntu', versionId: '24.04', codename: 'noble', prettyName: 'Ubuntu'}}), answersWith()), /"origin=Ubuntu,archive=\$\{distro_codename}-security,label=Ubuntu";/);
	t.notRegex(content, /\{\{|\t{2}|\n{3}/);
});

test('questions: what is pending is asked about, security first; the restart only where updates install themselves', t => {
	const ids = (facts: Facts, answers: Answers) => updatesStep.questions(facts, answers).map(({id}) => id);
	t.deepEqual(ids(factsWith(), answersWith()), ['updates.automatic', 'updates.rebootAt']);
	t.deepEqual(ids(factsWith({pending: [tzdata]}), answersWith({automatic: false})), ['updates.upgrade', 'updates.automatic']);
	const [upgrade] = updatesStep.questions(factsWith({pending: [tzdata, openssl, {name: 'linux-image-2', from: '', to: '2', security: false}]}), answersSchema.parse({}));
	t.is(upgrade!.message, 'Install the 3 pending updates now?');
	t.is(upgrade!.explain, 'openssl 3.0.15-1 → 3.0.16-1 (security)\ntzdata 2024a → 2025b\nlinux-image-2 2, new');
	t.regex(upgrade!.why, /1 of them close security holes: openssl/);
	t.true(upgrade!.default);
});

test('questions: a time of day or never, and the words for everything else', t => {
	const question = updatesStep.questions(factsWith(), answersWith({rebootAt: 'never'})).at(-1)!;
	t.is(question.default, 'never');
	const {validate, parse} = question as Extract<typeof question, {kind: 'text'}>;
	for (const good of ['00:00', '04:30', '23:59', 'never', ' 05:00 ']) {
		t.is(validate(good), undefined, `"${good}"`);
		t.notThrows(() => answersSchema.parse({updates: {rebootAt: parse(good)}}));
	}

	for (const bad of ['', '24:00', '4:30', '04:60', 'now', '04:30"; rm', '04:30\n05:00', 'NEVER']) {
		t.regex(validate(bad) ?? '', /no time of day. Write it like 04:30, or never\./, `"${bad}"`);
	}
});

test('today, in a few words', t => {
	t.is(updatesStep.today(factsWith()), 'up to date');
	t.is(updatesStep.today(factsWith({pending: [openssl, tzdata]})), '2 pending, 1 of them for security');
	t.is(updatesStep.today(factsWith({pending: [tzdata]})), '1 pending, none for security');
	t.is(updatesStep.today(factsWith({listsAge: undefined})), 'the package lists were never fetched');
	t.is(updatesStep.today(factsWith({unfinished: ['x']})), 'an installation was interrupted');
});

test('warnings and what to remember', t => {
	t.deepEqual(updatesStep.warnings?.(factsWith(), answersWith()), []);
	t.regex(updatesStep.warnings!(factsWith({listsAge: undefined}), answersWith())[0]!, /never fetched/);
	t.regex(updatesStep.warnings!(factsWith({listsAge: 9 * 24 * 3600}), answersWith())[0]!, /9 days old/);
	t.regex(updatesStep.warnings!(factsWith({rebootRequired: true}), answersWith())[0]!, /waits for a restart/);
	t.regex(updatesStep.warnings!(factsWith({}, {packages: {apt: '3', postgresql: '17'}}), answersWith())[0]!, /postgresql is here/);
	t.deepEqual(updatesStep.remember?.(factsWith(), answersWith()), []);
	t.is(updatesStep.remember!(factsWith({rebootRequired: true}, {packages: {'unattended-upgrades': '2'}}), answersWith()).length, 2);
	t.is(updatesStep.unfit?.(factsWith(), {version: 1}), undefined);
	t.regex(updatesStep.unfit!(factsWith({}, {packages: {}}), {version: 1})!, /no apt/);
});

const on = [
	'APT::Periodic::Update-Package-Lists "1";', 'APT::Periodic::Unattended-Upgrade "1";', 'Unattended-Upgrade::Origins-Pattern:: "origin=Debian,label=Debian-Security";',
	'Unattended-Upgrade::Automatic-Reboot "true";', 'Unattended-Upgrade::Automatic-Reboot-Time "04:30";',
].join('\n');

const verdicts: ReadonlyArray<[title: string, dump: string, status: string, evidence: RegExp]> = [
	['on', on, 'pass', /restart at 04:30/],
	['never restarts', on.replace('"true"', '"false"'), 'pass', /no restart by itself/],
	['Ubuntu\'s form of the list', on.replace('Origins-Pattern', 'Allowed-Origins').replace('origin=Debian,label=Debian-Security', 'Ubuntu:noble-security'), 'pass', /noble-security/],
	['switched off by a later file', `${on}\nAPT::Periodic::Unattended-Upgrade "0";`, 'fail', /Unattended-Upgrade/],
	['all of it switched off', `${on}\nAPT::Periodic::Enable "0";`, 'fail', /Enable/],
	['lists never fetched', on.replace('Lists "1"', 'Lists "0"'), 'fail', /Update-Package-Lists/],
	['as daily as "always"', on.replace('Lists "1"', 'Lists "always"'), 'pass', /Debian-Security/],
	['nothing from security', on.replace('Debian-Security', 'Debian'), 'fail', /no security source/],
	['nothing said', '', 'fail', /Switched off/],
];

for (const [title, dump, status, evidence] of verdicts) {
	test(`check of automatic updates: ${title}`, t => {
		const verdict = automaticVerdict(dump);
		t.is(verdict.status, status as never);
		t.regex(verdict.evidence, evidence);
	});
}

const hostSaying = (outputs: Record<string, string>): Host => ({
	...emptyHost,
	run: async argv => ({exitCode: 0, stdout: outputs[argv[0]] ?? outputs[argv.slice(0, 2).join(' ')] ?? '', stderr: ''}),
});

test('checks: security pending, held packages, the clock, the restart', async t => {
	const check = (id: string, facts = factsWith()) => updatesStep.checks(facts, answersWith()).find(found => found.id === id)!;
	const security = await check('updates.security').verify(hostSaying({'apt-get': 'Inst openssl [1] (2 Debian-Security:13/stable-security [amd64])'}));
	t.deepEqual(security, {status: 'fail', evidence: '1 security updates are pending: openssl 2'});
	const held = await check('updates.security').verify(hostSaying({'apt-get': 'Inst tzdata [1] (2 Debian:13/stable [all])', 'dpkg-query': 'hi \topenssl\tamd64\t1\nii \ttzdata\tall\t1\n'}));
	t.is(held.status, 'pass');
	t.regex(held.evidence, /1 others are\. On hold, so never updated: openssl/);
	t.is((await check('updates.clock', factsWith({container: 'lxc'})).verify(hostSaying({}))).status, 'not-run');
	t.is((await check('updates.clock').verify(hostSaying({}))).status, 'fail');
	t.is((await check('updates.clock').verify(hostSaying({'systemctl show': 'ActiveState=active'}))).status, 'pass');
	t.is((await check('updates.restart', factsWith({rebootRequired: true})).verify(hostSaying({}))).status, 'not-run');
	t.is((await check('updates.timers').verify(hostSaying({'systemctl is-active': 'active\nactive', 'systemctl is-enabled': 'enabled\nmasked'}))).status, 'fail');
	t.is((await check('updates.timers').verify(hostSaying({'systemctl is-active': 'active\nactive', 'systemctl is-enabled': 'enabled\nenabled'}))).status, 'pass');
	t.false(updatesStep.checks(factsWith(), answersWith({upgrade: false, automatic: false})).some(({id}) => ['updates.security', 'updates.automatic', 'updates.timers'].includes(id)));
});
