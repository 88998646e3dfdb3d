import {isSource} from '../source/answers/values.ts';
import type {Answers} from '../source/answers.ts';
import {snippet} from '../source/snippet.ts';
import {t} from '../source/words.ts';
import type {Facts} from '../source/engine/facts.ts';
import type {Question, Step} from '../source/engine/step.ts';
import type {Resource} from '../source/engine/types.ts';
import {checks} from './fail2ban/checks.ts';
import {ignored, jailPorts, operators} from './fail2ban/settings.ts';

const durationForm = /^[1-9]\d{0,5}(?:s|m|h|d|w)?$/;

function sources(text: string): readonly string[] {
	return text.split(/[\s,]+/).filter(Boolean);
}

function questions({operator}: Facts, answers: Answers): readonly Question[] {
	const given = answers.fail2ban;
	return [
		{
			id: 'fail2ban.maxRetry',
			kind: 'text',
			message: t('After how many bad logins is an address banned?'),
			why: t('Robots try hundreds of passwords. Five leaves a person room for a few slips.'),
			risk: t('Several people behind one address share the count.'),
			default: String(given?.maxRetry ?? 5),
			validate: value => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 100 ? undefined : t('Write a number from 1 to 100.'),
			parse: Number,
		},
		{
			id: 'fail2ban.banTime',
			kind: 'text',
			message: t('For how long?'),
			why: t('Who comes back is banned for twice as long each time, up to four weeks.'),
			default: given?.banTime ?? '1h',
			validate: value => durationForm.test(value) ? undefined : t('Write a duration like 10m, 1h or 7d.'),
			parse: value => value,
		},
		{
			id: 'fail2ban.ignore',
			kind: 'text',
			message: t('Which addresses should never be banned?'),
			why: operator.address === undefined
				? t('Your office, your home, whatever watches this server. Nobody else.')
				: t('{address}, where you are now, is never banned anyway. Add others: your office, your home, whatever watches this server.', {address: operator.address}),
			explain: t('Addresses like 203.0.113.7 or networks like 203.0.113.0/24 or 2001:db8::/48, with spaces between them. What watches SSH by connecting and hanging up counts as bad logins, so name it here.'),
			default: (given?.ignore ?? []).join(' '),
			placeholder: t('none'),
			validate(value) {
				const wrong = sources(value).find(source => !isSource(source));
				return wrong === undefined ? undefined : t('`{wrong}` is no address and no network. Write them like 203.0.113.7 or 2001:db8::/48.', {wrong});
			},
			parse: sources,
		},
	];
}

function dropIn(facts: Facts, answers: NonNullable<Answers['fail2ban']>, all: Answers): string {
	return snippet('fail2ban/jail.d/50-harden-python-vps.local', {
		operators: operators(facts).join(' '),
		ports: jailPorts(facts, all).join(','),
		maxRetry: answers.maxRetry,
		findTime: answers.findTime,
		banTime: answers.banTime,
		ignore: ignored(facts, all).join(' '),
		logFile: facts.fail2ban.installed ? facts.fail2ban.logFile ?? '' : '/var/log/fail2ban.log',
	});
}

function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const block = answers.fail2ban;
	return block === undefined ? [] : [
		// Started by its package it has no settings of ours yet: it fails on Debian 12, and could ban the operator on 13.
		{type: 'package', name: 'fail2ban', desired: {installed: true, startsOff: ['fail2ban.service']}, why: t('Bans addresses that guess passwords.')},
		{type: 'package', name: 'python3-systemd', desired: {installed: true}, why: t('Lets Fail2Ban read the journal.')},
		{type: 'package', name: 'nftables', desired: {installed: true}, why: t('Keeps banned addresses in the kernel.')},
		{
			type: 'file',
			name: '/etc/fail2ban/jail.d/50-harden-python-vps.local',
			desired: {content: dropIn(facts, block, answers), mode: 0o644, owner: 'root', group: 'root'},
			why: t('Who is banned, for how long, and who never.'),
			reload: {unit: 'fail2ban.service', action: 'restart', validate: ['fail2ban-client', '--test']},
		},
		{type: 'unit', name: 'fail2ban.service', desired: {enabled: true, active: true, masked: false}, why: t('It runs, also after a reboot.')},
	];
}

export const fail2banStep: Step = {
	id: 'fail2ban',
	get title() {
		return t('Fail2Ban');
	},
	get purpose() {
		return t('Whoever keeps guessing is turned away by the kernel, and your logs stay readable.');
	},
	today({fail2ban}) {
		if (!fail2ban.installed) {
			return t('not installed');
		}

		return fail2ban.running ? t('running') : t('installed, not running');
	},
	questions,
	resources,
	checks,
	remember: (_, answers) => answers.fail2ban ? [t('Banned by mistake? From another address, or your provider\'s console:\n    sudo fail2ban-client unban ADDRESS')] : [],
	standsOn: ['ssh'],
};
