import test from 'ava';
import {canonicalSource, familyOf, isLoopback, isWildcard, sourceContains} from '../../source/engine/network.ts';
import {allow, covers, decision, parseRuleName, parseRuleText, prunable, ruleName, ruleText, speaksOf} from '../../source/engine/firewall-rule.ts';
import type {FirewallRule, Listener} from '../../source/engine/facts.ts';

const texts: ReadonlyArray<[string, FirewallRule]> = [
	['allow 5922/tcp', {action: 'allow', port: 5922, protocol: 'tcp', from: 'any'}],
	['allow 53', {action: 'allow', port: 53, protocol: 'any', from: 'any'}],
	['deny 6000:6007/udp', {action: 'deny', port: 6000, toPort: 6007, protocol: 'udp', from: 'any'}],
	['limit 22/tcp', {action: 'limit', port: 22, protocol: 'tcp', from: 'any'}],
	['reject any from 10.0.0.0/8', {action: 'reject', protocol: 'any', from: '10.0.0.0/8'}],
	['allow any/udp from 2001:db8::/48', {action: 'allow', protocol: 'udp', from: '2001:db8::/48'}],
	['allow 5432/tcp from 203.0.113.7', {action: 'allow', port: 5432, protocol: 'tcp', from: '203.0.113.7'}],
	['allow 22/tcp from 0.0.0.0/0', {action: 'allow', port: 22, protocol: 'tcp', from: '0.0.0.0/0'}],
	['allow 22/tcp from ::/0', {action: 'allow', port: 22, protocol: 'tcp', from: '::/0'}],
];

for (const [text, rule] of texts) {
	test(`a rule and its text are one: ${text}`, t => {
		t.is(ruleText(rule), text);
		t.deepEqual(parseRuleText(text), rule);
		t.is(ruleName('ufw', rule), `ufw ${text}`);
		t.deepEqual(parseRuleName(`firewalld ${text}`), {backend: 'firewalld', rule});
	});
}

for (const text of ['', 'allow', 'allow 0/tcp', 'allow 65536', 'allow 22/icmp', 'allow 9:8/tcp', 'allow 22 from', 'allow 22 from any', 'allow 22 from 1.2.3', 'allow 22; reboot', 'allow 22\n', 'ALLOW 22', 'allow 22 from 10.0.0.0/33', 'allow 22 from fe80::1%eth0']) {
	test(`no rule: ${JSON.stringify(text)}`, t => {
		t.is(parseRuleText(text), undefined);
		t.throws(() => parseRuleName(`ufw ${text}`));
	});
}

const sources: ReadonlyArray<[string, string | undefined]> = [
	['any', 'any'],
	['203.0.113.7', '203.0.113.7'],
	['203.0.113.7/32', '203.0.113.7'],
	['10.1.2.3/8', '10.0.0.0/8'],
	['0.0.0.0/0', '0.0.0.0/0'],
	['255.255.255.255/1', '128.0.0.0/1'],
	['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
	['2001:db8:1:2::5/64', '2001:db8:1:2::/64'],
	['2001:db8::1/128', '2001:db8::1'],
	['::/0', '::/0'],
	['fe80::1%eth0', undefined],
	['10.0.0.0/33', undefined],
	['10.0.0.0/', undefined],
	['10.0.0.0/8/8', undefined],
	['example.com', undefined],
	['', undefined],
];

for (const [text, canonical] of sources) {
	test(`the one spelling of ${JSON.stringify(text)}`, t => {
		t.is(canonicalSource(text), canonical);
	});
}

test('networks contain what they should', t => {
	t.true(sourceContains('any', '::/0'));
	t.true(sourceContains('0.0.0.0/0', '10.0.0.0/8'));
	t.true(sourceContains('10.0.0.0/8', '10.2.3.4'));
	t.true(sourceContains('2001:db8::/32', '2001:db8:5::/48'));
	t.false(sourceContains('0.0.0.0/0', 'any'));
	t.false(sourceContains('0.0.0.0/0', '::/0'));
	t.false(sourceContains('10.2.0.0/16', '10.0.0.0/8'));
	t.false(sourceContains('10.2.3.4', '10.2.3.5'));
	t.is(familyOf('::/0'), 'ipv6');
	t.is(familyOf('0.0.0.0/0'), 'ipv4');
});

test('bound to this host only, or to everyone', t => {
	for (const address of ['127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1']) {
		t.true(isLoopback(address), `${address} is loopback`);
	}

	for (const address of ['0.0.0.0', '::', '*', '10.0.0.1', '::ffff:10.0.0.1']) {
		t.false(isLoopback(address), `${address} is not`);
	}

	t.true(isWildcard('*'));
	t.false(isWildcard('10.0.0.1'));
});

const rule = (text: string) => parseRuleText(text)!;

test('coverage', t => {
	t.true(covers(rule('allow 22'), rule('allow 22/tcp from 10.0.0.0/8')));
	t.true(covers(rule('allow 1:1024/tcp'), rule('allow 22/tcp')));
	t.true(covers(rule('allow any from 10.0.0.0/8'), rule('deny 22/tcp from 10.0.0.1')));
	t.false(covers(rule('allow 22/tcp'), rule('allow 22')));
	t.false(covers(rule('allow 22/tcp from 10.0.0.0/8'), rule('allow 22/tcp')));
	t.false(covers(rule('allow 1:65535/tcp'), rule('allow any/tcp')), 'a rule without a port speaks of every protocol');
});

const listener = (port: number, protocol: 'tcp' | 'udp' = 'tcp'): Listener => ({protocol, address: '0.0.0.0', port});

const prunes: ReadonlyArray<[string, string[], Listener[], string[], boolean?]> = [
	['two the same', ['allow 22/tcp', 'allow 22/tcp'], [listener(22)], ['allow 22/tcp: duplicate']],
	['a narrower one after', ['allow 22', 'allow 22/tcp from 10.0.0.1'], [listener(22)], ['allow 22/tcp from 10.0.0.1: duplicate']],
	['a narrower one before', ['allow 22/tcp from 10.0.0.1', 'allow 22'], [listener(22)], ['allow 22/tcp from 10.0.0.1: duplicate']],
	['a narrower one before a deny that needs it', ['allow 22/tcp from 10.0.0.1', 'deny 22/tcp from 10.0.0.0/8', 'allow 22'], [listener(22)], []],
	['a deny that never decides', ['allow 22', 'deny 22/tcp'], [listener(22)], ['deny 22/tcp: shadowed']],
	['no order, so no shadow', ['allow 22', 'deny 22/tcp'], [listener(22)], [], false],
	['nothing listens', ['allow 8080/tcp', 'allow 22/tcp'], [listener(22)], ['allow 8080/tcp: unused']],
	['a range with one listener', ['allow 6000:6007/tcp'], [listener(6003)], []],
	['another protocol', ['allow 53/udp'], [listener(53)], ['allow 53/udp: unused']],
	['a deny needs no listener', ['deny 8080/tcp'], [], []],
	['an address let in everywhere', ['allow any from 10.0.0.1'], [], []],
	['wanted, though nothing listens yet', ['allow 443/tcp'], [], []],
];

for (const [title, rules, listeners, expected, ordered = true] of prunes) {
	test(`to prune: ${title}`, t => {
		const found = prunable(rules.map(text => rule(text)), listeners, {needed: [allow(443)], ordered});
		t.deepEqual(found.map(({rule, reason}) => `${ruleText(rule)}: ${reason}`), expected);
	});
}

test('the first match decides', t => {
	const rules = ['deny 22/tcp from 203.0.113.7', 'allow 22', 'allow 5432/tcp from 10.0.0.0/8', 'reject 80/tcp from ::/0'].map(text => rule(text));
	t.is(decision(rules, {port: 22, protocol: 'tcp'}, 'any'), 'allow');
	t.is(decision(rules, {port: 22, protocol: 'tcp'}, '203.0.113.7'), 'deny');
	t.is(decision(rules, {port: 5432, protocol: 'tcp'}, 'any'), undefined);
	t.is(decision(rules, {port: 5432, protocol: 'tcp'}, '10.9.9.9'), 'allow');
	t.true(speaksOf(rules[1]!, 'ipv6'));
	t.false(speaksOf(rules[2]!, 'ipv6'));
	t.true(speaksOf(rules[3]!, 'ipv6'));
});
