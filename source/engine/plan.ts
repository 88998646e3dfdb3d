import {isSame, providerOf} from './same.ts';
import type {AnyState, Change, Plan, Provider, Providers, Resource} from './types.ts';

const packageStage = new Set(['package', 'upgrade', 'checkout']);

/** One thing wanted twice has no answer to "what was before": a bug of the steps. */
function assertEachOnce(resources: readonly Resource[]): void {
	const seen = new Set<string>();
	for (const {type, name} of resources) {
		const key = `${type} ${name}`;
		if (seen.has(key)) {
			throw new Error(`Two resources for one thing: ${key}`);
		}

		seen.add(key);
	}
}

/** Its state as it is now, or as it will be once the packages of the plan are there. */
async function stateBefore({name, brought}: Resource, provider: Provider, providers: Providers): Promise<AnyState> {
	const state = await provider.read(name);
	return brought && state === null && !(await providers.package.read(brought.by)).installed ? brought.state : state;
}

/** The change that a resource needs, or undefined where it is already so. */
async function changeFor(resource: Resource, providers: Providers): Promise<Change | undefined> {
	const provider = providerOf(providers, resource.type);
	const before = await stateBefore(resource, provider, providers);
	if (isSame(provider, before, resource.desired)) {
		return undefined;
	}

	const change = {...resource, before} as Change;
	const lasting = provider.lasting?.(change);
	return lasting === undefined ? change : {...change, lasting};
}

/** The changes that these resources need, without what comes along with them. Reads only. */
export async function changesFor(resources: readonly Resource[], providers: Providers): Promise<readonly Change[]> {
	const found = await Promise.all(resources.map(async resource => changeFor(resource, providers)));
	return found.filter(change => change !== undefined);
}

/** Desired resources against the host as it is now. Reads only. */
export async function plan(resources: readonly Resource[], providers: Providers): Promise<Plan> {
	assertEachOnce(resources);
	const changes = await changesFor(resources, providers);
	const named = changes.filter((change): change is Change<'package'> => change.type === 'package');
	const implied = named.length > 0 ? await providers.package.implied?.(named) ?? [] : [];
	const alreadyNamed = new Set(named.map(change => change.name));
	const first = changes.filter(change => packageStage.has(change.type));
	const packages = [
		...first.filter(change => change.type !== 'checkout'),
		...implied.filter(change => !alreadyNamed.has(change.name)),
		// Fetched by what was just installed; and it says what else is needed, as packages do.
		...first.filter(change => change.type === 'checkout'),
	];
	const coming = packages.filter(change => change.type === 'package').map(change => change.name);
	const about = coming.length > 0 ? await providers.package.about?.(coming) : undefined;
	return {
		packages: packages.map(change => about?.has(change.name) ? {...change, about: about.get(change.name)!} : change),
		configuration: changes.filter(change => !packageStage.has(change.type)),
	};
}

export function allChanges({packages, configuration}: Plan): readonly Change[] {
	return [...packages, ...configuration];
}

/**
 * What a plan made after the packages were installed holds that the accepted one did not show.
 * A unit that the package itself brought up or not is no news: what will be true of it was shown.
 */
export function newsIn(now: readonly Change[], accepted: readonly Change[]): readonly Change[] {
	const shown = new Map(accepted.map(change => [`${change.type} ${change.name}`, change]));
	return now.filter(change => {
		const known = shown.get(`${change.type} ${change.name}`);
		if (!known || JSON.stringify(known.desired) !== JSON.stringify(change.desired)) {
			return true;
		}

		return (change.type === 'file' || change.type === 'directory') && JSON.stringify(known.before) !== JSON.stringify(change.before);
	});
}
