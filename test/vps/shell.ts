/**
 * `npm run vps -- --release trixie --packages ufw,fail2ban --node 22`: a throwaway server for a developer, with a login.
 * The server and everything around it is gone when the login ends.
 */
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {execa} from 'execa';
import {releases, rootKey, rootPassword, type NodeLine, type Release} from './image.ts';
import {boot} from './server.ts';
import {sshArgv} from './ssh.ts';
import {serveWheels} from './wheels.ts';

const {values} = parseArgs({
	options: {
		release: {type: 'string', default: 'trixie'},
		node: {type: 'string', default: '20'},
		packages: {type: 'string', default: ''},
		/** A file or folder of this machine to find in /root. */
		copy: {type: 'string', multiple: true, default: []},
		/** What the samples of the app step need, where Python's index is out of reach. */
		wheels: {type: 'boolean', default: false},
	},
});
if (!releases.includes(values.release as Release)) {
	throw new Error(`--release is one of ${releases.join(', ')}`);
}

const server = await boot({
	release: values.release as Release,
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
