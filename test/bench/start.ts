import path from 'node:path';
import process from 'node:process';
import {execa} from 'execa';
import {command} from '../vps/command.ts';
import {onServer} from '../tool.ts';
import type {Server} from '../vps/server.ts';
import {barred, best, seconds, times, type Row} from './table.ts';

/** How long it takes until something is to be seen. */

const root = path.join(import.meta.dirname, '../..');
const rounds = 7;

/**
 * Milliseconds from the start of a program on a terminal of the server until it has written `wanted`, or has ended.
 * The server's own clock says when it began; Ctrl-C ends it.
 */
async function until(server: Server, program: string, wanted?: RegExp): Promise<number> {
	const [first = '', ...rest] = server.argv(['env', 'TERM=xterm-256color', 'LANG=C.UTF-8', 'script', '-qefc', `date +%s%N; exec ${program}`, '/dev/null']);
	const running = execa(first, rest, {stdin: 'pipe', reject: false, buffer: false, timeout: 30_000});
	const now = () => performance.timeOrigin + performance.now();
	let text = '';
	const seen = await new Promise<number>(resolve => {
		running.stdout.on('data', chunk => {
			text += String(chunk);
			if (wanted?.test(text)) {
				resolve(now());
			}
		});
		running.stdout.on('end', () => {
			resolve(now());
		});
	});
	if (wanted && !wanted.test(text)) {
		throw new Error(`${program} ended without having shown ${String(wanted)}:\n${text}`);
	}

	const asking = setInterval(() => {
		running.stdin.write('\u0003');
	}, 300);
	await running;
	clearInterval(asking);
	return seen - (Number(/^\d+/.exec(text)![0]) / 1e6);
}

export async function startRows(server: Server): Promise<Row[]> {
	const found = {bare: Number.POSITIVE_INFINITY, first: Number.POSITIVE_INFINITY, opening: Number.POSITIVE_INFINITY};
	for (let round = 0; round < rounds; round++) {
		// Turn by turn, so that a busy moment of the machine is a busy one for all.
		found.bare = Math.min(found.bare, await until(server, 'node -e 0'));
		found.first = Math.min(found.first, await until(server, `node ${onServer}`, /harden-python-vps/));
		found.opening = Math.min(found.opening, await until(server, `node ${onServer}`, /what is this/));
	}

	const version = async (...argv: string[]) => best(rounds, async () => {
		const began = performance.now();
		await command([process.execPath, ...argv, '--version'], {cwd: root});
		return performance.now() - began;
	});
	const bundled = await version('dist/harden-python-vps.mjs');
	const unbundled = await version('--import', 'tsx', 'source/main.ts');
	return [
		barred('first frame against bare `node -e 0`', found.first / found.bare, 4, times),
		{what: 'opening screen, the server looked at', value: seconds(found.opening / 1000)},
		{what: 'bundled start against unbundled', value: times(bundled / unbundled)},
	];
}
