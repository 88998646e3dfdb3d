import {posix} from 'node:path';
import {keyLine} from '../../source/engine/authorized-key.ts';
import {isWritableByOthers, onlyOwnerWrites} from '../../source/engine/key-file.ts';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {AuthorizedKey, Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {groupToJoin} from './access-lists.ts';
import {adminOf, keysFor, keysThere, type Admin, type SshAnswers} from './admin.ts';

/** The admin's account, keys and right to become root, as resources. Pure. */

export const sudoersFile = '/etc/sudoers.d/90-harden-python-vps';

/** Whether a password has to be asked for: sudo wants one, and there is none yet. */
export function needsPassword(facts: Facts, ssh: SshAnswers): boolean {
	return ssh.sudo === 'password' && adminOf(facts, ssh).user?.passwordUsable !== true
		// Without root nobody knows whether an existing user has one.
		&& !(adminOf(facts, ssh).user && !facts.root);
}

function userResource(facts: Facts, {name, user, home, shell}: Admin): Resource {
	const joins = groupToJoin(facts, name);
	return {
		type: 'user',
		name,
		desired: {shell, home, groups: [...new Set([...user?.groups ?? [], 'sudo', ...joins === undefined ? [] : [joins]])].toSorted()},
		why: t('You log in as {name} from now on, and become root with sudo.', {name}),
	};
}

/** sshd without PAM refuses an account whose password is locked with `!`; `*` is no password either, but not locked. */
function passwordResource(facts: Facts, ssh: SshAnswers, {name, user}: Admin): readonly Resource[] {
	const why = t('The password of {name}, for sudo only: SSH takes none.', {name});
	if (ssh.sudo === 'password' && ssh.passwordHash !== undefined) {
		return [{type: 'password', name, desired: {hash: ssh.passwordHash}, why, secret: true}];
	}

	if (needsPassword(facts, ssh)) {
		throw new Problem(t('sudo is to ask for a password, but {name} has none.', {name}), t('Give its hash as ssh.passwordHash (`mkpasswd` makes one), or choose sudo: nopasswd.'));
	}

	return facts.ssh.config?.['usepam']?.[0] === 'no' && user?.passwordUsable !== true
		? [{type: 'password', name, desired: {hash: '*'}, why: t('Without PAM, sshd refuses an account that is marked as locked. This marks it as having no password instead.'), secret: true}]
		: [];
}

function assertNoLink({keyFile}: Admin): void {
	const [link] = keyFile?.links ?? [];
	if (link !== undefined) {
		throw new Problem(t('{link} is a link, and root does not write through links in somebody\'s home.', {link}), t('Put a real folder or file in its place, then try again.'));
	}
}

/** The existing lines as they are, then what is missing. A key that stands there with a restriction has to come first to count. */
export function keysText({keyFile}: Pick<Admin, 'keyFile'>, there: readonly AuthorizedKey[], keys: readonly AuthorizedKey[]): string {
	const lines = (keyFile?.content ?? '').replace(/\n$/, '');
	const missing = keys.filter(key => !there.some(other => other.blob === key.blob));
	const isRestricted = ({blob}: AuthorizedKey) => keyFile?.keys.some(other => other.blob === blob) ?? false;
	const parts = [
		...missing.filter(key => isRestricted(key)).map(key => keyLine(key)),
		...lines === '' ? [] : [lines],
		...missing.filter(key => !isRestricted(key)).map(key => keyLine(key)),
	];
	return parts.map(part => `${part}\n`).join('');
}

function keyResources(admin: Admin, keys: readonly AuthorizedKey[]): readonly Resource[] {
	const {name, home, keyPath, keyFile} = admin;
	if (keyFile?.content?.includes('\uFFFD')) {
		throw new Problem(t('{path} holds bytes that are no text.', {path: keyPath}), t('Look at it, and take out the line that they are in.'));
	}

	const {places = {}} = keyFile ?? {};
	const folder = posix.dirname(keyPath);
	const content = keysText(admin, keysThere(admin), keys);
	const why = t('The keys that let {name} in. What is there stays.', {name});
	if (!keyPath.startsWith(`${home}/`)) {
		return [{type: 'file', name: keyPath, desired: {content, mode: 0o644, owner: 'root', group: 'root'}, why}];
	}

	const group = places.home?.group ?? name;
	const homes = places.home && (!['root', name].includes(places.home.owner) || isWritableByOthers(places.home, name)) ? [places.home] : [];
	return [
		...homes.map((place): Resource => ({
			type: 'directory',
			name: home,
			desired: {mode: onlyOwnerWrites(place.mode), owner: ['root', name].includes(place.owner) ? place.owner : name, group: place.group},
			why: t('sshd does not trust keys in a home that others can write to.'),
		})),
		...folder === home ? [] : [{type: 'directory', name: folder, desired: {mode: 0o700, owner: name, group: places.folder?.owner === name ? places.folder.group : group}, why: t('Only {name} may look into it.', {name})} satisfies Resource],
		{type: 'file', name: keyPath, desired: {content, mode: 0o600, owner: name, group: places.file?.owner === name ? places.file.group : group}, why},
	];
}

/** What becomes of sudo's own rule: `sudo` the group asks for a password, our file lets it go without. */
function sudoersResource({name}: Admin, {sudo}: SshAnswers): Resource {
	return sudo === 'nopasswd'
		? {
			type: 'file',
			name: sudoersFile,
			desired: {content: snippet('sudoers.d/90-harden-python-vps', {user: name}), mode: 0o440, owner: 'root', group: 'root'},
			why: t('{name} becomes root without a password, as you chose.', {name}),
			validate: ['visudo', '--check', '--quiet', '--file={file}'],
		}
		: {type: 'file', name: sudoersFile, desired: null, why: t('sudo asks for the password, as you chose.')};
}

/** In the order in which they are made. Throws a Problem where the account could not be used. */
export function accountResources(facts: Facts, ssh: SshAnswers): readonly Resource[] {
	const admin = adminOf(facts, ssh);
	assertNoLink(admin);
	return [
		{type: 'package', name: 'sudo', desired: {installed: true}, why: t('With it {name} becomes root.', {name: admin.name})},
		userResource(facts, admin),
		...passwordResource(facts, ssh, admin),
		...keyResources(admin, keysFor(facts, ssh)),
		sudoersResource(admin, ssh),
	];
}
