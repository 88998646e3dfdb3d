import {askSemanage, sshPortType, typeOf} from '../../source/engine/selinux-port.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Resource, Verdict} from '../../source/engine/types.ts';
import type {SshAnswers} from './admin.ts';

/** Under SELinux a port has to be one of sshd's own: `sshd -t` says nothing, and listening there is refused. */

/** The one that every policy gives to sshd. */
const usualPort = 22;

/** Also where SELinux only watches: it may refuse after the next boot. */
export function selinuxResources({permissions: {kernel: {selinux}}}: Facts, {port}: SshAnswers): readonly Resource[] {
	return selinux === undefined || port === usualPort ? [] : [
		...selinux.semanage ? [] : [{type: 'package', name: 'policycoreutils-python-utils', desired: {installed: true}, why: t('SELinux is told with it on which port sshd may listen.')} satisfies Resource],
		{type: 'selinux-port', name: `tcp/${port}`, desired: {type: sshPortType}, why: t('SELinux is on here, and lets sshd listen on ports of this type only.')},
	];
}

async function judge(host: Host, {port}: SshAnswers): Promise<Verdict> {
	const [mode, said] = await Promise.all([host.read('/sys/fs/selinux/enforce'), askSemanage(host)]);
	if (!('here' in said)) {
		return {status: 'not-run', evidence: 'missing' in said ? t('semanage is not here to be asked (package policycoreutils-python-utils)') : said.reason || t('semanage said nothing')};
	}

	const type = typeOf(said, {protocol: 'tcp', port})?.type ?? t('nothing');
	const words = {port, type};
	return {
		status: type === sshPortType ? 'pass' : 'fail',
		evidence: mode?.trim() === '1' ? t('tcp/{port} is {type}; SELinux is enforcing', words) : t('tcp/{port} is {type}; SELinux is permissive', words),
	};
}

/** Nothing where SELinux is not what runs. */
export function selinuxChecks({permissions: {kernel: {selinux}}}: Facts, ssh: SshAnswers): readonly Check[] {
	return selinux === undefined ? [] : [{
		id: 'ssh.selinux-port',
		title: t('SELinux lets sshd listen on port {port}', {port: ssh.port}),
		severity: 'medium',
		references: ['ANSSI-BP-028 R46'],
		fix: t('Run {tool} --only ssh.'),
		verify: async host => judge(host, ssh),
	}];
}
