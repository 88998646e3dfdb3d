/** Runs on the server: requests to the package code from standard input, one after the other; what came out as JSON. */
import {existsSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {plan} from '../../source/engine/plan.ts';
import type {Change, Providers, ResourceStates, WriteProgress} from '../../source/engine/types.ts';
import {settlePackages} from '../../source/host/apt/heal.ts';
import {refreshLists} from '../../source/host/apt/lists.ts';
import {collectUpdates} from '../../source/host/facts/packages.ts';
import {machine} from '../../source/host/host.ts';
import {providersFor} from '../../source/host/providers/index.ts';
import {defaultStateFolder} from '../../source/host/state-folder.ts';
import {Problem} from '../../source/problem.ts';

export type Request =
	| {do: 'plan'; names: readonly string[]}
	| {do: 'install'; names: readonly string[]}
	/** Asks about all of these at once, as a dry run does where nobody is asked. */
	| {do: 'foresee'; groups: ReadonlyArray<readonly string[]>}
	/** How often apt was asked until now what an installation would come to. */
	| {do: 'asked'}
	/** Gets an installation ready, as where nobody is asked. */
	| {do: 'ahead'; names: readonly string[]}
	/** Goes on once there is such a file. */
	| {do: 'until'; file: string}
	| {do: 'write'; entries: ReadonlyArray<{name: string; state: ResourceStates['package']}>}
	| {do: 'read'; names: readonly string[]}
	| {do: 'pending'}
	| {do: 'upgrade'}
	| {do: 'updates'}
	| {do: 'settle'}
	| {do: 'refresh'; maximumAge: number};

export type Outcome = {value?: unknown; told: readonly WriteProgress[]; problem?: string; wayOut?: string; bug?: string; seconds: number};

const requests = JSON.parse(readFileSync(0, 'utf8')) as readonly Request[];
let asked = 0;
const providers: Providers = providersFor({
	...machine,
	async run(argv, options) {
		asked += argv.includes('--print-uris') ? 1 : 0;
		return machine.run(argv, options);
	},
});

const wanted = (names: readonly string[]) => names.map(name => ({type: 'package', name, desired: {installed: true}, why: 'a test'} as const));

const coming = (names: readonly string[]) => wanted(names).map(resource => ({...resource, before: {installed: false}}));

async function planned(names: readonly string[]): Promise<readonly Change[]> {
	return (await plan(wanted(names), providers)).packages;
}

async function carryOut(request: Request, told: WriteProgress[]): Promise<unknown> {
	const context = {progress(event: WriteProgress) {
		told.push(event);
	}};
	switch (request.do) {
		case 'plan': {
			return planned(request.names);
		}

		case 'install': {
			const changes = await planned(request.names);
			await providers.package.writeAll!(changes.map(({name, desired}) => ({name, state: desired as ResourceStates['package']})), context);
			return changes;
		}

		case 'foresee': {
			return providers.package.foresee!(request.groups.map(names => coming(names)));
		}

		case 'asked': {
			return asked;
		}

		case 'ahead': {
			return providers.package.ahead!(coming(request.names));
		}

		case 'until': {
			while (!existsSync(request.file)) {
				await setTimeout(50);
			}

			return;
		}

		case 'write': {
			return providers.package.writeAll!(request.entries, context);
		}

		case 'read': {
			return Promise.all(request.names.map(async name => providers.package.read(name)));
		}

		case 'pending': {
			return providers.upgrade.read('all');
		}

		case 'upgrade': {
			return providers.upgrade.write('all', {pending: []}, context);
		}

		case 'updates': {
			return collectUpdates(machine, true);
		}

		case 'settle': {
			return settlePackages(machine, context, defaultStateFolder);
		}

		case 'refresh': {
			return refreshLists(machine, context, request.maximumAge);
		}
	}
}

const outcomes: Outcome[] = [];
for (const request of requests) {
	const told: WriteProgress[] = [];
	const began = performance.now();
	const result = await carryOut(request, told).then(
		value => ({value}),
		(error: unknown) => error instanceof Problem ? {problem: error.message, wayOut: error.wayOut} : {bug: error instanceof Error ? error.stack : String(error)},
	);
	outcomes.push({...result, told, seconds: (performance.now() - began) / 1000});
}

console.log(JSON.stringify(outcomes));
