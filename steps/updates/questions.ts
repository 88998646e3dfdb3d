import type {Answers} from '../../source/engine/answers-type.ts';
import type {Facts, Upgrade} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {t} from '../../source/words.ts';

/** `openssl 3.0.15-1 → 3.0.16-1 (security)`; one that only comes along with another is new. */
export function upgradeWords({name, from, to, security}: Upgrade): string {
	const values = {name, from, to};
	if (from === '') {
		return security ? t('{name} {to}, new (security)', values) : t('{name} {to}, new', values);
	}

	return security ? t('{name} {from} → {to} (security)', values) : t('{name} {from} → {to}', values);
}

/** The first names, and how many more: the whole list is behind "explain", and in the preview. */
function fewOf(names: readonly string[]): string {
	return names.length <= 8 ? names.join(', ') : t('{names} and {count} more', {names: names.slice(0, 7).join(', '), count: names.length - 7});
}

function upgradeQuestion(pending: readonly Upgrade[], byDefault: boolean): Question {
	const security = pending.filter(upgrade => upgrade.security);
	const inOrder = [...security, ...pending.filter(upgrade => !upgrade.security)];
	return {
		id: 'updates.upgrade',
		kind: 'confirm',
		default: byDefault,
		message: pending.length === 1
			? t('Install the pending update now?')
			: t('Install the {count} pending updates now?', {count: pending.length}),
		why: security.length === 0
			? t('They correct errors; none is for security.')
			: t('{count} of them close security holes: {names}.', {count: security.length, names: fewOf(security.map(({name}) => name))}),
		risk: t('Updated services restart, and there is no way back to the old versions. Nothing is removed, and packages on hold stay as they are.'),
		explain: inOrder.map(upgrade => upgradeWords(upgrade)).join('\n'),
	};
}

const timeOfDay = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

export function questions({updates: {pending}}: Facts, {updates}: Answers): readonly Question[] {
	const list: Question[] = [];
	if (pending.length > 0) {
		list.push(upgradeQuestion(pending, updates?.upgrade ?? true));
	}

	const automatic = updates?.automatic ?? true;
	list.push({
		id: 'updates.automatic',
		kind: 'confirm',
		default: automatic,
		message: t('Install security updates by themselves from now on?'),
		why: t('Holes are used within days of becoming known. unattended-upgrades, the distribution\'s own tool, closes them every day.'),
		risk: t('An update may restart a service: a database is then away for some seconds, so apps have to connect again by themselves.'),
		explain: t('Only updates of your release are installed: security fixes, and the careful corrections that /etc/apt/apt.conf.d/50unattended-upgrades names. Configuration files that you edited are never replaced.'),
	});
	if (automatic) {
		list.push({
			id: 'updates.rebootAt',
			kind: 'text',
			default: updates?.rebootAt ?? '04:30',
			placeholder: t('HH:MM, or never'),
			message: t('At what time may the server restart by itself, when an update needs it?'),
			why: t('A new kernel protects only after a restart. It happens at this time, by the clock of the server, and only when an update asks for it.'),
			risk: t('The app is away for about a minute then. With "never", restart by hand now and then.'),
			validate: value => timeOfDay.test(value.trim()) || value.trim() === 'never' ? undefined : t('"{value}" is no time of day. Write it like 04:30, or never.', {value}),
			parse: value => value.trim(),
		});
	}

	return list;
}
