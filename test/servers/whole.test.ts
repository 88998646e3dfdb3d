import test from 'ava';
import {releases} from '../vps/image.ts';
import {boot} from '../vps/server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {adminKey, fullAnswers, harden, installTool, status, tool, writeAnswers} from '../tool.ts';
import {answerReport, runPlan} from './incident-plan.ts';
import {judgeAudit, judgeReport} from './judge-report.ts';

/** The server's own four steps, unattended: blank → applied → again → undone, judged from outside. All steps: everything.test.ts. */

const state = '/var/lib/harden-python-vps';

for (const release of releases) {
	test(`${release}: one unattended run, a second that changes nothing, and undo --all back to the start`, async t => {
		const server = await boot({release});
		t.teardown(async () => server.destroy());
		await installTool(server);
		const key = (await adminKey()).privateFile;
		const attacker = await server.network.attacker();
		const before = await snapshot(server);
		t.true((await server.ssh({password: 'correct horse battery staple'})).ok, 'the blank server lets root in by password');

		const answers = await fullAnswers();
		const looked = await tool(server, ['--answers', await writeAnswers(server, answers), '--yes', '--dry-run']);
		t.is(looked.exitCode, 0, looked.stdout + looked.stderr);
		t.false((await server.run(['test', '-e', state], {check: false})).exitCode === 0, 'a dry run notes nothing');

		const applied = await harden(server, answers, [], {log: line => t.log(line)});
		t.is(applied.exitCode, 0, applied.stdout + applied.stderr);

		t.deepEqual(await server.scan({from: attacker, ports: 'all'}), [5922]);
		t.is(await server.probe(22), 'filtered');
		t.true((await server.ssh({user: 'deploy', port: 5922, key, command: 'sudo -n true'})).ok);
		t.false((await server.ssh({user: 'root', port: 5922})).ok, 'root is refused, key or not');
		t.regex((await server.ssh({user: 'deploy', port: 5922, password: 'guess'})).stderr, /Permission denied \(publickey\)/);
		const audit = await tool(server, ['audit', '--json', '--only', 'updates,ssh,firewall,fail2ban']);
		t.is(audit.exitCode, 0, audit.stdout);

		await judgeAudit(t, server);
		await judgeReport(t, server);
		if (release === 'trixie') {
			await answerReport(t, server);
			await runPlan(t, server);
			await server.run(['rm', '/root/told.md']);
		}

		const began = Date.now();
		const again = await tool(server, ['--answers', '/root/answers.yaml', '--yes']);
		t.is(again.exitCode, 0, again.stdout + again.stderr);
		t.log(`second run: ${Date.now() - began} ms`);
		const {runs} = await status(server);
		t.is(runs.length, 4, 'no run was added by the second time');

		await server.reboot();
		t.deepEqual(await server.scan({from: attacker}), [5922]);
		t.true((await server.ssh({user: 'deploy', port: 5922, key, command: 'sudo -n true'})).ok, 'also after a reboot');

		const undone = await tool(server, ['undo', '--all', '--yes']);
		t.true([0, 5].includes(undone.exitCode), undone.stdout + undone.stderr);
		await server.run(['rm', '-rf', '/root/answers.yaml']);
		const ours = [{line: /\/var\/lib\/harden-python-vps/, because: 'the record of what was done stays'}];
		t.deepEqual(compare(before, await snapshot(server), ours), []);
		await server.reboot();
		t.deepEqual(compare(before, await snapshot(server), ours), []);
	});
}
