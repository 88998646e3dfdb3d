import {posix} from 'node:path';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {file, folder} from '../of-root.ts';
import {reloadNginx} from '../web/site.ts';

/** Mandatory access control for the app and for nginx: watched first, in force after a clean day. Pure. */

const profileService = 'harden-apparmor.service';

/** So long a program has to have run without touching anything else, before its profile is put in force. Seconds. */
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

/** A program that is held to a profile. */
export type Confined = {
	/** As people call it: the app's name, or nginx. */
	program: string;
	profile: string;
	/** What systemd starts under it. */
	service: string;
};

/** No app is called so: their names begin behind a dot. */
export const nginxProfile = 'harden-nginx';
const profileOfApp = (name: string) => `harden.${name}`;

export function confinedPrograms({app, web}: Answers): readonly Confined[] {
	return app === undefined ? [] : [
		{program: app.name, profile: profileOfApp(app.name), service: layoutOf(app.name).service},
		...web === undefined ? [] : [{program: 'nginx', profile: nginxProfile, service: 'nginx.service'}],
	];
}

/** Watched until it ran a day without a complaint; once in force it stays so. */
export function isOnlyWatched({permissions: {profiles}}: Facts, name: string): boolean {
	const profile = profiles[name];
	return profile?.mode !== 'enforce' && !(profile?.mode === 'complain' && profile.age >= watchFor && profile.refusals?.length === 0);
}

/** Too much to hand over for a site that names it: what is asked for in there is told instead. */
const tooWide = new Set(['/', '/boot', '/dev', '/etc', '/home', '/proc', '/root', '/run', '/sys', '/tmp', '/usr', '/var', '/var/lib', '/var/log']);
/** AppArmor's patterns have no say in it, and no rule ends early. */
const isPlain = (path: string) => /^\/[\w./@+-]*$/.test(path) && !tooWide.has(path);

/** Rules for what the user's own sites name. */
function rulesForOthers({web: {places: {reads, writes, sockets}}}: Facts): readonly string[] {
	return [
		...reads.filter(path => isPlain(path)).map(path => `${path}{,/,/**} r`),
		...writes.filter(path => isPlain(path)).map(path => `${path}{,/,/**} rwk`),
		...sockets.filter(path => isPlain(path)).map(path => `${path} rw`),
	];
}

function profileText(facts: Facts, {app}: Answers, {program, profile}: Confined): string {
	const {name, source} = app!;
	const {home, state, runtime} = layoutOf(name);
	const complain = isOnlyWatched(facts, profile);
	const code = 'path' in source ? source.path : '';
	return program === 'nginx' && profile === nginxProfile
		? snippet('apparmor.d/nginx', {name, profile, home, state, runtime, complain, code, others: rulesForOthers(facts)})
		: snippet('apparmor.d/app', {name, profile, home, state, complain, code});
}

const fileOf = ({profile}: Confined) => `/etc/apparmor.d/${profile}`;

function profileFile(facts: Facts, answers: Answers, confined: Confined): Resource {
	return {
		...file(fileOf(confined), profileText(facts, answers, confined), isOnlyWatched(facts, confined.profile)
			? t('Watches for a day what {program} touches, without refusing anything; run the wizard again after that to put it in force.', {program: confined.program})
			: t('{program} ran a day without touching anything else, so from now on it cannot.', {program: confined.program})),
		validate: ['apparmor_parser', '--skip-kernel-load', '--skip-cache', '{file}'],
		reload: {unit: profileService, action: 'reload'},
	};
}

/** A program is under the profile from its start on, so it has to be started anew. */
function dropIn({program, profile, service}: Confined): readonly Resource[] {
	const name = `/etc/systemd/system/${service}.d/60-apparmor.conf`;
	const restart: Reload = {...service === reloadNginx.unit ? reloadNginx : {}, unit: service, action: 'restart'};
	return [
		folder(posix.dirname(name), 0o755, t('systemd reads the files in it.')),
		{...file(name, snippet('systemd/60-harden-apparmor.conf', {program, profile}), t('{program} runs under it.', {program})), reload: restart},
	];
}

export function accessControlResources(facts: Facts, answers: Answers): readonly Resource[] {
	const programs = accessControlObjection(facts) === undefined ? confinedPrograms(answers) : [];
	if (programs.length === 0) {
		return [];
	}

	return [
		{type: 'package', name: 'apparmor', desired: {installed: true}, why: t('Keeps programs to their own files, whatever they are made to do.')},
		...programs.map(confined => profileFile(facts, answers, confined)),
		file(`/etc/systemd/system/${profileService}`, snippet('systemd/harden-apparmor.service', {
			files: programs.map(confined => fileOf(confined)).join(' '),
			services: programs.map(({service}) => service).join(' '),
		}), t('Loads the profiles before what runs under them starts.')),
		{type: 'unit', name: profileService, desired: {enabled: true, active: true, masked: false}, why: t('Loads the profiles before what runs under them starts.')},
		...programs.flatMap(confined => dropIn(confined)),
	];
}

/** What keeps a profile from being put in force, or what one that is in force has refused: for the admin to judge. */
export function accessControlWarnings(facts: Facts, answers: Answers): readonly string[] {
	return confinedPrograms(answers).flatMap(({program, profile}) => {
		const {mode, refusals} = facts.permissions.profiles[profile] ?? {};
		const placeholders = {program, things: (refusals ?? []).slice(0, 5).join('; '), file: `/etc/apparmor.d/local/${profile}`};
		if (mode === undefined || refusals?.length === 0) {
			return [];
		}

		if (refusals === undefined) {
			return [t('Nobody can tell what AppArmor would have refused {program}, or has: neither the journal nor auditd\'s log could be searched in time.', placeholders)];
		}

		return mode === 'enforce'
			? [t('AppArmor has lately refused {program}: {things}. Where that was right to ask for, put rules into {file}; then: sudo systemctl reload harden-apparmor', placeholders)]
			: [t('AppArmor goes on only watching {program}, since it would have refused: {things}. Where that is right to ask for, put rules into {file}; then: sudo systemctl reload harden-apparmor. A day later take this step again.', placeholders)];
	});
}

/** For the last screen: all of that, and what is yet to come. */
export function accessControlReminders(facts: Facts, answers: Answers): readonly string[] {
	const watched = confinedPrograms(answers).filter(({profile}) => isOnlyWatched(facts, profile) && (facts.permissions.profiles[profile]?.refusals ?? []).length === 0);
	return accessControlObjection(facts) === undefined
		? [
			...accessControlWarnings(facts, answers),
			...watched.length > 0 ? [t('AppArmor only watches so far: {programs}. After a day without a complaint take this step again, and it is in force: {tool} --only permissions', {programs: watched.map(({program}) => program).join(', ')})] : [],
		]
		: [];
}
