import type {ExecutionContext} from 'ava';
import {tool} from '../tool.ts';
import type {Server} from '../vps/server.ts';
import {openWizard} from '../walk.ts';

/** The report's three questions as somebody at a terminal meets them, and its plan for an incident as somebody in need types it. */

/** Comes in anew, asks for the report, and answers; nobody is asked a second time. */
export async function answerReport(t: ExecutionContext, server: Server): Promise<void> {
	const file = '/root/told.md';
	const terminal = await openWizard(server, {argv: ['report', '--output', file]});
	await terminal.waitFor('What does the app keep about people?');
	await terminal.type('4');
	await terminal.send('Enter');
	await terminal.waitFor(/1 (?:to|and|–|-) 3|number/i);
	await terminal.send('BSpace', '3', 'Enter');
	await terminal.waitFor('How long may it be away at most?');
	await terminal.type('An hour by day');
	await terminal.send('Enter');
	await terminal.waitFor('Who has to be told first when something happens, and how?');
	await terminal.type('Zoë <ops> & co, +44 20 7946 0000');
	await terminal.send('Enter');
	t.is(await terminal.ended(), 0, await terminal.history());
	t.regex(await terminal.history(), /The report is in \/root\/told\.md, for root only/);
	await terminal.close();
	const plain = (text: string) => text.replaceAll(/\\(?=[^\w\s])/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
	const report = plain(await server.read(file));
	t.true(report.includes('First: Zoë <ops> & co, +44 20 7946 0000'), report.slice(-3000));
	t.true(report.includes('you said: An hour by day'));
	t.true(report.includes('GDPR article 33'));

	const again = await openWizard(server, {argv: ['report', '--output', file]});
	t.is(await again.ended(), 0, await again.history());
	t.notRegex(await again.history(), /What does the app keep/);
	await again.close();
	t.true(plain(await server.read(file)).includes('First: Zoë'));
	const asked = await openWizard(server, {argv: ['report', '--ask', '--output', file]});
	await asked.waitFor('What does the app keep about people? (3)');
	await asked.type('skip');
	await asked.send('Enter');
	t.is(await asked.ended(), 0, await asked.history());
	await asked.close();
	t.true(plain(await server.read(file)).includes('First: Zoë'), 'skipped is as it was');
}

/** What becomes of a command here: run as it is, run in a form that changes nothing, or not run. */
type Rule = readonly [form: RegExp, typed: ((command: string) => string) | 'not run'];

const rules: readonly Rule[] = [
	[/^ssh /, 'not run'],
	// They change things: run, and taken back.
	[/^sudo systemctl stop nginx\.service$/, command => `${command}; systemctl start nginx.service`],
	[/^sudo systemctl freeze \S+$/, command => `${command} && ${command.replace('freeze', 'thaw')}`],
	[/^sudo ufw default deny outgoing$/, command => command.replace('ufw', 'ufw --dry-run')],
	[/^sudo sh -c '/, command => command],
	[/ (?:audit|status|restore --dry-run)$/, command => command],
	[/^sudo (?:journalctl|ausearch|fail2ban-client status|harden-backup snapshots|systemctl start harden-integrity)/, command => command.replace(/^sudo journalctl/, 'sudo journalctl --no-pager')],
	[/^sudo less \S+$/, command => command.replace('less', 'cat')],
	[/^sudo nano \S+$/, command => command.replace('nano', 'test -f')],
	[/ rotate (?:secret [A-Z_]+|database)$/, command => command],
	// The authority is asked in a test of its own; that it would be the right one is what counts here.
	[/^sudo certbot renew --cert-name \S+ --force-renewal$/, command => command.replace('renew', 'certificates').replace(' --force-renewal', '')],
	[/ --only backups$/, 'not run'],
	[/ restore --snapshot ID$/, command => command.replace('ID', String.raw`"$(harden-backup snapshots | sed -n 's/.*"id": "\([^"]*\)".*/\1/p' | head -1)" --dry-run`)],
	[/ undo --(?:step STEP|all)$/, command => `${command.replace('STEP', 'firewall')} --dry-run --yes`],
];

/** An audit that finds something ends with 3; with 1 a search that finds nothing, and tar(1) where a log was written to while it was read. */
const isFine = (command: string, code: number) => code === 0 || (code === 3 && command.endsWith(' audit')) || (code === 1 && /^sudo (?:journalctl|ausearch|sh -c 'umask 077; tar )/.test(command));

/** Types every command of the plan that does no harm here. A command that no rule knows fails the test: somebody has to decide. */
export async function runPlan(t: ExecutionContext, server: Server): Promise<void> {
	const {stdout: markdown} = await tool(server, ['report', '--format', 'md', '--output', '-']);
	const plan = markdown.split('\n## If something happens\n')[1]!.split('\n## ')[0]!;
	const commands = [...plan.matchAll(/^ *(?<fence>`{3,})\w*\n(?<command>[^]*?)\n *\k<fence>$/gm)].map(match => match.groups!['command']!.trim());
	t.true(commands.length > 12, plan);
	const done: string[] = [];
	for (const command of commands) {
		const typed = rules.find(([form]) => form.test(command))?.[1];
		if (typed === undefined) {
			t.fail(`No rule for: ${command}`);
		} else if (typed !== 'not run') {
			const output = await server.run(['sh', '-c', typed(command)], {check: false, timeout: 240_000});
			t.true(isFine(command, output.exitCode), `${typed(command)} ended with ${output.exitCode}: ${output.stdout.slice(-500)} ${output.stderr.slice(-500)}`);
			done.push(command);
		}
	}

	t.log(`run of the plan: ${done.length} of ${commands.length} commands`);
	await server.run(['sh', '-c', 'rm /root/incident-*']);
}
