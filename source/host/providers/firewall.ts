import {parseRuleName} from '../../engine/firewall-rule.ts';
import type {Host, Provider} from '../../engine/types.ts';
import {readFirewalld, readFirewalldRule, writeFirewalldRule} from '../firewall/firewalld.ts';
import {isSameFirewall, readUfw, readUfwRule, writeUfw, writeUfwRule} from '../firewall/ufw.ts';

const rules = {
	ufw: {read: readUfwRule, write: writeUfwRule},
	firewalld: {read: readFirewalldRule, write: writeFirewalldRule},
} as const;

/** One rule each; whatever else the firewall holds is not looked at and not touched. */
export function firewallRuleProvider(host: Host): Provider<'firewall-rule'> {
	return {
		async read(name) {
			const {backend, rule} = parseRuleName(name);
			return rules[backend].read(host, rule);
		},
		async write(name, state) {
			const {backend, rule} = parseRuleName(name);
			await rules[backend].write(host, rule, state);
		},
		same: (left, right) => left === right || (left !== null && right !== null && left.only === right.only && left.unsettled === right.unsettled),
	};
}

/** ufw's switch and policies. firewalld is turned on by its unit, and its zones are the user's: there it only reads. */
export function firewallProvider(host: Host): Provider<'firewall'> {
	return {
		async read(name) {
			return name === 'ufw' ? readUfw(host) : readFirewalld(host);
		},
		async write(name, state) {
			if (name !== 'ufw') {
				throw new Error(`The policies of ${name} are not ours to write`);
			}

			await writeUfw(host, state);
		},
		same: isSameFirewall,
	};
}
