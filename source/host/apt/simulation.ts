import {askDependencies, askInstallation, parseInstallation, parseSimulation, simulateApt, simulateUpgrade, type AptAction, type Installation} from '../../engine/apt.ts';
import {parseDependencies, sharesOf} from '../../engine/apt-shares.ts';
import {installedPackages, isHere} from '../../engine/installed.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import type {Host, Output} from '../../engine/types.ts';
import {aptProblem} from './failure.ts';

function assertAnswered({exitCode, stdout, stderr}: Output): void {
	if (exitCode === 127) {
		throw new Problem(
			t('This system has no apt-get.'),
			t('The wizard knows Debian, Ubuntu and their relatives. Nothing was changed.'),
		);
	}

	if (exitCode !== 0) {
		throw aptProblem([...stdout.split('\n'), ...stderr.split('\n')]);
	}
}

function actionsOf(output: Output): readonly AptAction[] {
	assertAnswered(output);
	return parseSimulation(output.stdout);
}

/** What apt-get would do. Throws a Problem where it sees no way. */
export async function simulate(host: Host, ...args: readonly string[]): Promise<readonly AptAction[]> {
	return actionsOf(await simulateApt(host, args));
}

/** What an upgrade would do. Throws a Problem where apt sees no way. */
export async function upgradeOf(host: Host): Promise<readonly AptAction[]> {
	return actionsOf(await simulateUpgrade(host));
}

/** What installing these would come to. Throws a Problem where apt sees no way. */
export async function installationOf(host: Host, names: readonly string[]): Promise<Installation> {
	const output = await askInstallation(host, names);
	assertAnswered(output);
	return parseInstallation(output.stdout);
}

/** What each of these groups would come to by itself: apt is asked once, about all of them. Undefined where only asking of the group alone can tell. */
export async function installationsOf(host: Host, groups: ReadonlyArray<readonly string[]>): Promise<ReadonlyArray<Installation | undefined>> {
	const names = [...new Set(groups.flat())];
	const [whole, dependencies, installed] = await Promise.all([installationOf(host, names), askDependencies(host, names), installedPackages(host)]);
	return sharesOf(whole, groups, parseDependencies(dependencies.stdout), name => isHere(installed.get(name)));
}
