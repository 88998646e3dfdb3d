import path from 'node:path';
import {stringify} from 'yaml';
import {adminKey, fullAnswers, installTool, onServer, status, tool} from '../tool.ts';
import {boot, type Server} from '../vps/server.ts';
import {compare, snapshot, type Snapshot} from '../vps/snapshot.ts';
import {barred, best, mebibytes, seconds, times, type Row} from './table.ts';

/** How long it takes to change a server, how long to find that nothing is to be changed, and with how much memory. */

const answersFile = '/root/answers.yaml';
const rounds = 5;
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

export async function applyRows(): Promise<Row[]> {
	const found = {tool: Number.POSITIVE_INFINITY, script: Number.POSITIVE_INFINITY};
	const rows: Row[] = [];
	// The first of both fills the cache of packages, and counts for nothing.
	for (let round = 0; round < rounds; round++) {
		const hardened = await byTool();
		try {
			const scripted = await byScript(await writtenFiles(hardened.server));
			try {
				if (round === 0) {
					rows.push(...await sizeRows(hardened.server));
					assertSame(await snapshot(hardened.server), await snapshot(scripted.server));
				} else {
					found.tool = Math.min(found.tool, hardened.elapsed);
					found.script = Math.min(found.script, scripted.elapsed);
				}
			} finally {
				await scripted.server.destroy();
			}
		} finally {
			await hardened.server.destroy();
		}
	}

	return [
		{what: 'whole apply, unattended, no guard', value: seconds(found.tool)},
		barred('the same against a plain shell script', found.tool / found.script, 1.15, times),
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
