import type {Bench} from './bench.ts';
import {describeAll} from './engine/describe.ts';
import type {Step} from './engine/step.ts';
import type {Change} from './engine/types.ts';
import {nodeGuest, type NodeGuest} from './host/apt/node.ts';
import {removePackages} from './host/apt/removal.ts';
import {explain} from './problem.ts';
import {statesOf} from './step-states.ts';
import {t} from './words.ts';

function question({since, packages}: NodeGuest): string {
	const minutes = Math.max(1, Math.round((Date.now() - since) / 60_000));
	const values = {count: packages.length, when: minutes === 1 ? t('a minute ago') : t('{minutes} minutes ago', {minutes})};
	return packages.length === 1
		? t('Node.js came onto this server {when}, and nothing but this wizard uses it. Take it off again? What was set up works without it. To undo or audit later you would install it again.', values)
		: t('Node.js and what came with it ({count} packages) came onto this server {when}, and nothing but this wizard uses it. Take all of that off again? What was set up works without it. To undo or audit later you would install it again.', values);
}

/**
 * At the very end: where Node came only for this tool, offers to take it off again, and shows what would go. It is the
 * user's own installation and no change of a step, so it is not journalled. Returns whether Node is gone.
 */
export async function offerToTakeNodeOff(bench: Bench, steps: readonly Step[]): Promise<boolean> {
	const {host, conversation, options} = bench;
	if (options.unattended || options.dryRun) {
		return false;
	}

	const guest = await nodeGuest(host).catch(() => undefined);
	if (guest === undefined || !await conversation.confirm(question(guest), false)) {
		return false;
	}

	const why = t('It came only for this wizard.');
	const changes = guest.packages.map((name): Change<'package'> => ({type: 'package', name, before: {installed: true}, desired: {installed: false}, why}));
	const descriptions = describeAll(changes);
	const facts = await bench.facts();
	const choice = await conversation.preview({
		title: t('Node.js'),
		purpose: t('A server is easier to keep safe the less there is on it.'),
		descriptions,
		exposure: [],
		warnings: [t('{tool} undo, audit and status do not work until Node.js is installed again.')],
	}, {steps: statesOf(bench, steps, facts), index: steps.length - 1, total: steps.length, dryRun: false});
	if (choice !== 'apply') {
		return false;
	}

	conversation.tell({type: 'step', title: t('Node.js'), count: descriptions.length});
	return takeOff(bench, guest, descriptions);
}

async function takeOff(bench: Bench, {packages}: NodeGuest, descriptions: ReturnType<typeof describeAll>): Promise<boolean> {
	const {host, conversation, clock} = bench;
	const began = clock();
	bench.busy = true;
	try {
		for (const description of descriptions) {
			conversation.tell({type: 'start', description});
		}

		await removePackages(host, packages.map(name => ({name, keepSettings: false})), {progress: event => conversation.tell({type: 'write', event})});
		for (const description of descriptions) {
			conversation.tell({type: 'done', description, seconds: (clock() - began) / 1000});
		}

		return true;
	} catch (error) {
		conversation.tell({type: 'note', tone: 'warning', text: explain(error)});
		return false;
	} finally {
		bench.busy = false;
	}
}
