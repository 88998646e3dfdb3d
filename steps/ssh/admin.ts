import {isUsable, uniqueKeys, unlocked} from '../../source/engine/authorized-key.ts';
import {keyPaths} from '../../source/engine/key-file.ts';
import {howToMakeOne, readKeyList} from '../../source/engine/pasted-keys.ts';
import {login} from '../../source/answers/values.ts';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {AuthorizedKey, Facts, KeyFile, User} from '../../source/engine/facts.ts';
import {accessObjection} from './access-lists.ts';

/** The user who logs in from now on, and the keys that let them in. Pure. */

export type SshAnswers = NonNullable<Answers['ssh']>;

export function sshAnswers(answers: Answers): SshAnswers {
	return answers.ssh ?? answersSchema.parse({ssh: {}}).ssh!;
}

export type Admin = {
	name: string;
	/** As it is today; absent where it is still to be made. */
	user?: User;
	home: string;
	shell: string;
	/** Where sshd looks for the keys first. */
	keyPath: string;
	/** What is there today. */
	keyFile?: KeyFile;
};

export function adminOf({users, ssh}: Facts, {user: name}: SshAnswers): Admin {
	const user = users.find(entry => entry.name === name);
	const home = user?.home ?? `/home/${name}`;
	const keyFile = ssh.keys.find(entry => entry.user === name);
	const patterns = ssh.config?.['authorizedkeysfile']?.[0]?.split(' ') ?? [];
	const [keyPath = `${home}/.ssh/authorized_keys`] = keyFile ? [keyFile.path] : keyPaths(patterns, {name, uid: user?.uid, home});
	return {name, ...user && {user}, home, shell: user?.shell ?? '/bin/bash', keyPath, ...keyFile && {keyFile}};
}

/** The keys by which root and whoever is here now come in; what a cloud image locks them with is left off. */
export function keysFound({ssh, operator}: Facts): readonly AuthorizedKey[] {
	const files = ssh.keys.filter(({user}) => user === 'root' || user === operator.user);
	return uniqueKeys(files.flatMap(({keys}) => keys).map(key => unlocked(key)).filter(key => isUsable(key)));
}

/** The keys that the admin has already. */
export function keysThere({keyFile}: Admin): readonly AuthorizedKey[] {
	return (keyFile?.keys ?? []).filter(key => isUsable(key));
}

/** The keys that are to let the admin in. Throws a Problem for one that cannot, and where there is none at all. */
export function keysFor(facts: Facts, ssh: SshAnswers): readonly AuthorizedKey[] {
	const {keys, objection} = readKeyList(ssh.authorizedKeys);
	if (objection !== undefined) {
		throw new Problem(t('One of the keys in ssh.authorizedKeys cannot be used. {objection}', {objection}), t('Put it right in the answers, then try again.'));
	}

	const there = keysThere(adminOf(facts, ssh));
	const wanted = keys.length > 0 || there.length > 0 ? keys : keysFound(facts);
	if (wanted.length === 0 && there.length === 0) {
		throw new Problem(t('There is no key yet by which {user} could log in, and without one nobody could.', {user: ssh.user}), howToMakeOne());
	}

	return wanted;
}

/** Why this login cannot be the admin's, and what to do; undefined where it can. */
export function userObjection(facts: Facts, name: string): string | undefined {
	if (!login.safeParse(name).success) {
		return t('A login name has small letters, digits, - and _, and starts with a letter.');
	}

	if (name === 'root') {
		return t('root cannot log in afterwards: that is the point. Choose another name, such as deploy.');
	}

	const user = facts.users.find(entry => entry.name === name);
	if (!user) {
		return undefined;
	}

	if (user.uid < 1000 || user.uid === 65_534) {
		return t('{name} is an account of the system itself. Choose another name.', {name});
	}

	if (/(?:nologin|false)$/.test(user.shell)) {
		return t('{name} has no shell to log in to ({shell}). Choose another name, or give it one: usermod --shell /bin/bash {name}', {name, shell: user.shell});
	}

	switch (facts.ssh.expired.find(entry => entry.user === name)?.what) {
		case 'account': {
			return t('The account {name} has expired. Choose another name, or revive it: chage --expiredate -1 {name}', {name});
		}

		case 'password': {
			return t('{name} would have to change their password at the next login, which key-only logins of scripts cannot. Change it now (passwd {name}), or take its age off: chage --maxdays -1 --lastday today {name}', {name});
		}

		case undefined: {
			return accessObjection(facts, name);
		}
	}
}
