import process from 'node:process';
import {PassThrough} from 'node:stream';
import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import type {Conversation, GuardView, Opening, Place, Preview} from '../../source/engine/conversation.ts';
import type {Question} from '../../source/engine/step.ts';
import {plainConversation} from '../../source/ui/plain/conversation.ts';
import {canMoveCursor} from '../../source/ui/plain/prompter.ts';
import {commandOf, edited, readNumbers, readText} from '../../source/ui/plain/typed.ts';

// Each open question listens for Ctrl-C, and the tests ask many at once.
process.setMaxListeners(200);

const place: Place = {steps: [{id: 'ssh', title: 'SSH', today: '', state: 'current'}], index: 0, total: 1, dryRun: false};

const port: Question & {kind: 'text'} = {
	kind: 'text',
	id: 'ssh.port',
	message: 'Which port should SSH listen on?',
	why: 'Robots try port 22.',
	risk: 'scripts that assume 22.',
	explain: 'A high port keeps the logs quiet.',
	default: '5922',
	validate: value => /^\d+$/.test(value) ? undefined : 'Type a number.',
	remark: value => `${value} is free on this server.`,
	parse: Number,
};
const addresses: Question = {...port, id: 'ssh.allowFrom', message: 'Which addresses?', default: '203.0.113.7', validate: value => value === 'bad' ? 'No address.' : undefined, remark: undefined};
const keys: Question = {...port, id: 'ssh.authorizedKeys', message: 'Which keys?', default: 'ssh-ed25519 A\nssh-rsa B', lines: true, validate: value => value.split('\n').every(line => line.startsWith('ssh-')) ? undefined : 'This is no key.', remark: undefined};
const sudo: Question = {kind: 'select', id: 'ssh.sudo', message: 'How?', why: 'Because.', default: 'password', choices: [{value: 'nopasswd', label: 'Without'}, {value: 'password', label: 'With', hint: 'safer'}]};
const prune: Question = {kind: 'checkbox', id: 'firewall.prune', message: 'Which rules?', why: 'Because.', default: ['b'], choices: [{value: 'a', label: 'A'}, {value: 'b', label: 'B'}, {value: 'c', label: 'C'}]};
const automatic: Question = {kind: 'confirm', id: 'updates.automatic', message: 'Every day?', why: 'Because.', default: true};
const password: Question = {kind: 'password', id: 'ssh.passwordHash', message: 'Which password?', why: 'For sudo.', default: '', validate: value => value.length < 4 ? 'Too short.' : undefined};

type Stage = {conversation: Conversation; stdin: PassThrough; text(): string};

function stage(kind: 'pipe' | 'terminal', input?: string): Stage {
	const stdin = Object.assign(new PassThrough(), kind === 'terminal' && {isTTY: true, setRawMode() {/* a stream has no modes */}});
	const stdout = Object.assign(new PassThrough(), kind === 'terminal' && {isTTY: true, columns: 80, end() {/* a terminal does not end with a prompt */}});
	const chunks: string[] = [];
	stdout.on('data', chunk => {
		chunks.push(String(chunk));
	});
	if (input !== undefined) {
		stdin.end(input);
	}

	return {conversation: plainConversation({stdin, stdout, color: false, env: {LANG: 'C.UTF-8', TERM: kind === 'terminal' ? 'xterm' : 'dumb'}}), stdin, text: () => chunks.join('')};
}

const answer = (value: unknown) => ({type: 'answer', value}) as const;

const typed: ReadonlyArray<[what: string, question: Question, input: string, reply: unknown, shown: RegExp]> = [
	['Enter takes the default', port, '\n', answer('5922'), /^\nStep 1 of 1: SSH\.\nEnter takes .*\n\nRobots try port 22\.\nMay break: scripts that assume 22\.\nWhich port should SSH listen on\? \(5922\) \n5922 is free on this server\.\n$/],
	['a value', port, ' 2222 \n', answer('2222'), /2222 is free/],
	['a wrong value is asked again', port, 'high\n2222\n', answer('2222'), /Type a number\.\nWhich port/],
	['? explains', port, '?\n\n', answer('5922'), /\(5922\) \nA high port keeps the logs quiet\.\nback goes to/],
	['back', port, 'back\n', {type: 'back'}, /./],
	['skip', port, 'SKIP\n', {type: 'skip'}, /./],
	['quit', port, 'quit\n', {type: 'quit'}, /./],
	['the end of input', port, '', {type: 'quit'}, /./],
	['the end of input after something wrong', port, 'high\n', {type: 'quit'}, /Type a number/],
	['a last line without its newline', port, '2222', answer('2222'), /./],
	['none', addresses, '-\n', answer(''), /Type - for none\./],
	['a dash is no answer where there must be one', port, '-\n\n', answer('5922'), /Type a number/],
	['keys, several lines', keys, 'ssh-rsa C\nssh-rsa D\n\n', answer('ssh-rsa C\nssh-rsa D'), /An empty line at once takes this:\n {2}ssh-ed25519 A\n {2}ssh-rsa B\n/],
	['keys, by default', keys, '\n', answer('ssh-ed25519 A\nssh-rsa B'), /./],
	['keys, wrong and again', keys, 'oops\n\nssh-rsa C\n\n', answer('ssh-rsa C'), /This is no key\./],
	['keys, back', keys, 'back\n', {type: 'back'}, /./],
	['keys, explained', keys, '?\n\n', answer('ssh-ed25519 A\nssh-rsa B'), /quiet/],
	['keys, cut off', keys, 'ssh-rsa C\n', {type: 'quit'}, /./],
	['a choice by default', sudo, '\n', answer('password'), /\n {2}1\. Without\n {2}2\. With {2}safer\nHow\? \(2\) /],
	['a choice', sudo, '1\n', answer('nopasswd'), /./],
	['a choice that there is not', sudo, '3\n0\n1\n', answer('nopasswd'), /Type a number from 1 to 2\.\nHow/],
	['marks by default', prune, '\n', answer(['b']), / {2}1\. \[ ] A\n {2}2\. \[x] B\n {2}3\. \[ ] C\nWhich rules\? \(2\) /],
	['marks', prune, '3, 1\n', answer(['a', 'c']), /./],
	['all marks', prune, 'all\n', answer(['a', 'b', 'c']), /./],
	['no marks', prune, 'none\n', answer([]), /./],
	['wrong marks', prune, '1 4\n\n', answer(['b']), /Type numbers from 1 to 3/],
	['yes by default', automatic, '\n', answer(true), /Every day\? \(yes\) /],
	['no', automatic, 'n\n', answer(false), /./],
	['neither yes nor no', automatic, 'perhaps\nno\n', answer(false), /Type yes or no\./],
	['a password', password, 's3cret\ns3cret\n', answer('s3cret'), /Which password\? \nOnce more, please: \n$/],
	['a password too short, then two that differ', password, 'abc\nlong1\nlong2\nlong3\nlong3\n', answer('long3'), /Too short\.\n(?:.*\n)*The two are not the same/],
	['a password, back', password, 'back\n', {type: 'back'}, /./],
	['a password, back from the second', password, 's3cret\nback\n', {type: 'back'}, /./],
];

for (const [what, question, input, reply, shown] of typed) {
	test(`asks: ${what}`, async t => {
		const {conversation, text} = stage('pipe', input);
		t.deepEqual(await conversation.ask(question, place), reply);
		await setTimeout(0);
		t.regex(text(), shown);
		t.false(text().includes('\u001B'));
		conversation.close();
		conversation.close();
	});
}

test('the heading and the way out are said once a step', async t => {
	const {conversation, text} = stage('pipe', '\n\n\n');
	await conversation.ask(port, place);
	await conversation.ask(automatic, place);
	await conversation.ask(automatic, {...place, steps: [{id: 'firewall', title: 'Firewall', today: '', state: 'current'}], index: 1, total: 2});
	t.deepEqual(text().match(/^Step .*/gm), ['Step 1 of 1: SSH.', 'Step 2 of 2: Firewall.']);
});

const opening: Opening = {version: '0.1', hostname: 'vps-1\u001B[2J', os: 'Debian 13', facts: {} as Opening['facts'], connection: 'You are root.', promise: 'Every change is shown first.', exposed: [{port: '22', program: 'sshd', remark: 'passwords allowed'}], steps: place.steps, dryRun: false};

for (const [what, view, input, choice] of [
	['start', opening, '\n', 'start'],
	['some', opening, '2\n', 'some'],
	['look', opening, '3\n', 'look'],
	['quit', opening, '4\n', 'quit'],
	['the word quit', opening, '?\nback\nquit\n', 'quit'],
	['the end of input', opening, '', 'quit'],
	['resume', {...opening, unfinished: 'Stopped in step 3.'}, '\n', 'resume'],
	['fresh', {...opening, unfinished: 'Stopped in step 3.'}, '2\n', 'fresh'],
	['no second dry run', {...opening, dryRun: true}, '3\n', 'quit'],
] as const) {
	test(`opens: ${what}`, async t => {
		const {conversation, text} = stage('pipe', input);
		t.is(await conversation.opening(view), choice);
		t.regex(text(), /harden-python-vps 0\.1, vps-1, Debian 13\n/);
		t.regex(text(), / {2}22 {2}sshd {2}passwords allowed\n/);
	});
}

const preview: Preview = {
	title: 'SSH',
	purpose: 'Keys only.',
	descriptions: [{sign: '+', type: 'file', name: '/a', title: '/a', detail: '30 lines', why: 'So.', diff: Array.from({length: 30}, (_, index) => `+line ${index + 1}`)}],
	exposure: [],
	warnings: [],
};

for (const [what, input, choice, shown] of [
	['yes', 'yes\n', 'apply', /line 24\n.*6 more lines; 1 shows all of it\.\n(?!.*line 25)/s],
	['Enter alone is no yes', '\n\nyes\n', 'apply', /Type yes, back, skip or quit/],
	['a number shows all of it', '1\nyes\n', 'apply', /line 30\n/],
	['all', 'all\nno\nskip\n', 'skip', /line 30\n/],
	['a number too high', '2\nback\n', 'back', /Type yes/],
	['?', '?\nquit\n', 'quit', /Nothing is written until you type yes/],
	['the end of input', '', 'quit', /./],
] as const) {
	test(`previews: ${what}`, async t => {
		const {conversation, text} = stage('pipe', input);
		t.is(await conversation.preview(preview, place), choice);
		t.regex(text(), shown);
	});
}

for (const [input, choice] of [['\n', 'retry'], ['2\n', 'edit'], ['3\n', 'skip'], ['skip\n', 'skip'], ['4\n', 'quit'], ['', 'quit']] as const) {
	test(`fails: ${JSON.stringify(input)} is ${choice}`, async t => {
		const {conversation, text} = stage('pipe', input);
		t.is(await conversation.failure({title: 'SSH', fact: 'It did not start.', evidence: [], left: []}, place), choice);
		t.regex(text(), /It did not start\./);
	});
}

for (const [input, ids] of [['all\n', ['updates', 'ssh']], ['2\n', ['ssh']], ['?\n1 2\n', ['updates', 'ssh']], ['quit\n', []], ['', []]] as const) {
	test(`chooses steps: ${JSON.stringify(input)}`, async t => {
		const {conversation} = stage('pipe', input);
		t.deepEqual(await conversation.chooseSteps([{id: 'updates', title: 'Updates', today: '14 pending', state: 'waiting'}, {id: 'ssh', title: 'SSH', today: '', state: 'waiting'}]), ids);
	});
}

for (const [input, byDefault, result] of [['\n', true, true], ['\n', false, false], ['y\n', false, true], ['', true, false], ['quit\n', true, false]] as const) {
	test(`confirms: ${JSON.stringify(input)} where ${byDefault} is the default`, async t => {
		t.is(await stage('pipe', input).conversation.confirm('Really?', byDefault), result);
	});
}

const guard: GuardView = {title: 'SSH', command: 'ssh -p 5922 deploy@203.0.113.10', login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}, deadline: 0};

test('guards: undo', async t => {
	const {conversation, text} = stage('pipe', 'what\n?\nundo\n');
	t.is(await conversation.guard({...guard, deadline: Date.now() + 240_000}, new AbortController().signal), 'undo');
	t.regex(text(), /\nssh -p 5922 deploy@203\.0\.113\.10\n/);
	t.regex(text(), /at \d\d:\d\d everything goes back by itself/);
	t.regex(text(), /Type undo to put everything back now\.\nWaiting for you to come in\. Undone in 4 minutes\.\nType undo/);
});

test('guards: the proven login ends the wait; sightings and the countdown are lines', async t => {
	const {conversation, stdin, text} = stage('pipe');
	const over = new AbortController();
	const waiting = conversation.guard({...guard, deadline: Date.now() + 11_000}, over.signal);
	conversation.sighted({type: 'connection', address: '198.51.100.7', port: 5922});
	await setTimeout(1400);
	over.abort();
	t.is(await waiting, 'quit');
	t.regex(text(), /Undone in 11 seconds\.\nSeen: a connection from 198\.51\.100\.7 on port 5922\.\nWaiting for you to come in\. Undone in 10 seconds\.\n$/);
	stdin.end('yes\n');
	t.true(await conversation.confirm('Still here?', false));
});

test('guards: quit, and the end of input', async t => {
	t.is(await stage('pipe', 'quit\n').conversation.guard({...guard, deadline: Date.now() + 60_000}, new AbortController().signal), 'quit');
	t.is(await stage('pipe', '').conversation.guard({...guard, deadline: Date.now() + 60_000}, new AbortController().signal), 'quit');
	t.is(await stage('pipe').conversation.guard({...guard, deadline: Date.now() + 60_000}, AbortSignal.abort()), 'quit');
});

test('which terminals get a cursor that moves', t => {
	const terminal = Object.assign(new PassThrough(), {isTTY: true});
	const pipe = new PassThrough();
	t.true(canMoveCursor({stdin: terminal, stdout: terminal, env: {TERM: 'xterm-256color'}}));
	t.true(canMoveCursor({stdin: terminal, stdout: terminal, env: {TERM: 'vt220'}}));
	t.false(canMoveCursor({stdin: terminal, stdout: terminal, env: {TERM: 'dumb'}}));
	t.false(canMoveCursor({stdin: terminal, stdout: terminal, env: {}}));
	t.false(canMoveCursor({stdin: pipe, stdout: terminal, env: {TERM: 'xterm'}}));
	t.false(canMoveCursor({stdin: terminal, stdout: pipe, env: {TERM: 'xterm'}}));
});

/** Types keys; `…text` waits until that text was written since the last wait. */
async function typing({stdin, text}: Stage, ...script: readonly string[]): Promise<void> {
	let seen = 0;
	for (const entry of script) {
		if (!entry.startsWith('…')) {
			stdin.write(entry);
			await setTimeout(5);
			continue;
		}

		for (let waited = 0; !text().includes(entry.slice(1), seen); waited += 10) {
			if (waited > 20_000) {
				throw new Error(`No "${entry.slice(1)}" in:\n${text().slice(seen)}`);
			}

			await setTimeout(10);
		}

		seen = text().length;
	}
}

for (const [what, question, typedKeys, reply] of [
	['Enter takes the default', port, ['\r'], answer('5922')],
	['a value, corrected', port, ['2', '3', '\u007F', '2', '2', '2', '\r'], answer('2222')],
	['a wrong value stays, to be put right', port, ['x', '\r', '…Type a number.', '\u007F', '7', '\r'], answer('7')],
	['back', port, [...'back', '\r'], {type: 'back'}],
	['?', port, ['?', '\r', '…(5922)', '\r'], answer('5922')],
	['a choice', sudo, ['1', '\r'], answer('nopasswd')],
	['a password', password, [...'s3cret', '\r', '…Once more, please: [hidden]', ...'s3cret', '\r'], answer('s3cret')],
	['Ctrl-C', port, ['2', '\u0003'], {type: 'quit'}],
	['Ctrl-D', port, ['\u0004'], {type: 'quit'}],
] as const) {
	test(`asks on a terminal: ${what}`, async t => {
		const scene = stage('terminal');
		const asked = scene.conversation.ask(question, place);
		await typing(scene, `…${question.message}`, ...typedKeys);
		t.deepEqual(await asked, reply);
		t.true(scene.text().includes('\u001B['));
		t.false(scene.text().includes('s3cret'));
		scene.conversation.close();
	});
}

test('a terminal that is hung up is a quit, now and later', async t => {
	for (const hangUp of [(stdin: PassThrough) => stdin.emit('error', new Error('EIO')), (stdin: PassThrough) => stdin.end()]) {
		const scene = stage('terminal');
		const asked = scene.conversation.ask(port, place);
		await typing(scene, '…Which port');
		hangUp(scene.stdin);
		t.deepEqual(await asked, {type: 'quit'});
		t.deepEqual(await scene.conversation.ask(keys, place), {type: 'quit'});
		t.is(await scene.conversation.guard({...guard, deadline: Date.now() + 60_000}, new AbortController().signal), 'quit');
		t.is(await scene.conversation.opening(opening), 'quit');
	}
});

// A signal reaches every test of this process: this one runs alone.
test.serial('on a dumb terminal Ctrl-C is a quit, and what is typed too early is no answer', async t => {
	const stdin = Object.assign(new PassThrough(), {isTTY: true});
	const stdout = new PassThrough();
	stdout.resume();
	const conversation = plainConversation({stdin, stdout, color: false, env: {TERM: 'dumb'}});
	stdin.write('yes\n');
	await setTimeout(20);
	const previewed = conversation.preview(preview, place);
	await setTimeout(20);
	process.emit('SIGINT');
	t.is(await previewed, 'quit');
	conversation.close();
});

test('typed lines', t => {
	t.is(commandOf(' Back '), 'back');
	t.is(commandOf('exit'), undefined);
	t.is(commandOf('?'), 'explain');
	t.is(commandOf('backup'), undefined);
	t.deepEqual(readNumbers('2 2', [{value: 'a'}, {value: 'b'}], []), {value: ['b']});
	t.deepEqual(readText(port, ' 22 '), {value: '22'});
	t.is(edited('secr\u007Fret\u007F\b'), 'secr');
	t.is(edited('wrong\u0015right'), 'right');
	t.is(edited('left over\u0003new'), 'new');
});
