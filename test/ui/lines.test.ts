import test from 'ava';
import type {Place, Preview, Telling} from '../../source/engine/conversation.ts';
import type {Description} from '../../source/engine/describe.ts';
import {countdownLine, narrator, nextMark, nextMinute, roundedLeft, sightingLine} from '../../source/ui/lines/events.ts';
import {linesOn, paint, printer, type Output} from '../../source/ui/lines/printer.ts';
import {descriptionLines, diffLines, endingLines, failureLines, headingLines, previewLines} from '../../source/ui/lines/screens.ts';
import {clean, cleanLines, elapsed, isUtf8, safe, visible} from '../../source/ui/lines/text.ts';

const p = paint(false);

const file: Description = {
	sign: '+',
	type: 'file',
	name: '/etc/ssh/sshd_config.d/00.conf',
	title: '/etc/ssh/sshd_config.d/00.conf',
	detail: '3 lines',
	why: 'Keys only.',
	diff: ['+Port 5922', '+PermitRootLogin no', '+X \u001B[2J\u202E'],
};

const place: Place = {steps: [{id: 'updates', title: 'Updates', today: '', state: 'done'}, {id: 'ssh', title: 'SSH', today: '', state: 'current'}], index: 1, total: 9, dryRun: false};

for (const [text, expected] of [
	['plain', 'plain'],
	['\u001B[31mred\u001B[0m', 'red'],
	['\u001B]0;title\u0007x', 'x'],
	['\u009B2Jx', 'x'],
	['a\rb\nc', 'a b c'],
	['\u202Eevil\u2066', 'evil'],
	['bell\u0007 null\u0000', 'bell null'],
	['日本 é ✔', '日本 é ✔'],
] as const) {
	test(`clean ${JSON.stringify(text)}`, t => {
		t.is(clean(text), expected);
	});
}

test('lines of a text stay lines, each harmless', t => {
	t.deepEqual(cleanLines('one\u001B[2J\r\ntwo'), ['one', 'two']);
	t.deepEqual(safe({key: 'a\nb', count: 3}), {key: 'a b', count: 3});
});

test('a diff hides nothing: what cannot be seen is shown as its code', t => {
	t.is(visible('+X\t\u001B[2J\u202E'), String.raw`+X	\u{1b}[2J\u{202e}`);
	t.is(visible('zero\u200Bwidth'), String.raw`zero\u{200b}width`);
});

test('the locale says what can be shown', t => {
	t.true(isUtf8({LANG: 'C.UTF-8'}));
	t.true(isUtf8({LC_ALL: '', LC_CTYPE: 'de_DE.utf8', LANG: 'C'}));
	t.false(isUtf8({LC_ALL: 'C', LANG: 'C.UTF-8'}));
	t.false(isUtf8({}));
	t.true(isUtf8({LANG: 'C'}, 'zh-CN'), 'whoever asks for Chinese can read it');
	const written: string[] = [];
	const stdout = {write: (text: string) => written.push(text)} as unknown as NodeJS.WritableStream;
	printer(stdout, {LANG: 'C'}).print(['off → on…']);
	printer(stdout, {LANG: 'C.UTF-8'}).print(['off → on…']);
	printer(stdout, {}).print([]);
	t.deepEqual(written, ['off -> on...\n', 'off → on…\n']);
});

test('elapsed', t => {
	t.deepEqual([0, 4.12, 59.94, 59.96, 125].map(seconds => elapsed(seconds)), ['0.0 s', '4.1 s', '59.9 s', '1:00 min', '2:05 min']);
});

test('a countdown is told each minute, at 30 s and at 10 s', t => {
	const marks: number[] = [];
	for (let left: number | undefined = 300; left !== undefined; left = nextMark(left)) {
		marks.push(left);
	}

	t.deepEqual(marks, [300, 240, 180, 120, 60, 30, 10]);
	t.is(nextMark(299.5), 240);
	t.is(nextMark(60.5), 60);
	t.is(nextMark(59), 30);
	t.is(nextMark(10), undefined);
	t.is(nextMinute(90), 60);
	t.is(nextMinute(60), undefined);
	t.is(countdownLine(240), 'Waiting for you to come in. Undone in 4 minutes.');
	t.is(countdownLine(60), 'Waiting for you to come in. Undone in 1 minute.');
	t.is(countdownLine(30), 'Waiting for you to come in. Undone in 30 seconds.');
	t.is(roundedLeft(300_000, 400), 300);
	t.is(roundedLeft(32_000, 400), 32);
	t.is(roundedLeft(0, 400), 0);
});

test('where we are', t => {
	t.deepEqual(headingLines(place, p), ['', 'Step 2 of 9: SSH.']);
});

const view: Preview = {title: 'SSH', purpose: 'Robots guess passwords.', descriptions: [file, {...file, sign: '~', type: 'unit', title: 'ssh.socket', detail: 'on → off', diff: undefined, lasting: 'it restarts'}], exposure: [{what: 'Who can log in', before: 'root by password', after: 'deploy by key'}], warnings: ['PostgreSQL is open to everybody.'], safeBecause: 'The old port stays open.'};

test('a preview lists every change with why, diff, and what is lasting', t => {
	t.deepEqual(previewLines(view, place, p), [
		'',
		'SSH: 2 changes. Nothing is changed yet.',
		'Robots guess passwords.',
		'',
		'1. +  file  /etc/ssh/sshd_config.d/00.conf  3 lines',
		'     Keys only.',
		'     +Port 5922',
		'     +PermitRootLogin no',
		String.raw`     +X \u{1b}[2J\u{202e}`,
		'',
		'2. ~  service  ssh.socket  on → off',
		'     Keys only.',
		'     Cannot be undone completely: it restarts',
		'',
		'Who can log in',
		'  before: root by password',
		'  after:  deploy by key',
		'',
		'Note: PostgreSQL is open to everybody.',
		'',
		'Safe because: The old port stays open.',
	]);
});

test('a long diff is cut where asked for, and says so', t => {
	const lines = previewLines(view, place, p, 1);
	t.true(lines.includes('     +Port 5922'));
	t.false(lines.some(line => line.includes('PermitRootLogin')));
	t.true(lines.includes('     … 2 more lines; 1 shows all of it.'));
});

test('colour changes nothing but the colour', t => {
	const coloured = previewLines(view, place, paint(true, {TERM: 'xterm'}));
	t.true(coloured.join('').includes('\u001B[32m'));
	t.deepEqual(coloured.map(line => clean(line)), previewLines(view, place, p).map(line => clean(line)));
	t.deepEqual(previewLines(view, place, paint(true, {TERM: 'dumb'})), previewLines(view, place, p));
});

test('on a terminal sentences end between two words, and what may be copied stays whole', t => {
	const narrow = paint(false, {}, {isTTY: true, columns: 41} as Output);
	t.deepEqual(narrow.prose('A password protects root from whoever gets hold of your key alone.', {indent: '  '}), ['  A password protects root from whoever', '  gets hold of your key alone.']);
	t.deepEqual(descriptionLines([{...file, detail: '18 lines, 0644 root:root'}], narrow), ['+  file  /etc/ssh/sshd_config.d/00.conf', '   18 lines, 0644 root:root']);
	t.is(diffLines([`+${'a '.repeat(40)}b`], narrow).length, 1);
	const piped = paint(false, {}, {isTTY: false, columns: 40} as Output);
	t.is(piped.prose('word '.repeat(40)).length, 1);
});

test('a command takes its colours and signs from what it writes to', t => {
	const written: string[] = [];
	const terminal = (isTTY: boolean) => ({isTTY, columns: 80, write: (text: string) => written.push(text)}) as unknown as Output;
	const bad = (isTTY: boolean, color: boolean, env = {}) => linesOn(terminal(isTTY), color, {TERM: 'xterm', LANG: 'C.UTF-8', ...env}).paint.bad('no');
	t.not(bad(true, true), 'no');
	t.deepEqual([bad(false, true), bad(true, false), bad(true, true, {NO_COLOR: '1'}), bad(true, true, {TERM: 'dumb'})], ['no', 'no', 'no', 'no']);
	linesOn(terminal(true), true, {LANG: 'C'}).print(['off → on…']);
	linesOn(terminal(true), true, {LANG: 'C.UTF-8'}).print(['off → on…']);
	t.deepEqual(written, ['off -> on...\n', 'off → on…\n']);
});

const told: ReadonlyArray<[event: Telling, lines: readonly string[]]> = [
	[{type: 'step', title: 'SSH', count: 1}, ['', 'SSH: making 1 change.']],
	[{type: 'start', description: file}, []],
	[{type: 'start', description: {...file, type: 'unit', title: 'fail2ban.service'}}, ['  working on service fail2ban.service']],
	[{type: 'done', description: file, seconds: 4.1}, ['  ok  file /etc/ssh/sshd_config.d/00.conf (4.1 s)']],
	[{type: 'failed', description: file, message: 'No space\u001B[2J\nleft'}, ['  failed  file /etc/ssh/sshd_config.d/00.conf', '    No space', '    left']],
	[{type: 'reload', unit: 'ssh.service', seconds: 0.2}, ['  ok  ssh.service took it up (0.2 s)']],
	[{type: 'check', check: {id: 'ssh.root', title: 'Root cannot log in', severity: 'high', fix: 'Set PermitRootLogin no.'}}, []],
	[{type: 'check', check: {id: 'ssh.root', title: 'Root cannot log in', severity: 'high', fix: 'Set PermitRootLogin no.'}, verdict: {status: 'pass', evidence: 'permitrootlogin no'}}, ['  check passed  Root cannot log in', '    permitrootlogin no']],
	[{type: 'check', check: {id: 'ssh.root', title: 'Root cannot log in', severity: 'high', fix: 'Set PermitRootLogin no.'}, verdict: {status: 'fail', evidence: 'permitrootlogin yes'}}, ['  check failed  Root cannot log in', '    permitrootlogin yes']],
	[{type: 'check', check: {id: 'ssh.root', title: 'Root cannot log in', severity: 'high', fix: 'Set PermitRootLogin no.'}, verdict: {status: 'not-run', evidence: ''}}, ['  check not run  Root cannot log in']],
	[{type: 'check', check: {id: 'ssh.idle', title: 'Idle logins end', severity: 'low', fix: 'Log out.', advice: true}, verdict: {status: 'fail', evidence: 'one is open'}}, ['  check advises  Idle logins end', '    one is open', '    How to fix: Log out.']],
	[{type: 'undoing', count: 3, why: 'A check failed.'}, ['', 'Undoing 3 changes: A check failed.']],
	[{type: 'undone', description: file}, ['  undone  file /etc/ssh/sshd_config.d/00.conf']],
	[{type: 'undone', description: file, left: 'you edited it.'}, ['  left as it is  file /etc/ssh/sshd_config.d/00.conf: you edited it.']],
	[{type: 'kept', title: 'SSH', seconds: 61}, ['SSH is kept (1:01 min).']],
	[{type: 'note', text: 'One\nTwo', tone: 'warning'}, ['One', 'Two']],
];

for (const [event, lines] of told) {
	test(`tells ${JSON.stringify(event).slice(0, 60)}${'verdict' in event ? ` ${event.verdict?.status}` : ''}${'left' in event ? ' left' : ''}${'description' in event ? ` ${event.description.type}` : ''}`, t => {
		t.deepEqual(narrator(p)(event), lines);
	});
}

test('progress is told at quarters, a reason for waiting once, output only when asked for', t => {
	const events: Telling[] = [
		{type: 'write', event: {type: 'waiting', why: 'apt is busy'}},
		{type: 'write', event: {type: 'waiting', why: 'apt is busy'}},
		{type: 'write', event: {type: 'output', line: 'Unpacking'}},
		...[1, 10, 26, 30, 60, 99, 100].map(percent => ({type: 'write', event: {type: 'percent', percent, label: 'fail2ban'}}) as const),
	];
	const quiet = narrator(p);
	t.deepEqual(events.flatMap(event => quiet(event)), ['  Waiting: apt is busy', '  1 %: fail2ban', '  26 %: fail2ban', '  60 %: fail2ban', '  99 %: fail2ban', '  100 %: fail2ban']);
	const verbose = narrator(p, true);
	t.true(events.flatMap(event => verbose(event)).includes('  Unpacking'));
});

test('sightings', t => {
	t.is(sightingLine({type: 'connection', address: '198.51.100.7', port: 5922}, p), 'Seen: a connection from 198.51.100.7 on port 5922.');
	t.is(sightingLine({type: 'key', user: 'deploy', key: 'SHA256:x\u001B[2J'}, p), 'Seen: the key SHA256:x was accepted for deploy.');
	t.is(sightingLine({type: 'sudo', user: 'deploy'}, p), 'Seen: deploy can use sudo.');
});

test('a failure says what, why, and what is left', t => {
	t.deepEqual(failureLines({title: 'Fail2Ban', fact: 'It did not start.', evidence: ['line 1\nline 2'], left: []}, p), ['', 'Failed: Fail2Ban', 'It did not start.', '', '  line 1', '  line 2', '', 'Your server is as it was before this step.']);
	t.true(failureLines({title: 'Fail2Ban', fact: 'x', evidence: [], left: ['file /etc/x']}, p).includes('  file /etc/x'));
});

test('the end says what changed and what to remember', t => {
	const lines = endingLines({dryRun: false, changed: [{title: 'SSH', count: 1, state: 'done'}, {title: 'Fail2Ban', count: 12, state: 'skipped'}], remember: ['ssh -p 5922 deploy@x'], file: '/var/lib/x'}, p);
	t.deepEqual(lines, ['', 'Finished.', '  SSH       1 change    done', '  Fail2Ban  12 changes  skipped', '', 'To remember:', '  ssh -p 5922 deploy@x', '', 'The same is written down in /var/lib/x.']);
	t.regex(endingLines({dryRun: true, changed: [], remember: []}, p)[1]!, /Nothing was written/);
});
