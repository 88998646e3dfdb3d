import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {accountResources} from './account.ts';
import {sshAnswers, userObjection, type SshAnswers} from './admin.ts';
import {sshChecks} from './checks.ts';
import {daemonResources} from './daemon.ts';
import {portObjection, sourcesObjection, sshQuestions} from './questions.ts';
import type {Phase} from './settings.ts';
import {exposure, remember, today, warnings} from './telling.ts';

/** What a question would not have taken, an answers file may not bring either. */
function assertPossible(facts: Facts, ssh: SshAnswers): void {
	const objections: ReadonlyArray<[answer: string, objection: string | undefined]> = [
		['ssh.user', userObjection(facts, ssh.user)],
		['ssh.port', portObjection(facts, ssh.port)],
		['ssh.allowFrom', sourcesObjection(facts, ssh.allowFrom)],
	];
	for (const [answer, objection] of objections) {
		if (objection !== undefined) {
			throw new Problem(t('{answer} cannot be so on this server. {objection}', {answer, objection}), t('Put it right in the answers, then try again.'));
		}
	}
}

/** The new way in first, sshd after it: at no moment is there no way in. */
function resources(facts: Facts, ssh: SshAnswers, phase: Phase): readonly Resource[] {
	assertPossible(facts, ssh);
	return [...accountResources(facts, ssh), ...daemonResources(facts, ssh, phase)];
}

export const sshStep: Step = {
	id: 'ssh',
	title: t('SSH'),
	purpose: t('Only you can log in, only with your key, and never as root.'),
	today,
	unfit: ({ssh}) => ssh.installed ? undefined : t('There is no OpenSSH server here. To have one: apt install openssh-server'),
	questions: (facts, answers) => sshQuestions(facts, sshAnswers(answers)),
	resources: (facts, answers) => resources(facts, sshAnswers(answers), 'final'),
	guard(facts, answers) {
		const ssh = sshAnswers(answers);
		const {user, port, sudo} = ssh;
		return {
			bridge: resources(facts, ssh, 'bridge'),
			login: {user, port, sudo},
			safeBecause: t('The old port and the ways you log in today stay open until you have come in the new way. Otherwise all of this is undone by itself.'),
		};
	},
	checks: (facts, answers) => sshChecks(facts, sshAnswers(answers)),
	warnings: (facts, answers) => warnings(facts, sshAnswers(answers)),
	remember: (facts, answers) => remember(facts, sshAnswers(answers)),
	exposure: (facts, answers) => exposure(facts, sshAnswers(answers)),
};
