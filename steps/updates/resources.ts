import type {Answers} from '../../source/engine/answers-type.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';

/** Sorts after every numbered file, so that it has the last word; theirs are left as they are. */
export const aptFile = '/etc/apt/apt.conf.d/99harden-python-vps';

/** What starts apt's daily work. */
export const aptTimers = ['apt-daily.timer', 'apt-daily-upgrade.timer'] as const;

/** Time services other than systemd's own: package → unit. One of them is enough; two would fight. */
const timeServices: Readonly<Record<string, string>> = {chrony: 'chrony.service', ntpsec: 'ntpsec.service', openntpd: 'openntpd.service', ntp: 'ntp.service'};

/**
 * The unit that keeps the clock right, or undefined where that is not ours to do: a container has no clock of its
 * own. Theirs wins over ours, whether it runs or not.
 */
export function timeUnit({updates: {container, timeService}, packages}: Facts): string | undefined {
	if (container !== undefined) {
		return undefined;
	}

	const theirs = timeService !== undefined && timeService in timeServices ? timeService : Object.keys(timeServices).find(name => name in packages);
	return theirs === undefined ? 'systemd-timesyncd.service' : timeServices[theirs];
}

/** Where the security updates of this release come from, in the words of unattended-upgrades. */
export function securityOrigin({os}: Facts): string {
	// The tool itself fills in the codename, also after an upgrade to the next release.
	return os.id === 'ubuntu'
		? 'origin=Ubuntu,archive=${distro_codename}-security,label=Ubuntu' // eslint-disable-line no-template-curly-in-string
		: 'origin=Debian,codename=${distro_codename}-security,label=Debian-Security'; // eslint-disable-line no-template-curly-in-string
}

function automaticUpdates(facts: Facts, rebootAt: string): readonly Resource[] {
	const reboot = rebootAt !== 'never';
	const content = snippet('apt/99harden-python-vps', {securityOrigin: securityOrigin(facts), reboot, rebootAt});
	return [
		{type: 'package', name: 'unattended-upgrades', desired: {installed: true}, why: t('Installs security updates every day.')},
		{
			type: 'file',
			name: aptFile,
			desired: {content, mode: 0o644, owner: 'root', group: 'root'},
			why: reboot
				? t('Says what installs itself, and that the server may restart at {time} when an update needs it.', {time: rebootAt})
				: t('Says what installs itself, and that the server never restarts by itself.'),
			validate: ['apt-config', '-c', '{file}', 'dump'],
		},
		...aptTimers.map((name): Resource => ({
			type: 'unit', name, desired: {enabled: true, active: true, masked: false}, why: t('Starts the daily updates.'),
		})),
	];
}

function timeSynchronisation(facts: Facts): readonly Resource[] {
	const unit = timeUnit(facts);
	if (unit === undefined) {
		return [];
	}

	const why = t('A clock that is wrong breaks certificates, logins with codes, and every log.');
	return [
		...unit === 'systemd-timesyncd.service' ? [{type: 'package', name: 'systemd-timesyncd', desired: {installed: true}, why} as const] : [],
		{type: 'unit', name: unit, desired: {enabled: true, active: true, masked: false}, why},
	];
}

export function resources(facts: Facts, {updates}: Answers): readonly Resource[] {
	if (!updates) {
		return [];
	}

	return [
		// First: what is installed after it needs nothing upgraded on the way.
		...updates.upgrade ? [{type: 'upgrade', name: 'all', desired: {pending: []}, why: t('Closes the holes that are known, and corrects errors.')} as const] : [],
		...updates.automatic ? automaticUpdates(facts, updates.rebootAt) : [],
		...timeSynchronisation(facts),
	];
}
