import type {ExecutionContext} from 'ava';
import {tool} from '../tool.ts';
import type {Server} from '../vps/server.ts';

/** What `audit` and `report` have to say of a server on which SSH was moved to port 5922, judged by others than them. */

const state = '/var/lib/harden-python-vps';

type Told = {
	score: number;
	before: {score: number; checks: number; shared: {count: number; before: number; after: number}};
	checks: ReadonlyArray<{id: string; status: string; references: readonly string[]; fix: string; accepted?: {until: string; over: boolean}}>;
};

const wellFormed = 'import sys, xml.etree.ElementTree as tree; print(" ".join(tree.fromstring(sys.stdin.read()).itertext()))';

async function textOf(server: Server, markup: string): Promise<string> {
	const {stdout} = await server.run(['python3', '-X', 'utf8', '-c', wellFormed], {input: markup});
	return stdout.replaceAll(/\s+/g, ' ');
}

/** The score of before, risks that are accepted, and the forms for pipelines. */
export async function judgeAudit(t: ExecutionContext, server: Server): Promise<void> {
	const ofPermissions = ['audit', '--only', 'permissions'];
	const failing = await tool(server, [...ofPermissions, '--json']);
	t.is(failing.exitCode, 3, 'a step that was not taken, and whose defaults are audited, fails');
	const {score, before, checks} = JSON.parse(failing.stdout) as Told;
	t.true(before.score < 40 && before.shared.count > 5, JSON.stringify({score, before}));
	t.is((await server.run(['stat', '--format=%a %U', `${state}/before.json`])).stdout.trim(), '600 root');

	const ids = checks.filter(({status}) => status === 'fail').map(({id}) => id);
	const risk = (check: string, until: string) => ({check, reason: 'Said so.', until, at: '2026-01-01T00:00:00.000Z'});
	await server.write(`${state}/accepted.json`, JSON.stringify({version: 1, risks: ids.slice(1).map(id => risk(id, '2099-01-01'))}));
	const typo = await tool(server, [...ofPermissions, '--accept', `${ids[0]!}x`, '--reason', 'So.', '--until', '2099-01-01']);
	t.is(typo.exitCode, 2);
	t.true(typo.stderr.includes(`Did you mean ${ids[0]!}?`), typo.stderr);
	const accepted = await tool(server, [...ofPermissions, '--accept', ids[0]!, '--reason', 'The <old> till & its friends need it.', '--until', '2099-01-01']);
	t.is(accepted.exitCode, 0, accepted.stdout);
	t.regex(accepted.stdout, /0 failed, \d+ failed and accepted/);
	t.is((await server.run(['stat', '--format=%a %U', `${state}/accepted.json`])).stdout.trim(), '600 root');

	const junit = await tool(server, [...ofPermissions, '--format', 'junit']);
	t.is(junit.exitCode, 0);
	await textOf(server, junit.stdout);
	t.true(junit.stdout.includes('The &lt;old&gt; till &amp; its friends need it.'));
	await server.write(`${state}/accepted.json`, JSON.stringify({version: 1, risks: ids.map(id => risk(id, id === ids[0] ? '2026-01-02' : '2099-01-01'))}));
	const sarif = await tool(server, [...ofPermissions, '--format', 'sarif']);
	t.is(sarif.exitCode, 3, 'its last day is over');
	const {runs: [{results}]} = JSON.parse(sarif.stdout) as {runs: [{results: ReadonlyArray<{ruleId: string; suppressions?: ReadonlyArray<{status: string}>}>}]};
	t.is(results.find(({ruleId}) => ruleId === ids[0])?.suppressions?.[0]?.status, 'rejected');
	t.is(results.find(({ruleId}) => ruleId === ids[1])?.suppressions?.[0]?.status, 'accepted');
}

/** Every value on the disk that must not be in a report: hashes of passwords, private keys, secrets. */
async function secretsOf(server: Server): Promise<readonly string[]> {
	const {stdout} = await server.run(['sh', '-c', 'cut -d: -f2 /etc/shadow; grep -v -- ---- /etc/ssh/ssh_host_ed25519_key; cat /etc/harden/*/credentials/* /etc/harden/backup/password 2> /dev/null; true']);
	return stdout.split('\n').map(line => line.trim()).filter(line => line.length > 11);
}

export async function judgeReport(t: ExecutionContext, server: Server): Promise<string> {
	const made = await tool(server, ['report']);
	t.is(made.exitCode, 0, made.stdout + made.stderr);
	const file = `${state}/report.html`;
	t.true(made.stdout.includes(file), made.stdout);
	t.is((await server.run(['stat', '--format=%a %U', file])).stdout.trim(), '600 root');
	const text = await textOf(server, await server.read(file));
	const {stdout: hostname} = await server.run(['hostname']);
	t.true(text.includes(`Security report: ${hostname.trim()}`));
	t.regex(text, /ssh -p 5922 deploy@/);
	t.regex(text, /5922 sshd nothing listens anyone/, 'before and now');
	t.regex(text, /22 sshd anyone nothing listens/);
	t.regex(text, /sshd_config\.d\/00-harden-python-vps\.conf new, /, 'what was done');

	const markdown = await tool(server, ['report', '--format', 'md', '--output', '-']);
	t.is(markdown.exitCode, 0);
	t.regex(markdown.stdout, /^# Security report: /);
	const secrets = await secretsOf(server);
	t.true(secrets.length > 1);
	for (const secret of secrets) {
		t.false(text.includes(secret) || markdown.stdout.includes(secret), 'a secret stands in the report');
	}

	const refused = await tool(server, ['report', '--output', '/dev/null']);
	t.is(refused.exitCode, 2);
	t.regex(refused.stderr, /no file/);
	return text;
}
