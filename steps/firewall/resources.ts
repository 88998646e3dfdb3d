import {ruleText} from '../../source/engine/firewall-rule.ts';
import {sourceContains} from '../../source/engine/network.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, FirewallRule} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {backendFor, bridgeRules, obstacle, otherRules, pruned, removalResource, ruleResource, sshPorts, sshRemovals, sshRules, unique, wallAfter, wantedRules, type Removal} from './wanted.ts';

/** The kernel settings that Debian's ufw makes whenever it starts (/etc/ufw/sysctl.conf). */
const ufwSysctl = {
	'net.ipv4.conf.all.accept_redirects': '0',
	'net.ipv4.conf.default.accept_redirects': '0',
	'net.ipv6.conf.all.accept_redirects': '0',
	'net.ipv6.conf.default.accept_redirects': '0',
	'net.ipv4.icmp_echo_ignore_broadcasts': '1',
	'net.ipv4.icmp_ignore_bogus_error_responses': '1',
	'net.ipv4.icmp_echo_ignore_all': '0',
	'net.ipv4.conf.all.log_martians': '0',
	'net.ipv4.conf.default.log_martians': '0',
} as const;

/** Two firewalls that do not know of one another shut out what the other lets in. */
export function conflict({firewall}: Facts): string | undefined {
	return firewall.ufw.enabled && firewall.firewalld.enabled
		? t('ufw and firewalld are both on, and each refuses what the other lets in. Turn one off first: `ufw disable`, or `systemctl disable --now firewalld`.')
		: undefined;
}

function assertOneFirewall(facts: Facts, answers: Answers): void {
	const backend = backendFor(facts, answers);
	const other = backend === 'ufw' ? 'firewalld' : 'ufw';
	if (facts.firewall[other].enabled) {
		throw new Problem(
			conflict(facts) ?? t('{other} is already on, and {backend} was chosen.', {other, backend}),
			t('Choose {other}, or turn it off first: {command}.', {other, command: other === 'ufw' ? '`ufw disable`' : '`systemctl disable --now firewalld`'}),
		);
	}
}

function assertOperatorAllowed({operator}: Facts, answers: Answers): void {
	const {address} = operator;
	const list = answers.ssh?.allowFrom ?? [];
	if (address !== undefined && list.length > 0 && !list.some(source => sourceContains(source, address))) {
		throw new Problem(
			t('You are connected from {address}, which is not on the list of addresses that may use SSH.', {address}),
			t('Add {address} to ssh.allowFrom, or leave the list empty to let SSH in from everywhere.', {address}),
		);
	}
}

function assertSshGetsThrough(facts: Facts, answers: Answers, rules: readonly FirewallRule[], gone: readonly FirewallRule[]): void {
	const wall = wallAfter(facts, answers, rules, gone);
	for (const rule of sshRules(facts, answers)) {
		const other = obstacle(wall, rule.port!, rule.from);
		if (other && other.action !== 'limit') {
			throw new Problem(
				t('A rule that is already there, `{rule}`, would keep SSH out.', {rule: ruleText(other)}),
				t('Choose it for removal, or remove it yourself, then go on.'),
			);
		}
	}
}

/** Nobody can be let in where nothing listens; without a known port there is no safe rule to begin with. */
function assertSshKnown(facts: Facts, answers: Answers): void {
	if (facts.ssh.installed && sshPorts(facts, answers).length === 0) {
		throw new Problem(
			t('It could not be found out on which port SSH listens.'),
			t('Look at `ss -ltnp` as root and start sshd if it does not run, then try again.'),
		);
	}
}

function packages(facts: Facts, answers: Answers): readonly Resource[] {
	const backend = backendFor(facts, answers);
	const why = backend === 'ufw' ? t('The firewall: simple rules over the kernel\'s own filter.') : t('The firewall: zones over the kernel\'s own filter.');
	return [
		// Started by its package, firewalld lets in port 22 only, wherever sshd listens.
		{type: 'package', name: backend, desired: {installed: true, ...backend === 'firewalld' && {startsOff: ['firewalld.service']}}, why},
		{type: 'package', name: 'nftables', desired: {installed: true}, why: t('Shows what the kernel really lets in.')},
	];
}

function ufwSettings({firewall}: Facts): readonly Resource[] {
	const settings = Object.entries(firewall.ufw.sysctl ?? ufwSysctl).filter(([name]) => firewall.ipv6 || !name.startsWith('net.ipv6.'));
	return settings.map(([name, value]) => ({type: 'sysctl', name, desired: {value}, why: t('ufw sets this whenever it starts.')}));
}

function switchOn(facts: Facts, answers: Answers): readonly Resource[] {
	if (backendFor(facts, answers) === 'firewalld') {
		return [{type: 'unit', name: 'firewalld.service', desired: {enabled: true, active: true, masked: false}, why: t('From here on, what is not let in stays out; also after a reboot.')}];
	}

	return [
		{type: 'firewall', name: 'ufw', desired: {enabled: true, incoming: 'deny', outgoing: 'allow', routed: 'deny', ipv6: true}, why: t('From here on, what is not let in stays out, over IPv4 and IPv6.')},
	];
}

function unitOfUfw(): Resource<'unit'> {
	return {type: 'unit', name: 'ufw.service', desired: {enabled: true, active: true, masked: false}, why: t('The firewall comes back after a reboot.')};
}

function sshReason(from: string): string {
	return from === 'any' ? t('SSH, for everybody with a key.') : t('SSH, from an address on your list.');
}

function ruleResources(facts: Facts, answers: Answers, ssh: readonly FirewallRule[]): readonly Resource[] {
	const backend = backendFor(facts, answers);
	const others = new Set(otherRules(answers).map(rule => ruleText(rule)));
	return unique([...ssh, ...otherRules(answers)]).map(rule => {
		const isWeb = (rule.port === 80 || rule.port === 443) && rule.from === 'any' && answers.firewall?.web;
		const why = others.has(ruleText(rule)) ? (isWeb ? t('The web app.') : t('You asked for it.')) : sshReason(rule.from);
		return ruleResource(backend, rule, why);
	});
}

/** A rule that refuses has to go before SSH can come in through it; one that lets in stays until the new login is proven. */
function removals(facts: Facts, answers: Answers): {first: readonly Removal[]; last: readonly Removal[]} {
	const chosen = pruned(facts, answers).map(rule => ({rule, why: t('You chose to remove it.')}));
	const ssh = sshRemovals(facts, answers);
	const names = new Set(chosen.map(({rule}) => ruleText(rule)));
	const all = [...chosen, ...ssh.filter(({rule}) => !names.has(ruleText(rule)))];
	return {first: all.filter(({rule}) => rule.action !== 'allow'), last: all.filter(({rule}) => rule.action === 'allow')};
}

/**
 * Rules first, then the switch: at no moment is the firewall on and SSH not let in.
 * Throws a Problem where the result would shut the operator out.
 */
function ordered(facts: Facts, answers: Answers, ssh: readonly FirewallRule[], gone: {first: readonly Removal[]; last: readonly Removal[]}): readonly Resource[] {
	const backend = backendFor(facts, answers);
	return [
		...packages(facts, answers),
		...backend === 'ufw' ? [unitOfUfw(), ...ufwSettings(facts)] : [],
		...gone.first.map(removal => removalResource(backend, removal)),
		...ruleResources(facts, answers, ssh),
		...gone.last.map(removal => removalResource(backend, removal)),
		...switchOn(facts, answers),
	];
}

function assertSafe(facts: Facts, answers: Answers): void {
	assertOneFirewall(facts, answers);
	assertOperatorAllowed(facts, answers);
	assertSshKnown(facts, answers);
	const {first, last} = removals(facts, answers);
	assertSshGetsThrough(facts, answers, wantedRules(facts, answers), [...first, ...last].map(({rule}) => rule));
}

/** Only what was asked for, beside the user's own rules. */
export function finalResources(facts: Facts, answers: Answers): readonly Resource[] {
	if (!answers.firewall) {
		return [];
	}

	assertSafe(facts, answers);
	return ordered(facts, answers, sshRules(facts, answers), removals(facts, answers));
}

/** The same with SSH let in from everywhere, on each port that it listens on today and on the coming one. */
export function bridgeResources(facts: Facts, answers: Answers): readonly Resource[] {
	const {first} = removals(facts, answers);
	return ordered(facts, answers, unique([...bridgeRules(facts, answers), ...sshRules(facts, answers)]), {first, last: []});
}

/** All rules that go in the end. */
export function goingRules(facts: Facts, answers: Answers): readonly FirewallRule[] {
	const {first, last} = removals(facts, answers);
	return [...first, ...last].map(({rule}) => rule);
}
