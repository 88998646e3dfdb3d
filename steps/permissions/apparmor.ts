import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';

/** Mandatory access control for the app: watched first, in force after a clean day. Pure. */

const profileService = 'harden-apparmor.service';

/** So long the app has to have run without touching anything else, before the profile is put in force. Seconds. */
const watchFor = 24 * 60 * 60;

/** Why this host cannot have it; undefined where it can. */
export function accessControlObjection({permissions: {kernel}, updates}: Facts): string | undefined {
	if (kernel.accessControl.includes('apparmor')) {
		return undefined;
	}

	if (updates.container !== undefined) {
		return t('not available here, because this is a container ({container}), and its host decides', {container: updates.container});
	}

	return kernel.accessControl.includes('selinux')
		? t('not available here, because SELinux is what this system uses; it stays as it is')
		: t('not available here, because this kernel was started without AppArmor');
}

export const profileOf = (name: string) => `harden.${name}`;

/** Watched until it ran a day without a complaint; once in force it stays so. */
export function isOnlyWatched({permissions: {profiles}}: Facts, name: string): boolean {
	const profile = profiles[profileOf(name)];
	return profile?.mode !== 'enforce' && !(profile?.mode === 'complain' && profile.age >= watchFor && profile.complaints === 0);
}

export function accessControlResources(facts: Facts, answers: Answers): readonly Resource[] {
	const {app} = answers;
	if (app === undefined || accessControlObjection(facts) !== undefined) {
		return [];
	}

	const {name, source} = app;
	const {home, state, service, dropIns} = layoutOf(name);
	const profile = profileOf(name);
	const complain = isOnlyWatched(facts, name);
	const file = `/etc/apparmor.d/${profile}`;
	const root = {mode: 0o644, owner: 'root', group: 'root'};
	const restart = {unit: service, action: 'restart'} as const;
	return [
		{type: 'package', name: 'apparmor', desired: {installed: true}, why: t('Keeps the app to its own files, whatever its code is made to do.')},
		{
			type: 'file',
			name: file,
			desired: {content: snippet('apparmor.d/app', {name, profile, home, state, complain, code: 'path' in source ? source.path : ''}), ...root},
			why: complain
				? t('Watches for a day what the app touches, without refusing anything; run the wizard again after that to put it in force.')
				: t('The app ran a day without touching anything else, so from now on it cannot.'),
			validate: ['apparmor_parser', '--skip-kernel-load', '--skip-cache', '{file}'],
			reload: {unit: profileService, action: 'reload'},
		},
		{type: 'file', name: `/etc/systemd/system/${profileService}`, desired: {content: snippet('systemd/harden-apparmor.service', {name, file}), ...root}, why: t('Loads the profile before the app starts.')},
		{type: 'unit', name: profileService, desired: {enabled: true, active: true, masked: false}, why: t('Loads the profile before the app starts.')},
		{type: 'directory', name: dropIns, desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('systemd reads the files in it.')},
		{type: 'file', name: `${dropIns}/60-apparmor.conf`, desired: {content: snippet('systemd/60-harden-apparmor.conf', {profile}), ...root}, why: t('The app runs under it.'), reload: restart},
	];
}
