import {t} from '../../../source/words.ts';
import type {Facts} from '../../../source/engine/facts.ts';
import type {Host, Verdict} from '../../../source/engine/types.ts';
import {auditObjection} from '../audit.ts';
import {fail, notRun, pass} from './verdicts.ts';

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
