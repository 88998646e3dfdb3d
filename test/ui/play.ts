import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Conversation, Place} from '../../source/engine/conversation.ts';
import {inkConversation} from '../../source/ui/ink.tsx';
import * as made from './fixtures.ts';

/**
 * Plays the screens with made-up data on this terminal, no server needed:
 *
 *     node --import tsx test/ui/play.ts [--no-color] [scene …]
 *
 * Without a scene, all of them in turn, as a session has them.
 */

const at = (index: number, total = 6): Place => ({...made.place, question: {index, total}});

async function applying(conversation: Conversation): Promise<void> {
	for (const [delay, telling] of made.applying()) {
		await sleep(delay);
		conversation.tell(telling);
	}

	await sleep(500);
}

async function guard(conversation: Conversation): Promise<unknown> {
	const over = new AbortController();
	const waiting = conversation.guard(made.guard(Date.now()), over.signal);
	const decided = waiting.then(() => true);
	for (const sighting of [
		{type: 'connection', address: '198.51.100.7', port: 5922},
		{type: 'key', user: 'deploy', key: 'ED25519 SHA256:kq3uJ0c5Qm0p2gNfXy9w4Zr7tT1sVbLh8dEoWmAi6nU'},
		{type: 'sudo', user: 'deploy'},
	] as const) {
		if (await Promise.race([decided, sleep(5000, false)])) {
			return waiting;
		}

		conversation.sighted(sighting);
	}

	await sleep(1000);
	over.abort();
	conversation.tell({type: 'kept', title: 'SSH', seconds: 21.4});
	return waiting;
}

const scenes: Record<string, (conversation: Conversation) => Promise<unknown>> = {
	opening: async conversation => conversation.opening(made.opening),
	unfinished: async conversation => conversation.opening(made.unfinished),
	steps: async conversation => conversation.chooseSteps(made.opening.steps),
	confirm: async conversation => conversation.ask(made.confirmQuestion, at(0)),
	keys: async conversation => conversation.ask(made.keysQuestion, at(1)),
	sudo: async conversation => conversation.ask(made.sudoQuestion, at(2)),
	password: async conversation => conversation.ask(made.passwordQuestion, at(3)),
	port: async conversation => conversation.ask(made.portQuestion, at(4)),
	checkbox: async conversation => conversation.ask(made.checkboxQuestion, at(5)),
	big: async conversation => conversation.preview(made.bigPreview, made.place),
	preview: async conversation => conversation.preview(made.preview, made.place),
	applying,
	guard,
	failure: async conversation => conversation.failure(made.failure, made.place),
	left: async conversation => conversation.failure(made.leftFailure, made.place),
	async undoing(conversation) {
		conversation.tell({type: 'undoing', count: 3, why: 'A check failed.'});
		for (const description of made.descriptions.slice(0, 3)) {
			conversation.tell({type: 'undone', description, ...description.type === 'user' && {left: 'deploy owns files that we did not make'}});
			await sleep(500);
		}
	},
	yesno: async conversation => conversation.confirm('Node and npm were installed only for this wizard. Take them off again?', true),
	ending: async conversation => conversation.ending(made.ending),
};

const wanted = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
let isStopping = false;
const conversation = inkConversation({
	stdin: process.stdin,
	stdout: process.stdout,
	env: process.env,
	color: !process.argv.includes('--no-color'),
	onInterrupt() {
		// The first Ctrl-C only shows what it says; nothing is stopped here.
		if (isStopping) {
			conversation.close();
		}

		isStopping = true;
	},
});
const said: string[] = [];
for (const scene of wanted.length > 0 ? wanted : Object.keys(scenes)) {
	said.push(`${scene}: ${JSON.stringify(await scenes[scene]!(conversation))}`);
}

conversation.close();
console.log(said.join('\n'));
