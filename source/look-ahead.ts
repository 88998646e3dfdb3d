import type {Bench} from './bench.ts';
import {changesFor} from './engine/plan.ts';
import {providerOf} from './engine/same.ts';
import type {Facts} from './engine/facts.ts';
import {inForce} from './engine/session.ts';
import type {Step} from './engine/step.ts';
import type {ResourceType} from './engine/types.ts';

/** Gets ready what takes long in a step, for one type; says whether there was anything. */
async function getReady(bench: Bench, step: Step, type: ResourceType, facts: Facts): Promise<boolean> {
	const answers = inForce(bench.session, step.id);
	const resources = step.unfit?.(facts, answers) === undefined ? step.resources(facts, answers) : [];
	const changes = await changesFor(resources.filter(resource => resource.type === type), bench.providers);
	if (changes.length > 0) {
		await providerOf(bench.providers, type).ahead?.(changes, {dryRun: bench.options.dryRun});
	}

	return changes.length > 0;
}

/** So many questions to apt go on at a time: each takes a core, and a hundred megabytes where its cache is out of date. */
const lanes = 2;

/** A dry run changes nothing, so whatever apt says of a step now is what it would say later: all steps are asked about. */
async function askForAll(bench: Bench, steps: readonly Step[], facts: Facts): Promise<void> {
	const waiting = [...steps];
	await Promise.all(Array.from({length: lanes}, async () => {
		for (let step = waiting.shift(); step; step = waiting.shift()) {
			// The step itself says what is wrong, when its turn comes.
			await getReady(bench, step, 'package', facts).catch(() => false);
		}
	}));
}

/**
 * In a run in which nobody is asked, the steps that follow were accepted with the answers: what takes long in them is got ready
 * while other work goes on, for each of these types up to the first step that has such changes. Only a guess, by what is known
 * now, or was by `known`: each step makes its own plan when its turn comes, and whatever was got ready in vain is forgotten.
 */
export async function lookAhead(bench: Bench, later: readonly Step[], types: readonly ResourceType[], known?: Facts): Promise<void> {
	if (!bench.options.unattended) {
		return;
	}

	try {
		const facts = known ?? await bench.facts();
		if (bench.options.dryRun) {
			await askForAll(bench, later, facts);
			return;
		}

		for (const type of types) {
			for (const step of later) {
				if (await getReady(bench, step, type, facts)) {
					break;
				}
			}
		}
	} catch {
		// The step itself says what is wrong, when its turn comes.
	}
}
