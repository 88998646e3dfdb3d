import {chmod, mkdir, readdir, rename, rm, rmdir} from 'node:fs/promises';
import {posix} from 'node:path';
import {z} from 'zod';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {CheckoutState, Host, Output, Provider, WriteContext} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';
import {commitForm, git, placesOf, usesSsh, type Places} from '../git.ts';
import {mustRun} from '../host.ts';

const recipeSchema = z.object({url: z.string(), ref: z.string()});

/** The keys of well-known hosts, as they publish them; any other is kept the first time it is seen, and has to stay the same. */
const wellKnown = [
	'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
	'gitlab.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf',
	'bitbucket.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO',
];

async function read(host: Host, link: string, places: Places): Promise<CheckoutState | null> {
	const state = await readState(host, link);
	if (state === null) {
		return null;
	}

	const commit = 'link' in state ? posix.basename(state.link) : '';
	const recipe = commitForm.test(commit) ? recipeSchema.safeParse(JSON.parse(await host.read(places.recipe(commit)) ?? 'null')) : undefined;
	if (!recipe?.success) {
		return {url: '', ref: '', commit: 'link' in state ? state.link : ''};
	}

	return {...recipe.data, commit};
}

/** A key that opens this one repository, made once and kept through failed attempts, so that it can be registered meanwhile. */
async function deployKey(host: Host, {key, known}: Places): Promise<string> {
	await mkdir(posix.dirname(key), {recursive: true, mode: 0o700});
	if (await host.read(`${key}.pub`) === undefined) {
		await rm(key, {force: true});
		await mustRun(host, ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `deploy-${posix.basename(key)}`, '-f', key]);
	}

	if (await host.read(known) === undefined) {
		await writeState(host, known, {content: `${wellKnown.join('\n')}\n`, mode: 0o600, owner: 'root', group: 'root'});
	}

	return (await host.read(`${key}.pub`) ?? '').trim();
}

function gitProblem({url, ref}: CheckoutState, {stderr, stdout}: Output, {key}: Places, publicKey: string | undefined): Problem {
	const words = (stderr || stdout).trim().split('\n').slice(-4).join('\n');
	if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(words + stderr)) {
		return new Problem(t('The host of {url} shows another key than it did before, or than it publishes.', {url}), t('Do not go on before you know why: somebody may stand between you and it.'), 1);
	}

	// git says of these as well that it "could not read from remote repository".
	if (/Could not resolve host|Connection (?:refused|timed out|closed|reset)|Network is unreachable|No route to host/i.test(words)) {
		return new Problem(
			t('{url} cannot be reached from this server:\n{words}', {url, words}),
			t('See whether the address is right and whether the server may go out to it, then try again.'),
			1,
		);
	}

	if (publicKey !== undefined && /Permission denied|Repository not found|Could not read from remote|access rights/i.test(words)) {
		return new Problem(
			t('{url} does not let this server in yet.', {url}),
			t('Add this as a deploy key of the repository, without the right to write, and try again:\n{key}\nThe same on one line, to copy, is what this prints:\n    sudo cat {file}', {key: publicKey, file: `${key}.pub`}),
			1,
		);
	}

	if (/couldn't find remote ref|not our ref/.test(words)) {
		return new Problem(t('{url} has no {ref}.', {url, ref}), t('Correct the branch, tag or commit in the answers (app.source).'), 1);
	}

	return new Problem(t('The code could not be fetched from {url}:\n{words}', {url, words}), t('Put that right, then try again.'), 1);
}

async function fetchOne(host: Host, state: CheckoutState, what: string, places: Places, publicKey: string | undefined): Promise<string> {
	const fetched = await git(host, places, ['fetch', '--quiet', '--depth=1', '--no-tags', '--force', '--', state.url, what]);
	if (fetched.exitCode !== 0) {
		throw gitProblem(state, fetched, places, publicKey);
	}

	const {stdout: commit} = await git(host, places, ['rev-parse', '--verify', 'FETCH_HEAD^{commit}']);
	if (!commitForm.test(commit)) {
		throw new Error(`git rev-parse said ${commit}`);
	}

	return commit;
}

/** Brings the commit into git's own folder, where every one stays, so that going back to it takes no network. */
async function fetchCommit(host: Host, state: CheckoutState, places: Places): Promise<string> {
	const {commit} = state;
	if (commit !== undefined && (await git(host, places, ['cat-file', '-e', `${commit}^{commit}`])).exitCode === 0) {
		return commit;
	}

	const publicKey = usesSsh(state.url) ? await deployKey(host, places) : undefined;
	const newest = await fetchOne(host, state, state.ref, places, publicKey);
	// Somebody pushed since the preview: what was shown is what comes.
	const fetched = commit === undefined || newest === commit ? newest : await fetchOne(host, state, commit, places, publicKey);
	await git(host, places, ['update-ref', `refs/kept/${fetched}`, fetched]);
	return fetched;
}

async function fetchCode(host: Host, state: CheckoutState, places: Places, {progress}: WriteContext): Promise<string> {
	await mkdir(places.checkouts, {recursive: true, mode: 0o755});
	// Others may not look into git's own files: they hold every version there ever was.
	await mkdir(places.store, {recursive: true, mode: 0o700});
	await mustRun(host, ['git', 'init', '--quiet', '--bare', '--', places.store]);
	const commit = await fetchCommit(host, state, places);
	const half = posix.join(places.checkouts, '.new');
	await rm(half, {recursive: true, force: true});
	await mkdir(half);
	await chmod(half, 0o755);
	const checkedOut = await git(host, places, [`--work-tree=${half}`, 'checkout', '--quiet', '--force', commit, '--', '.']);
	if (checkedOut.exitCode !== 0) {
		throw gitProblem(state, checkedOut, places, undefined);
	}

	if ((await readdir(half)).includes('.gitmodules')) {
		progress({type: 'output', line: t('The repository has submodules, which are not fetched.')});
	}

	await rm(places.of(commit), {recursive: true, force: true});
	await rename(half, places.of(commit));
	return commit;
}

/** Leaves these commits, takes the others of ours away. */
async function keepOnly(places: Places, kept: readonly string[]): Promise<void> {
	for (const name of await readdir(places.checkouts).catch(() => [])) {
		const commit = name.replace(/\.json$/, '');
		if (commitForm.test(commit) && !kept.includes(commit)) {
			await rm(posix.join(places.checkouts, name), {recursive: true, force: true});
		}
	}

	await rm(posix.join(places.checkouts, '.new'), {recursive: true, force: true});
}

async function removeAll(host: Host, link: string, places: Places): Promise<void> {
	// A key that never opened anything may be registered by now: it waits for the next try.
	const wasUsed = await readState(host, link) !== null;
	await writeState(host, link, null);
	await rm(places.checkouts, {recursive: true, force: true});
	await rmdir(places.home).catch(() => undefined);
	if (wasUsed) {
		await Promise.all([places.key, `${places.key}.pub`, places.known].map(async file => rm(file, {force: true})));
		await rmdir(posix.dirname(places.key)).catch(() => undefined);
	}
}

async function write(host: Host, link: string, state: CheckoutState | null, places: Places, context: WriteContext): Promise<void> {
	if (state === null) {
		await removeAll(host, link, places);
		return;
	}

	if (state.commit !== undefined && !commitForm.test(state.commit)) {
		throw new Problem(t('{link} was not made by this tool, so it cannot be put back.', {link}), t('Make it again as it was.'), 1);
	}

	const before = await readState(host, link);
	const previous = before !== null && 'link' in before ? [posix.basename(before.link)] : [];
	const isThere = state.commit !== undefined && await host.read(places.recipe(state.commit)) !== undefined;
	await mkdir(places.home, {recursive: true, mode: 0o755});
	const commit = isThere ? state.commit! : await fetchCode(host, state, places, context);
	await writeState(host, places.recipe(commit), {content: JSON.stringify({url: state.url, ref: state.ref}), mode: 0o644, owner: 'root', group: 'root'});
	await writeState(host, link, {link: `checkouts/${commit}`});
	// The one before stays as it is: workers that still run may read from it.
	await keepOnly(places, [commit, ...previous]);
}

/** Code from a git repository, one folder a commit; a new one takes the place of the old by one rename. Root's, and read-only for the app. */
export function checkoutProvider(host: Host, stateFolder: string): Provider<'checkout'> {
	return {
		read: async link => read(host, link, placesOf(link, stateFolder)),
		write: async (link, state, context) => write(host, link, state, placesOf(link, stateFolder), context),
		// Without a commit it is whichever was the newest then.
		same: (left, right) => left?.url === right?.url && left?.ref === right?.ref && (left?.commit === right?.commit || left?.commit === undefined || right?.commit === undefined),
	};
}
