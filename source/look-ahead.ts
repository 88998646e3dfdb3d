import type {Bench} from './bench.ts';
import {changesFor} from './engine/plan.ts';
import {providerOf} from './engine/same.ts';
import type {Facts} from './engine/facts.ts';
import {inForce, withBlock, type Session} from './engine/session.ts';
import type {Step} from './engine/step.ts';
import type {Change, ResourceType} from './engine/types.ts';

/** The changes of one type that a step would come to, by what is known now. */
async function changesOf<K extends ResourceType>(bench: Bench, step: Step, type: K, facts: Facts, session: Pick<Session, 'answers' | 'done'>): Promise<ReadonlyArray<Change<K>>> {
	const answers = inForce(session, step.id);
	const resources = step.unfit?.(facts, answers) === undefined ? step.resources(facts, answers) : [];
	return await changesFor(resources.filter(resource => resource.type === type), bench.providers) as ReadonlyArray<Change<K>>;
}

/** A dry run in which nobody is asked goes through all steps with what is there now: apt is asked about all of them at once. */
export async function foresee(bench: Bench, steps: readonly Step[], facts: Facts): Promise<void> {
	if (!bench.options.unattended || !bench.options.dryRun) {
		return;
	}

	const groups = await Promise.all(steps.map(async (step, index) => {
		const before = steps.slice(0, index).map(({id}) => id);
		const answers = before.reduce((answers, id) => withBlock(answers, id), bench.session.answers);
		// The step itself says what is wrong, when its turn comes.
		return changesOf(bench, step, 'package', facts, {answers, done: [...bench.session.done, ...before]}).catch(() => []);
	}));
	await bench.providers.package.foresee?.(groups).catch(() => {/* each step asks again */});
}

/** Gets ready what takes long in a step, for one type; says whether there was anything. */
async function getReady(bench: Bench, step: Step, type: ResourceType, facts: Facts): Promise<boolean> {
	const changes = await changesOf(bench, step, type, facts, bench.session);
	if (changes.length > 0) {
		await providerOf(bench.providers, type).ahead?.(changes);
	}

	return changes.length > 0;
}

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
