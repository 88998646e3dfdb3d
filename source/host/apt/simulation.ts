import {parseSimulation, simulateApt, type AptAction} from '../../engine/apt.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Host} from '../../engine/types.ts';
import {aptProblem} from './failure.ts';

/** What apt-get would do. Throws a Problem where it sees no way. */
export async function simulate(host: Host, ...args: readonly string[]): Promise<readonly AptAction[]> {
	const {exitCode, stdout, stderr} = await simulateApt(host, args);
	if (exitCode === 127) {
		throw new Problem(
			t('This system has no apt-get.'),
			t('The wizard knows Debian, Ubuntu and their relatives. Nothing was changed.'),
		);
	}

	if (exitCode !== 0) {
		throw aptProblem([...stdout.split('\n'), ...stderr.split('\n')]);
	}

	return parseSimulation(stdout);
}
