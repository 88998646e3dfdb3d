import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import {accessControlObjection, accessControlReminders, accessControlWarnings} from './apparmor.ts';
import {auditObjection} from './audit.ts';
import {checks} from './checks/index.ts';
import {fixedSettings, theirSettings} from './kernel.ts';
import {isSuSafe} from './login.ts';
import {linkedPlaces} from './places.ts';
import {questions} from './questions.ts';
import {resources} from './resources.ts';
import {foundServices} from './services.ts';

function today(facts: Facts): string {
	const found = foundServices(facts);
	return found.length > 0
		? t('{names} listen for others', {names: found.map(({service}) => service.name).join(', ')})
		: t('as installed');
}

function warnings(facts: Facts, answers: Answers): readonly string[] {
	const {permissions} = answers;
	const fixed = fixedSettings(facts);
	const theirs = theirSettings(facts);
	const links = linkedPlaces(facts);
	const objection = auditObjection(facts);
	return [
		...permissions?.sysctl && fixed.length > 0 ? [t('{count} kernel settings are not available here, because they belong to the host of this container: {keys}.', {count: fixed.length, keys: fixed.join(', ')})] : [],
		...permissions?.sysctl && theirs.length > 0 ? [t('Settings that you make yourself stay yours: {keys}.', {keys: theirs.map(({key, file}) => `${key} (${file})`).join(', ')})] : [],
		...permissions?.auditd && objection !== undefined ? [t('auditd: {why}.', {why: objection})] : [],
		...permissions?.mandatoryAccess && accessControlObjection(facts) !== undefined ? [t('AppArmor: {why}.', {why: accessControlObjection(facts)!})] : [],
		...permissions?.mandatoryAccess ? accessControlWarnings(facts, answers) : [],
		...permissions?.files && links.length > 0 ? [t('Links are not followed, so what they lead to stays as it is: {paths}.', {paths: links.join(', ')})] : [],
		...isSuSafe(facts) ? [] : [t('su stays open to everybody who knows a password: nobody but root is in the group sudo yet, or you are not.')],
	];
}

export const permissionsStep: Step = {
	id: 'permissions',
	get title() {
		return t('Permissions');
	},
	get purpose() {
		return t('Whoever gets in somewhere gets no further: secrets are root\'s, programs cannot look into one another, what nobody needs is off.');
	},
	today,
	questions,
	resources,
	checks,
	warnings: (facts, answers) => answers.permissions ? warnings(facts, answers) : [],
	remember: (facts, answers) => [
		...answers.permissions?.sudoCommands.length ? [t('Who may run which command as root:\n    sudo -l -U USER')] : [],
		...answers.permissions?.mandatoryAccess ? accessControlReminders(facts, answers) : [],
	],
	// It sets the modes of their files, so theirs can only be put back after its own.
	standsOn: ['ssh', 'firewall', 'fail2ban'],
};
