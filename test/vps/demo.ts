import path from 'node:path';
import process from 'node:process';
import {execa} from 'execa';
import {linesOn} from '../../source/ui/lines/printer.ts';
import {adminKey, comeInWhenAsked, fullAnswers, installTool, packTool, status, writeAnswers} from '../tool.ts';
import {releases, type Release} from './image.ts';
import {boot, type Server} from './server.ts';
import {sshArgv} from './ssh.ts';
import {serveWheels} from './wheels.ts';

/**
 * `npm run demo`: boots a throwaway Debian, runs the packed wizard in it as a user would, and says what an attacker
 * could reach before and after. On a terminal the wizard is yours; without one it takes the example answers.
 */

const root = path.join(import.meta.dirname, '../..');

function say(line = ''): void {
	process.stdout.write(`${line}\n`);
}

const {print, paint} = linesOn(process.stdout, true);

function tell(sentences: string): void {
	print(paint.prose(sentences));
}

function heading(text: string): void {
	say(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`);
}

/** What a port scan from another address and the tool's own audit say now. */
async function judge(server: Server, when: string): Promise<void> {
	heading(`${when}: seen by an attacker at another address`);
	const attacker = await server.network.attacker();
	const open = await server.scan({from: attacker});
	say(`open ports: ${open.length > 0 ? open.join(', ') : 'none'}`);
	const password = await server.ssh({from: attacker, port: open.includes(5922) ? 5922 : 22, password: 'a guess', options: ['-o', 'PreferredAuthentications=none']});
	say(`ways to log in that sshd offers: ${/\((?<methods>[^)]*)\)/.exec(password.stderr)?.groups?.methods ?? password.stderr}`);
	heading(`${when}: harden-python-vps audit`);
	const {stdout} = await server.run(['npx', '--yes', 'file:/root/harden-python-vps.tgz', 'audit', '--json'], {check: false, timeout: 60_000});
	const {score, checks} = JSON.parse(stdout) as {score: number; checks: ReadonlyArray<{title: string; status: string}>};
	say(`score ${score} of 100`);
	const made = checks.filter(({status: verdict}) => verdict !== 'not-run');
	for (const {title, status: verdict} of made) {
		say(`  ${verdict === 'pass' ? '✔' : '✖'} ${title}`);
	}

	say(`  · ${checks.length - made.length} checks not run: of steps not taken, or not possible in a container`);
}

/** The server has no way to an index of Python packages: it gets the few that the samples need. */
async function bringPythonPackages(server: Server): Promise<void> {
	try {
		await serveWheels(server);
	} catch (error) {
		tell(`\nThis machine's pip fetches no Python packages, so the step "Your app" will find none here: skip it with s.\n${(error as Error).message.split('\n').slice(0, 3).join('\n')}`);
	}
}

async function byHand(server: Server): Promise<void> {
	await bringPythonPackages(server);
	const admin = await server.network.admin();
	const {publicKey, privateFile} = await adminKey();
	// The developer's key and no other, as on a server that a provider has just made: it is what the wizard proposes.
	await server.write('/root/.ssh/authorized_keys', `${publicKey}\n`);
	tell('\nThe wizard is yours now. The server trusts this key already; the guard will ask you for a login, which this demo makes for you as soon as the wizard waits for it.');
	say(`A key you can paste: ${publicKey}`);
	let isOver = false;
	const argv = sshArgv(server.address(admin), {key: privateFile, options: ['-tt']}, 'npx --yes file:/root/harden-python-vps.tgz');
	const [program = '', ...rest] = admin.argv(argv);
	const wizard = execa(program, rest, {stdio: 'inherit', reject: false, env: {TERM: process.env.TERM ?? 'xterm-256color'}}).finally(() => {
		isOver = true;
	});
	await Promise.all([wizard, comeInWhenAsked(server, () => isOver)]);
}

async function unattended(server: Server): Promise<void> {
	const file = await writeAnswers(server, await fullAnswers({firewall: {web: true}}));
	heading('npx harden-python-vps --answers answers.yaml --yes');
	let isOver = false;
	const [program = '', ...rest] = server.argv(['npx', '--yes', 'file:/root/harden-python-vps.tgz', '--answers', file, '--yes']);
	const wizard = execa(program, rest, {stdin: 'ignore', stdout: 'inherit', stderr: 'inherit', reject: false, timeout: 600_000}).finally(() => {
		isOver = true;
	});
	const [result] = await Promise.all([wizard, comeInWhenAsked(server, () => isOver, {log: line => say(`    (the demo makes the ${line})`)})]);
	if (result.exitCode !== 0) {
		throw new Error(`The wizard ended with exit code ${result.exitCode}`);
	}

	const {runs} = await status(server);
	say(`\n${runs.length} steps applied; undo with: harden-python-vps undo --all`);
}

const release = (process.argv.find(argument => (releases as readonly string[]).includes(argument)) ?? 'trixie') as Release;

say('Building and packing the wizard …');
if (!process.argv.includes('built')) {
	await execa('npm', ['run', '--silent', 'build'], {cwd: root});
}

const tarball = await packTool();
tell(`Booting a throwaway ${release === 'trixie' ? 'Debian 13' : 'Debian 12'} server (the first time its image is built, which takes a minute) …`);
const server = await boot({release});
try {
	await server.copyIn(tarball, '/root/harden-python-vps.tgz');
	// For the one who comes in when the guard waits: it asks the same tool where to.
	await installTool(server);
	await judge(server, 'Before');
	await (process.stdin.isTTY && process.stdout.isTTY ? byHand(server) : unattended(server));
	await judge(server, 'After');
} finally {
	await server.destroy();
}
