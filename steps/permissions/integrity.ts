import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';

/** What watches over updates, passwords and files from now on: pure. */

const root = {mode: 0o644, owner: 'root', group: 'root'} as const;

/** After an update: services that still run the old library are restarted. */
export function restartResources(): readonly Resource[] {
	return [
		{type: 'package', name: 'needrestart', desired: {installed: true}, why: t('An update protects a running service only after it was restarted.')},
		{
			type: 'file',
			name: '/etc/needrestart/conf.d/50-harden-python-vps.conf',
			desired: {content: snippet('needrestart/conf.d/50-harden-python-vps.conf'), ...root},
			why: t('Services that an update concerns are restarted by themselves.'),
			validate: ['perl', '-c', '{file}'],
		},
	];
}

/** For sudo and the console; nobody who has a password today is asked for another. */
export function passwordResources(): readonly Resource[] {
	return [
		{type: 'package', name: 'libpam-pwquality', desired: {installed: true}, why: t('A new password that is easily guessed is refused.')},
		{type: 'directory', name: '/etc/security/pwquality.conf.d', desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('pam_pwquality reads the files in it.')},
		{type: 'file', name: '/etc/security/pwquality.conf.d/90-harden-python-vps.conf', desired: {content: snippet('security/pwquality.conf.d/90-harden-python-vps.conf'), ...root}, why: t('How long a new password has to be.')},
	];
}

export const integrityTimer = 'harden-integrity.timer';

/** Where cron is not installed, debsums brings these folders of its. */
export const debsumsFolders = ['/etc/cron.weekly', '/etc/cron.monthly'];

/** The distribution's own AIDE, set up by its own package, is left as it is. */
export function hasOwnAide({packages}: Facts): boolean {
	return 'aide-common' in packages;
}

export function integrityResources(facts: Facts): readonly Resource[] {
	if (hasOwnAide(facts)) {
		return [];
	}

	return [
		{type: 'package', name: 'aide', desired: {installed: true}, why: t('Remembers settings, keys and jobs, and tells what changed.')},
		{type: 'package', name: 'debsums', desired: {installed: true}, why: t('Compares programs with what their packages brought.')},
		{type: 'directory', name: '/etc/aide', desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('AIDE\'s settings.')},
		{type: 'file', name: '/etc/aide/aide.conf', desired: {content: snippet('aide/aide.conf'), ...root}, why: t('What is watched.'), validate: ['aide', '--config={file}', '--config-check']},
		{type: 'file', name: '/usr/local/sbin/harden-integrity', desired: {content: snippet('bin/harden-integrity'), ...root, mode: 0o755}, why: t('Looks, and tells each change once.'), validate: ['sh', '-n', '{file}']},
		{type: 'file', name: '/etc/systemd/system/harden-integrity.service', desired: {content: snippet('systemd/harden-integrity.service'), ...root}, why: t('Runs it when the server has nothing else to do.')},
		{type: 'file', name: `/etc/systemd/system/${integrityTimer}`, desired: {content: snippet('systemd/harden-integrity.timer'), ...root}, why: t('Once a day.')},
		{type: 'unit', name: integrityTimer, desired: {enabled: true, active: true, masked: false}, why: t('Once a day, the first time in ten minutes.')},
	];
}
