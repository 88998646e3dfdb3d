import {allow, covers, decision, parseRuleText, prunable, ruleName, ruleText, type FirewallBackend, type Prunable} from '../../source/engine/firewall-rule.ts';
import {sourceContains} from '../../source/engine/network.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, FirewallRule} from '../../source/engine/facts.ts';
import type {Wall} from '../../source/engine/exposure.ts';
import type {Resource} from '../../source/engine/types.ts';

/** What the answers ask of the firewall, as rules: pure. */

export function backendFor(facts: Facts, answers: Answers): FirewallBackend {
	return answers.firewall?.backend ?? (facts.firewall.backend === 'firewalld' ? 'firewalld' : 'ufw');
}

/** The rules that this backend has today. */
export function rulesToday(facts: Facts, backend: FirewallBackend): readonly FirewallRule[] {
	return facts.firewall[backend].rules;
}

/** The ports that SSH is to be reached on: the one that was asked for, or those that sshd really listens on. */
export function sshPorts(facts: Facts, answers: Answers): readonly number[] {
	return answers.ssh ? [answers.ssh.port] : facts.ssh.ports;
}

function addressesAllowed(answers: Answers): readonly string[] {
	const list = answers.ssh?.allowFrom ?? [];
	return list.length === 0 ? ['any'] : list;
}

/** SSH as it should be in the end. */
export function sshRules(facts: Facts, answers: Answers): readonly FirewallRule[] {
	return sshPorts(facts, answers).flatMap(port => addressesAllowed(answers).map(from => allow(port, from)));
}

/** SSH until the new login is proven: every port that sshd listens on, and the coming one, for everybody. */
export function bridgeRules(facts: Facts, answers: Answers): readonly FirewallRule[] {
	return [...new Set([...facts.ssh.ports, ...sshPorts(facts, answers)])].map(port => allow(port));
}

export function otherRules(answers: Answers): readonly FirewallRule[] {
	const {web = false, allow: extra = []} = answers.firewall ?? {};
	return [...web ? [allow(80), allow(443)] : [], ...extra.map(({port, from, protocol}) => allow(port, from, protocol))];
}

export function unique(rules: readonly FirewallRule[]): readonly FirewallRule[] {
	return [...new Map(rules.map(rule => [ruleText(rule), rule])).values()];
}

/** All that should be let in, in the end. */
export function wantedRules(facts: Facts, answers: Answers): readonly FirewallRule[] {
	return unique([...sshRules(facts, answers), ...otherRules(answers)]);
}

const letsIn = ({action}: FirewallRule) => action === 'allow' || action === 'limit';

/** Rules of the user's own that let SSH in from more addresses than the allow-list says. */
export function widerThanAllowed(facts: Facts, answers: Answers): readonly FirewallRule[] {
	const allowed = addressesAllowed(answers);
	return allowed.includes('any') ? [] : rulesToday(facts, backendFor(facts, answers)).filter(rule =>
		letsIn(rule) && sshPorts(facts, answers).some(port => covers({...rule, from: 'any'}, allow(port))) && !allowed.some(source => sourceContains(source, rule.from)));
}

const isOnlyAbout = (rule: FirewallRule, ports: readonly number[]) => rule.part === undefined && rule.port !== undefined && (rule.toPort ?? rule.port) === rule.port && ports.includes(rule.port);

export type Removal = {rule: FirewallRule; why: string};

/** What has to go so that SSH is reachable as was asked, and not otherwise. */
export function sshRemovals(facts: Facts, answers: Answers): readonly Removal[] {
	const ports = sshPorts(facts, answers);
	const wanted = new Set(wantedRules(facts, answers).map(rule => ruleText(rule)));
	const today = rulesToday(facts, backendFor(facts, answers));
	const bridge = bridgeRules(facts, answers).map(rule => ({
		rule,
		why: ports.includes(rule.port!)
			? t('SSH is for the addresses of your list only, once you have logged in again.')
			: t('SSH moves to port {port}: the old port closes once you have logged in there.', {port: ports[0] ?? ''}),
	}));
	const wider = widerThanAllowed(facts, answers).filter(rule => isOnlyAbout(rule, ports)).map(rule => ({
		rule,
		why: t('It lets SSH in from addresses that are not on your list.'),
	}));
	// firewalld comes with its zones opening 22, whoever listens there.
	const shipped = backendFor(facts, answers) === 'firewalld' && today.some(rule => ruleText(rule) === 'allow 22/tcp') && !facts.listeners.some(({port, protocol}) => port === 22 && protocol === 'tcp')
		? [{rule: allow(22), why: t('firewalld opens port 22 by itself, and nothing listens there.')}]
		: [];
	return [...new Map([...bridge, ...wider, ...shipped].map(removal => [ruleText(removal.rule), removal])).values()]
		.filter(({rule}) => !wanted.has(ruleText(rule)));
}

/** Rules that could go; never one that is asked for, or that only says more narrowly what another says for no reason of ours. */
export function pruneCandidates(facts: Facts, answers: Answers): readonly Prunable[] {
	const backend = backendFor(facts, answers);
	const known = rulesToday(facts, backend).filter(rule => rule.part === undefined);
	const going = new Set(sshRemovals(facts, answers).map(({rule}) => ruleText(rule)));
	return prunable(known, facts.listeners, {needed: [...wantedRules(facts, answers), ...bridgeRules(facts, answers)], ordered: backend === 'ufw'})
		.filter(({rule}) => !going.has(ruleText(rule)));
}

/** What the user chose to remove, as far as it is a rule of this firewall and nothing that is asked for. */
export function pruned(facts: Facts, answers: Answers): readonly FirewallRule[] {
	const wanted = new Set(wantedRules(facts, answers).map(rule => ruleText(rule)));
	return (answers.firewall?.prune ?? []).map(text => {
		const rule = parseRuleText(text);
		if (!rule) {
			throw new Problem(
				t('`{text}` in firewall.prune is not a rule.', {text}),
				t('Write it like `allow 8080/tcp` or `deny any from 203.0.113.7`.'),
			);
		}

		return rule;
	}).filter(rule => !wanted.has(ruleText(rule)));
}

/** The firewall as it will be: their rules, less what goes, and ours after them. */
export function wallAfter(facts: Facts, answers: Answers, rules: readonly FirewallRule[], gone: readonly FirewallRule[]): Wall {
	const backend = backendFor(facts, answers);
	const leaving = new Set(gone.map(rule => ruleText(rule)));
	const staying = rulesToday(facts, backend).filter(rule => rule.part !== undefined || !leaving.has(ruleText(rule)));
	const refusing = (rule: FirewallRule) => !letsIn(rule);
	// In firewalld whoever refuses is asked first; in ufw, whoever came first.
	const all = unique([...staying, ...rules]);
	return {closed: true, rules: backend === 'ufw' ? all : [...all.filter(rule => refusing(rule)), ...all.filter(rule => !refusing(rule))]};
}

/** The rule that would keep SSH out although it is let in, or let it in only a few times a minute. */
export function obstacle(wall: Wall, port: number, from: string): FirewallRule | undefined {
	const verdict = decision(wall.rules, {port, protocol: 'tcp'}, from);
	return verdict === 'allow' ? undefined : wall.rules.find(rule => rule.action !== 'allow' && covers(rule, allow(port, from)));
}

export function ruleResource(backend: FirewallBackend, rule: FirewallRule, why: string): Resource<'firewall-rule'> {
	return {type: 'firewall-rule', name: ruleName(backend, rule), desired: {}, why};
}

export function removalResource(backend: FirewallBackend, {rule, why}: Removal): Resource<'firewall-rule'> {
	return {type: 'firewall-rule', name: ruleName(backend, rule), desired: null, why};
}
