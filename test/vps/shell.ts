/**
 * `npm run vps -- --release trixie --packages ufw,fail2ban --node 22`: a throwaway server for a developer, with a login.
 * The server and everything around it is gone when the login ends.
 */
import path from 'node:path';
import process from 'node:process';
import {Command, Option} from 'commander';
import {execa} from 'execa';
import {releases, rootKey, rootPassword, type NodeLine, type Release} from './image.ts';
import {boot} from './server.ts';
import {sshArgv} from './ssh.ts';
import {serveWheels} from './wheels.ts';

const wishes = new Command('npm run vps --')
	.description('A throwaway server with a login. It is gone when the login ends.')
	.addOption(new Option('--release <release>', 'of Debian').choices(releases).default('trixie'))
	.addOption(new Option('--node <line>', 'the Node on the server').choices(['none', '18', '20', '22', '24']).default('20'))
	.option('--packages <names>', 'what is installed beside, like ufw,fail2ban', '')
	.option('--copy <path>', 'a file or folder of this machine to find in /root; more than once if need be', (file: string, files: string[]) => [...files, file], [])
	.option('--wheels', 'what the samples of the app step need, where Python\'s index is out of reach')
	.allowExcessArguments(false)
	.parse();
const values = wishes.opts<{release: Release; node: string; packages: string; copy: string[]; wheels?: boolean}>();

const server = await boot({
	release: values.release,
	node: values.node === 'none' ? 'none' : Number(values.node) as NodeLine,
	packages: values.packages.split(',').filter(Boolean),
});
try {
	const admin = await server.network.admin();
	for (const file of values.copy) {
		await server.copyIn(path.resolve(file), `/root/${path.basename(file)}`);
	}

	if (values.wheels) {
		await serveWheels(server);
	}

	const login = admin.argv(sshArgv(server.address(admin), {key: rootKey, options: process.stdin.isTTY ? ['-tt'] : []}, process.stdin.isTTY ? undefined : 'echo "Logged in to $(hostname) as $(whoami)."'));
	console.log(`Server   ${server.release}, ${server.addresses.ipv4} and ${server.addresses.ipv6}
You are  ${admin.addresses.ipv4} and ${admin.addresses.ipv6}
Password ${rootPassword}
Log in from another terminal, while this one is open:
  ${login.map(word => /^[\w./:=@-]+$/.test(word) ? word : `'${word}'`).join(' ')}
`);
	const [program, ...rest] = login;
	const {exitCode} = await execa(program!, rest, {stdio: process.stdin.isTTY ? 'inherit' : ['ignore', 'inherit', 'inherit'], reject: false, timeout: process.stdin.isTTY ? 0 : 20_000});
	process.exitCode = exitCode ?? 1;
} finally {
	await server.destroy();
}
