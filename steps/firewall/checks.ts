import {openStores, portWords, reaches, sourceWords, storeAt, type Wall} from '../../source/engine/exposure.ts';
import {covers, ruleText} from '../../source/engine/firewall-rule.ts';
import {parseIptables, parseNftChain} from '../../source/engine/kernel-rules.ts';
import {parseListeners} from '../../source/engine/listeners.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, FirewallRule} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {backendFor, rulesToday, sshRules, wantedRules} from './wanted.ts';

const families = [
	{family: 'ipv4', program: 'iptables', chain: 'ufw-user-input', name: 'IPv4'},
	{family: 'ipv6', program: 'ip6tables', chain: 'ufw6-user-input', name: 'IPv6'},
] as const;

/** What the kernel lets in through ufw: its policy and rules, each family by itself. */
async function ufwInKernel(host: Host): Promise<Array<{name: string; policy: string; rules: readonly FirewallRule[]}>> {
	return Promise.all(families.map(async ({family, program, chain, name}) => {
		const [builtin, user] = [await host.run([program, '-S', 'INPUT']), await host.run([program, '-S', chain])];
		const policy = /^-P INPUT (?<policy>\w+)$/m.exec(builtin.stdout)?.groups?.['policy'] ?? t('unknown');
		const asked = builtin.stdout.includes(`-j ${chain.replace('-user-input', '-before-input')}`);
		return {name, policy: asked ? policy : 'ACCEPT', rules: parseIptables(user.stdout, family)};
	}));
}

async function firewalldInKernel(host: Host, zone: string): Promise<{ends: string; rules: readonly FirewallRule[]}> {
	const [input, ...chains] = await Promise.all(['filter_INPUT', `filter_IN_${zone}_deny`, `filter_IN_${zone}_allow`]
		.map(async chain => host.run(['nft', 'list', 'chain', 'inet', 'firewalld', chain])));
	// The zone's own chain may end in a verdict of its target; the last line of the hook's chain is for the rest.
	const own = await host.run(['nft', 'list', 'chain', 'inet', 'firewalld', `filter_IN_${zone}`]);
	const last = input!.stdout.split('\n').findLast(line => /\b(?:reject|drop|accept)\b/.test(line)) ?? '';
	const target = /^\s*(?<verdict>accept|drop|reject)\b/m.exec(own.stdout.split('\n').findLast(line => line.trim() !== '}' && line.trim() !== '') ?? '')?.groups?.['verdict'];
	return {ends: target ?? /\b(?<verdict>reject|drop|accept)\b/.exec(last)?.groups?.['verdict'] ?? t('unknown'), rules: chains.flatMap(({stdout}) => parseNftChain(stdout))};
}

/** The running firewall as packets meet it. */
async function wallInKernel(host: Host, facts: Facts, backend: 'ufw' | 'firewalld'): Promise<Wall> {
	if (backend === 'firewalld') {
		const {ends, rules} = await firewalldInKernel(host, facts.firewall.firewalld.zone ?? 'public');
		return {closed: ends !== 'accept' && ends !== t('unknown'), rules};
	}

	const kernel = await ufwInKernel(host);
	return {closed: kernel.every(({policy}) => policy !== 'ACCEPT'), rules: kernel.flatMap(({rules}) => rules)};
}

async function verifyOn(host: Host, backend: 'ufw' | 'firewalld'): Promise<Verdict> {
	if (backend === 'firewalld') {
		const {stdout, stderr, exitCode} = await host.run(['firewall-cmd', '--state']);
		return {status: exitCode === 0 ? 'pass' : 'fail', evidence: `firewall-cmd --state: ${stdout || stderr}`};
	}

	const {stdout, stderr} = await host.run(['ufw', 'status', 'verbose']);
	const lines = stdout.split('\n').filter(line => /^(?:Status|Default):/.test(line));
	const passes = /^Status: active$/m.test(stdout) && /^Default: (?:deny|reject) \(incoming\)/m.test(stdout);
	return {status: passes ? 'pass' : 'fail', evidence: `ufw status verbose: ${lines.join('; ') || stderr || stdout}`};
}

async function verifyKernel(host: Host, facts: Facts, backend: 'ufw' | 'firewalld'): Promise<Verdict> {
	if (backend === 'firewalld') {
		const {ends} = await firewalldInKernel(host, facts.firewall.firewalld.zone ?? 'public');
		return {status: ends === 'reject' || ends === 'drop' ? 'pass' : 'fail', evidence: t('nft: what no rule speaks of meets `{verdict}`, over IPv4 and IPv6 alike', {verdict: ends})};
	}

	const kernel = await ufwInKernel(host);
	const counted = kernel.filter(({name}) => name === 'IPv4' || facts.firewall.ipv6);
	return {status: counted.every(({policy}) => policy === 'DROP') ? 'pass' : 'fail', evidence: counted.map(({name, policy}) => t('{family}: policy {policy} for what no rule speaks of', {family: name, policy})).join('; ')};
}

/** Whether the kernel's rules have this one: for a rule from everywhere, in both families. */
function has(rules: readonly FirewallRule[], wanted: FirewallRule, ipv6: boolean): boolean {
	const parts = wanted.from === 'any' ? ['0.0.0.0/0', ...ipv6 ? ['::/0'] : []] : [wanted.from];
	return parts.every(from => rules.some(rule => (rule.action === 'allow' || rule.action === 'limit') && covers(rule, {...wanted, from})));
}

async function verifyRules(host: Host, facts: Facts, backend: 'ufw' | 'firewalld', wanted: readonly FirewallRule[]): Promise<Verdict> {
	const {rules} = await wallInKernel(host, facts, backend);
	const missing = wanted.filter(rule => !has(rules, rule, facts.firewall.ipv6));
	return {
		status: missing.length === 0 ? 'pass' : 'fail',
		evidence: missing.length === 0
			? t('The kernel has: {rules}', {rules: wanted.map(rule => ruleText(rule)).join(', ') || t('none')})
			: t('The kernel does not have: {rules}', {rules: missing.map(rule => ruleText(rule)).join(', ')}),
	};
}

/** Everything that can be got at from outside, against what was asked for and the user's own rules. */
async function verifyReachable(host: Host, facts: Facts, backend: 'ufw' | 'firewalld', asked: readonly FirewallRule[]): Promise<Verdict> {
	const [wall, {stdout}] = await Promise.all([wallInKernel(host, facts, backend), host.run(['ss', '-Hltunp'])]);
	const found = reaches(parseListeners(stdout), facts.firewall, wall).filter(({sources}) => sources.length > 0);
	const words = found.map(reach => `${portWords(reach)} ${reach.program ?? ''} (${sourceWords(reach.sources)}${reach.published === undefined ? '' : `, ${t('published by Docker')}`})`);
	const extra = found.filter(({port, protocol, sources, published}) => published === undefined
		&& !sources.every(from => asked.some(rule => rule.action !== 'deny' && rule.action !== 'reject' && covers(rule, {action: 'allow', port, protocol, from}))));
	return {
		status: wall.closed && extra.length === 0 ? 'pass' : 'fail',
		evidence: extra.length === 0
			? t('Reachable from outside: {list}', {list: words.join(', ') || t('nothing')})
			: t('Reachable, and not asked for: {list}', {list: extra.map(reach => portWords(reach)).join(', ')}),
	};
}

async function verifyStores(host: Host, facts: Facts, backend: 'ufw' | 'firewalld'): Promise<Verdict> {
	const [wall, {stdout}] = await Promise.all([wallInKernel(host, facts, backend), host.run(['ss', '-Hltunp'])]);
	const open = openStores({listeners: parseListeners(stdout), firewall: facts.firewall}, wall);
	return {
		status: open.length === 0 ? 'pass' : 'fail',
		evidence: open.length === 0
			? t('No database can be reached by everyone.')
			: open.map(reach => reach.published === undefined
				? t('{store} on port {port} can be reached by everyone', {store: storeAt(reach.port)!, port: reach.port})
				: t('{store} on port {port} can be reached by everyone: Docker publishes it past the firewall', {store: storeAt(reach.port)!, port: reach.port})).join('; '),
	};
}

/** What `ufw` or `firewalld` and the kernel say, never our own files. */
export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const backend = backendFor(facts, answers);
	const asked = [...wantedRules(facts, answers), ...rulesToday(facts, backend)];
	const ssh = sshRules(facts, answers);
	return [
		{
			id: 'firewall.on',
			title: t('The firewall is on'),
			severity: 'high',
			references: ['CIS Debian 12 4.2.3'],
			fix: t('Run the firewall step.'),
			verify: async host => verifyOn(host, backend),
		},
		{
			id: 'firewall.default',
			title: t('What nobody asked for stays out, over IPv4 and IPv6'),
			severity: 'high',
			references: ['CIS Debian 12 4.2.7', 'ANSSI-BP-028 R80'],
			fix: t('Run the firewall step.'),
			verify: async host => verifyKernel(host, facts, backend),
		},
		{
			id: 'firewall.ssh',
			title: t('SSH is let in'),
			severity: 'high',
			references: ['CIS Debian 12 4.2.6'],
			fix: t('Run the firewall step.'),
			verify: async host => verifyRules(host, facts, backend, ssh),
		},
		{
			id: 'firewall.rules',
			title: t('The other rules are in force'),
			severity: 'medium',
			references: ['CIS Debian 12 4.2.6'],
			fix: t('Run the firewall step.'),
			verify: async host => verifyRules(host, facts, backend, wantedRules(facts, answers)),
		},
		{
			id: 'firewall.reachable',
			title: t('Only what was asked for can be reached'),
			severity: 'high',
			references: ['CIS Debian 12 4.2.6', 'ANSSI-BP-028 R80', 'CIS Controls 4.8'],
			fix: t('Stop the service, let it listen on 127.0.0.1, or close its port.'),
			verify: async host => verifyReachable(host, facts, backend, asked),
		},
		{
			id: 'firewall.databases',
			title: t('No database is open to everyone'),
			severity: 'high',
			references: ['ANSSI-BP-028 R78', 'OWASP Database Security'],
			fix: t('Let it listen on 127.0.0.1 only; in Docker, publish it as 127.0.0.1:PORT:PORT.'),
			advice: true,
			verify: async host => verifyStores(host, facts, backend),
		},
	];
}
