import type {Host} from '../engine/types.ts';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';

/** One line of passwd(5). */
export type PasswdEntry = {name: string; password: string; uid: number; gid: number; home: string; shell: string};

/** One line of group(5). */
export type GroupEntry = {name: string; gid: number; members: readonly string[]};

/** What this tool changes of a line of shadow(5). `lastChanged` counts days since 1970; null is an empty field. */
export type ShadowEntry = {name: string; hash: string; lastChanged: number | null};

function fieldsOf(text: string, count: number): string[][] {
	return text.split('\n').map(line => line.split(':')).filter(fields => fields.length >= count && fields[0] !== '');
}

/** The lines of passwd(5); what is no account (comments, NIS's `+`) is left out. */
export function parsePasswd(text: string): PasswdEntry[] {
	return fieldsOf(text, 7)
		.map(([name = '', password = '', uid, gid, , home = '', shell = '']) => ({name, password, uid: Number.parseInt(uid!, 10), gid: Number.parseInt(gid!, 10), home, shell}))
		.filter(({uid, gid}) => !Number.isNaN(uid) && !Number.isNaN(gid));
}

/** The lines of group(5). */
export function parseGroups(text: string): GroupEntry[] {
	return fieldsOf(text, 4)
		.map(([name = '', , gid, members = '']) => ({name, gid: Number.parseInt(gid!, 10), members: members.split(',').filter(Boolean)}))
		.filter(({gid}) => !Number.isNaN(gid));
}

/** The lines of shadow(5). */
export function parseShadow(text: string): ShadowEntry[] {
	return fieldsOf(text, 3).map(([name = '', hash = '', days = '']) => ({name, hash, lastChanged: days === '' ? null : Number.parseInt(days, 10)}));
}

/** Asks the name service (nsswitch.conf), which also knows accounts that are in no file. Undefined where there is none. */
async function ask<T>(host: Host, database: string, key: string, parse: (text: string) => T[]): Promise<T | undefined> {
	const {exitCode, stdout} = await host.run(['getent', '--', database, key]);
	return exitCode === 0 ? parse(stdout)[0] : undefined;
}

/** An account by its login, or undefined. */
export async function userNamed(host: Host, name: string): Promise<PasswdEntry | undefined> {
	return ask(host, 'passwd', name, parsePasswd);
}

/** An account by its number, or undefined. */
export async function userNumbered(host: Host, uid: number): Promise<PasswdEntry | undefined> {
	return ask(host, 'passwd', String(uid), parsePasswd);
}

/** A group by its name, or undefined. */
export async function groupNamed(host: Host, name: string): Promise<GroupEntry | undefined> {
	return ask(host, 'group', name, parseGroups);
}

/** A login's line of shadow(5); undefined without root, or where there is none. */
export async function shadowOf(host: Host, name: string): Promise<ShadowEntry | undefined> {
	return ask(host, 'shadow', name, parseShadow);
}

const isNumber = (text: string) => /^\d{1,10}$/.test(text);

// The file is asked before the name service, as nsswitch.conf does: it spares two processes a file.
async function localUsers(host: Host): Promise<PasswdEntry[]> {
	return parsePasswd(await host.read('/etc/passwd') ?? '');
}

async function localGroups(host: Host): Promise<GroupEntry[]> {
	return parseGroups(await host.read('/etc/group') ?? '');
}

/** Owner and group of a thing as names; a number as text where nobody has it. */
export async function namesOf(host: Host, uid: number, gid: number): Promise<{owner: string; group: string}> {
	const [users, groups] = await Promise.all([localUsers(host), localGroups(host)]);
	const user = users.find(entry => entry.uid === uid) ?? await userNumbered(host, uid);
	const group = groups.find(entry => entry.gid === gid) ?? await ask(host, 'group', String(gid), parseGroups);
	return {owner: user?.name ?? String(uid), group: group?.name ?? String(gid)};
}

function unknown(what: string): Problem {
	return new Problem(what, t('Create it first, or choose another one.'), 1);
}

/** The numbers of an owner and a group. Throws a Problem where the name is nobody's. */
export async function idsOf(host: Host, {owner, group}: {owner: string; group: string}): Promise<{uid: number; gid: number}> {
	const [users, groups] = await Promise.all([localUsers(host), localGroups(host)]);
	const uid = isNumber(owner) ? Number(owner) : (users.find(entry => entry.name === owner) ?? await userNamed(host, owner))?.uid;
	const gid = isNumber(group) ? Number(group) : (groups.find(entry => entry.name === group) ?? await groupNamed(host, group))?.gid;
	if (uid === undefined) {
		throw unknown(t('There is no user {name}.', {name: owner}));
	}

	if (gid === undefined) {
		throw unknown(t('There is no group {name}.', {name: group}));
	}

	return {uid, gid};
}
