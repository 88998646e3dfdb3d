import type {Bench} from './bench.ts';
import {changesFor} from './engine/plan.ts';
import {providerOf} from './engine/same.ts';
import type {Facts} from './engine/facts.ts';
import {inForce} from './engine/session.ts';
import type {Step} from './engine/step.ts';
import type {ResourceType} from './engine/types.ts';

/**
 * In a run in which nobody is asked, the steps that follow were accepted with the answers: what takes long in them is got ready
 * while other work goes on, for each of these types up to the first step that has such changes. Only a guess, by what is known
 * now, or was by `known`: each step makes its own plan when its turn comes, and whatever was got ready in vain is forgotten.
 */
export async function lookAhead(bench: Bench, later: readonly Step[], types: readonly ResourceType[], known?: Facts): Promise<void> {
	if (!bench.options.unattended || bench.options.dryRun) {
		return;
	}

	try {
		const facts = known ?? await bench.facts();
		for (const type of types) {
			const provider = providerOf(bench.providers, type);
			for (const step of later) {
				const answers = inForce(bench.session, step.id);
				const resources = step.unfit?.(facts, answers) === undefined ? step.resources(facts, answers) : [];
				const changes = await changesFor(resources.filter(resource => resource.type === type), bench.providers);
				if (changes.length > 0) {
					await provider.ahead?.(changes);
					break;
				}
			}
		}
	} catch {
		// The step itself says what is wrong, when its turn comes.
	}
}
