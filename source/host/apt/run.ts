import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Argv, Host, WriteContext} from '../../engine/types.ts';
import {aptProblem, failureKind} from './failure.ts';
import {listLocks, packageLocks, waitForLocks} from './locks.ts';
import {follow, start, unit, unitState} from './service.ts';
import {decline} from './stand-by.ts';
import type {Work} from './status.ts';

/** Waits for a transaction that a wizard before us started and did not see the end of. How it ended shows in the packages. */
export async function adopt(host: Host, context: WriteContext): Promise<void> {
	const {active, failed} = await unitState(host);
	if (failed) {
		await host.run(['systemctl', 'reset-failed', unit]);
	}

	if (active && !await decline(host)) {
		context.progress({type: 'waiting', why: t('An earlier run left the package manager at work; waiting until it is done.')});
		await follow(host, 'install', context);
	}
}

/**
 * Runs apt or dpkg to its end, after whoever else is at it, and returns what it printed.
 * Throws a Problem made from its own words where it fails.
 */
export async function runPackages(host: Host, argv: Argv, context: WriteContext, work: Work = 'install'): Promise<readonly string[]> {
	const locks = work === 'fetch' ? listLocks : packageLocks;
	for (let tries = 0; ; tries++) {
		await adopt(host, context);
		await waitForLocks(host, locks, context);
		await start(host, argv);
		const {exitCode, lines} = await follow(host, work, context);
		if (exitCode === 0) {
			return lines;
		}

		// Someone was quicker between our look and our start.
		if (failureKind(lines) !== 'lock' || tries === 10) {
			throw exitCode === 127
				? new Problem(t('This system has no {program}.', {program: argv[0]}), t('The wizard knows Debian, Ubuntu and their relatives.'))
				: aptProblem(lines);
		}
	}
}
