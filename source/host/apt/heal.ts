import {aptContentOptions} from '../../engine/apt.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Host, WriteContext} from '../../engine/types.ts';
import {installedPackages} from '../../engine/installed.ts';
import {packageLocks, waitForLocks} from './locks.ts';
import {aptGet, conffileOptions} from './options.ts';
import {adopt, runPackages} from './run.ts';
import {clearTraces} from './traces.ts';

/** The packages that dpkg left half done, and whether it was cut off in the middle of its own book-keeping. */
async function unfinished(host: Host): Promise<{names: readonly string[]; cutOff: boolean}> {
	const [installed, updates] = await Promise.all([installedPackages(host), host.list('/var/lib/dpkg/updates')]);
	return {
		names: [...installed].filter(([, {broken}]) => broken).map(([name]) => name),
		cutOff: updates.some(name => /^\d+$/.test(name)),
	};
}

/**
 * Makes the package database whole before anything relies on it: waits for a transaction of an earlier run and for
 * other programs, then finishes what a power cut left half done. Does nothing, quickly, where all is well.
 * With the state folder, also clears up behind packages whose removal a power cut ended too early.
 * Throws a Problem that names the packages that cannot be finished.
 */
export async function settlePackages(host: Host, context: WriteContext, stateFolder?: string): Promise<void> {
	await adopt(host, context);
	await waitForLocks(host, packageLocks, context);
	await heal(host, context);
	if (stateFolder !== undefined) {
		await clearTraces(host, stateFolder);
	}
}

async function heal(host: Host, context: WriteContext): Promise<void> {
	const {names, cutOff} = await unfinished(host);
	if (names.length === 0 && !cutOff) {
		return;
	}

	context.progress({type: 'waiting', why: t('The package manager was interrupted earlier; its work is finished first.')});
	let failure: unknown;
	for (const argv of [
		['dpkg', ...conffileOptions, '--configure', '--pending'] as const,
		aptGet(...aptContentOptions, '--fix-broken', '--no-remove', 'install'),
	]) {
		try {
			await runPackages(host, argv, context);
			failure = undefined;
		} catch (error) {
			failure = error;
		}

		const left = await unfinished(host);
		if (left.names.length === 0 && !left.cutOff) {
			return;
		}
	}

	const left = await unfinished(host);
	throw new Problem(
		t('These packages are half installed and could not be finished: {names}.\n{words}', {names: left.names.join(', '), words: failure instanceof Error ? failure.message : ''}),
		t('`dpkg --configure -a` says why. Put that right, or remove them with `dpkg --purge --force-remove-reinstreq NAME`, and start again.'),
		1,
	);
}
