import {parseSudoCommand, sudoersCommand, type SudoCommand} from '../../source/engine/sudo-command.ts';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';

/** Commands that somebody may run as root without a password: pure. */

export const sudoersFile = '/etc/sudoers.d/91-harden-python-vps-commands';

export type Granted = SudoCommand & {user: string};

/** Whom a command without a name is for: the admin. */
function adminOf({operator}: Facts, answers: Answers): string {
	const user = answers.ssh?.user ?? operator.user;
	if (user === 'root') {
		throw new Problem(t('permissions.sudoCommands does not say who may run its commands, and there is no admin but root.'), t('Write the user before the command, like "ci: /usr/bin/systemctl restart shop.service".'));
	}

	return user;
}

/** Who may run what. Throws a Problem for a user that there is not, since sudo would silently allow nobody. */
export function grantedCommands(facts: Facts, answers: Answers): readonly Granted[] {
	const texts = answers.permissions?.sudoCommands ?? [];
	return texts.map(text => {
		const command = parseSudoCommand(text)!;
		const user = command.user ?? adminOf(facts, answers);
		if (!facts.users.some(({name}) => name === user)) {
			throw new Problem(t('permissions.sudoCommands speaks of the user {user}, and there is none of that name.', {user}), t('Create the user first (adduser {user}), or take the line out.', {user}));
		}

		return {...command, user};
	});
}

export function sudoResources(facts: Facts, answers: Answers): readonly Resource[] {
	const granted = grantedCommands(facts, answers);
	return granted.length === 0 ? [] : [
		{type: 'package', name: 'sudo', desired: {installed: true}, why: t('It lets others run these commands as root.')},
		{
			type: 'file',
			name: sudoersFile,
			desired: {content: snippet('sudoers.d/91-harden-python-vps-commands', {commands: granted.map(command => `${command.user} ALL=(root) NOPASSWD: ${sudoersCommand(command)}`)}), mode: 0o440, owner: 'root', group: 'root'},
			why: t('These commands, with these arguments, and no others.'),
			validate: ['visudo', '--check', '--quiet', '--file={file}'],
		},
	];
}
