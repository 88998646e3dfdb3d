import {isUsable, parseAuthorizedKeys} from '../../source/engine/authorized-key.ts';
import {isLoopback, isWildcard} from '../../source/engine/network.ts';
import {parseListeners} from '../../source/engine/listeners.ts';
import {parseGreeting, probeArgv, type Greeting} from '../../source/engine/ssh-probe.ts';
import {askSshd, type Effective} from '../../source/engine/sshd-config.ts';
import {t} from '../../source/words.ts';
import type {Facts, Listener} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {adminOf, type SshAnswers} from './admin.ts';
import {offered} from './algorithms.ts';
import {selinuxChecks} from './selinux.ts';
import {secondFactors} from './settings.ts';

/** The SSH step's effects, asked of sshd, of the kernel, of sudo, and of a client that tries to come in. */

/** Nobody's address (RFC 5737): what holds from anywhere. */
const anywhere = '192.0.2.1';

const pass = (evidence: string): Verdict => ({status: 'pass', evidence});
const fail = (evidence: string): Verdict => ({status: 'fail', evidence});

/** Asks sshd what holds for a login, and judges that. */
async function effective(host: Host, user: string, address: string, judge: (values: Effective) => Verdict): Promise<Verdict> {
	const asked = await askSshd(host, {user, address});
	return 'effective' in asked ? judge(asked.effective) : {status: 'not-run', evidence: asked.reason};
}

/** Every keyword that is not what it should be, in sshd's own words. */
function mismatches(values: Effective, wanted: Readonly<Record<string, (value: string) => boolean>>): readonly string[] {
	return Object.entries(wanted).filter(([keyword, isRight]) => !isRight(values[keyword]?.[0] ?? '')).map(([keyword]) => `${keyword} ${values[keyword]?.[0] ?? ''}`.trim());
}

function judge(values: Effective, who: string, wanted: Readonly<Record<string, (value: string) => boolean>>): Verdict {
	const wrong = mismatches(values, wanted);
	return wrong.length === 0
		? pass(t('sshd -T for {who}: {words}', {who, words: Object.keys(wanted).map(keyword => `${keyword} ${values[keyword]?.[0] ?? ''}`).join(', ')}))
		: fail(t('sshd -T for {who}: {words}', {who, words: wrong.join(', ')}));
}

const isNo = (value: string) => value === 'no';
const atMost = (limit: number) => (value: string) => Number(value) > 0 && Number(value) <= limit;

/** sshd's own listeners; a session's forwarded port shows as sshd too, but on the loopback only. */
function sshdListeners(output: string): readonly Listener[] {
	return parseListeners(output).filter(({protocol, program, address}) => protocol === 'tcp' && program === 'sshd' && !isLoopback(address));
}

async function listeners(host: Host): Promise<readonly Listener[]> {
	return sshdListeners((await host.run(['ss', '-Hltunp'])).stdout);
}

const placeOf = ({address, port}: Listener) => address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** IPv6 is asked for only where this host has it and sshd was not told otherwise. */
async function judgePorts(host: Host, {port}: SshAnswers, families: string): Promise<Verdict> {
	const found = await listeners(host);
	const evidence = t('sshd listens on {places}', {places: found.map(listener => placeOf(listener)).join(', ') || t('no port that can be reached')});
	if (found.length === 0 || found.some(listener => listener.port !== port)) {
		return fail(evidence);
	}

	const has6 = (await host.read('/proc/net/if_inet6') ?? '').trim() !== '' && families === 'any';
	const isBound = found.every(({address}) => !isWildcard(address));
	const serves = (of6: boolean) => found.some(({address}) => address === '*' || address.includes(':') === of6);
	return isBound || (serves(false) && (!has6 || serves(true))) ? pass(evidence) : fail(evidence);
}

/** Greets this host's own sshd where it really listens. */
async function greet(host: Host, {port}: SshAnswers): Promise<Greeting> {
	const listener = (await listeners(host)).find(entry => entry.port === port);
	const address = !listener || isWildcard(listener.address) ? (listener?.address === '::' ? '::1' : '127.0.0.1') : listener.address;
	return parseGreeting((await host.run(probeArgv(address, port, 'root'), {timeout: 15_000})).stderr);
}

function judgeRefusal({methods, lastWords}: Greeting, factors: readonly string[]): Verdict {
	const isRefused = methods?.every(method => method === 'publickey' || factors.includes(method));
	return isRefused ? pass(lastWords) : fail(methods ? t('sshd would also take: {methods}', {methods: methods.join(', ')}) : lastWords);
}

async function judgeOffer(host: Host, {ssh}: Facts, answers: SshAnswers): Promise<Verdict> {
	const {offer, lastWords} = await greet(host, answers);
	if (!offer) {
		return {status: 'fail', evidence: lastWords};
	}

	const good = offered(ssh);
	const weak = [
		...offer.kex.filter(name => !good.kex.includes(name)),
		...offer.hostKey.filter(name => !good.hostKey.includes(name)),
		...offer.cipher.filter(name => !good.cipher.includes(name)),
		...offer.mac.filter(name => !good.mac.includes(name)),
	];
	return weak.length === 0
		? pass(t('A client is offered {count} algorithms, none of them weak; first {kex}', {count: Object.values(offer).flat().length, kex: offer.kex[0] ?? ''}))
		: fail(t('A client is offered {weak}', {weak: weak.join(', ')}));
}

/** What sshd would read, read again: as the system has it now, not as it was planned. */
async function judgeKeys(host: Host, facts: Facts, ssh: SshAnswers): Promise<Verdict> {
	const {keyPath, keyFile} = adminOf(facts, ssh);
	const text = await host.read(keyPath);
	const keys = parseAuthorizedKeys(text ?? '').filter(key => isUsable(key));
	const problems = keyFile?.problems ?? [];
	const accepted = await host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', '--lines=1', '-t', 'sshd', '-t', 'sshd-session', `--grep=^Accepted publickey for ${ssh.user} from `], {timeout: 10_000});
	if (keys.length === 0 || problems.length > 0) {
		return fail(problems.length > 0 ? problems.join('; ') : t('{path} holds no key that could let {user} in', {path: keyPath, user: ssh.user}));
	}

	return pass([t('{count} usable in {path}', {count: keys.length, path: keyPath}), accepted.stdout.trim()].filter(Boolean).join('; '));
}

async function judgeSudo(host: Host, {user, sudo}: SshAnswers): Promise<Verdict> {
	const {stdout, stderr, exitCode} = await host.run(['sudo', '-l', '-U', user], {timeout: 10_000});
	const rules = stdout.split('\n').map(line => line.trim()).filter(line => line.startsWith('('));
	const isFine = rules.some(rule => sudo === 'nopasswd' ? /^\(ALL.*\) NOPASSWD: ALL$/.test(rule) : /^\(ALL.*\) ALL$/.test(rule));
	return exitCode === 0 && isFine ? pass(rules.join('; ')) : fail(rules.join('; ') || stderr.trim() || stdout.trim());
}

async function judgeModuli(host: Host): Promise<Verdict> {
	const text = await host.read('/etc/ssh/moduli') ?? '';
	const short = text.split('\n').filter(line => /^\d/.test(line) && Number(line.split(/\s+/)[4]) < 3071).length;
	return short === 0 ? pass(t('No group has fewer than 3072 bits')) : fail(t('{count} groups have fewer than 3072 bits', {count: short}));
}

export function sshChecks(facts: Facts, ssh: SshAnswers): readonly Check[] {
	const factors = secondFactors(facts);
	const {address = anywhere} = facts.operator;
	const passwords = {
		...factors.includes('password') ? {} : {passwordauthentication: isNo},
		...factors.includes('keyboard-interactive') ? {} : {kbdinteractiveauthentication: isNo},
		permitemptypasswords: isNo,
		hostbasedauthentication: isNo,
	};
	const fix = t('Run {tool} --only ssh.');
	return [
		{
			id: 'ssh.root-login',
			title: t('root cannot log in'),
			severity: 'high',
			references: ['CIS Debian 12 5.1.20', 'ANSSI-BP-028 R33', 'Mozilla OpenSSH: PermitRootLogin'],
			fix,
			verify: async host => effective(host, 'root', anywhere, values => judge(values, 'root', {permitrootlogin: isNo})),
		},
		{
			id: 'ssh.passwords',
			title: t('Passwords do not open the door'),
			severity: 'high',
			references: ['CIS Debian 12 5.1.10', 'CIS Debian 12 5.1.19', 'Mozilla OpenSSH: PasswordAuthentication'],
			fix,
			async verify(host) {
				const verdicts = await Promise.all([['root', anywhere], [ssh.user, address], ...facts.ssh.keys.filter(({user}) => user !== 'root' && user !== ssh.user).map(({user}) => [user, anywhere])]
					.map(async ([user, from]) => effective(host, user!, from!, values => judge(values, user!, passwords))));
				return verdicts.find(({status}) => status !== 'pass') ?? verdicts[0]!;
			},
		},
		{
			id: 'ssh.refused',
			title: t('A client without a key is turned away'),
			severity: 'high',
			references: ['Mozilla OpenSSH: AuthenticationMethods'],
			fix,
			verify: async host => judgeRefusal(await greet(host, ssh), factors),
		},
		{
			id: 'ssh.port',
			title: t('sshd listens on port {port}, and only there', {port: ssh.port}),
			severity: 'medium',
			references: ['ANSSI-BP-028 R80'],
			fix,
			verify: async host => judgePorts(host, ssh, facts.ssh.config?.['addressfamily']?.[0] ?? 'any'),
		},
		...selinuxChecks(facts, ssh),
		{
			id: 'ssh.keys',
			title: t('A key lets {user} in', {user: ssh.user}),
			severity: 'high',
			references: ['Mozilla OpenSSH: AuthenticationMethods'],
			fix,
			verify: async host => judgeKeys(host, facts, ssh),
		},
		{
			id: 'ssh.users',
			title: t('sshd lets {user} in, and only whom it was told', {user: ssh.user}),
			severity: 'medium',
			references: ['CIS Debian 12 5.1.4'],
			fix,
			verify: async host => effective(host, ssh.user, address, values => {
				const list = values['allowusers'] ?? [];
				const evidence = t('AllowUsers {list}', {list: list.join(' ') || t('is not set')});
				return list.some(entry => entry.split('@')[0] === ssh.user) ? pass(evidence) : fail(evidence);
			}),
		},
		{
			id: 'ssh.sudo',
			title: t('{user} can become root', {user: ssh.user}),
			severity: 'high',
			references: ['CIS Debian 12 5.2.1', 'ANSSI-BP-028 R33'],
			fix,
			verify: async host => judgeSudo(host, ssh),
		},
		{
			id: 'ssh.algorithms',
			title: t('Only strong algorithms and host keys are offered'),
			severity: 'medium',
			references: ['CIS Debian 12 5.1.6', 'CIS Debian 12 5.1.12', 'CIS Debian 12 5.1.15', 'ANSSI NT-007', 'ssh-audit'],
			fix,
			verify: async host => judgeOffer(host, facts, ssh),
		},
		{
			id: 'ssh.moduli',
			title: t('No short groups for the key exchange'),
			severity: 'low',
			references: ['weakdh.org', 'Mozilla OpenSSH: moduli'],
			fix,
			verify: async host => judgeModuli(host),
		},
		{
			id: 'ssh.limits',
			title: t('Tries, waiting and tunnels are limited'),
			severity: 'low',
			references: ['CIS Debian 12 5.1.7', 'CIS Debian 12 5.1.8', 'CIS Debian 12 5.1.13', 'CIS Debian 12 5.1.16'],
			fix,
			verify: async host => effective(host, ssh.user, address, values => judge(values, ssh.user, {
				maxauthtries: atMost(ssh.maxAuthTries),
				logingracetime: atMost(60),
				clientaliveinterval: atMost(900),
				clientalivecountmax: atMost(3),
				x11forwarding: isNo,
				...ssh.forwarding ? {} : {allowtcpforwarding: isNo, allowagentforwarding: isNo},
			})),
		},
	];
}
