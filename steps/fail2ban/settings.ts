import {canonicalSource, sourceContains} from '../../source/engine/network.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';

/** What the jails are to know, from facts and answers: pure. */

/** Every port that sshd listens on, and the one it is to listen on. Ascending, so that the file is the same each time. */
export function jailPorts({ssh}: Facts, answers: Answers): readonly number[] {
	const ports = new Set([...ssh.ports, ...answers.ssh ? [answers.ssh.port] : []]);
	return ports.size === 0 ? [22] : [...ports].toSorted((left, right) => left - right);
}

/** Where the wizard was run from, today and before: whoever set this server up is not banned from it. */
export function operators({operator, fail2ban}: Facts): readonly string[] {
	const known = fail2ban.operators ?? [];
	const now = operator.address === undefined ? undefined : canonicalSource(operator.address);
	return now === undefined || known.includes(now) ? known : [...known, now];
}

/** Sources without those that another one holds already. */
function withoutHeld(sources: readonly string[]): readonly string[] {
	const unique = [...new Set(sources)];
	return unique.filter(source => !unique.some(other => other !== source && sourceContains(other, source)));
}

/** Never banned: this server, its operators, the addresses that SSH is for, those that were asked for, and the user's own. */
export function ignored(facts: Facts, answers: Answers): readonly string[] {
	return withoutHeld([
		'127.0.0.0/8',
		'::1',
		...operators(facts),
		...answers.ssh?.allowFrom ?? [],
		...answers.fail2ban?.ignore ?? [],
		...facts.fail2ban.ignored ?? [],
	].map(source => canonicalSource(source) ?? source));
}

/** Addresses set aside for documentation (RFC 5737): nobody's. The first that is not in use here. */
export function spareAddress(facts: Facts, answers: Answers): string {
	const taken = [...ignored(facts, answers), ...facts.addresses];
	return ['192.0.2.213', '198.51.100.213', '203.0.113.213'].find(address => !taken.some(source => sourceContains(source, address))) ?? '192.0.2.214';
}
