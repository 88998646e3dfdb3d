import {PassThrough} from 'node:stream';
import test from 'ava';
import type {Opening, Place, Preview} from '../../source/engine/conversation.ts';
import type {Question} from '../../source/engine/step.ts';
import {unattendedConversation} from '../../source/ui/unattended.ts';

const place: Place = {steps: [{id: 'ssh', title: 'SSH', today: '', state: 'current'}], index: 0, total: 1, dryRun: false};

function stage(verbose = false) {
	const stdout = new PassThrough();
	const chunks: string[] = [];
	stdout.on('data', chunk => {
		chunks.push(String(chunk));
	});
	return {conversation: unattendedConversation({stdout, color: false, verbose, env: {LANG: 'C.UTF-8'}}), text: () => chunks.join('')};
}

const base = {id: 'a.b', message: 'Which?', why: 'Because.'};
const questions: readonly Question[] = [
	{...base, kind: 'text', default: '5922', validate: () => undefined, parse: Number},
	{...base, kind: 'select', default: 'b', choices: [{value: 'a', label: 'A'}, {value: 'b', label: 'B'}]},
	{...base, kind: 'checkbox', default: ['b'], choices: [{value: 'b', label: 'B'}]},
	{...base, kind: 'confirm', default: false},
	{...base, kind: 'password', default: '', validate: () => 'Too short.'},
];

for (const question of questions) {
	test(`a ${question.kind} question is answered with its default, without a word`, async t => {
		const {conversation, text} = stage();
		t.deepEqual(await conversation.ask(question, place), {type: 'answer', value: question.default});
		t.is(text(), '');
	});
}

test('everything is started, previewed whole, applied; a failure ends the run', async t => {
	const {conversation, text} = stage();
	const opening: Opening = {version: '0.1', hostname: 'vps-1', os: 'Debian 13', facts: {} as Opening['facts'], connection: 'You are root.', promise: 'Every change is shown first.', exposed: [], steps: place.steps, dryRun: true, unfinished: 'Stopped.'};
	t.is(await conversation.opening(opening), 'start');
	t.deepEqual(await conversation.chooseSteps(place.steps), ['ssh']);
	const preview: Preview = {title: 'SSH', purpose: 'Keys only.', descriptions: [{sign: '+', type: 'file', name: '/a', title: '/a', detail: '300 lines', why: 'So.', diff: Array.from({length: 300}, (_, index) => `+line ${index + 1}`)}], exposure: [], warnings: []};
	t.is(await conversation.preview(preview, place), 'apply');
	t.regex(text(), /\nStep 1 of 1: SSH\.\n/);
	t.regex(text(), /\+line 300\n/);
	t.is(await conversation.failure({title: 'SSH', fact: 'No.', evidence: [], left: []}, place), 'quit');
	t.true(await conversation.confirm('Really?', true));
	t.false(await conversation.confirm('Really?', false));
	await conversation.ending({dryRun: true, changed: [], remember: []});
	conversation.close();
});

test('events are told, output only when verbose', t => {
	for (const verbose of [false, true]) {
		const {conversation, text} = stage(verbose);
		conversation.tell({type: 'write', event: {type: 'output', line: 'Unpacking'}});
		conversation.tell({type: 'note', text: 'Done.', tone: 'good'});
		t.is(text(), verbose ? '  Unpacking\nDone.\n' : 'Done.\n');
	}
});

test('the guard waits for the signal alone', async t => {
	const {conversation, text} = stage();
	const over = new AbortController();
	const waiting = conversation.guard({title: 'SSH', command: 'ssh -p 5922 deploy@203.0.113.10', login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}, deadline: Date.now() + 61_000}, over.signal);
	conversation.sighted({type: 'sudo', user: 'deploy'});
	const early = await Promise.race([waiting, new Promise(resolve => {
		setTimeout(resolve, 1400, 'still waiting');
	})]);
	t.is(early, 'still waiting');
	over.abort();
	t.is(await waiting, 'quit');
	t.regex(text(), /\nssh -p 5922 deploy@203\.0\.113\.10\n/);
	t.regex(text(), /Undone in 1 minute\.\nSeen: deploy can use sudo\.\nWaiting for you to come in\. Undone in 1 minute\.\n$/);
	t.is(await conversation.guard({title: 'SSH', command: '', login: {user: 'deploy', port: 5922, sudo: 'password'}, deadline: 0}, AbortSignal.abort()), 'quit');
});
