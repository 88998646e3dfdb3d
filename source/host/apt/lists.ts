import {listsFolder} from '../../engine/apt-cache.ts';
import {t} from '../../words.ts';
import type {Host, WriteContext} from '../../engine/types.ts';
import {aptProblem} from './failure.ts';
import {aptGet} from './options.ts';
import {runPackages} from './run.ts';
import {settlePackages} from './heal.ts';

/**
 * Seconds since apt last fetched its lists; undefined where it never did. Every fetch goes through `partial`, even
 * one that finds nothing new, while the lists themselves carry the dates of their source.
 */
export async function listsAge(host: Host): Promise<number | undefined> {
	const names = await host.list(listsFolder);
	if (!names.some(name => /_Packages(?:\.\w+)?$/.test(name))) {
		return undefined;
	}

	const fetched = await host.stat(`${listsFolder}/partial`);
	// Never negative, whatever the clock was then.
	return fetched && Math.max(0, Math.round((Date.now() / 1000) - fetched.modified));
}

/** Older lists than this are fetched anew before they are relied on. */
const freshFor = 3600;

/**
 * Fetches the package lists where they are older than an hour or missing, and says so. This writes to
 * /var/lib/apt/lists, as apt's own timer does daily: never in a dry run.
 * Returns sentences about sources that failed while others did not; throws a Problem where there is nothing to go on with.
 */
export async function refreshLists(host: Host, context: WriteContext, maximumAge = freshFor): Promise<readonly string[]> {
	await settlePackages(host, context);
	const age = await listsAge(host);
	if (age !== undefined && age < maximumAge) {
		return [];
	}

	context.progress({type: 'waiting', why: age === undefined
		? t('The package lists were never fetched; fetching them.')
		: t('The package lists are {hours} hours old; fetching them anew.', {hours: Math.round(age / 3600)})});
	let lines: readonly string[];
	try {
		lines = await runPackages(host, aptGet('update'), context, 'fetch');
	} catch (error) {
		if (age === undefined || !(error instanceof Error)) {
			throw error;
		}

		return [t('The package lists could not all be fetched, so the old ones are used: {why}', {why: error.message})];
	}

	if (await listsAge(host) === undefined) {
		throw aptProblem(lines);
	}

	const failed = lines.filter(line => /^[WE]: (?:Failed to fetch|GPG error|The repository)/.test(line));
	return failed.length === 0 ? [] : [t('Some package lists could not be fetched, so the old ones are used: {why}', {why: failed.join('\n')})];
}
