import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Host, WriteContext} from '../../engine/types.ts';
import {aptContentOptions, type AptAction} from '../../engine/apt.ts';
import {installedPackages, isHere} from '../../engine/installed.ts';
import {addedFiles, type AddedFile} from './added-files.ts';
import {editedConffiles} from './conffiles.ts';
import {holdsData} from './data.ts';
import {aptGet} from './options.ts';
import {runPackages} from './run.ts';
import {simulate} from './simulation.ts';
import {sparing} from './spared.ts';

/** What has to be gone. `keepSettings`: its configuration was there before it was installed, and stays. */
export type Removal = {name: string; keepSettings: boolean};

/** A package that stays, since something of the user's would have to go, or come, with it. */
export type Needed = {name: string; by: readonly string[]};

/** What a removal would do beyond the packages that it names. */
export function beyond(actions: readonly AptAction[], names: ReadonlySet<string>): readonly string[] {
	return actions.filter(({action, name}) => action === 'install' || !names.has(name)).map(({name}) => name);
}

/** Which of the packages something else needs by now. One simulation where none is, one for each package otherwise. */
async function neededOf(host: Host, names: readonly string[]): Promise<readonly Needed[]> {
	const all = new Set(names);
	const extra = names.length === 0 ? [] : beyond(await simulate(host, 'remove', ...names), all);
	if (extra.length === 0) {
		return [];
	}

	const needed: Needed[] = [];
	for (const name of names) {
		const by = beyond(await simulate(host, 'remove', name), all);
		if (by.length > 0) {
			needed.push({name, by});
		}
	}

	const kept = new Set(needed.map(({name}) => name));
	const rest = names.filter(name => !kept.has(name));
	const isFree = rest.length < names.length && (rest.length === 0 || beyond(await simulate(host, 'remove', ...rest), new Set(rest)).length === 0);
	return isFree ? needed : names.map(name => ({name, by: extra}));
}

async function unitsOf(host: Host, names: readonly string[]): Promise<readonly string[]> {
	const {stdout} = names.length === 0 ? {stdout: ''} : await host.run(['dpkg-query', '--listfiles', ...names]);
	return [...new Set(stdout.split('\n').map(path => /\/systemd\/system\/([^/@]+\.(?:service|socket|timer))$/.exec(path)?.[1]).filter(unit => unit !== undefined))];
}

/** Names of units whose file is gone, from `systemctl show --property=Id,LoadState`: a paragraph a unit. */
export function parseOrphans(output: string): readonly string[] {
	return output.split(/\n{2,}/).filter(part => part.includes('LoadState=not-found')).map(part => /^Id=(.+)$/m.exec(part)?.[1]).filter(unit => unit !== undefined);
}

/** Services that their package left running, or that failed while they were stopped, though their unit is gone. */
async function forgetUnits(host: Host, units: readonly string[]): Promise<void> {
	if (units.length === 0) {
		return;
	}

	await host.run(['systemctl', 'daemon-reload']);
	const orphans = parseOrphans((await host.run(['systemctl', 'show', '--property=Id,LoadState', ...units])).stdout);
	if (orphans.length > 0) {
		await host.run(['systemctl', 'stop', ...orphans]);
		await host.run(['systemctl', 'reset-failed', ...orphans]);
	}
}

function problemOf(needed: readonly Needed[], edited: readonly AddedFile[], data: readonly string[]): Problem | undefined {
	const facts: string[] = [];
	const ways: string[] = [];
	if (needed.length > 0) {
		facts.push(t('Not removed, since {needers} came to need them since: {names}.', {needers: [...new Set(needed.flatMap(({by}) => by))].join(', '), names: needed.map(({name}) => name).join(', ')}));
		ways.push(t('Remove those first if you do not want them, then undo again.'));
	}

	if (edited.length > 0) {
		facts.push(t('Removed, but with their settings kept, since you edited or added {files}.', {files: edited.map(({path}) => path).join(', ')}));
		ways.push(t('When you have no more use for them: apt-get purge {names}', {names: [...new Set(edited.map(file => file.package))].join(' ')}));
	}

	if (data.length > 0) {
		facts.push(t('Removed, but with all data and settings kept: {names}.', {names: data.join(', ')}));
		ways.push(t('Installed again, it finds them. To delete all of it for ever: apt-get purge {names}', {names: data.join(' ')}));
	}

	return facts.length === 0 ? undefined : new Problem(facts.join('\n'), ways.join(' '), 1);
}

/**
 * Takes exactly these packages off, with their configuration, in one transaction. What something else needs by now
 * stays; a package whose configuration the user edited, or added to, leaves that behind. Both are said in a Problem, thrown after
 * everything else was done.
 */
export async function removePackages(host: Host, removals: readonly Removal[], context: WriteContext): Promise<void> {
	const installed = await installedPackages(host);
	const here = removals.filter(({name}) => isHere(installed.get(name)));
	const needed = await neededOf(host, here.map(({name}) => name));
	const kept = new Set(needed.map(({name}) => name));
	const going = removals.filter(({name, keepSettings}) => !kept.has(name) && (isHere(installed.get(name)) || (!keepSettings && installed.get(name)?.status === 'c')));
	const purging = going.filter(({keepSettings}) => !keepSettings).map(({name}) => name);
	const edited = purging.length === 0 ? [] : [...await editedConffiles(host, purging), ...await addedFiles(host, purging)];
	const data = purging.filter(name => holdsData(name));
	const settingsStay = new Set([...data, ...going.filter(({keepSettings}) => keepSettings).map(({name}) => name), ...edited.map(file => file.package)]);
	const removeOnly = going.map(({name}) => name).filter(name => settingsStay.has(name) && isHere(installed.get(name)));
	const purge = purging.filter(name => !settingsStay.has(name));
	const units = await unitsOf(host, going.map(({name}) => name));
	if (removeOnly.length > 0) {
		await runPackages(host, aptGet(...aptContentOptions, 'remove', ...removeOnly), context, 'remove');
	}

	if (purge.length > 0) {
		await sparing(host, purge, async () => runPackages(host, aptGet(...aptContentOptions, 'purge', ...purge), context, 'remove'));
	}

	await forgetUnits(host, units);
	const problem = problemOf(needed, edited, data);
	if (problem) {
		throw problem;
	}
}
