import {aptContentOptions, type Installation} from '../../engine/apt.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {About, Change, Host, Provider, ResourceStates, WriteContext} from '../../engine/types.ts';
import {keepingBackups} from '../account-backups.ts';
import {aboutPackages} from '../apt/about.ts';
import {holdsData} from '../apt/data.ts';
import {settlePackages} from '../apt/heal.ts';
import {automaticFile, installedPackages, isHere, packageState, parseAutomatic, type Installed} from '../../engine/installed.ts';
import {listsAge} from '../apt/lists.ts';
import {removePackages} from '../apt/removal.ts';
import {aptGet} from '../apt/options.ts';
import {runPackages} from '../apt/run.ts';
import {installationOf, installationsOf, simulate} from '../apt/simulation.ts';
import {letGo, standBy, stands} from '../apt/stand-by.ts';
import {withoutStarting} from '../apt/starts-off.ts';
import {clearTraces, withTrace} from '../apt/traces.ts';
import {defaultStateFolder} from '../state-folder.ts';

type State = ResourceStates['package'];
type Entry = {name: string; state: State};

/** A name as dpkg takes it, perhaps with an architecture: nothing that apt-get could take for an option or a pattern. */
function assertName(name: string): void {
	if (!/^[a-z\d][a-z\d+.-]*[a-z\d+.](?::[a-z\d-]+)?$/.test(name)) {
		throw new Error(`Not a package name: ${name}`);
	}
}

/** Only what was asked for by name counts as wanted for itself; the rest comes along, and can go with it. */
function askedFor(entries: readonly Entry[]): readonly string[] {
	return entries.filter(({state}) => !state.automatic).map(({name}) => name);
}

/** The packages that are to be installed. */
function comingOf(changes: ReadonlyArray<Change<'package'>>): ReadonlyArray<Change<'package'>> {
	return changes.filter(({desired}) => desired.installed);
}

/** `standing`: what apt stands by to install. */
async function install(host: Host, stateFolder: string, entries: readonly Entry[], standing: Installation | undefined, context: WriteContext): Promise<void> {
	const names = entries.map(({name}) => name);
	const wanted = new Set(names);
	const manual = askedFor(entries);
	// Asked as it was for the preview: where nothing changed since, apt's answer is still known.
	const {actions} = standing ?? await installationOf(host, manual.length > 0 ? manual : names);
	const surprise = actions.find(({name, action, from}) => action === 'remove' || (from === '' && !wanted.has(name)));
	if (surprise) {
		throw new Problem(
			t('Since the preview, the package sources changed: {name} would come or go as well.', {name: surprise.name}),
			t('Nothing was installed. Look at the preview again and decide anew.'),
			1,
		);
	}

	const startsOff = entries.flatMap(({state}) => state.startsOff ?? []);
	await withTrace(host, stateFolder, names, async () => withoutStarting(host, startsOff, async () => installExactly(host, entries, standing !== undefined, context)));
}

async function installExactly(host: Host, entries: readonly Entry[], standsBy: boolean, context: WriteContext): Promise<void> {
	const manual = askedFor(entries);
	if (manual.length > 0 && !(standsBy && await letGo(host, context))) {
		await runPackages(host, aptGet(...aptContentOptions, '--no-remove', 'install', ...manual), context);
	}

	const installed = await installedPackages(host);
	const missing = entries.map(({name}) => name).filter(name => !isHere(installed.get(name)));
	if (missing.length > 0) {
		await runPackages(host, aptGet(...aptContentOptions, '--no-remove', 'install', ...missing), context);
		await runPackages(host, ['apt-mark', 'auto', ...missing], context);
	}
}

/** What apt would add to these installs: new dependencies, and packages that only become newer. */
async function impliedInstalls({actions}: Installation, changes: ReadonlyArray<Change<'package'>>, read: (name: string) => Promise<State>): Promise<ReadonlyArray<Change<'package'>>> {
	const names = changes.map(({name}) => name);
	const goes = actions.filter(({action}) => action === 'remove').map(({name}) => name);
	if (goes.length > 0) {
		throw new Problem(
			t('To install {names}, apt would remove {goes}.', {names: names.join(', '), goes: goes.join(', ')}),
			t('Nothing of yours is removed without you. If you can do without it, remove it yourself with `apt-get remove {goes}`, and start again.', {goes: goes.join(' ')}),
		);
	}

	const why = t('Needed by {names}.', {names: names.join(', ')});
	const others = actions.filter(({name}) => !names.includes(name));
	return Promise.all(others.map(async ({name, from, to}): Promise<Change<'package'>> => {
		const before = await read(name);
		return before.installed
			? {type: 'package', name, before, desired: before, why, lasting: t('It goes from {from} to {to}, and stays there.', {from, to})}
			: {type: 'package', name, before, desired: {installed: true, automatic: true}, why};
	}));
}

async function impliedRemovals(host: Host, changes: ReadonlyArray<Change<'package'>>, read: (name: string) => Promise<State>): Promise<ReadonlyArray<Change<'package'>>> {
	const names = changes.map(({name}) => name);
	const others = (await simulate(host, 'remove', ...names)).filter(({name, action}) => action === 'remove' && !names.includes(name));
	return Promise.all(others.map(async ({name}): Promise<Change<'package'>> => ({
		type: 'package', name, before: await read(name), desired: {installed: false}, why: t('Cannot stay without {names}.', {names: names.join(', ')}),
	})));
}

/**
 * Packages, through apt. Their dependencies are changes of their own, so that undo takes off exactly what came.
 * `stateFolder` keeps what their scripts changed besides.
 */
export function packageProvider(host: Host, stateFolder = defaultStateFolder): Provider<'package'> {
	/** Of the last installation that was asked about. */
	let lastAbout: ReadonlyMap<string, About> = new Map();
	let asking: Promise<{installed: ReadonlyMap<string, Installed>; automatic: ReadonlySet<string>}> | undefined;

	/** apt stands by for these, or is about to. */
	let ready: {names: string; installation: Promise<Installation | undefined>} | undefined;
	/** Of a dry run, by what would be installed. */
	let foreseen: Promise<ReadonlyMap<string, Installation | undefined>> | undefined;
	const key = (names: readonly string[]) => names.toSorted().join(' ');
	async function standingFor(names: readonly string[]): Promise<Installation | undefined> {
		const installation = ready?.names === key(names) ? await ready.installation : undefined;
		return installation && await stands(host) ? installation : undefined;
	}

	/** Questions that come while one is under way share its answer; the next one asks anew. */
	async function read(name: string): Promise<State> {
		asking ??= Promise.all([installedPackages(host), host.read(automaticFile)])
			.then(([installed, text]) => ({installed, automatic: parseAutomatic(text ?? '')}))
			.finally(() => {
				asking = undefined;
			});
		const {installed, automatic} = await asking;
		return packageState(installed.get(name), automatic.has(name));
	}

	async function writeAll(entries: readonly Entry[], context: WriteContext): Promise<void> {
		for (const {name} of entries) {
			assertName(name);
		}

		const standing = await standingFor(askedFor(entries.filter(({state}) => state.installed)));
		ready = undefined;
		if (!standing) {
			await settlePackages(host, context);
		}

		const found = await Promise.all(entries.map(async entry => ({entry, before: await read(entry.name)})));
		const coming = found.filter(({entry, before}) => entry.state.installed && !before.installed).map(({entry}) => entry);

		if (coming.length > 0) {
			await install(host, stateFolder, coming, standing, context);
		}

		const going = entries.filter(({state}) => !state.installed);
		if (going.length > 0) {
			try {
				const removals = going.map(({name, state}) => ({name, keepSettings: state.settings === true}));
				await keepingBackups(host, stateFolder, async () => removePackages(host, removals, context));
			} finally {
				await clearTraces(host, stateFolder);
			}
		}
	}

	return {
		read,
		writeAll,
		write: async (name, state, context) => writeAll([{name, state}], context),
		same: (left, right) => left.installed === right.installed && (left.installed || Boolean(left.settings) === Boolean(right.settings)),
		async implied(changes) {
			// Without lists nothing can be known of a package; a real run fetches them first, a dry run may not.
			if (await listsAge(host) === undefined) {
				return [];
			}

			const coming = comingOf(changes);
			const going = changes.filter(({desired}) => !desired.installed);
			const names = coming.map(({name}) => name);
			const installation = names.length > 0 ? (await foreseen)?.get(key(names)) ?? await standingFor(names) ?? await installationOf(host, names) : undefined;
			lastAbout = installation?.about ?? new Map();
			return [
				...installation ? await impliedInstalls(installation, coming, read) : [],
				...going.length > 0 ? await impliedRemovals(host, going, read) : [],
			];
		},
		async ahead(changes) {
			const names = comingOf(changes).map(({name}) => name);
			if (names.length > 0 && await listsAge(host) !== undefined && !await standingFor(names)) {
				ready = {names: key(names), installation: standBy(host, names).catch(() => undefined)};
				await ready.installation;
			}
		},
		async foresee(groups) {
			const wanted = groups.map(changes => comingOf(changes).map(({name}) => name)).filter(names => names.length > 0);
			if (wanted.length > 1 && await listsAge(host) !== undefined) {
				// Waited for where it is needed. Where apt has no answer for all, each is asked about alone.
				foreseen = installationsOf(host, wanted).then(installations => new Map(wanted.map((names, index) => [key(names), installations[index]])), () => new Map());
			}
		},
		async about(names) {
			// What is fetched already, or comes from a folder, apt did not tell of.
			const others = names.filter(name => !lastAbout.has(name));
			return new Map([...lastAbout, ...others.length > 0 ? await aboutPackages(host, others) : []]);
		},
		lasting: ({name, before, desired}) => before.settings && desired.installed
			? t('{name} was here before and left its settings; after undo these may be of the newer version.', {name})
			: (desired.installed && holdsData(name) ? t('After undo its data and settings stay; installed again, it finds them. To delete all of it for ever: apt-get purge {name}', {name}) : undefined),
	};
}
