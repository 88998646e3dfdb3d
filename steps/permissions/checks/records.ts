import {t} from '../../../source/words.ts';
import type {Facts} from '../../../source/engine/facts.ts';
import type {Host, Verdict} from '../../../source/engine/types.ts';
import {accessControlObjection, type Confined} from '../apparmor.ts';
import {auditObjection} from '../audit.ts';
import {fail, few, notRun, pass} from './verdicts.ts';

/** What auditd's own tool says is in force in the kernel. */
export async function verifyAudit(host: Host, facts: Facts): Promise<Verdict> {
	const objection = auditObjection(facts);
	if (objection !== undefined) {
		return notRun(t('It is {why}.', {why: objection}));
	}

	const [status, rules] = await Promise.all([host.run(['auditctl', '-s']), host.run(['auditctl', '-l'])]);
	const value = (name: string) => new RegExp(String.raw`^${name} (\d+)`, 'm').exec(status.stdout)?.[1];
	const ours = rules.stdout.split('\n').filter(line => / -?k(?:ey=)?\s*harden-|-F key=harden-/.test(line)).length;
	if (status.exitCode !== 0 || value('enabled') === '0' || ours === 0) {
		return fail(t('The kernel keeps no record of what we asked for: {words}', {words: (status.stderr || rules.stderr || rules.stdout).split('\n')[0] ?? ''}));
	}

	return value('failure') === '2'
		? fail(t('A full disk would stop the kernel (failure 2).'))
		: pass(t('{count} rules of ours are in force, records lost: {lost}; a failure is told, and never stops the server.', {count: ours, lost: value('lost') ?? '?'}));
}

/** Which profile the kernel holds the running program to. */
export async function verifyAccessControl(host: Host, facts: Facts, confined: Confined | undefined): Promise<Verdict> {
	const objection = accessControlObjection(facts);
	if (objection !== undefined || confined === undefined) {
		return notRun(objection === undefined ? t('There is no app here yet.') : t('It is {why}.', {why: objection}));
	}

	const {program, profile, service} = confined;
	const {stdout: pid} = await host.run(['systemctl', 'show', '--property=MainPID', '--value', service]);
	const held = (await host.read(`/proc/${pid}/attr/current`) ?? '').trim();
	if (!held.startsWith(`${profile} `)) {
		return fail(t('{program} runs under no profile: {what}', {program, what: held || t('it does not run')}));
	}

	// Where it was loaded only now, there is nothing to tell yet.
	const known = facts.permissions.profiles[profile];
	if (known && known.refusals === undefined) {
		return notRun(t('{what}, but what it refused or would refuse could not be found in the logs in time.', {what: held}));
	}

	const refusals = known?.refusals ?? [];
	if (held.endsWith('(complain)')) {
		return pass(refusals.length === 0
			? t('{what}: watched, and nothing so far that it would refuse. After a clean day run this step again to put it in force.', {what: held})
			: t('{what}: watched, and so it stays, since it would refuse: {things}', {what: held, things: few(refusals)}));
	}

	return pass(refusals.length === 0
		? t('{what}: what is not its own is refused.', {what: held})
		: t('{what}: what is not its own is refused, lately: {things}', {what: held, things: few(refusals)}));
}

/** sshd's own word for what it shows. */
export async function verifyBanner(host: Host): Promise<Verdict> {
	const {stdout, exitCode, stderr} = await host.run(['sshd', '-T', '-C', 'user=root,host=localhost,addr=127.0.0.1']);
	const file = /^banner (?<file>\S+)$/m.exec(stdout)?.groups?.['file'];
	if (exitCode === 127) {
		return notRun(t('There is no sshd here.'));
	}

	const text = file === undefined || file === 'none' ? undefined : await host.read(file);
	return text === undefined || /debian|ubuntu/i.test(text)
		? fail(t('sshd shows {what}', {what: text?.split('\n')[0] ?? (stderr.split('\n')[0] || t('no banner'))}))
		: pass(t('sshd shows {file}: {line}', {file: file!, line: text.split('\n')[0]!}));
}

/** Looks at what the last run said; the first comes some minutes after the timer was started. */
export async function verifyIntegrity(host: Host): Promise<Verdict> {
	const [timer, service, config] = await Promise.all([
		host.run(['systemctl', 'is-active', 'harden-integrity.timer']),
		host.run(['systemctl', 'show', '--property=Result,ExecMainStartTimestamp', 'harden-integrity.service']),
		host.run(['aide', '--config=/etc/aide/aide.conf', '--config-check']),
	]);
	if (timer.stdout !== 'active' || config.exitCode !== 0) {
		return fail(timer.stdout === 'active' ? t('AIDE refuses its settings: {words}', {words: config.stderr.split('\n')[0]!}) : t('harden-integrity.timer is not running.'));
	}

	const since = /^ExecMainStartTimestamp=(?<when>.+)$/m.exec(service.stdout)?.groups?.['when'];
	if (since === undefined) {
		return pass(t('The first look comes within minutes; then one a day.'));
	}

	return service.stdout.includes('Result=success')
		? pass(t('Last look {when}: programs are as their packages brought them.', {when: since}))
		: fail(t('The last look, {when}, found programs that are not as their packages brought them. See: journalctl -u harden-integrity', {when: since}));
}

/** PAM's own settings, as pam-auth-update(8) made them. */
export async function verifyPasswords(host: Host): Promise<Verdict> {
	const line = /^password\s.*pam_pwquality\.so.*$/m.exec(await host.read('/etc/pam.d/common-password') ?? '')?.[0];
	return line === undefined ? fail(t('PAM does not ask pam_pwquality about new passwords.')) : pass(t('PAM asks about each new password: {line}', {line: line.replaceAll(/\s+/g, ' ')}));
}

/** needrestart looks into every running program for libraries that are no longer the installed ones. */
export async function verifyRestarts(host: Host): Promise<Verdict> {
	const {stdout, exitCode, stderr} = await host.run(['needrestart', '-b', '-l', '-r', 'l']);
	const services = [...stdout.matchAll(/^NEEDRESTART-SVC: (?<name>.+)$/gm)].map(({groups}) => groups!['name']!);
	if (exitCode === 127) {
		return fail(t('needrestart is not installed.'));
	}

	if (!stdout.includes('NEEDRESTART-VER')) {
		return notRun(t('needrestart does not answer here: {words}', {words: stderr.split('\n')[0] ?? ''}));
	}

	return services.length === 0 ? pass(t('Every running service uses the libraries that are installed.')) : fail(t('These run with libraries from before an update: {services}', {services: services.join(', ')}));
}
