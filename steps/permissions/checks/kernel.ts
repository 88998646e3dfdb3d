import {t} from '../../../source/words.ts';
import type {Facts} from '../../../source/engine/facts.ts';
import type {Host, Verdict} from '../../../source/engine/types.ts';
import {blockedModules, fixedSettings, wantedSettings} from '../kernel.ts';
import {fail, few, notRun, pass} from './verdicts.ts';

/** What the kernel and PAM really do. */

const plain = (value: string) => value.trim().replaceAll(/\s+/g, ' ');

export async function verifySettings(host: Host, facts: Facts): Promise<Verdict> {
	const wanted = wantedSettings(facts);
	const fixed = fixedSettings(facts);
	if (wanted.length === 0) {
		return notRun(fixed.length > 0 ? t('Not available here, because the kernel\'s settings belong to the host of this container.') : t('This kernel has none of the settings.'));
	}

	const {stdout, stderr} = await host.run(['sysctl', '--values', ...wanted.map(({key}) => key)]);
	const values = stdout.split('\n');
	const wrong = wanted.filter(({value}, index) => plain(values[index] ?? '') !== value);
	if (wrong.length > 0) {
		return fail(stderr === '' ? t('The kernel says otherwise: {keys}', {keys: few(wrong.map(({key, value}) => `${key} (${values[wanted.findIndex(entry => entry.key === key)] ?? '?'}, not ${value})`))}) : stderr.split('\n')[0]!);
	}

	return pass(fixed.length > 0
		? t('{count} settings are in force; {fixed} more belong to the host of this container.', {count: wanted.length, fixed: fixed.length})
		: t('{count} settings are in force.', {count: wanted.length}));
}

/** The kernel asks modprobe for what it lacks, and modprobe says what it would do. */
export async function verifyModules(host: Host, facts: Facts): Promise<Verdict> {
	if (facts.updates.container !== undefined) {
		return notRun(t('Not available here, because this is a container: its host decides which modules are loaded.'));
	}

	const {stdout, exitCode, stderr} = await host.run(['modprobe', '--showconfig']);
	if (exitCode !== 0) {
		return fail(stderr.split('\n')[0] ?? t('modprobe does not answer.'));
	}

	const refused = new Set(stdout.split('\n').map(line => /^install (?<name>\S+) \/bin\/false$/.exec(line)?.groups?.['name']?.replaceAll('-', '_')));
	const open = blockedModules(facts).filter(name => !refused.has(name.replaceAll('-', '_')));
	return open.length === 0
		? pass(t('modprobe refuses {count} modules, such as {names}.', {count: refused.size, names: few(blockedModules(facts), 3)}))
		: fail(t('These would still be loaded: {names}', {names: few(open)}));
}

/** A new session of an account without rights: su(1) opens it through PAM, like a login. */
export async function verifyCoreDumps(host: Host): Promise<Verdict> {
	const {stdout, stderr} = await host.run(['su', '--shell', '/bin/sh', '--command', 'ulimit -Hc', 'nobody']);
	return stdout.trim() === '0' ? pass(t('In a new session a dump may have 0 bytes, and nobody can raise that.')) : fail(t('A new session may write dumps: {words}', {words: stdout.trim() || stderr}));
}

export async function verifySharedMemory(host: Host): Promise<Verdict> {
	const {stdout} = await host.run(['findmnt', '--noheadings', '--output', 'OPTIONS', '/dev/shm']);
	const missing = ['noexec', 'nosuid', 'nodev'].filter(option => !stdout.split(',').includes(option));
	if (stdout === '') {
		return notRun(t('Nothing is mounted on /dev/shm.'));
	}

	return missing.length === 0 ? pass(t('/dev/shm is mounted {options}.', {options: stdout})) : fail(t('/dev/shm is mounted without {options}.', {options: missing.join(', ')}));
}

export async function verifyUmask(host: Host, umask: string): Promise<Verdict> {
	const {stdout, stderr} = await host.run(['su', '--login', '--shell', '/bin/sh', '--command', 'umask', 'nobody']);
	const found = stdout.trim().split('\n').at(-1)!.replace(/^0(?=\d{3}$)/, '');
	return found === umask ? pass(t('A login shell starts with umask {umask}.', {umask})) : fail(t('A login shell starts with umask {found}, not {umask}.', {found: found || stderr, umask}));
}

/** pam_wheel turns strangers away before they are asked for a password. */
export async function verifySu(host: Host): Promise<Verdict> {
	const {stdout, stderr, exitCode} = await host.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', 'su', '--command', 'true', 'root']);
	const words = `${stdout} ${stderr}`.trim();
	return exitCode !== 0 && !/password/i.test(words) ? pass(t('An account outside the group sudo is turned away: {words}', {words})) : fail(t('An account outside the group sudo may try a password: {words}', {words}));
}

export async function verifyCron(host: Host): Promise<Verdict> {
	const {stdout, stderr, exitCode} = await asNobodyWithCrontab(host);
	if (exitCode === 127) {
		return notRun(t('There is no crontab here.'));
	}

	const words = `${stdout} ${stderr}`.trim().split('\n')[0]!;
	return words.includes('not allowed') ? pass(t('An account that is not on the list is refused: {words}', {words})) : fail(t('An account that is not on the list may have a crontab: {words}', {words}));
}

/** crontab(1) reads the list with the rights of its group, so those are not taken here. */
async function asNobodyWithCrontab(host: Host) {
	return host.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', 'crontab', '-l']);
}

