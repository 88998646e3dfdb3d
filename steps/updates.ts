import type {Answers} from '../source/engine/answers-type.ts';
import type {Facts} from '../source/engine/facts.ts';
import type {Step} from '../source/engine/step.ts';
import {t} from '../source/words.ts';
import {simulateUpgrade} from '../source/engine/apt.ts';
import {checks} from './updates/checks.ts';
import {questions} from './updates/questions.ts';
import {resources} from './updates/resources.ts';

function today({updates: {pending, listsAge, unfinished}}: Facts): string {
	if (unfinished) {
		return t('an installation was interrupted');
	}

	if (listsAge === undefined) {
		return t('the package lists were never fetched');
	}

	const security = pending.filter(upgrade => upgrade.security).length;
	if (pending.length === 0) {
		return t('up to date');
	}

	return security === 0 ? t('{count} pending, none for security', {count: pending.length}) : t('{count} pending, {security} of them for security', {count: pending.length, security});
}

const day = 24 * 3600;

function warnings({updates, packages}: Facts, {updates: wanted}: Answers): readonly string[] {
	const found: string[] = [];
	if (updates.listsAge === undefined) {
		found.push(t('The package lists were never fetched, so pending updates and what comes along with a package are not known yet. `apt-get update` fetches them.'));
	} else if (updates.listsAge > 7 * day) {
		found.push(t('The package lists are {days} days old, so newer updates are not shown. `apt-get update` fetches them.', {days: Math.floor(updates.listsAge / day)}));
	}

	if (updates.rebootRequired) {
		found.push(t('An earlier update waits for a restart. The wizard does not restart this server: do it when it suits you, with `reboot`.'));
	}

	const database = ['postgresql', 'mariadb-server', 'mysql-server'].find(name => name in packages);
	if (wanted?.automatic && database !== undefined) {
		found.push(t('{database} is here: an update of it restarts it, and your app has to connect again by itself.', {database}));
	}

	return found;
}

function remember({updates, packages}: Facts, {updates: wanted}: Answers): readonly string[] {
	const lines: string[] = [];
	if (updates.rebootRequired) {
		lines.push(t('Restart when it suits you, with `reboot`: the new kernel or library is in force only then.'));
	}

	if (wanted?.automatic && 'unattended-upgrades' in packages) {
		lines.push(wanted.rebootAt === 'never'
			? t('Security updates install themselves every day; restart now and then, since nothing else does. Log: /var/log/unattended-upgrades/')
			: t('Security updates install themselves every day, with a restart at {time} (this server\'s clock) when one is needed. Log: /var/log/unattended-upgrades/', {time: wanted.rebootAt}));
	}

	return lines;
}

/** The system is current, stays current by itself, and knows what time it is. */
export const updatesStep: Step = {
	id: 'updates',
	title: t('Updates'),
	purpose: t('Most servers are broken into through holes that were closed long ago: install the fixes, now and from now on.'),
	today,
	unfit: ({packages}) => 'apt' in packages ? undefined : t('This system has no apt. The wizard knows Debian and Ubuntu.'),
	questions,
	resources,
	checks,
	ahead: simulateUpgrade,
	warnings,
	remember,
};
