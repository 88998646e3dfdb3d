import test from 'ava';
import {render} from 'ink-testing-library';
import {describeAll, type Description} from '../../source/engine/describe.ts';
import {App} from '../../source/ui/app.tsx';
import {entriesOf, entryLines} from '../../source/ui/log.ts';
import {createLook, type Look} from '../../source/ui/look.ts';
import {createRenderer} from '../../source/ui/render.ts';
import {confirmScreen} from '../../source/ui/screens/confirm.tsx';
import {endingScreen} from '../../source/ui/screens/ending.tsx';
import {failureScreen} from '../../source/ui/screens/failure.tsx';
import {guardScreen} from '../../source/ui/screens/guard.tsx';
import {openingScreen} from '../../source/ui/screens/opening.tsx';
import {previewScreen} from '../../source/ui/screens/preview.tsx';
import {questionScreen} from '../../source/ui/screens/question.tsx';
import {stepsScreen} from '../../source/ui/screens/steps.tsx';
import {initialState, reduce, type Screen, type State} from '../../source/ui/state.ts';
import {width} from '../../source/ui/text.ts';
import type {Place} from '../../source/engine/conversation.ts';
import * as made from './fixtures.ts';

const utf8 = {LANG: 'C.UTF-8', TERM: 'xterm-256color'};
const lookOf = (columns: number, rows: number, env: Record<string, string> = utf8, color = true): Look => createLook({env, color, columns, rows});

const place: Place = {...made.place, question: {index: 4, total: 6}};
const manySteps: Place = {...place, total: 9, steps: Array.from({length: 9}, (_, index) => ({...made.steps[index % 4]!, title: `Step number ${index}`}))};
const allOpen = {...previewScreen(made.preview, place), open: [1, 2, 3], explain: true};
const screens: Record<string, Screen> = {
	blank: {kind: 'blank'},
	opening: openingScreen(made.opening),
	explained: {...openingScreen(made.opening), explain: true},
	unfinished: openingScreen(made.unfinished),
	crowded: openingScreen({...made.unfinished, exposed: Array.from({length: 40}, (_, index) => ({port: String(index), program: 'x'.repeat(30), remark: 'y'.repeat(90)}))}),
	steps: stepsScreen(made.opening.steps),
	port: questionScreen(made.portQuestion, place),
	long: questionScreen({...made.portQuestion, default: '9'.repeat(300), explain: 'word '.repeat(600)}, place),
	keys: questionScreen({...made.keysQuestion, default: Array.from({length: 40}, () => `ssh-ed25519 ${'A'.repeat(300)} 你好@laptop`).join('\n')}, place),
	many: questionScreen({...made.sudoQuestion, choices: Array.from({length: 50}, (_, index) => ({value: index, label: `choice ${index} ${'你'.repeat(60)}`, hint: 'z'.repeat(80)})), default: 30}, manySteps),
	checkbox: questionScreen(made.checkboxQuestion, place),
	confirm: questionScreen(made.confirmQuestion, place),
	password: questionScreen(made.passwordQuestion, place),
	preview: previewScreen(made.preview, place),
	open: allOpen,
	scrolled: {...allOpen, offset: 20},
	big: {...previewScreen(made.bigPreview, manySteps), open: [0, 1, 2]},
	failure: failureScreen(made.failure, place),
	left: failureScreen({...made.leftFailure, evidence: Array.from({length: 30}, () => 'evidence '.repeat(30))}, place),
	guard: guardScreen(made.guard(0), place),
	yesno: confirmScreen('Take them off again?', true),
	ending: endingScreen(made.ending),
	progress: {kind: 'progress'},
};

const stateOf = (screen: Screen): State => ({...initialState, screen});
const busy = made.applying().slice(0, 30).reduce((state, [, telling]) => reduce(state, {type: 'tell', telling, now: 0}).state, stateOf({kind: 'progress'}));
/** Nothing is being changed yet, and it takes its time. */
const fetching = [
	{type: 'waiting', why: 'The package lists are 14 hours old; fetching them anew.'} as const,
	{type: 'percent', percent: 40, label: 'Get:3 InRelease'} as const,
].map((_, index, events) => events.slice(0, index + 1).reduce((state, event) => reduce(state, {type: 'tell', telling: {type: 'write', event}, now: 0}).state, stateOf(screens.opening!)));
const states: Record<string, State> = {
	...Object.fromEntries(Object.entries(screens).map(([name, screen]) => [name, stateOf(screen)])),
	busy,
	stopping: {...busy, stopping: true},
	waiting: {...fetching[0]!, screen: {kind: 'progress'}},
	fetching: {...fetching[1]!, screen: {kind: 'progress'}},
	settled: {...stateOf(screens.preview!), settledAt: 0},
};

const renderer = createRenderer(error => {
	throw error;
});
const frameOf = (state: State, look: Look): readonly string[] => renderer.lines(<App state={state} look={look} now={1000}/>, look.columns);
// eslint-disable-next-line no-control-regex -- it is about control characters
const plainOf = (lines: readonly string[]) => lines.join('\n').replaceAll(/\u001B\[[\d;]*m/g, '');

/** The names of the states whose frame is not as it should be. */
function wrong(look: Look, isRight: (frame: readonly string[], name: string) => boolean, names: readonly string[] = Object.keys(states)): readonly string[] {
	return names.filter(name => !isRight(frameOf(states[name]!, look), name));
}

for (const [columns, rows] of [[80, 24], [100, 30], [120, 40], [200, 60], [60, 16], [40, 12], [20, 6]] as const) {
	test(`at ${columns}×${rows} each frame fits`, t => {
		const look = lookOf(columns, rows);
		t.deepEqual(wrong(look, frame => frame.length < rows && frame.every(line => width(line) < columns)), []);
	});
}

const withKeys = Object.keys(states).filter(name => !['blank', 'progress', 'settled', 'stopping', 'waiting', 'fetching'].includes(name));

for (const [columns, rows, env] of [[80, 24, utf8], [120, 40, utf8], [80, 24, {LANG: 'C'}]] as const) {
	test(`at ${columns}×${rows} the keys are whole, in the last line, with ${env.LANG}`, t => {
		const isWhole = (frame: readonly string[]) => /⏎|enter|\^C|undo it now/.test(frame.at(-1)!) && !/…|\.\.\./.test(frame.at(-1)!);
		t.deepEqual(wrong(lookOf(columns, rows, env), isWhole, withKeys), []);
	});
}

test('where the locale is not UTF-8 everything is ASCII', t => {
	const look = lookOf(80, 24, {LANG: 'C', TERM: 'vt220'});
	const isAscii = (lines: readonly string[]) => /^[\n\u0020-\u007E]*$/.test(plainOf(lines));
	t.deepEqual(wrong(look, isAscii), []);
	const entries = made.applying().flatMap(([, telling]) => entriesOf(telling, {isFirstCheck: true, verbose: true}));
	t.deepEqual(entries.filter(entry => !isAscii(entryLines(entry, look))), []);
});

test('without colour no sequence is written, and what is chosen can still be seen', t => {
	const look = lookOf(80, 24, utf8, false);
	t.deepEqual(wrong(look, frame => !frame.join('').includes('\u001B')), []);
	t.deepEqual(wrong(lookOf(80, 24, {...utf8, NO_COLOR: '1'}), frame => !frame.join('').includes('\u001B')), []);
	t.regex(plainOf(frameOf(states.opening!, look)), /› Start/);
	t.regex(plainOf(frameOf(states.checkbox!, look)), /› \[x] allow 8080/);
	t.regex(plainOf(frameOf(states.open!, look)), /│ \+PasswordAuthentication no/);
});

test('a preview counts each of the packages that come along, and no kind of change by half', t => {
	const alone = {name: '', detail: '', why: ''};
	const change = {sign: '+', type: 'package', before: {installed: false, automatic: false}, desired: {installed: true, automatic: true}, why: ''} as const;
	const packages = describeAll(['a', 'b', 'c'].map(name => ({...change, name})));
	const kinds = (['user', 'host-key', 'venv', 'requirements-lock', 'secret'] as const).map(type => ({...alone, sign: '+' as const, type, title: type}));
	const lineOf = (descriptions: readonly Description[]) => plainOf(frameOf(stateOf(previewScreen({...made.preview, descriptions, warnings: []}, place)), lookOf(80, 24))).split('\n').find(line => line.includes(' · 1 user'))?.trim();
	t.is(lineOf([...packages, ...kinds.slice(0, 1)]), '3 packages · 1 user');
	t.is(lineOf([...packages, ...kinds]), '3 packages · 1 user · 1 host key · 1 Python environment · …');
});

test('hostile text does nothing', t => {
	const evil = '\u001B[2J\u001B]0;owned\u0007\r\u009B31mevil\u202E\u0000';
	const description = {...made.descriptions[2]!, title: evil, detail: evil, why: evil, lasting: evil, diff: [`+${evil}`]};
	const view = {...made.preview, title: evil, purpose: evil, warnings: [evil], safeBecause: evil, descriptions: [description], exposure: [{what: evil, before: evil, after: evil}]};
	const hostile: readonly Screen[] = [
		{...previewScreen(view, place), open: [0], explain: true},
		openingScreen({...made.unfinished, hostname: evil, os: evil, connection: evil, news: evil, unfinished: evil, exposed: [{port: evil, program: evil, remark: evil}], steps: made.steps.map(step => ({...step, title: evil, today: evil}))}),
		questionScreen({...made.portQuestion, message: evil, why: evil, risk: evil, default: evil, remark: () => evil}, place),
		failureScreen({title: evil, fact: evil, evidence: [evil], left: [evil]}, place),
		{...guardScreen({...made.guard(0), command: evil}, place), sightings: [{type: 'key', user: evil, key: evil}]},
		confirmScreen(evil, true),
	];
	const look = lookOf(80, 24, utf8, false);
	const lines = hostile.flatMap(screen => frameOf(stateOf(screen), look));
	const told = [
		{type: 'done', description, seconds: 1},
		{type: 'failed', description, message: evil},
		{type: 'undone', description, left: evil},
		{type: 'note', text: evil, tone: 'info'},
		{type: 'check', check: {...made.check, title: evil}, verdict: {status: 'fail', evidence: evil}},
		{type: 'ending', view: {...made.ending, remember: [evil], file: evil}},
	] as const;
	lines.push(...told.flatMap(entry => entryLines(entry, look)));
	t.true(lines.some(line => line.includes('evil')));
	for (const line of lines) {
		t.notRegex(line, /[\p{Cc}\u202E]/u);
	}
});

test('a diff hides nothing: what cannot be seen is shown as its code', t => {
	const view = {...made.preview, descriptions: [{...made.descriptions[2]!, diff: ['+AllowUsers deploy\u202Etoor\u0000']}]};
	t.true(plainOf(frameOf(stateOf({...previewScreen(view, place), open: [0]}), lookOf(80, 24))).includes(String.raw`deploy\u{202e}toor\u{0}`));
});

test('a password is never on screen', t => {
	let {state} = reduce(initialState, {type: 'ask', screen: screens.password as never});
	({state} = reduce(state, {type: 'key', key: {name: 'text', text: 'hunter2hunter2'}, look: lookOf(80, 24), now: 0}));
	t.notRegex(plainOf(frameOf(state, lookOf(80, 24))), /hunter2|•|\*/);
});

test('the command of the guard stands unbroken on its line', t => {
	t.true(plainOf(frameOf(states.guard!, lookOf(80, 24))).split('\n').some(line => line.trim() === 'ssh -p 5922 deploy@203.0.113.10'));
});

test('what is waited for is said, also before there is a change', t => {
	t.regex(plainOf(frameOf(states.waiting!, lookOf(80, 24))), /One moment…\n.*Waiting: The package lists are 14 hours old; fetching them anew\./);
	t.regex(plainOf(frameOf(states.fetching!, lookOf(80, 24))), /One moment…\n.* 40 % {2}Get:3 InRelease/);
});

test('a check that failed says why; one that only advises, how to fix it too', t => {
	const lines = (advice: {advice?: true}) => entryLines({type: 'check', check: {...made.check, ...advice}, verdict: {status: 'fail', evidence: 'root may'}}, lookOf(80, 24));
	t.is(plainOf(lines({})), '  ✖ A password login is refused\n      root may');
	t.is(plainOf(lines({advice: true})), '  ! A password login is refused\n      root may\n      How to fix: Set PasswordAuthentication no.');
});

test('steps stand on a line at 80 columns, and on the side at 120', t => {
	t.regex(plainOf(frameOf(states.port!, lookOf(80, 24))), /^ {2}✔ Updates {3}▸ SSH {3}· Firewall {3}· Fail2Ban +step 2\/4 · question 5\/6/);
	t.regex(plainOf(frameOf(states.port!, lookOf(120, 40))), /✔ Updates +│.*\n {2}▸ SSH/);
});

test('of many steps those around the current one are shown', t => {
	const [first] = plainOf(frameOf(states.many!, lookOf(80, 24))).split('\n');
	t.regex(first!, /Step number 1/);
	t.regex(first!, /…/);
});

test('each exposed port is named, or counted', t => {
	t.regex(plainOf(frameOf(states.crowded!, lookOf(80, 60))), /and \d+ more/);
	t.regex(plainOf(frameOf(states.opening!, lookOf(80, 24))), /5432 {2}postgres/);
});

test('the same in Ink itself', t => {
	const {lastFrame, unmount} = render(<App state={states.opening!} look={lookOf(80, 24, utf8, false)} now={0}/>);
	t.snapshot(lastFrame());
	unmount();
});
