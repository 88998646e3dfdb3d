import {dropInFolder} from '../../source/engine/sshd-config.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, User} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';

/** What a login meets and may do: the banner, the umask, passwords, su, crontabs. Pure. */

const root = {mode: 0o644, owner: 'root', group: 'root'} as const;
const sshd: Reload = {unit: 'ssh.service', action: 'reload', validate: ['sshd', '-t']};

const isPerson = ({uid, shell}: User) => uid >= 1000 && uid < 65_534 && !/(?:nologin|false)$/.test(shell);

export function bannerResources({ssh}: Facts): readonly Resource[] {
	const why = t('Whoever is not meant to be here cannot say that nobody told them; and it does not tell which system this is.');
	const [shown = 'none'] = ssh.config?.['banner'] ?? [];
	return [
		{type: 'file', name: '/etc/issue', desired: {content: snippet('issue'), ...root}, why},
		{type: 'file', name: '/etc/issue.net', desired: {content: snippet('issue'), ...root}, why},
		// A banner of their own stays theirs.
		...ssh.installed && ssh.hasDropInFolder && ['none', '/etc/issue.net'].includes(shown)
			? [{
				type: 'file',
				name: `${dropInFolder}/60-harden-python-vps-banner.conf`,
				desired: {content: snippet('ssh/sshd_config.d/60-harden-python-vps-banner.conf'), ...root},
				why: t('sshd shows it before the login.'),
				validate: ['sshd', '-t', '-f', '{file}'],
				reload: sshd,
			} satisfies Resource]
			: [],
	];
}

/**
 * What others may do with a new file. Code that a deployment puts into a folder of its user has to stay readable for the app,
 * which reads it where it lies: then 022 stays.
 */
export function umaskFor(answers: Answers): '027' | '022' {
	const chosen = answers.permissions?.umask;
	const {app} = answers;
	return chosen ?? (app && 'path' in app.source ? '022' : '027');
}

/** Sets `NAME value` in login.defs(5): in the place of what is there, be it a comment, or at the end. */
export function withLoginDefinition(text: string, name: string, value: string): string {
	const line = new RegExp(String.raw`^#?[ \t]*${name}[ \t]+\S+[ \t]*$`, 'm');
	const active = new RegExp(String.raw`^[ \t]*${name}[ \t]+\S.*$`, 'm');
	const wanted = `${name}\t\t${value}`;
	if (active.test(text)) {
		return text.replace(active, current => current.trim().split(/\s+/)[1] === value ? current : wanted);
	}

	return line.test(text) ? text.replace(line, wanted) : `${text.replace(/\n?$/, '\n')}${wanted}\n`;
}

/** The value that counts, as login(1) and pam_unix(8) read it. */
export function loginDefinition(text: string, name: string): string | undefined {
	return new RegExp(String.raw`^[ \t]*${name}[ \t]+(\S+)`, 'm').exec(text)?.[1];
}

/** Never the ages of passwords: they would lock out whoever logs in by key alone (dev-sec/chef-os-hardening#264). */
export function loginResources(facts: Facts, answers: Answers): readonly Resource[] {
	const text = facts.permissions.texts['/etc/login.defs'];
	const umask = umaskFor(answers);
	const rounds = Math.max(65_536, Number(loginDefinition(text ?? '', 'SHA_CRYPT_MIN_ROUNDS') ?? 0));
	const definitions: ReadonlyArray<[string, string]> = [
		['UMASK', umask],
		// yescrypt doubles the time and the memory of a guess with each step; 6 is one above the default (32 MiB for a moment at a login).
		['YESCRYPT_COST_FACTOR', '6'],
		['SHA_CRYPT_MIN_ROUNDS', String(rounds)],
		['SHA_CRYPT_MAX_ROUNDS', String(rounds)],
	];
	return [
		...text === undefined ? [] : [{
			type: 'file',
			name: '/etc/login.defs',
			desired: {content: definitions.reduce((current, [name, value]) => withLoginDefinition(current, name, value), text), ...root},
			why: t('New files are not for everybody to read, and guessing a stolen password hash takes far longer.'),
		} satisfies Resource],
		{
			type: 'file',
			name: '/etc/profile.d/90-harden-python-vps.sh',
			desired: {content: snippet('profile.d/90-harden-python-vps.sh', {umask, noDumps: !(answers.permissions?.coreDumps ?? false)}), ...root},
			why: t('What people make is not for everybody to read (root\'s stays readable, so that what it installs works); a forgotten root shell ends.'),
		},
	];
}

const wheelLine = 'auth       requisite  pam_wheel.so group=sudo';

/** su(1) for members of the group sudo only. root itself never needs it: pam_rootok(8) comes first. */
export function withWheel(text: string): string | undefined {
	if (/^\s*auth\s+(?:required|requisite)\s+pam_wheel\.so/m.test(text)) {
		return text;
	}

	const rootok = /^\s*auth\s+sufficient\s+pam_rootok\.so.*$/m;
	return rootok.test(text) ? text.replace(rootok, line => `${line}\n# Written by harden-python-vps: only members of the group sudo may try.\n${wheelLine}`) : undefined;
}

/** Whoever becomes root by su today must still be able to become root. */
export function isSuSafe({users, operator}: Facts): boolean {
	const sudoers = users.filter(user => isPerson(user) && user.groups.includes('sudo'));
	return sudoers.length > 0 && (operator.user === 'root' || sudoers.some(({name}) => name === operator.user));
}

export function suResources(facts: Facts): readonly Resource[] {
	const text = facts.permissions.texts['/etc/pam.d/su'];
	const content = text === undefined ? undefined : withWheel(text);
	return content === undefined || !isSuSafe(facts) ? [] : [{
		type: 'file',
		name: '/etc/pam.d/su',
		desired: {content, ...root},
		why: t('A broken-in service account cannot guess root\'s password with su. Members of the group sudo still can use it.'),
	}];
}

/** Who may have a crontab: root, people who are in sudo, whoever has one today, and whom the answers name. */
export function cronUsers({users, permissions: {crontabs}}: Facts, answers: Answers): readonly string[] {
	const admins = users.filter(user => isPerson(user) && user.groups.includes('sudo')).map(({name}) => name);
	return [...new Set(['root', ...admins, ...crontabs, ...answers.permissions?.cronUsers ?? []])].toSorted();
}

/** The system's own jobs in /etc/cron.* do not ask these lists. */
export function cronResources(facts: Facts, answers: Answers): readonly Resource[] {
	const content = cronUsers(facts, answers).map(name => `${name}\n`).join('');
	const list = (program: string, name: string): readonly Resource[] => program in facts.packages
		? [{type: 'file', name, desired: {content, mode: 0o640, owner: 'root', group: 'crontab'}, why: t('Only these may have jobs of their own, so that a broken-in service account cannot come back by one.')}]
		: [];
	return [...list('cron', '/etc/cron.allow'), ...list('at', '/etc/at.allow').map((resource): Resource => ({...resource, desired: {content, mode: 0o640, owner: 'root', group: 'daemon'}} as Resource))];
}
