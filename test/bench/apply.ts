import path from 'node:path';
import {stringify} from 'yaml';
import {adminKey, fullAnswers, installTool, onServer, status, tool} from '../tool.ts';
import {boot, type Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {barred, best, median, mebibytes, seconds, times, type Row} from './table.ts';

/** How long it takes to change a server, how long to find that nothing is to be changed, and with how much memory. */

const answersFile = '/root/answers.yaml';
/** Odd, for one in the middle. */
const rounds = 7;
/** Writes down how much memory the process had at most, when it ends. */
const meter = '/root/meter.mjs';
const peakFile = '/root/peak';

export async function installMeter(server: Server): Promise<void> {
	await server.write(meter, `import {writeFileSync} from 'node:fs';\nprocess.on('exit', () => writeFileSync('${peakFile}', String(process.resourceUsage().maxRSS)));\n`);
}

export const meteredTool = ['node', '--import', meter, onServer];

/** MiB. */
export async function peakOf(server: Server): Promise<number> {
	return Number(await server.read(peakFile)) / 1024;
}

async function timed(work: () => Promise<{exitCode: number; stdout: string; stderr: string}>): Promise<number> {
	const began = performance.now();
	const {exitCode, stdout, stderr} = await work();
	if (exitCode !== 0) {
		throw new Error(`It ended with ${exitCode}:\n${stdout}\n${stderr}`);
	}

	return (performance.now() - began) / 1000;
}

type Hardened = {server: Server; elapsed: number};

async function byTool(): Promise<Hardened> {
	const server = await boot({release: 'trixie'});
	await installTool(server);
	await installMeter(server);
	await server.write(answersFile, stringify(await fullAnswers()));
	const elapsed = await timed(async () => server.run([...meteredTool, '--answers', answersFile, '--yes', '--no-guard'], {check: false, timeout: 300_000}));
	return {server, elapsed};
}

/** The files that the tool wrote whole, for the script to copy. */
async function writtenFiles(server: Server): Promise<ReadonlyMap<string, string>> {
	const {runs} = await status(server);
	const names = runs.flatMap(({changes}) => changes.filter(({description}) => description.type === 'file').map(({description}) => description.name));
	const ours = [...new Set(names)].filter(name => name.includes('harden-python-vps'));
	return new Map(await Promise.all(ours.map(async name => [name, await server.read(name)] as const)));
}

async function byScript(files: ReadonlyMap<string, string>): Promise<Hardened> {
	const server = await boot({release: 'trixie'});
	for (const [name, content] of files) {
		await server.write(`/root/by-hand/files${name}`, content);
	}

	await server.copyIn(path.join(import.meta.dirname, 'by-hand.sh'), '/root/by-hand/by-hand.sh');
	const {publicKey} = await adminKey();
	const elapsed = await timed(async () => server.run(['sh', '/root/by-hand/by-hand.sh', publicKey], {check: false, timeout: 300_000}));
	return {server, elapsed};
}

/** Where the script does not do what the tool does, the comparison of their times means nothing. */
function assertSame(tool: Snapshot, script: Snapshot): void {
	const differences = compare(tool, script, [
		{line: /^file \/(?:root\/|var\/lib\/harden-python-vps)/, because: 'each has its own papers'},
		{line: /ssh_host_/, because: 'each server makes host keys of its own'},
		{line: /shadow|subuid|subgid|passwd-|group-|machine-id|\.bash|\.profile|\.cache/, because: 'they hold the day, or are backups'},
		{line: /^file \/etc\/(?:ufw\/|default\/ufw)/, because: 'ufw writes the time of its rules\' making, and its defaults, into them'},
		{line: /^firewall (?:table|ip6tables-save)/, because: 'the tool tried a ban, and nft prints rules in other words once it has met them; iptables-save is compared'},
		{line: /^(?:listening socket|running unit)/, because: 'the logins of the two are not over at the same moment'},
	]);
	if (differences.length > 0) {
		throw new Error(`by-hand.sh does not make the same changes as the tool (tool, then script):\n${differences.join('\n')}`);
	}
}

/** Either first in turn: a machine that gets slower meanwhile would otherwise always slow the same one down. */
async function pairOf(round: number, files: ReadonlyMap<string, string>): Promise<{tool: number; script: number}> {
	const ways = {tool: byTool, script: async () => byScript(files)};
	const elapsed = {tool: 0, script: 0};
	for (const way of round % 2 === 0 ? ['script', 'tool'] as const : ['tool', 'script'] as const) {
		const hardened = await ways[way]();
		elapsed[way] = hardened.elapsed;
		await hardened.server.destroy();
	}

	return elapsed;
}

/** Fills the cache of packages, so that its times count for nothing; what the script is to copy. */
async function firstRound(): Promise<{files: ReadonlyMap<string, string>; rows: readonly Row[]}> {
	const hardened = await byTool();
	try {
		const files = await writtenFiles(hardened.server);
		const scripted = await byScript(files);
		try {
			const rows = await sizeRows(hardened.server);
			assertSame(await snapshot(hardened.server), await snapshot(scripted.server));
			return {files, rows};
		} finally {
			await scripted.server.destroy();
		}
	} finally {
		await hardened.server.destroy();
	}
}

export async function applyRows(): Promise<Row[]> {
	const {files, rows} = await firstRound();
	const pairs: Array<{tool: number; script: number}> = [];
	for (let round = 1; round <= rounds; round++) {
		pairs.push(await pairOf(round, files));
	}

	const ratios = pairs.map(({tool, script}) => tool / script);
	return [
		{what: 'whole apply, unattended, no guard', value: seconds(median(pairs.map(({tool}) => tool)))},
		barred('the same against a plain shell script', median(ratios), 1.15, times),
		{what: `the least and the most of ${rounds} times`, value: `${Math.min(...ratios).toFixed(2)}, ${times(Math.max(...ratios))}`},
		...rows,
	];
}

async function sizeRows(server: Server): Promise<Row[]> {
	const peak = await peakOf(server);
	const again = await best(5, async () => timed(async () => tool(server, ['--answers', answersFile, '--yes'])));
	const {runs} = await status(server);
	if (runs.length !== 4) {
		throw new Error(`The second run changed something: ${runs.length} runs`);
	}

	return [
		barred('second run, 0 changes', again, 3, seconds),
		barred('peak memory, unattended apply', peak, 130, mebibytes),
	];
}

/** Everything that would be changed, on a server where nothing is. */
export async function planRow(server: Server): Promise<Row> {
	await server.write(answersFile, stringify(await fullAnswers()));
	const elapsed = await best(5, async () => timed(async () => tool(server, ['--answers', answersFile, '--yes', '--dry-run'])));
	return barred('preview of everything (dry run)', elapsed, 3, seconds);
}
