import test from 'ava';
import type {Description} from '../../source/engine/describe.ts';
import {paint} from '../../source/ui/lines/printer.ts';
import {auditLines, statusLines, undoLines, undoSummary, type AuditView, type StatusView} from '../../source/ui/report-lines.ts';

const plain = paint(false);
const coloured = paint(true);
const file: Description = {sign: '+', type: 'file', name: '/etc/a', title: '/etc/a', detail: '1 line', why: 'So.', diff: ['+Port 5922\u001B[2J']};
const run: StatusView['runs'][number] = {run: 1, step: 'ssh', title: 'SSH', status: 'kept', beganAt: '2026-01-02T03:04:05Z', endedAt: '2026-01-02T03:05:05Z', changes: [{description: file, status: 'done'}]};

test('status: nothing yet', t => {
	t.deepEqual(statusLines({version: '0.1', runs: []}, plain), ['harden-python-vps 0.1', '', 'Nothing was changed on this server yet.']);
});

for (const [status, word] of [['open', 'not finished'], ['kept', 'applied'], ['undoing', 'being undone'], ['undone', 'undone']] as const) {
	test(`status: a run that is ${status}`, t => {
		const lines = statusLines({version: '0.1', runs: [{...run, status, why: 'A check failed.'}]}, plain);
		t.regex(lines[2]!, new RegExp(String.raw`^SSH: ${word}, 2026-01-0\d \d\d:\d\d$`));
		t.is(lines.includes('  A check failed.'), status === 'undone');
		t.is(lines.at(-1), '  +  file  /etc/a  1 line');
	});
}

test('status: what was left alone, who is at work, and the guard', t => {
	const left = statusLines({version: '0.1', runs: [{...run, status: 'undone', changes: [{description: file, status: 'left', left: 'You edited it.'}]}]}, plain);
	t.is(left.at(-1), '  left as it is: file /etc/a. You edited it.');
	const armed = statusLines({version: '0.1', holder: {pid: 7, what: 'the wizard', since: 'x'}, guard: {stepTitle: 'SSH', state: 'armed', deadline: 0}, runs: []}, plain);
	t.is(armed[1], 'At work now: the wizard, process 7, since x.');
	t.regex(armed[3]!, /^Waiting for confirm: "SSH" is undone at \d\d:\d\d\. .*: sudo harden-python-vps confirm$/);
	const fired = statusLines({version: '0.1', guard: {stepTitle: 'SSH', state: 'fired', deadline: 0, outcome: 'All is as before.'}, runs: []}, plain);
	t.regex(fired[2]!, /^The guard undid "SSH" at \d\d:\d\d: no new login came in\. All is as before\.$/);
});

const check = (id: string, severity: 'high' | 'medium' | 'low') => ({id, title: `Title of ${id}`, severity, fix: `Fix ${id}.`, references: ['CIS 5.1.20']});
const audit: AuditView = {
	score: 63,
	checks: [
		{check: check('a.pass', 'high'), verdict: {status: 'pass', evidence: 'good\u001B[2J'}},
		{check: check('b.low', 'low'), verdict: {status: 'fail', evidence: 'bad\nworse'}},
		{check: check('c.skipped', 'high'), verdict: {status: 'not-run', evidence: 'nginx is not installed'}},
		{check: check('d.high', 'high'), verdict: {status: 'fail', evidence: ''}},
	],
	exposure: [{port: '22', program: 'sshd', remark: 'passwords allowed'}, {port: '5432', program: 'postgres', remark: 'every address'}],
};

test('audit: the worst first, each with evidence and how to fix; then what is exposed', t => {
	t.deepEqual(auditLines(audit, plain), [
		'Score: 63 of 100',
		'Checks: 1 passed, 2 failed, 1 not run.',
		'',
		'failed  Title of d.high  d.high, high',
		'  How to fix: Fix d.high.',
		'  See: CIS 5.1.20',
		'',
		'failed  Title of b.low  b.low, low',
		'  bad',
		'  worse',
		'  How to fix: Fix b.low.',
		'  See: CIS 5.1.20',
		'',
		'passed  Title of a.pass  a.pass, high',
		'  good',
		'',
		'not run  Title of c.skipped  c.skipped',
		'  not run: nginx is not installed',
		'',
		'What anyone on the internet can reach:',
		'  port  program   remark',
		'  22    sshd      passwords allowed',
		'  5432  postgres  every address',
	]);
});

test('audit: nothing exposed, and colour only colours', t => {
	t.is(auditLines({...audit, exposure: []}, plain).at(-1), 'Nothing on this server can be reached from the internet.');
	t.true(auditLines(audit, coloured).some(line => line.includes('\u001B[31m')));
	t.is(auditLines(audit, coloured).length, auditLines(audit, plain).length);
});

test('undo: several steps are told once more, in short', t => {
	const step = (title: string, count: number) => ({title, lines: Array.from({length: count}, () => file), left: []});
	t.deepEqual(undoSummary({steps: [step('SSH', 1), step('Updates', 2)]}), ['In short, of what stands above:', '  Undo SSH: 1 change.', '  Undo Updates: 2 changes.', '']);
	t.deepEqual(undoSummary({steps: [step('SSH', 1)]}), []);
});

test('undo: every change with its diff, and what stays', t => {
	t.deepEqual(undoLines({steps: [{title: 'SSH', lines: [{...file, sign: '-'}], left: [{description: file, why: 'You edited it.'}]}]}, plain), [
		'Undo SSH: 1 change.',
		'  -  file  /etc/a  1 line',
		String.raw`      +Port 5922\u{1b}[2J`,
		'  stays: file /etc/a. You edited it.',
		'',
	]);
});
