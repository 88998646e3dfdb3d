import {sourceContains} from '../../source/engine/network.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Argv, Check, Host, Verdict} from '../../source/engine/types.ts';
import {ignored, jailPorts, operators, spareAddress} from './settings.ts';

export async function client(host: Host, ...words: readonly string[]): Promise<string> {
	const {stdout, stderr} = await host.run(['fail2ban-client', ...words], {timeout: 20_000});
	return stdout || stderr;
}

/** All that the checks want to know: in one conversation, since each client of its own is Python started once more. */
const questions = ['status', 'status sshd', 'status recidive', 'get sshd actions', 'get sshd action nftables port', 'get sshd ignoreip'] as const;

/** What fail2ban-client(1) says in a conversation: a greeting, then an answer behind each prompt, empty where it could not ask. */
export function parseConversation(output: string): readonly string[] {
	return output.split('fail2ban> ').slice(1).map(answer => answer.trim());
}

async function ask(host: Host, question: typeof questions[number]): Promise<string> {
	const {stdout, stderr} = await host.run(['fail2ban-client', '-i'], {input: `${questions.join('\n')}\n`, asks: true, timeout: 20_000});
	const answers = parseConversation(stdout);
	if (answers.every(answer => answer === '')) {
		throw new Problem(t('Fail2Ban does not answer.'), whyItEnds((await host.run(['fail2ban-client', '--test'], {asks: true, timeout: 20_000})).stderr) ?? t('See: journalctl -u fail2ban'));
	}

	return answers[questions.indexOf(question)] || stderr;
}

/** `… ERROR   Failed during configuration: Have not found any log file for sshd jail`: the first such line of `fail2ban-client --test`. */
export function whyItEnds(output: string): string | undefined {
	return /ERROR\s+(?<why>\S.*)$/m.exec(output)?.groups?.['why'];
}

/** `Jail list:	recidive, sshd` */
export function parseJails(status: string): readonly string[] {
	return /Jail list:\s*(?<list>.*)$/m.exec(status)?.groups?.['list']?.split(/[\s,]+/).filter(Boolean) ?? [];
}

/** `Journal matches:	_SYSTEMD_UNIT=ssh.service + _COMM=sshd`, as journalctl takes it. */
export function parseMatches(status: string): readonly string[] {
	return /Journal matches:\s*(?<matches>.*)$/m.exec(status)?.groups?.['matches']?.split(/\s+/).filter(Boolean) ?? [];
}

/** Words of `fail2ban-client get`, whose lists come one a line behind `|-` or `` `- ``. */
export function parseList(output: string): readonly string[] {
	return output.split('\n').flatMap(line => /^[|`]-\s*(?<item>\S+)/.exec(line)?.groups?.['item'] ?? []);
}

async function verifyRunning(host: Host): Promise<Verdict> {
	const status = await ask(host, 'status');
	const jails = parseJails(status);
	const missing = ['sshd', 'recidive'].filter(jail => !jails.includes(jail));
	return {status: missing.length === 0 ? 'pass' : 'fail', evidence: jails.length > 0 ? t('fail2ban-client status: jails {jails}', {jails: jails.join(', ')}) : status.split('\n')[0] ?? ''};
}

/** The jail's own filter, put to the journal: is there anything that it would see? sshd says so itself when it starts. */
async function verifySees(host: Host): Promise<Verdict> {
	const status = await ask(host, 'status sshd');
	const matches = parseMatches(status);
	const argv: Argv = ['journalctl', '--quiet', '--no-pager', '--output=cat', '--lines=1', ...matches];
	const {stdout} = matches.length > 0 ? await host.run(argv) : {stdout: ''};
	const total = /Total failed:\s*(?<count>\d+)/.exec(status)?.groups?.['count'] ?? '?';
	return {
		status: stdout === '' ? 'fail' : 'pass',
		evidence: stdout === ''
			? t('The jail is blind: nothing in the journal fits {matches}.', {matches: matches.join(' ') || status.split('\n')[0]!})
			: t('It reads {matches}, last `{line}`; bad logins counted so far: {total}', {matches: matches.join(' '), line: stdout.slice(0, 80), total}),
	};
}

async function verifySource(host: Host): Promise<Verdict> {
	const status = await ask(host, 'status recidive');
	const [file] = /File list:\s*(?<file>\S+)/.exec(status)?.slice(1) ?? [];
	const matches = parseMatches(status);
	const seen = file === undefined ? matches.length > 0 : (await host.run(['test', '-s', file])).exitCode === 0;
	return {status: seen ? 'pass' : 'fail', evidence: seen ? t('It reads {source}', {source: file ?? matches.join(' ')}) : t('It has nothing to read: {status}', {status: status.split('\n')[0]!})};
}

async function verifyPorts(host: Host, ports: readonly number[]): Promise<Verdict> {
	const [action = 'nftables'] = /^(?<names>\S.*)$/m.exec((await ask(host, 'get sshd actions')).split('\n').slice(1).join('\n'))?.slice(1)[0]?.split(/[,\s]+/) ?? [];
	const told = action === 'nftables' ? await ask(host, 'get sshd action nftables port') : await client(host, 'get', 'sshd', 'action', action, 'port');
	const covered = new Set(told.split(/[,\s]+/).map(Number));
	const missing = ports.filter(port => !covered.has(port));
	return {status: missing.length === 0 ? 'pass' : 'fail', evidence: t('SSH listens on {ports}, bans are for {told}', {ports: ports.join(', '), told})};
}

async function verifyIgnored(host: Host, addresses: readonly string[]): Promise<Verdict> {
	const list = parseList(await ask(host, 'get sshd ignoreip'));
	const missing = addresses.filter(address => !list.some(entry => sourceContains(entry, address)));
	return {status: missing.length === 0 ? 'pass' : 'fail', evidence: missing.length === 0 ? t('Never banned: {list}', {list: list.join(', ')}) : t('Could be banned: {list}', {list: missing.join(', ')})};
}

async function isInKernel(host: Host, address: string): Promise<boolean> {
	const {stdout} = await host.run(['nft', 'list', 'table', 'inet', 'f2b-table']);
	return new RegExp(String.raw`(?<![\d.])${address.replaceAll('.', String.raw`\.`)}(?![\d.])`).test(stdout);
}

/** A real ban of nobody's address, seen in the kernel, and let go again whatever happens. */
export async function verifyBan(host: Host, jail: string, address: string): Promise<Verdict> {
	const banned = await client(host, 'set', jail, 'banip', address);
	let inKernel = false;
	try {
		for (let look = 0; look < 20 && !inKernel; look++) {
			inKernel = await isInKernel(host, address);
			if (!inKernel) {
				await host.run(['sleep', '0.25']);
			}
		}
	} finally {
		await client(host, 'set', jail, 'unbanip', address);
	}

	const stays = await isInKernel(host, address);
	return {
		status: inKernel && !stays ? 'pass' : 'fail',
		evidence: inKernel
			? (stays ? t('{address} was banned, and could not be let go again', {address}) : t('{address} was banned in the kernel and let go again', {address}))
			: t('{address} was to be banned, but the kernel does not know of it: {words}', {address, words: banned}),
	};
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const fix = t('Run the Fail2Ban step.');
	const own = [...operators(facts), ...answers.ssh?.allowFrom ?? [], ...answers.fail2ban?.ignore ?? []];
	const address = spareAddress(facts, answers);
	return [
		{id: 'fail2ban.running', title: t('Fail2Ban runs, with its jails for SSH and for those who come back'), severity: 'medium', references: ['CIS Controls 13.7', 'OWASP ASVS 6.3.1'], fix, verify: verifyRunning},
		{id: 'fail2ban.sees', title: t('It sees what sshd says in the journal'), severity: 'high', references: ['CIS Controls 13.7', 'ANSSI-BP-028 R79'], fix, verify: verifySees},
		{id: 'fail2ban.recidive', title: t('It sees its own bans, to keep out for longer who comes back'), severity: 'low', references: ['CIS Controls 13.7'], fix, verify: verifySource},
		{id: 'fail2ban.ports', title: t('A ban is for the ports that SSH really listens on'), severity: 'high', references: ['CIS Controls 13.7'], fix, verify: async host => verifyPorts(host, facts.ssh.ports.length > 0 ? facts.ssh.ports : jailPorts(facts, answers))},
		{id: 'fail2ban.ignored', title: t('You are never banned yourself'), severity: 'high', references: ['CIS Controls 4.1'], fix, verify: async host => verifyIgnored(host, own.length > 0 ? own : ignored(facts, answers).slice(0, 2))},
		{id: 'fail2ban.bans', title: t('A banned address is turned away by the kernel'), severity: 'high', references: ['CIS Controls 13.7', 'OWASP ASVS 6.3.1'], fix, writes: true, verify: async host => verifyBan(host, 'sshd', address)},
	];
}
