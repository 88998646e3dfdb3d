import type {Answers} from '../../source/engine/answers-type.ts';
import {parseAptConfig, parseSimulation, simulateUpgrade} from '../../source/engine/apt.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {installedPackages} from '../../source/engine/installed.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {t} from '../../source/words.ts';
import {aptTimers, timeUnit} from './resources.ts';

const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
const fail = (evidence: string): Verdict => ({status: 'fail', evidence});
const notRun = (evidence: string): Verdict => ({status: 'not-run', evidence});

async function securityUpdates(host: Host): Promise<Verdict> {
	const [{exitCode, stdout, stderr}, installed] = await Promise.all([simulateUpgrade(host), installedPackages(host)]);
	if (exitCode !== 0) {
		return fail(t('apt cannot say what is pending: {words}', {words: stderr.split('\n')[0] ?? ''}));
	}

	const pending = parseSimulation(stdout).filter(({action}) => action === 'install');
	const security = pending.filter(update => update.security);
	if (security.length > 0) {
		return fail(t('{count} security updates are pending: {names}', {count: security.length, names: security.map(({name, to}) => `${name} ${to}`).join(', ')}));
	}

	const held = [...installed].filter(([, found]) => found.held).map(([name]) => name);
	return held.length === 0
		? pass(t('No security update is pending; {count} others are.', {count: pending.length}))
		: pass(t('No security update is pending; {count} others are. On hold, so never updated: {held}', {count: pending.length, held: held.join(', ')}));
}

/** `true`, `1`, `yes`, … as apt reads a switch; an interval in days, or `always`, counts as on unless it is 0. */
function isOn(value: string | undefined): boolean {
	return value !== undefined && !['', '0', 'no', 'false', 'without', 'off', 'disable'].includes(value);
}

/** What apt's own configuration comes to, all files read: whether updates install themselves, and from where. */
export function automaticVerdict(dump: string): Verdict {
	const config = parseAptConfig(dump);
	const last = (key: string) => config.get(key)?.at(-1);
	const off = ['APT::Periodic::Update-Package-Lists', 'APT::Periodic::Unattended-Upgrade'].filter(key => !isOn(last(key)));
	if (off.length > 0 || last('APT::Periodic::Enable') === '0') {
		return fail(t('Switched off in apt\'s configuration: {keys}', {keys: off.length > 0 ? off.join(', ') : 'APT::Periodic::Enable'}));
	}

	const origins = [...config.get('Unattended-Upgrade::Origins-Pattern') ?? [], ...config.get('Unattended-Upgrade::Allowed-Origins') ?? []];
	const security = origins.find(origin => /security/i.test(origin));
	if (security === undefined) {
		return fail(t('unattended-upgrades is on, but no security source is among those it takes from.'));
	}

	const restart = isOn(last('Unattended-Upgrade::Automatic-Reboot')) ? t('restart at {time} when needed', {time: last('Unattended-Upgrade::Automatic-Reboot-Time') ?? t('once')}) : t('no restart by itself');
	return pass(t('On, from {origin}; {restart}.', {origin: security, restart}));
}

async function automaticUpdates(host: Host): Promise<Verdict> {
	const [installed, dump] = await Promise.all([installedPackages(host), host.run(['apt-config', 'dump'])]);
	return installed.get('unattended-upgrades')?.status === 'i' ? automaticVerdict(dump.stdout) : fail(t('unattended-upgrades is not installed.'));
}

async function timers(host: Host): Promise<Verdict> {
	const [active, enabled] = await Promise.all([host.run(['systemctl', 'is-active', ...aptTimers]), host.run(['systemctl', 'is-enabled', ...aptTimers])]);
	const bad = aptTimers.filter((_, index) => active.stdout.split('\n')[index] !== 'active' || enabled.stdout.split('\n')[index] !== 'enabled');
	return bad.length === 0
		? pass(t('{timers} are waiting for their time.', {timers: aptTimers.join(', ')}))
		: fail(t('Not running, or not after a restart: {timers}', {timers: bad.join(', ')}));
}

async function clock(host: Host, unit: string | undefined): Promise<Verdict> {
	if (unit === undefined) {
		return notRun(t('This is a container: its clock is that of the machine it runs on.'));
	}

	const {stdout} = await host.run(['systemctl', 'show', '--property=ActiveState,ConditionResult', unit]);
	if (!stdout.includes('ActiveState=active')) {
		return fail(t('{unit} is not running.', {unit}));
	}

	const {stdout: synchronised} = await host.run(['timedatectl', 'show', '--property=NTPSynchronized', '--value']);
	return pass(synchronised === 'yes' ? t('{unit} runs, and the clock is right.', {unit}) : t('{unit} runs; it has not reached a time server yet.', {unit}));
}

function restart({updates: {rebootRequired}}: Facts): Verdict {
	return rebootRequired
		? notRun(t('An update waits for a restart, which is yours to choose: `reboot`.'))
		: pass(t('Nothing waits for a restart.'));
}

/** Why not `unattended-upgrade --dry-run`: it takes apt's lock and half a minute; the tests run it instead. */
export function checks(facts: Facts, {updates}: Answers): readonly Check[] {
	const list: Check[] = [];
	if (updates?.upgrade ?? true) {
		list.push({
			id: 'updates.security',
			title: t('No security update is pending'),
			severity: 'high',
			references: ['CIS Debian 12 1.2.2.1'],
			fix: t('Run `apt-get update` and `apt-get upgrade --with-new-pkgs`, or this wizard with `--only updates`.'),
			verify: securityUpdates,
		});
	}

	if (updates?.automatic ?? true) {
		list.push({
			id: 'updates.automatic',
			title: t('Security updates install themselves'),
			severity: 'high',
			references: ['ANSSI-BP-028 R61'],
			fix: t('Run this wizard with `--only updates`, or `apt-get install unattended-upgrades` and `dpkg-reconfigure unattended-upgrades`.'),
			verify: automaticUpdates,
		}, {
			id: 'updates.timers',
			title: t('The daily timers of apt run'),
			severity: 'medium',
			references: ['ANSSI-BP-028 R61', 'CIS Controls 7.3'],
			fix: t('Run: systemctl enable --now {timers}', {timers: aptTimers.join(' ')}),
			verify: timers,
		});
	}

	const unit = timeUnit(facts);
	list.push({
		id: 'updates.clock',
		title: t('The clock is kept right'),
		severity: 'medium',
		references: ['CIS Debian 12 2.3.1.1'],
		fix: t('Run: systemctl enable --now {unit}', {unit: unit ?? 'systemd-timesyncd.service'}),
		verify: async host => clock(host, unit),
	}, {
		id: 'updates.restart',
		title: t('No update waits for a restart'),
		severity: 'low',
		references: ['ANSSI-BP-028 R61', 'CIS Controls 7.3'],
		fix: t('Restart when it suits you: reboot'),
		verify: async () => restart(facts),
	});
	return list;
}
