import {createHash} from 'node:crypto';
import {readdir, rm} from 'node:fs/promises';
import {posix} from 'node:path';
import {z} from 'zod';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {lockIsFor} from '../../engine/requirements-lock.ts';
import type {Host, Provider, VenvState, WriteContext} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';
import {mustRun} from '../host.ts';
import {pipOf, withWheels} from '../wheels.ts';

/** Written last: an environment that has it is whole. */
const recipeName = 'harden.json';
const recipeSchema = z.object({
	python: z.string(),
	requirements: z.array(z.string()),
	/** Of one that was built from a lock: what was asked for, and the lock's path and text. */
	locked: z.object({id: z.string(), lock: z.string(), text: z.string()}).optional(),
});
const idForm = /^[\da-f]{12}$/;

function placesOf(link: string) {
	const venvs = posix.join(posix.dirname(link), 'venvs');
	return {venvs, work: posix.join(venvs, '.work'), of: (id: string) => posix.join(venvs, id)};
}

type Recipe = z.infer<typeof recipeSchema>;

async function recipeOf(host: Host, folder: string): Promise<Recipe | undefined> {
	const text = await host.read(posix.join(folder, recipeName));
	try {
		return text === undefined ? undefined : recipeSchema.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}

/** The environments that are there, half-built ones left out. */
async function wholeOnes(host: Host, link: string): Promise<readonly string[]> {
	const {venvs, of} = placesOf(link);
	const names = (await host.list(venvs)).filter(name => idForm.test(name));
	const recipes = await Promise.all(names.map(async name => recipeOf(host, of(name))));
	return names.filter((_, index) => recipes[index] !== undefined);
}

/** Where the link leads, and what that was built from; null where there is no link, no recipe where it is none of ours. */
async function inUse(host: Host, link: string): Promise<{target: string; id: string; recipe: Recipe | undefined} | null> {
	const state = await readState(host, link);
	if (state === null) {
		return null;
	}

	const target = 'link' in state ? state.link : '';
	const id = posix.basename(target);
	return {target, id, recipe: idForm.test(id) ? await recipeOf(host, placesOf(link).of(id)) : undefined};
}

async function read(host: Host, link: string): Promise<VenvState | null> {
	const used = await inUse(host, link);
	if (used === null) {
		return null;
	}

	const {target, id, recipe} = used;
	const others = (await wholeOnes(host, link)).filter(other => other !== id);
	// Somebody else's link or file reads as an environment that no answer asks for, and that cannot be built again.
	if (recipe === undefined) {
		return {id: target, python: '', requirements: [], others};
	}

	const {python, requirements, locked} = recipe;
	if (locked === undefined) {
		return {id, python, requirements, others};
	}

	return {id: locked.id, python, requirements, lock: locked.lock, built: id, others};
}

/** The text of the lock that the environment in use was built from, where that was one for what is asked for. */
export async function lockInUse(host: Host, link: string, of: string): Promise<string | undefined> {
	const locked = (await inUse(host, link))?.recipe?.locked;
	return locked?.id === of ? locked.text : undefined;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

type Lock = {lock: string; text: string};

async function lockOf(host: Host, {id, lock}: VenvState): Promise<Lock | undefined> {
	if (lock === undefined) {
		return undefined;
	}

	const text = await host.read(lock) ?? '';
	if (lockIsFor(text) !== id) {
		throw new Problem(t('{file} is not the lock of these dependencies.', {file: lock}), t('Delete it, and run this wizard with `--only app`: it is then made anew.'), 1);
	}

	return {lock, text};
}

/** The name of the folder: another one for each text of a lock, so that what runs is never built over. */
const folderName = (id: string, lock: Lock | undefined) => lock === undefined ? id : hashOf(id + lock.text).slice(0, 12);

async function build(host: Host, link: string, name: string, {id, python, requirements}: VenvState, lock: Lock | undefined, context: WriteContext): Promise<void> {
	const {work, of} = placesOf(link);
	const folder = of(name);
	await rm(folder, {recursive: true, force: true});
	try {
		await mustRun(host, [python, '-I', '-m', 'venv', '--without-pip', folder], {timeout: 180_000});
		await withWheels(host, {venv: folder, work, python, requirements, ...lock && {lock: lock.text}}, context, async wheels => {
			// Packages are only unpacked here: nothing is looked up, and no code of theirs is run.
			await mustRun(host, [
				posix.join(folder, 'bin/python'), '-I', await pipOf(host),
				'install', '--quiet', '--no-index', '--no-deps', '--no-cache-dir', '--root-user-action=ignore', '--disable-pip-version-check', ...wheels,
			], {timeout: 30 * 60_000, env: {PIP_CONFIG_FILE: '/dev/null'}});
		});
		await writeState(host, posix.join(folder, recipeName), {content: JSON.stringify({python, requirements, ...lock && {locked: {id, ...lock}}}), mode: 0o644, owner: 'root', group: 'root'});
	} catch (error) {
		await rm(folder, {recursive: true, force: true});
		throw error;
	}
}

/** Leaves the environments that are named, takes every other of ours away, whole or half. */
async function keepOnly(link: string, kept: readonly string[]): Promise<void> {
	const {venvs} = placesOf(link);
	const names = await readdir(venvs).catch(() => []);
	for (const name of names.filter(name => (idForm.test(name) || name === '.work') && !kept.includes(name))) {
		await rm(posix.join(venvs, name), {recursive: true, force: true});
	}
}

async function write(host: Host, link: string, state: VenvState | null, context: WriteContext): Promise<void> {
	if (state === null) {
		await writeState(host, link, null);
		await keepOnly(link, []);
		return;
	}

	const {of} = placesOf(link);
	if (!idForm.test(state.built ?? state.id)) {
		throw new Problem(t('{link} was not made by this tool, so it cannot be put back.', {link}), t('Make it again as it was.'), 1);
	}

	const before = await read(host, link);
	const isBuilt = state.built !== undefined && await recipeOf(host, of(state.built)) !== undefined;
	// Undo switches back to what is built before it puts the lock of that back.
	const lock = isBuilt ? undefined : await lockOf(host, state);
	const name = state.built ?? folderName(state.id, lock);
	if (await recipeOf(host, of(name)) === undefined) {
		await build(host, link, name, state, lock, context);
	}

	await writeState(host, link, {link: `venvs/${name}`});
	// The one before stays, so that going back takes no time; undo knows which were there.
	const previous = before && (before.built ?? before.id);
	await keepOnly(link, [name, ...state.others ?? (previous !== null && previous !== name ? [previous] : before?.others ?? [])]);
}

/**
 * An app's Python environment. A new one is built beside the old and takes its place by one rename, so that whatever
 * fails on the way leaves the running app as it is.
 */
export function venvProvider(host: Host): Provider<'venv'> {
	return {
		read: async link => read(host, link),
		write: async (link, state, context) => write(host, link, state, context),
		same: (left, right) => left?.id === right?.id && left?.lock === right?.lock,
	};
}
