import {PassThrough} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {inkConversation} from '../../source/ui/ink.tsx';
import * as made from './fixtures.ts';
import {createScreen} from './screen.ts';

/** The conversation on a made-up terminal: what it shows, what it was sent, and whether its keys are raw. */
function terminal({columns = 80, rows = 24, env = {LANG: 'C.UTF-8', TERM: 'xterm-256color'}} = {}) {
	let screen = createScreen(columns, rows);
	let bytes = 0;
	let written = '';
	let raw = false;
	let interrupts = 0;
	let goings = 0;
	const stdout = Object.assign(new PassThrough(), {columns, rows, isTTY: true});
	stdout.on('data', (chunk: Uint8Array) => {
		bytes += chunk.length;
		written += String(chunk);
		screen.write(String(chunk));
	});
	const stdin = Object.assign(new PassThrough(), {
		isTTY: true,
		setRawMode(mode: boolean) {
			raw = mode;
			return stdin;
		},
	});
	const conversation = inkConversation({
		stdin: stdin as unknown as NodeJS.ReadStream,
		stdout: stdout as unknown as NodeJS.WriteStream,
		env,
		color: true,
		onInterrupt() {
			interrupts++;
		},
		onGone() {
			goings++;
		},
	});
	return {
		conversation,
		shown: () => screen.shown(),
		scrolled: () => screen.scrolled(),
		bytes: () => bytes,
		written: () => written,
		isRaw: () => raw,
		interrupts: () => interrupts,
		goings: () => goings,
		press(keys: string) {
			stdin.write(keys);
		},
		hangUp() {
			stdin.end();
		},
		failToRead() {
			stdin.emit('error', new Error('read EIO'));
		},
		resize(newColumns: number, newRows: number) {
			screen = createScreen(newColumns, newRows);
			screen.write('what the terminal made of the old frame\r\nwhen its size changed');
			Object.assign(stdout, {columns: newColumns, rows: newRows});
			stdout.emit('resize');
		},
		async until(pattern: RegExp) {
			for (let waited = 0; waited < 10_000; waited += 20) {
				if (pattern.test(screen.shown())) {
					return;
				}

				await sleep(20);
			}

			throw new Error(`never seen: ${pattern}\n${screen.shown()}`);
		},
	};
}

const place = {...made.place, question: {index: 0, total: 2}};

test.serial('a session: what is pressed is what the wizard hears, and finished lines stay', async t => {
	const {conversation, press, until, shown, scrolled, isRaw} = terminal();
	t.false(isRaw(), 'the terminal is taken with the first word');
	const opening = conversation.opening(made.opening);
	await until(/› Start/);
	t.true(isRaw());
	press('\u001B[B\r');
	t.is(await opening, 'some');

	const asked = conversation.ask(made.portQuestion, place);
	await until(/Which port/);
	press('2222');
	await until(/2222 is free/);
	press('\r');
	t.deepEqual(await asked, {type: 'answer', value: '2222'});

	const previewed = conversation.preview(made.preview, place);
	await until(/nothing changed yet/);
	press('y');
	t.is(await previewed, 'apply');

	for (const [, telling] of made.applying()) {
		conversation.tell(telling);
	}

	await until(/sftp works/);
	const ended = conversation.ending(made.ending);
	await until(/leave/);
	press('\r');
	await ended;
	conversation.close();
	conversation.close();
	t.false(isRaw());
	const all = [...scrolled(), shown()].join('\n');
	t.regex(all, /SSH {2}6 changes[^]*✔ package {5}fail2ban[^]*✔ service {5}ssh.socket[^]*✔ A password login is refused[^]*This is what was done\.[^]*To remember/);
	t.notRegex(all, /nothing changed yet|hostile|⏎ leave/);
	t.is(all.match(/✔ package {5}fail2ban/g)?.length, 1);
});

test.serial('Escape is a key after a moment, also beside sequences that come in pieces', async t => {
	const {conversation, press, until} = terminal();
	const asked = conversation.ask(made.sudoQuestion, place);
	await until(/How should/);
	press('\u001B');
	await sleep(10);
	press('[B');
	await until(/› With a password/);
	press('\u001B');
	t.deepEqual(await asked, {type: 'back'});
	conversation.close();
});

test.serial('Ctrl-C while the wizard works is told to it, and the terminal stays ours', async t => {
	const {conversation, press, until, interrupts, isRaw} = terminal();
	conversation.tell({type: 'step', title: 'SSH', count: 1});
	conversation.tell({type: 'start', description: made.descriptions[0]!});
	await until(/stop safely/);
	press('\u0003');
	await until(/Stopping as soon as/);
	t.is(interrupts(), 1);
	t.true(isRaw());
	conversation.close();
	t.false(isRaw());
});

test.serial('a terminal that is gone is told as that, once, and never as a wish to stop', async t => {
	const {conversation, hangUp, failToRead, until, interrupts, goings} = terminal();
	void conversation.opening(made.opening);
	await until(/Start/);
	hangUp();
	await sleep(50);
	failToRead();
	t.is(goings(), 1);
	t.is(interrupts(), 0);
	conversation.close();
	t.notThrows(failToRead, 'giving back a terminal that hung up fails, too');
});

test.serial('the guard shows what it sees, counts down, and is over when the wizard says so', async t => {
	const {conversation, until, shown} = terminal();
	const over = new AbortController();
	const waiting = conversation.guard(made.guard(Date.now()), over.signal);
	await until(/undone in 5:00[^]*● a connection/);
	conversation.sighted({type: 'connection', address: '198.51.100.7', port: 5922});
	await until(/✔ connection from 198\.51\.100\.7 on port 5922/);
	await until(/undone in 4:59/);
	over.abort();
	t.is(await waiting, 'quit');
	conversation.tell({type: 'kept', title: 'SSH', seconds: 21.4});
	await until(/✔ SSH is done, in 21\.4 s\./);
	t.notRegex(shown(), /undone in/);
	conversation.close();
});

test.serial('a guard whose time is over already asks nothing', async t => {
	const {conversation} = terminal();
	t.is(await conversation.guard(made.guard(Date.now()), AbortSignal.abort()), 'quit');
	conversation.close();
});

for (const [columns, rows] of [[60, 16], [120, 40], [80, 10]] as const) {
	test.serial(`after a change of size to ${columns}×${rows} everything in sight is right`, async t => {
		const {conversation, resize, until, shown, press} = terminal();
		for (const [, telling] of made.applying()) {
			conversation.tell(telling);
		}

		const previewed = conversation.preview(made.preview, place);
		await until(/nothing changed yet/);
		resize(columns, rows);
		await until(/nothing changed yet[^]*apply/);
		t.notRegex(shown(), /what the terminal made/);
		t.is(shown().match(/nothing changed yet/g)?.length, 1);
		press('y');
		await previewed;
		conversation.tell({type: 'start', description: made.descriptions[0]!});
		await until(/stop safely/);
		resize(columns, rows + 1);
		await until(/stop safely/);
		t.regex(shown(), /(?:reload {6}ssh\.service[^]*)?sftp works[^]*user {8}deploy/, 'the last finished lines are in sight again');
		t.is(shown().match(/stop safely/g)?.length, 1);
		conversation.close();
	});
}

test.serial('Ctrl-L draws everything anew', async t => {
	const {conversation, press, until, bytes} = terminal();
	void conversation.opening(made.opening);
	await until(/› Start/);
	await sleep(200);
	const before = bytes();
	press('\u000C');
	await sleep(300);
	t.true(bytes() - before > 500);
	conversation.close();
});

test.serial('the scrollback is never cleared, nor the whole screen by Ink', async t => {
	const {conversation, until, written, resize} = terminal();
	void conversation.opening(made.opening);
	await until(/› Start/);
	resize(80, 12);
	await sleep(300);
	conversation.close();
	for (const sequence of ['[3J', '[2J', '\u001Bc', '[?1049h']) {
		t.false(written().includes(sequence), `it has ${JSON.stringify(sequence)}`);
	}
});

test.serial('the terminal gets its cursor and its pastes back', async t => {
	const {conversation, until, written} = terminal();
	void conversation.opening(made.opening);
	await until(/› Start/);
	conversation.close();
	t.true(written().startsWith('\u001B[?25l\u001B[?2004h'));
	t.regex(written(), /\[\?2004l[^]*\[\?25h[^h]*$/);
});

test.serial('who only waits is sent nothing', async t => {
	const {conversation, until, bytes} = terminal();
	void conversation.preview(made.preview, place);
	await until(/nothing changed yet/);
	await sleep(300);
	const before = bytes();
	await sleep(1500);
	t.is(bytes(), before);
	conversation.close();
});

test.serial('60 seconds of waiting at the guard are at most 12 kB', async t => {
	const {conversation, until, bytes} = terminal({columns: 120, rows: 40});
	const over = new AbortController();
	const waiting = conversation.guard(made.guard(Date.now()), over.signal);
	await until(/undone in/);
	const before = bytes();
	await sleep(6000);
	const minute = (bytes() - before) * 10;
	over.abort();
	await waiting;
	conversation.close();
	t.log(`${minute} bytes a minute`);
	t.true(minute > 60);
	t.true(minute <= 12_000);
});

for (const [columns, rows] of [[80, 24], [200, 60]] as const) {
	test.serial(`applying sends at most 4 kB a second at ${columns}×${rows}, however much the commands print`, async t => {
		const {conversation, until, bytes} = terminal({columns, rows});
		conversation.tell({type: 'step', title: 'SSH', count: 1});
		conversation.tell({type: 'start', description: made.descriptions[0]!});
		await until(/stop safely/);
		const before = bytes();
		const seconds = 4;
		const end = Date.now() + (seconds * 1000);
		for (let index = 0; Date.now() < end; index++) {
			conversation.tell({type: 'write', event: {type: 'output', line: `${index} ${'x'.repeat(150)}`}});
			conversation.tell({type: 'write', event: {type: 'percent', percent: index % 100, label: `Unpacking package${index}`}});
			await sleep(2);
		}

		const rate = (bytes() - before) / seconds;
		conversation.close();
		t.log(`${Math.round(rate)} bytes a second`);
		t.true(rate > 100);
		t.true(rate <= 4096);
	});
}

test.serial('a view that breaks gives the terminal back and rejects what was asked', async t => {
	const {conversation, isRaw} = terminal();
	await t.throwsAsync(conversation.preview({...made.preview, descriptions: undefined as never}, place));
	t.false(isRaw());
});
