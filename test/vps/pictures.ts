/** `npm run pictures`: docs/wizard.png, from a real run of the built tool on a booted server. */
import path from 'node:path';
import process from 'node:process';
import {adminKey, installTool} from '../tool.ts';
import {openWizard} from '../walk.ts';
import {command} from './command.ts';
import {picture} from './picture.ts';
import {boot} from './server.ts';

const root = path.join(import.meta.dirname, '../..');
const patience = 60_000;

await command(['npm', 'run', '--silent', 'build'], {cwd: root, timeout: patience, env: {PATH: process.env['PATH'] ?? ''}});
const server = await boot({release: 'trixie'});
try {
	await installTool(server);
	const {publicKey} = await adminKey();
	// Only the developer's key, as on a server that a provider has just made.
	await server.write('/root/.ssh/authorized_keys', `${publicKey}\n${await server.read('/root/.ssh/authorized_keys')}`);
	const terminal = await openWizard(server, {columns: 88, rows: 36, env: {COLORTERM: 'truecolor'}});
	await terminal.waitFor('what is this', patience);
	await terminal.send('Enter');
	await terminal.waitFor('question 1/', patience);
	await terminal.send('s');
	await terminal.waitFor('Which user', patience);
	let screen = '';
	while (!screen.includes('nothing changed yet')) {
		await terminal.send('Enter');
		const before = screen;
		screen = await terminal.waitFor(now => now !== before && /\b(?:next|apply)\b/.test(now), patience);
	}

	// A short one of the changes is opened, so that the table below stays in sight.
	await terminal.send('Down', 'Down', 'Down', 'Enter');
	await terminal.waitFor('NOPASSWD', patience);
	await picture(await terminal.screenAnsi(), path.join(root, 'docs/wizard.png'));
	process.stdout.write('docs/wizard.png is made.\n');
} finally {
	await server.destroy();
}
