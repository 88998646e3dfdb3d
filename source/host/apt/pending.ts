import {aptSources} from '../../engine/apt-cache.ts';
import type {Upgrade} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {installedPackages, type Installed} from '../../engine/installed.ts';
import {upgradeOf} from './simulation.ts';

type Installs = ReadonlyMap<string, Installed>;
type Asked = {sources: string; upgrades: readonly Upgrade[]; installed: Installs};
const asked = new WeakMap<Host, Asked>();

/**
 * What is still waiting of what waited before; undefined where that cannot be told. What is newly installed comes in
 * its newest version: it adds nothing.
 */
export function stillPending(before: readonly Upgrade[], then: Installs, now: Installs): readonly Upgrade[] | undefined {
	const isSettled = ({name, from, to}: Upgrade) => {
		const found = now.get(name);
		return found?.held === then.get(name)?.held && (found?.version === to || (found?.version ?? '') === from);
	};

	return before.every(upgrade => isSettled(upgrade)) ? before.filter(({name, to}) => now.get(name)?.version !== to) : undefined;
}

async function ask(host: Host): Promise<readonly Upgrade[]> {
	return (await upgradeOf(host)).filter(({action}) => action === 'install').map(({name, from, to, security}) => ({name, from, to, security}));
}

/**
 * What is waiting to be upgraded. apt takes its time to answer; while its sources are the same, the versions that are here
 * say what became of its last answer. Throws a Problem where apt cannot say.
 */
export async function pendingUpgrades(host: Host): Promise<readonly Upgrade[]> {
	const origin = host.origin ?? host;
	const last = asked.get(origin);
	// The first time there is nothing to compare with, and nothing to wait for.
	const asking = last === undefined ? ask(host) : undefined;
	const [sources, installed] = await Promise.all([aptSources(host), installedPackages(host), asking]);
	const known = last?.sources === sources ? stillPending(last.upgrades, last.installed, installed) : undefined;
	asked.delete(origin);
	const upgrades = known ?? await (asking ?? ask(host));
	asked.set(origin, {sources, upgrades, installed});
	return upgrades;
}
