import {installTool, status, tool, writeAnswers} from '../tool.ts';
import {onServer} from '../vps/on-server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {sh} from './with-providers.ts';

/** What is in the way of Fail2Ban. That it bans, and whom not, is judged by whole.test.ts. `npm run build` has to have been run. */

onServer('a jail of somebody else\'s that ends Fail2Ban is named, and all is as before', {packages: ['fail2ban', 'python3-systemd', 'nftables']}, async (t, server) => {
	await installTool(server);
	await server.write('/etc/fail2ban/jail.d/zz-theirs.local', '[sshd]\nbackend = polling\nlogpath = /nowhere\n');
	await sh(server, 'systemctl disable --quiet --now fail2ban; systemctl reset-failed');
	await writeAnswers(server, {version: 1, fail2ban: {}});
	const before = await snapshot(server);
	const began = Date.now();
	const output = await tool(server, ['--answers', '/root/answers.yaml', '--yes', '--only', 'fail2ban']);
	t.log(`${Date.now() - began} ms`);
	t.is(output.exitCode, 1, output.stdout + output.stderr);
	// It ends a second after it was started: on a slow machine before the checks begin, and then its own journal is what says why.
	const died = /fail2ban\.service did not start\. Its journal says last:\n[^]*not found any log file for sshd jail/.test(output.stdout);
	t.true(died || /check failed {2}Fail2Ban runs.*\n\s+Fail2Ban does not answer\..*not found any log file for sshd jail/.test(output.stdout), output.stdout);
	t.is(output.stdout.includes('check not run  A banned address'), !died, 'nobody is banned by one that does not run');
	t.notRegex(output.stdout, /check passed {2}A banned address/);
	t.notRegex(output.stdout, /left as it is/);
	t.deepEqual((await status(server)).runs.map(({status: state}) => state), ['undone']);
	t.deepEqual(compare(before, await snapshot(server), [{line: /\/var\/lib\/harden-python-vps/, because: 'the record of what was done stays'}]), []);
});
