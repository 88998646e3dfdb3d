import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';

/** The kernel's record of who changed what matters: pure. */

export const rulesFile = '/etc/audit/rules.d/50-harden-python-vps.rules';
const rulesService = 'harden-audit-rules.service';

/** Why this host cannot have it; undefined where it can. */
export function auditObjection({permissions: {kernel}, updates}: Facts): string | undefined {
	if (kernel.audit) {
		return undefined;
	}

	return updates.container === undefined
		? t('not available here, because this kernel was built or started without auditing (audit=0)')
		: t('not available here, because this is a container ({container}), and the record belongs to its host', {container: updates.container});
}

/** What steps before this one made, and the settings of all. */
function watched({packages}: Facts, answers: Answers): readonly string[] {
	return [
		...'nginx' in packages ? ['-w /etc/nginx/ -p wa -k harden-nginx'] : [],
		...answers.app ? [`-w ${layoutOf(answers.app.name).home}/ -p wa -k harden-app`] : [],
		'-w /etc/harden/ -p wa -k harden-settings',
	];
}

/** The other half of 64-bit machines still takes 32-bit calls. */
const callsOf = () => ['b64', 'b32'];

export function auditResources(facts: Facts, answers: Answers): readonly Resource[] {
	if (auditObjection(facts) !== undefined) {
		return [];
	}

	const homes = facts.ssh.keys.filter(({user, places}) => user !== 'root' && places.folder !== undefined).map(({path}) => path.replace(/\/\.ssh\/[^/]*$/, '')).filter(home => /^\/[\w./-]+$/.test(home));
	const root = {owner: 'root', group: 'root'};
	return [
		{type: 'package', name: 'auditd', desired: {installed: true}, why: t('Writes down who changed accounts, sudo, SSH and the app.')},
		// Secrets, databases' and backups' settings come into it later: watched from the start.
		{type: 'directory', name: '/etc/harden', desired: {mode: 0o755, ...root}, why: t('The settings of what this tool sets up.')},
		{
			type: 'file',
			name: rulesFile,
			desired: {content: snippet('audit/rules.d/50-harden-python-vps.rules', {homes: [...new Set(homes)], places: watched(facts, answers), calls: callsOf()}), mode: 0o640, ...root},
			why: t('What is written down. It can never stop the server: a full disk costs records, no more.'),
			reload: {unit: rulesService, action: 'restart'},
		},
		{type: 'file', name: `/etc/systemd/system/${rulesService}`, desired: {content: snippet('systemd/harden-audit-rules.service'), mode: 0o644, ...root}, why: t('Puts the rules in force, after a restart too.')},
		{type: 'unit', name: rulesService, desired: {enabled: true, active: true, masked: false}, why: t('Puts the rules in force, after a restart too.')},
	];
}
