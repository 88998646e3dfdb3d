import {rm, stat} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {applyRows, planRow} from './bench/apply.ts';
import {lineRows} from './bench/line.ts';
import {startRows} from './bench/start.ts';
import {barred, mebibytes, printTable, type Row} from './bench/table.ts';
import {installTool, packTool} from './tool.ts';
import {command} from './vps/command.ts';
import {boot} from './vps/server.ts';

/**
 * `npm run bench`: how fast, how large, how talkative the packed tool is on a booted Debian 13, as ratios and sizes.
 * Ends with 1 where a bar is missed. Takes about eight minutes; everything else on the machine is in the numbers, too.
 * Words after it choose parts: `npm run bench -- start`.
 */

const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
	async size() {
		const tarball = await packTool();
		const {size} = await stat(tarball);
		await rm(path.dirname(tarball), {recursive: true});
		return [barred('tarball', size / 1024 / 1024, 1.5, mebibytes)];
	},
	async start() {
		const server = await boot({release: 'trixie'});
		try {
			await installTool(server);
			return [...await startRows(server), await planRow(server)];
		} finally {
			await server.destroy();
		}
	},
	apply: applyRows,
	line: lineRows,
};

await command(['npm', 'run', '--silent', 'build'], {cwd: path.join(import.meta.dirname, '..'), timeout: 120_000});
const chosen = process.argv.slice(2).filter(name => name in parts);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
	if (chosen.length === 0 || chosen.includes(name)) {
		process.stdout.write(`Measuring: ${name} …\n`);
		rows.push(...await measure());
	}
}

process.stdout.write(`\n${printTable(rows)}\n`);
process.exitCode = rows.some(({kept}) => kept === false) ? 1 : 0;
