import type {Host, Provider, ResourceStates, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {keepingBackups, settleBackups} from '../account-backups.ts';
import {groupNamed, parseGroups, parsePasswd, userNamed, userNumbered, type GroupEntry, type PasswdEntry} from '../accounts.ts';
import {removeUntouchedHome} from '../home.ts';
import {mustRun} from '../host.ts';
import {within} from '../open.ts';
import {inFolderOf, statOf} from '../walk.ts';

type User = NonNullable<ResourceStates['user']>;

/** Exit code of userdel(8) for a user with running processes. */
const busy = 8;

/** The groups that list a login as a member; its own group is not among them. Sorted. */
export function groupsOf(groups: readonly GroupEntry[], name: string): readonly string[] {
	return groups.filter(({members}) => members.includes(name)).map(group => group.name).toSorted();
}

async function read(host: Host, name: string): Promise<User | null> {
	const [entry, groups] = await Promise.all([userNamed(host, name), host.run(['getent', '--', 'group'])]);
	return entry ? {shell: entry.shell, home: entry.home, groups: groupsOf(parseGroups(groups.stdout), name)} : null;
}

/** Sorted, each once: as they are read back. */
const plainGroups = (groups: readonly string[]) => [...new Set(groups)].toSorted();

/**
 * A home that an earlier undo left behind goes to the new user only with the number that its files have.
 * Throws a Problem where the home is somebody else's.
 */
async function numberFor(host: Host, home: string, system: boolean): Promise<readonly string[]> {
	const stat = await inFolderOf(home, async (parent, name) => statOf(within(parent, name)), () => undefined);
	if (!stat) {
		return [];
	}

	if (!stat.isDirectory() || stat.uid === 0 || (stat.uid < 1000) !== system || await userNumbered(host, stat.uid)) {
		throw new Problem(t('{home} is already there and belongs to somebody else.', {home}), t('Choose another login name, or move {home} away.', {home}), 1);
	}

	return ['--uid', String(stat.uid)];
}

async function create(host: Host, name: string, {shell, home, groups, system}: User): Promise<void> {
	if (await groupNamed(host, name)) {
		throw new Problem(t('There is already a group named {name}.', {name}), t('Choose another login name; or, if nothing needs that group, remove it with: groupdel {name}', {name}), 1);
	}

	await mustRun(host, [
		...['useradd', '--user-group', '--home-dir', home, '--shell', shell] as const,
		...system ? ['--system', '--no-create-home'] : ['--create-home', '--key', 'HOME_MODE=0700'],
		...await numberFor(host, home, system === true),
		...groups.length > 0 ? ['--groups', plainGroups(groups).join(',')] : [],
		'--',
		name,
	]);
}

async function modify(host: Host, name: string, current: User, {shell, home, groups}: User): Promise<void> {
	const changes = [
		...shell === current.shell ? [] : ['--shell', shell],
		...home === current.home ? [] : ['--home', home],
		...plainGroups(groups).join(',') === current.groups.join(',') ? [] : ['--groups', plainGroups(groups).join(',')],
	];
	if (changes.length > 0) {
		await mustRun(host, ['usermod', ...changes, '--', name]);
	}
}

/** `userdel --force` also takes the user's own group away from others who have it as their first one. */
async function assertOwnGroup(host: Host, {name, gid}: PasswdEntry): Promise<void> {
	const others = parsePasswd((await host.run(['getent', '--', 'passwd'])).stdout).filter(entry => entry.gid === gid && entry.name !== name);
	if (others.length > 0) {
		throw new Problem(
			t('{name} is logged in, and its group is also the first group of {other}.', {name, other: others[0]!.name}),
			t('Give {other} another first group with usermod(8), or log {name} out; then try again.', {other: others[0]!.name, name}),
			1,
		);
	}
}

async function remove(host: Host, entry: PasswdEntry, {progress}: WriteContext): Promise<void> {
	const {name, home, uid} = entry;
	const left = await removeUntouchedHome(home, uid);
	const {exitCode} = await host.run(['userdel', '--', name]);
	if (exitCode === busy) {
		// The one who undoes may be logged in as this very user. The login stays open; it only cannot be opened again.
		await assertOwnGroup(host, entry);
		await mustRun(host, ['userdel', '--force', '--', name]);
	} else if (exitCode !== 0) {
		await mustRun(host, ['userdel', '--', name]);
	}

	if (left.length > 0) {
		progress({type: 'output', line: t('{home} was left, because it holds more than a new home does: {names}', {home, names: left.slice(0, 5).join(', ') + (left.length > 5 ? ', …' : '')})});
	}
}

/**
 * Logins with a group and a home (0700) of their own. `groups` are the supplementary ones.
 * Removing one leaves a home that somebody put something into, says so, and leaves mail and running processes alone.
 */
export function userProvider(host: Host, stateFolder: string): Provider<'user'> {
	return {
		read: async name => read(host, name),
		async write(name, state, context) {
			const [current, entry] = await Promise.all([read(host, name), userNamed(host, name)]);
			if (state === null && !entry) {
				await settleBackups(host, stateFolder);
				return;
			}

			await keepingBackups(host, stateFolder, async () => {
				if (state === null) {
					await remove(host, entry!, context);
				} else if (current === null) {
					await create(host, name, state);
				} else {
					await modify(host, name, current, state);
				}
			});
		},
		same: (left, right) => left === right || (left !== null && right !== null
			&& left.shell === right.shell && left.home === right.home
			&& plainGroups(left.groups).join(',') === plainGroups(right.groups).join(',')),
	};
}
