import path from 'node:path';
import process from 'node:process';
import type {ExecutionContext} from 'ava';
import {execa} from 'execa';
import {waitFor} from './command.ts';
import {reasonAgainst} from './host.ts';
import {whereItCan} from './on-server.ts';

/** `npm run demo`, the README's first command, as a new user runs it. */

const demo = [process.execPath, '--import', 'tsx', path.join(import.meta.dirname, 'demo.ts'), 'built'] as const;
const reason = await reasonAgainst();

/** What it said that an attacker sees, and the audit's score: before, and after. */
function judgements(t: ExecutionContext, output: string): {ports: string[]; ways: string[]; scores: number[]} {
	const all = (pattern: RegExp) => [...output.matchAll(pattern)].map(match => match[1]!.trim());
	const found = {ports: all(/^open ports: (.*)$/gm), ways: all(/^ways to log in that sshd offers: (.*)$/gm), scores: all(/^score (\d+) of 100/gm).map(Number)};
	t.deepEqual(Object.values(found).map(({length}) => length), [2, 2, 2], output.slice(-3000));
	return found;
}

whereItCan(reason, 'without a terminal the demo hardens a server with the example answers, seen from outside before and after', async t => {
	t.timeout(15 * 60_000);
	const {all, exitCode} = await execa(demo[0], demo.slice(1), {stdin: 'ignore', all: true, reject: false, timeout: 14 * 60_000});
	t.is(exitCode, 0, all.slice(-3000));
	const {ports, ways, scores} = judgements(t, all);
	t.deepEqual(ports, ['22', '5922']);
	t.deepEqual(ways, ['publickey,password', 'publickey']);
	t.true(scores[0]! < 50 && scores[1]! >= 80, scores.join(', '));
	t.regex(all, /4 steps applied; undo with: harden-python-vps undo --all/);
});

whereItCan(reason, 'on a terminal the demo hands the wizard over', async t => {
	t.timeout(15 * 60_000);
	// script(1) gives it the terminal.
	const child = execa('script', ['--quiet', '--return', '--command', `stty columns 80 rows 24; exec ${demo.join(' ')}`, '/dev/null'], {stdin: 'pipe', reject: false, timeout: 14 * 60_000});
	let output = '';
	child.stdout.on('data', (chunk: unknown) => {
		output += String(chunk);
	});
	await waitFor('the opening screen', async () => output.includes('Only some steps'), {timeout: 10 * 60_000});
	child.stdin.write('q');
	const {exitCode} = await child;
	output = output.replaceAll('\r', '');
	t.is(exitCode, 0, output.slice(-3000));
	t.regex(output, /The server trusts this key already/);
	const {ports, scores} = judgements(t, output);
	t.deepEqual(ports, ['22', '22'], 'nobody said that anything should be changed');
	t.is(scores[0], scores[1]);
});
