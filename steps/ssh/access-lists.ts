import {globMatches} from '../../source/engine/sshd-config.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';

/** sshd asks DenyUsers, AllowUsers, DenyGroups and AllowGroups in turn, and one no is enough (sshd_config(5)). Pure. */

/** A pattern's user part, `*` and `?` understood; where the connection comes from is not judged. */
const matches = (pattern: string, name: string) => globMatches(pattern.split('@')[0]!, name);

function listOf({ssh}: Facts, keyword: string): readonly string[] {
	return (ssh.config?.[keyword] ?? []).flatMap(value => value.split(/\s+/)).filter(Boolean);
}

/** The groups that the admin will be in: as today, the own one, and sudo. */
function groupsOf({users}: Facts, name: string): readonly string[] {
	return [...users.find(user => user.name === name)?.groups ?? [], name, 'sudo'];
}

/** Groups that sshd lets in, where it lets in only some. */
function allowedGroups(facts: Facts): readonly string[] {
	return listOf(facts, 'allowgroups');
}

/** The group that the admin has to join so that sshd lets them in; undefined where none is needed. */
export function groupToJoin(facts: Facts, name: string): string | undefined {
	const allowed = allowedGroups(facts);
	const isIn = groupsOf(facts, name).some(group => allowed.some(pattern => matches(pattern, group)));
	return allowed.length === 0 || isIn ? undefined : allowed.find(pattern => /^[a-z_][a-z\d_-]*$/.test(pattern));
}

/** Why sshd's lists would keep this user out, and what to do; undefined where they would not. */
export function accessObjection(facts: Facts, name: string): string | undefined {
	const denied = listOf(facts, 'denyusers').find(pattern => matches(pattern, name));
	if (denied !== undefined) {
		return t('sshd is told to refuse {name}: DenyUsers {pattern}. Choose another name, or take that line out of sshd\'s configuration.', {name, pattern: denied});
	}

	const groups = groupsOf(facts, name);
	const deniedGroup = listOf(facts, 'denygroups').find(pattern => groups.some(group => matches(pattern, group)));
	if (deniedGroup !== undefined) {
		return t('sshd is told to refuse a group of {name}: DenyGroups {pattern}. Take that line out of sshd\'s configuration first.', {name, pattern: deniedGroup});
	}

	const allowed = allowedGroups(facts);
	const isIn = groups.some(group => allowed.some(pattern => matches(pattern, group)));
	return allowed.length === 0 || isIn || groupToJoin(facts, name) !== undefined
		? undefined
		: t('sshd lets in only some groups (AllowGroups {groups}), and {name} is in none of them. Add the user to one first: adduser {name} GROUP', {groups: allowed.join(' '), name});
}

/** Whom sshd lets in today, where it lets in only some: as written, with their addresses. */
export function allowedUsers(facts: Facts): readonly string[] {
	return listOf(facts, 'allowusers');
}

/** Whether a list of AllowUsers speaks of a login. */
export function isAmong(list: readonly string[], name: string): boolean {
	return list.some(pattern => matches(pattern, name));
}
