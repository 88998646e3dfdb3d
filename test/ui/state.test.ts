import test from 'ava';
import {createLook} from '../../source/ui/look.ts';
import {confirmScreen} from '../../source/ui/screens/confirm.tsx';
import {endingScreen} from '../../source/ui/screens/ending.tsx';
import {failureScreen} from '../../source/ui/screens/failure.tsx';
import {guardScreen} from '../../source/ui/screens/guard.tsx';
import {openingScreen} from '../../source/ui/screens/opening.tsx';
import {previewScreen} from '../../source/ui/screens/preview.tsx';
import {questionScreen} from '../../source/ui/screens/question.tsx';
import {stepsScreen} from '../../source/ui/screens/steps.tsx';
import {initialState, nextWake, reduce, type Asking, type Outcome, type State} from '../../source/ui/state.ts';
import type {Key, KeyName} from '../../source/ui/keys.ts';
import type {Telling} from '../../source/engine/conversation.ts';
import * as made from './fixtures.ts';

const look = createLook({env: {LANG: 'C.UTF-8'}, color: false, columns: 80, rows: 24});
const names = new Set<string>(['enter', 'escape', 'tab', 'down', 'up', 'left', 'right', 'backspace', 'end', 'page-down', 'newline']);

/** `down`, `ctrl-s` and the like are keys; `paste:…` a paste; anything else is typed. */
function keyOf(text: string): Key {
	if (text.startsWith('paste:')) {
		return {name: 'paste', text: text.slice(6)};
	}

	return names.has(text) || text.startsWith('ctrl-') ? {name: text as KeyName} : {name: 'text', text};
}

function press(screen: Asking, keys: readonly string[]): {state: State; outcome?: Outcome} {
	let result: {state: State; outcome?: Outcome} = reduce(initialState, {type: 'ask', screen});
	for (const key of keys) {
		result = reduce(result.state, {type: 'key', key: keyOf(key), look, now: 0});
	}

	return result;
}

const at = {...made.place, question: {index: 0, total: 2}};
const {opening, unfinished, preview} = made;
const keyLine = `ssh-ed25519 ${'A'.repeat(68)} me@laptop`;

const decisions: ReadonlyArray<readonly [what: string, screen: Asking, keys: readonly string[], value: unknown]> = [
	['opening: Enter starts', openingScreen(opening), ['enter'], 'start'],
	['opening: the second is some', openingScreen(opening), ['down', 'enter'], 'some'],
	['opening: the third is look', openingScreen(opening), ['down', 'down', 'down', 'enter'], 'look'],
	['opening: q', openingScreen(opening), ['q'], 'quit'],
	['opening: Ctrl-C', openingScreen(opening), ['ctrl-c'], 'quit'],
	['opening: ? does not leave', openingScreen(opening), ['?', '?', 'enter'], 'start'],
	['opening: a session to go on with', openingScreen(unfinished), ['enter'], 'resume'],
	['opening: or to begin anew', openingScreen(unfinished), ['down', 'enter'], 'fresh'],
	['opening: a dry run offers no dry run', openingScreen({...opening, dryRun: true}), ['end', 'enter'], 'some'],
	['steps: all that is to do is chosen', stepsScreen(opening.steps), ['enter'], ['updates', 'ssh', 'firewall', 'fail2ban']],
	['steps: space takes one off', stepsScreen(opening.steps), ['down', ' ', 'enter'], ['updates', 'firewall', 'fail2ban']],
	['steps: in the order of the steps', stepsScreen(opening.steps), ['a', 'down', 'down', ' ', 'up', 'up', ' ', 'enter'], ['updates', 'firewall']],
	['steps: Escape chooses none', stepsScreen(opening.steps), ['escape'], []],
	['steps: Ctrl-C chooses none', stepsScreen(opening.steps), ['ctrl-c'], []],
	['text: Enter takes the default', questionScreen(made.portQuestion, at), ['enter'], {type: 'answer', value: '5922'}],
	['text: typing replaces it', questionScreen(made.portQuestion, at), ['2222', 'enter'], {type: 'answer', value: '2222'}],
	['text: a wrong value can be put right', questionScreen(made.portQuestion, at), ['s', 'enter', 'ctrl-u', '80', 'enter'], {type: 'answer', value: '80'}],
	['text: letters are no commands', questionScreen(made.portQuestion, at), ['s', 'q', 'b', 'ctrl-s'], {type: 'skip'}],
	['text: Escape', questionScreen(made.portQuestion, at), ['escape'], {type: 'back'}],
	['text: Ctrl-Q', questionScreen(made.portQuestion, at), ['ctrl-q'], {type: 'quit'}],
	['text: Ctrl-C', questionScreen(made.portQuestion, at), ['ctrl-c'], {type: 'quit'}],
	['text: Tab explains and does not type', questionScreen(made.portQuestion, at), ['tab', 'enter'], {type: 'answer', value: '5922'}],
	['keys: two pasted', questionScreen(made.keysQuestion, at), [`paste:${keyLine}\r${keyLine}\r`, 'enter'], {type: 'answer', value: `${keyLine}\n${keyLine}`}],
	['select: Enter takes the default', questionScreen(made.sudoQuestion, at), ['enter'], {type: 'answer', value: 'nopasswd'}],
	['select: the other', questionScreen(made.sudoQuestion, at), ['down', 'enter'], {type: 'answer', value: 'password'}],
	['select: starts at the default', questionScreen({...made.sudoQuestion, default: 'password'}, at), ['enter'], {type: 'answer', value: 'password'}],
	['select: s', questionScreen(made.sudoQuestion, at), ['s'], {type: 'skip'}],
	['select: q', questionScreen(made.sudoQuestion, at), ['q'], {type: 'quit'}],
	['checkbox: Enter takes the default', questionScreen(made.checkboxQuestion, at), ['enter'], {type: 'answer', value: ['allow 8080/tcp']}],
	['checkbox: space ticks', questionScreen(made.checkboxQuestion, at), [' ', 'down', ' ', 'enter'], {type: 'answer', value: ['allow 22/tcp']}],
	['checkbox: a ticks all', questionScreen(made.checkboxQuestion, at), ['a', 'enter'], {type: 'answer', value: ['allow 8080/tcp', 'allow 22/tcp', 'deny 25/tcp']}],
	['confirm: Enter takes the default', questionScreen(made.confirmQuestion, at), ['enter'], {type: 'answer', value: true}],
	['confirm: n', questionScreen(made.confirmQuestion, at), ['n'], {type: 'answer', value: false}],
	['confirm: down', questionScreen({...made.confirmQuestion, default: false}, at), ['up', 'enter'], {type: 'answer', value: true}],
	['password: twice the same', questionScreen(made.passwordQuestion, at), ['correct horse', 'enter', 'correct horse', 'enter'], {type: 'answer', value: 'correct horse'}],
	['password: two that differ start over', questionScreen(made.passwordQuestion, at), ['correct horse', 'enter', 'other', 'enter', 'battery staple', 'enter', 'battery staple', 'enter'], {type: 'answer', value: 'battery staple'}],
	['password: one that is too short starts over', questionScreen(made.passwordQuestion, at), ['short', 'enter', 'battery staple', 'enter', 'battery staple', 'enter'], {type: 'answer', value: 'battery staple'}],
	['preview: y', previewScreen(preview, made.place), ['y'], 'apply'],
	['preview: b', previewScreen(preview, made.place), ['b'], 'back'],
	['preview: Escape', previewScreen(preview, made.place), ['escape'], 'back'],
	['preview: s', previewScreen(preview, made.place), ['down', 'enter', 's'], 'skip'],
	['preview: q', previewScreen(preview, made.place), ['e', 'q'], 'quit'],
	['failure: Enter tries again', failureScreen(made.failure, made.place), ['enter'], 'retry'],
	['failure: edit', failureScreen(made.failure, made.place), ['down', 'enter'], 'edit'],
	['failure: s', failureScreen(made.failure, made.place), ['s'], 'skip'],
	['failure: Ctrl-C', failureScreen(made.failure, made.place), ['ctrl-c'], 'quit'],
	['guard: u is asked for again', guardScreen(made.guard(0)), ['u', 'y'], 'undo'],
	['guard: u by mistake', guardScreen(made.guard(0)), ['u', 'escape', 'q'], 'quit'],
	['guard: Ctrl-C', guardScreen(made.guard(0)), ['ctrl-c'], 'quit'],
	['yes or no: Enter takes the default', confirmScreen('Really?', false), ['enter'], false],
	['yes or no: y', confirmScreen('Really?', false), ['y'], true],
	['yes or no: Ctrl-C is no', confirmScreen('Really?', true), ['ctrl-c'], false],
	['ending: Enter', endingScreen(made.ending), ['enter'], undefined],
];

for (const [what, screen, keys, value] of decisions) {
	test(what, t => {
		t.deepEqual(press(screen, keys).outcome, {type: 'answered', value});
	});
}

const undecided: ReadonlyArray<readonly [what: string, screen: Asking, keys: readonly string[]]> = [
	['a paste presses no key', previewScreen(preview, made.place), ['paste:y\ry\r']],
	['a paste answers no question', questionScreen(made.sudoQuestion, at), ['paste:\r\r']],
	['a paste into a line stays in it', questionScreen(made.portQuestion, at), ['paste:2222\r']],
	['Enter does not apply', previewScreen(preview, made.place), ['enter', 'enter', 'right']],
	['several letters at once are no command', previewScreen(preview, made.place), ['yes']],
	['Enter does not undo', guardScreen(made.guard(0)), ['enter', 'u', 'enter']],
	['no step, no start', stepsScreen(opening.steps), ['a', 'enter']],
	['a value that is wrong', questionScreen(made.portQuestion, at), ['0', 'enter']],
];

for (const [what, screen, keys] of undecided) {
	test(what, t => {
		t.is(press(screen, keys).outcome, undefined);
	});
}

test('once answered, keys do nothing until the next question; Ctrl-C interrupts', t => {
	const {state} = press(previewScreen(preview, made.place), ['y']);
	t.is(state.settledAt, 0);
	const typeahead = reduce(state, {type: 'key', key: keyOf('y'), look, now: 0});
	t.is(typeahead.outcome, undefined);
	t.is(typeahead.state, state);
	const interrupted = reduce(state, {type: 'key', key: keyOf('ctrl-c'), look, now: 0});
	t.deepEqual(interrupted.outcome, {type: 'interrupt'});
	t.true(interrupted.state.stopping);
});

function tellAll(tellings: readonly Telling[], start = initialState): State {
	let state = start;
	for (const telling of tellings) {
		({state} = reduce(state, {type: 'tell', telling, now: 1000}));
	}

	return state;
}

const [user] = made.descriptions;

test('what is told brings the progress up, and finished lines are kept', t => {
	const {state: answered} = press(previewScreen(preview, made.place), ['y']);
	const state = tellAll([{type: 'step', title: 'SSH', count: 6}, {type: 'start', description: user!}, {type: 'write', event: {type: 'output', line: 'one'}}, {type: 'write', event: {type: 'percent', percent: 30, label: 'x'}}], answered);
	t.is(state.screen.kind, 'progress');
	t.like(state.activity, {count: 6, running: [user], tail: ['one'], since: 1000, percent: {percent: 30}});
	t.deepEqual(state.log.map(({type}) => type), ['step']);
	const done = tellAll([{type: 'done', description: user!, seconds: 1}], state);
	t.like(done.activity, {finished: 1, running: [], tail: []});
	t.deepEqual(done.log.map(({type}) => type), ['step', 'done']);
});

test('waiting is said until something moves', t => {
	const waiting = tellAll([{type: 'start', description: user!}, {type: 'write', event: {type: 'waiting', why: 'apt is busy'}}]);
	t.is(waiting.activity.waiting, 'apt is busy');
	t.is(tellAll([{type: 'write', event: {type: 'output', line: 'x'}}], waiting).activity.waiting, undefined);
});

test('the checks get one heading', t => {
	const verdict = {status: 'pass', evidence: ''} as const;
	const state = tellAll([{type: 'check', check: made.check}, {type: 'check', check: made.check, verdict}, {type: 'check', check: made.check}, {type: 'check', check: made.check, verdict}]);
	t.deepEqual(state.log.map(({type}) => type), ['checks', 'check', 'check']);
});

test('what commands print is kept only where it was asked for', t => {
	const output: Telling = {type: 'write', event: {type: 'output', line: 'x'}};
	t.is(tellAll([output]).log.length, 0);
	t.is(tellAll([output], {...initialState, verbose: true}).log.length, 1);
});

test('a note changes no screen; what is told during a question is printed above it', t => {
	const {state} = press(guardScreen(made.guard(0)), []);
	const told = tellAll([{type: 'note', text: 'x', tone: 'info'}, {type: 'reload', unit: 'ssh.service', seconds: 1}], state);
	t.is(told.screen.kind, 'guard');
	t.is(told.log.length, 2);
});

test('only what moves wakes up', t => {
	t.is(nextWake(press(openingScreen(opening), []).state, 5000), undefined);
	t.is(nextWake(press(previewScreen(preview, made.place), []).state, 5000), undefined);
	t.is(nextWake(tellAll([{type: 'start', description: user!}]), 5000), 200);
	t.is(nextWake(press(guardScreen(made.guard(0)), []).state, 700), 301);
	t.is(nextWake(press(guardScreen(made.guard(0)), []).state, 400_000), undefined);
});
