import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {parseRuleText} from '../../source/engine/firewall-rule.ts';
import type {Facts, FirewallFacts, FirewallRule} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {firewallStep} from '../../steps/firewall.ts';
import {facts, sshFacts} from './ssh-facts.ts';

const rules = (...texts: readonly string[]): readonly FirewallRule[] => texts.map(text => parseRuleText(text)!);
const none = facts().firewall;

/** A server whose ufw is on with these rules. */
function withUfw(texts: readonly string[], changes: Partial<FirewallFacts> = {}): FirewallFacts {
	return {...none, backend: 'ufw', ufw: {installed: true, enabled: true, incoming: 'deny', ipv6: true, rules: rules(...texts), foreign: []}, ...changes};
}

function withFirewalld(texts: readonly string[]): FirewallFacts {
	return {...none, backend: 'firewalld', firewalld: {installed: true, enabled: true, zone: 'public', incoming: 'default', rules: rules(...texts), foreign: []}};
}

const answers = (firewall: Record<string, unknown> = {}, ssh?: Record<string, unknown>): Answers => answersSchema.parse({firewall, ...ssh && {ssh}});
const onNewPort = answers({web: false}, {port: 5922});

/** What happens to rules and to the switch, in order; packages, kernel settings and ufw's unit are left out. */
function moves(resources: readonly Resource[]): readonly string[] {
	return resources.filter(({type}) => type === 'firewall-rule' || type === 'firewall' || (type === 'unit')).filter(({name}) => name !== 'ufw.service')
		.map(({type, name, desired}) => type === 'firewall-rule' ? `${desired === null ? '-' : '+'} ${name}` : `on ${name}`);
}

const final = (host: Facts, wanted: Answers) => moves(firewallStep.resources(host, wanted));
const bridge = (host: Facts, wanted: Answers) => moves(firewallStep.guard!(host, wanted)!.bridge);

const table: ReadonlyArray<[title: string, host: Facts, wanted: Answers, bridge: readonly string[], final: readonly string[]]> = [
	['a blank server: SSH where it listens, the web, then the switch', facts(), answers(),
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', 'on ufw'],
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', 'on ufw']],
	['SSH moves: the old port stays open until the new one is proven', facts(), onNewPort,
		['+ ufw allow 22/tcp', '+ ufw allow 5922/tcp', 'on ufw'],
		['+ ufw allow 5922/tcp', '- ufw allow 22/tcp', 'on ufw']],
	['sshd is on 2022 already, and nobody asked for another: not 22', facts({ssh: sshFacts({ports: [2022]})}), answers({web: false}),
		['+ ufw allow 2022/tcp', 'on ufw'],
		['+ ufw allow 2022/tcp', 'on ufw']],
	['an allow-list: for everybody until it is proven', facts(), answers({web: false}, {port: 22, allowFrom: ['198.51.100.0/24', '2001:db8::/48']}),
		['+ ufw allow 22/tcp', '+ ufw allow 22/tcp from 198.51.100.0/24', '+ ufw allow 22/tcp from 2001:db8::/48', 'on ufw'],
		['+ ufw allow 22/tcp from 198.51.100.0/24', '+ ufw allow 22/tcp from 2001:db8::/48', '- ufw allow 22/tcp', 'on ufw']],
	['other ports, once each, as narrow as was asked', facts(), answers({allow: [{port: 5432, from: '203.0.113.7'}, {port: 53, protocol: 'udp'}, {port: 443}]}),
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', '+ ufw allow 5432/tcp from 203.0.113.7', '+ ufw allow 53/udp', 'on ufw'],
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', '+ ufw allow 5432/tcp from 203.0.113.7', '+ ufw allow 53/udp', 'on ufw']],
	['rules of the user\'s own stay, but for those that were chosen to go; one that refuses goes first', facts({firewall: withUfw(['deny 25/tcp', 'allow 22/tcp', 'allow 8080/tcp'])}), answers({web: false, prune: ['deny 25/tcp', 'allow 8080/tcp']}),
		['- ufw deny 25/tcp', '+ ufw allow 22/tcp', 'on ufw'],
		['- ufw deny 25/tcp', '+ ufw allow 22/tcp', '- ufw allow 8080/tcp', 'on ufw']],
	['what is asked for is not taken away, whatever was chosen', facts({firewall: withUfw(['allow 80/tcp'])}), answers({prune: ['allow 80/tcp']}),
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', 'on ufw'],
		['+ ufw allow 22/tcp', '+ ufw allow 80/tcp', '+ ufw allow 443/tcp', 'on ufw']],
	['a rule of theirs that lets more in than the list goes in the end', facts({firewall: withUfw(['allow 22/tcp from 192.0.2.0/24'])}), answers({web: false}, {port: 22, allowFrom: ['198.51.100.7']}),
		['+ ufw allow 22/tcp', '+ ufw allow 22/tcp from 198.51.100.7', 'on ufw'],
		['+ ufw allow 22/tcp from 198.51.100.7', '- ufw allow 22/tcp', '- ufw allow 22/tcp from 192.0.2.0/24', 'on ufw']],
	['firewalld where it is in use; 22, which it opens by itself, goes where nothing listens', facts({firewall: withFirewalld(['allow 22/tcp']), ssh: sshFacts({ports: [2022]}), listeners: []}), answers({web: false}),
		['+ firewalld allow 2022/tcp', 'on firewalld.service'],
		['+ firewalld allow 2022/tcp', '- firewalld allow 22/tcp', 'on firewalld.service']],
];

for (const [title, host, wanted, before, after] of table) {
	test(title, t => {
		t.deepEqual(bridge(host, wanted), before, 'until the new login is proven');
		t.deepEqual(final(host, wanted), after, 'in the end');
	});
}

test('at no moment is the firewall on and SSH not let in', t => {
	for (const [title, host, wanted] of table) {
		for (const plan of [bridge(host, wanted), final(host, wanted)]) {
			const ports = wanted.ssh ? [wanted.ssh.port] : host.ssh.ports;
			t.true(ports.every(port => plan.some((move, index) => new RegExp(String.raw`^\+ \w+ allow ${port}/tcp`).test(move) && index < plan.findIndex(other => other.startsWith('on ')))), title);
		}
	}
});

const refused: ReadonlyArray<[title: string, host: Facts, wanted: Answers, words: RegExp]> = [
	['the operator is not on the list', facts(), answers({}, {allowFrom: ['192.0.2.1']}), /You are connected from 198\.51\.100\.7, which is not on the list.* Add 198\.51\.100\.7 to ssh\.allowFrom/],
	['a rule that is asked before ours keeps SSH out', facts({firewall: withUfw(['deny any'])}), answers(), /`deny any`, would keep SSH out.*Choose it for removal/],
	['a range that holds the port does', facts({firewall: withUfw(['reject 5900:6000/tcp'])}), onNewPort, /`reject 5900:6000\/tcp`, would keep SSH out/],
	['nobody knows where sshd listens', facts({ssh: sshFacts({ports: []})}), answers(), /could not be found out on which port SSH listens.*start sshd/],
	['the other firewall is on', facts({firewall: withFirewalld([])}), answers({backend: 'ufw'}), /firewalld is already on, and ufw was chosen.*systemctl disable --now firewalld/],
	['what is to go is no rule', facts(), answers({prune: ['allow 8080; reboot']}), /`allow 8080; reboot` in firewall\.prune is not a rule/],
];

for (const [title, host, wanted, words] of refused) {
	test(`refused: ${title}`, t => {
		const problem = t.throws(() => firewallStep.resources(host, wanted), {instanceOf: Problem});
		t.regex(`${problem?.message} ${problem?.wayOut}`, words);
	});
}

test('a rule that keeps SSH out is no obstacle once it was chosen to go', t => {
	const host = facts({firewall: withUfw(['deny any'])});
	t.deepEqual(final(host, answers({web: false, prune: ['deny any']})), ['- ufw deny any', '+ ufw allow 22/tcp', 'on ufw']);
});

test('again: where all is as asked, nobody has to come in anew', t => {
	const settled = facts({firewall: withUfw(['allow 22/tcp', 'allow 80/tcp', 'allow 443/tcp'])});
	t.is(firewallStep.guard!(settled, answers()), undefined);
	t.truthy(firewallStep.guard!(facts({firewall: {...settled.firewall, backend: 'none', ufw: {...settled.firewall.ufw, enabled: false}}}), answers()), 'it is off');
	t.truthy(firewallStep.guard!(settled, onNewPort), 'SSH moves');
	t.is(firewallStep.guard!(settled, answersSchema.parse({})), undefined, 'the block is absent');
	t.deepEqual(firewallStep.resources(settled, answersSchema.parse({})), []);
});

test('both firewalls on: unfit, with the way out', t => {
	const both = facts({firewall: {...withUfw([]), firewalld: withFirewalld([]).firewalld}});
	t.regex(firewallStep.unfit!(both, answers()) ?? '', /both on.*`ufw disable`/);
	t.is(firewallStep.unfit!(facts(), answers()), undefined);
});

test('what stays open past it, or strange, is told', t => {
	const warned = (host: Facts, wanted = answers()) => (firewallStep.warnings?.(host, wanted) ?? []).join('\n');
	const published = [{port: 5432, protocol: 'tcp' as const, address: '0.0.0.0', container: 'db'}];
	t.regex(warned(facts({firewall: {...none, published}})), /^Docker publishes 5432 \(db\) past every firewall rule: they stay open/);
	t.regex(warned(facts({listeners: [{protocol: 'tcp', address: '0.0.0.0', port: 6379, program: 'redis-server'}]}), answers({allow: [{port: 6379}]})), /Redis on port 6379 stays open to/);
	t.regex(warned(facts({firewall: {...none, backend: 'other', foreignChains: ['inet filter input']}})), /packet rules of its own \(inet filter input\)/);
	t.regex(warned(facts({firewall: withUfw(['limit 22/tcp'])})), /`limit 22\/tcp` refuses whoever connects too often/);
	t.regex(warned(facts({firewall: {...withUfw([]), ufw: {...withUfw([]).ufw, foreign: ['allow in on tun0']}}})), /stay as they are: allow in on tun0/);
	t.is(warned(facts()), '');
});

test('questions: Enter all the way is a good server, and rules of no use are offered, none chosen', t => {
	const questions = firewallStep.questions(facts(), answersSchema.parse({firewall: {}}));
	t.deepEqual(questions.map(question => [question.id, question.default]), [['firewall.backend', 'ufw'], ['firewall.web', true], ['firewall.allow', '']]);
	const cluttered = facts({firewall: withUfw(['allow 22/tcp', 'allow 8080/tcp', 'allow 8080/tcp from 192.0.2.1'])});
	const prune = firewallStep.questions(cluttered, answers()).find(({id}) => id === 'firewall.prune');
	t.like(prune, {kind: 'checkbox', default: []});
	const offered = prune?.kind === 'checkbox' ? prune.choices.map(({value}) => value) : [];
	t.deepEqual(new Set(offered), new Set(['allow 8080/tcp', 'allow 8080/tcp from 192.0.2.1']));
	const extra = questions.find(({id}) => id === 'firewall.allow');
	t.deepEqual(extra?.kind === 'text' && extra.parse('8443, 53/udp\n5432 from 203.0.113.7'), [{port: 8443, protocol: 'tcp', from: 'any'}, {port: 53, protocol: 'udp', from: 'any'}, {port: 5432, protocol: 'tcp', from: '203.0.113.7'}]);
	for (const hostile of ['0', '65536', '80; reboot', '80 from x', '80/icmp', '-1', '80 from 1.2.3.4/33']) {
		t.regex((extra?.kind === 'text' && extra.validate(hostile)) || '', /^Write ports/, hostile);
	}
});
