import {z} from 'zod';
import type {Host} from '../../engine/types.ts';
import {keepingBackups} from '../account-backups.ts';
import {parseGroups, parsePasswd} from '../accounts.ts';
import {prepareStateFolder, readJson, writeJson} from '../state-folder.ts';
import {installedPackages, isHere} from '../../engine/installed.ts';
import {belongsToData, holdsData} from './data.ts';

/**
 * What the scripts of packages leave where dpkg does not look: system accounts, empty folders, and a web server's welcome
 * page. Noted around each installation, so that they go when the last of its packages goes.
 */
const markSchema = z.object({
	users: z.array(z.string()),
	groups: z.array(z.string()),
	folders: z.array(z.string()),
	/** As sha256sum(1) prints them: a page that was changed since is somebody's. */
	pages: z.array(z.string()).default([]),
});
const traceSchema = z.object({
	packages: z.array(z.string()),
	before: markSchema,
	/** Absent where the installation was cut off. */
	after: markSchema.optional(),
});

type Mark = z.infer<typeof markSchema>;
type Trace = z.infer<typeof traceSchema>;

const fileName = 'package-traces.json';

async function readTraces(stateFolder: string): Promise<readonly Trace[]> {
	const parsed = z.array(traceSchema).safeParse(await readJson(stateFolder, fileName));
	return parsed.success ? parsed.data : [];
}

/** System accounts have numbers under 1000; packages make no others. */
const isSystem = (id: number) => id < 1000;

async function lookAround(host: Host): Promise<Mark> {
	const hasSites = await host.stat('/var/www') !== undefined;
	const [passwd = '', group = '', ...found] = await Promise.all([
		host.read('/etc/passwd'),
		host.read('/etc/group'),
		host.run(['find', '/etc', '-xdev', '-mindepth', '1', '-type', 'd', '-print']),
		...hasSites ? [
			host.run(['find', '/var/www', '-xdev', '-maxdepth', '1', '-type', 'd', '-print']),
			host.run(['find', '/var/www/html', '-xdev', '-maxdepth', '1', '-type', 'f', '-size', '-100k', '-exec', 'sha256sum', '{}', '+']),
		] : [],
	]);
	const [folders = [], sites = [], pages = []] = found.map(({stdout}) => stdout.split('\n').filter(Boolean));
	return {
		users: parsePasswd(passwd).filter(({uid}) => isSystem(uid)).map(({name}) => name),
		groups: parseGroups(group).filter(({gid}) => isSystem(gid)).map(({name}) => name),
		folders: [...folders, ...sites],
		pages,
	};
}

/** Runs an installation between two looks at what the packages' scripts may add. */
export async function withTrace(host: Host, stateFolder: string, packages: readonly string[], act: () => Promise<void>): Promise<void> {
	await prepareStateFolder(stateFolder);
	const earlier = await readTraces(stateFolder);
	const trace: Trace = {packages: [...packages], before: await lookAround(host)};
	await writeJson(stateFolder, fileName, [...earlier, trace]);
	await keepingBackups(host, stateFolder, act);
	await writeJson(stateFolder, fileName, [...earlier, {...trace, after: await lookAround(host)}]);
}

/** What came with that installation and is still there. */
export function leftOf({before, after}: Trace, now: Mark): Mark {
	const came = (kind: keyof Mark) => (after ?? now)[kind].filter(name => !before[kind].includes(name) && now[kind].includes(name));
	return {users: came('users'), groups: came('groups'), folders: came('folders'), pages: came('pages')};
}

/** Data that stays keeps its owner: the number would be given to somebody else, and the data with it. */
async function hasData(host: Host, user: string): Promise<boolean> {
	const home = parsePasswd(await host.read('/etc/passwd') ?? '').find(({name}) => name === user)?.home ?? '';
	return home.startsWith('/var/lib/') && (await host.list(home)).length > 0;
}

async function clear(host: Host, trace: Trace): Promise<void> {
	for (const user of leftOf(trace, await lookAround(host)).users) {
		if (!await hasData(host, user)) {
			await host.run(['userdel', '--', user]);
		}
	}

	// Looked at again: with its user, a group of the same name may have gone.
	const {groups, folders, pages} = leftOf(trace, await lookAround(host));
	for (const page of pages) {
		await host.run(['rm', '--force', '--', page.slice(66)]);
	}

	for (const group of groups) {
		await host.run(['groupdel', '--', group]);
	}

	const holdData = trace.packages.some(name => holdsData(name));
	// The deepest first.
	for (const folder of folders.toSorted((left, right) => right.length - left.length)) {
		const isOwned = (await host.run(['dpkg-query', '--search', '--', folder])).exitCode === 0;
		if (!isOwned && !(belongsToData(folder) && holdData)) {
			// Refuses one that is not empty.
			await host.run(['rmdir', '--', folder]);
		}
	}
}

/** Clears up behind each installation of which nothing is left, the last one first. */
export async function clearTraces(host: Host, stateFolder: string): Promise<void> {
	const traces = await readTraces(stateFolder);
	if (traces.length === 0) {
		return;
	}

	const installed = await installedPackages(host);
	const isGone = ({packages}: Trace) => !packages.some(name => isHere(installed.get(name)));
	const gone = traces.filter(trace => isGone(trace));
	if (gone.length > 0) {
		await keepingBackups(host, stateFolder, async () => {
			for (const trace of gone.toReversed()) {
				await clear(host, trace);
			}
		});
		await writeJson(stateFolder, fileName, traces.filter(trace => !isGone(trace)));
	}
}
