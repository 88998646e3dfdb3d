import {canonicalSource} from '../../engine/network.ts';
import type {Fail2banFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** Kept with the drop-in's own words, see snippets/fail2ban/. */
export const fail2banDropIn = '/etc/fail2ban/jail.d/50-harden-python-vps.local';

/** The addresses after `# This server was set up from:` in our drop-in; anything that is no address is left out. */
export function parseOperators(dropIn: string): string[] {
	const list = /^# This server was set up from: *(?<list>.*)$/m.exec(dropIn)?.groups?.['list'] ?? '';
	return list.split(/\s+/).filter(word => word !== 'any' && canonicalSource(word) !== undefined);
}

export async function collectFail2ban(host: Host): Promise<Fail2banFacts> {
	const [program, dropIn, log, active] = await Promise.all([
		host.list('/etc/fail2ban/filter.d'),
		host.read(fail2banDropIn),
		host.run(['test', '-s', '/var/log/auth.log']),
		host.run(['systemctl', 'is-active', '--quiet', 'fail2ban.service']),
	]);
	return {
		installed: program.length > 0,
		running: active.exitCode === 0,
		authLog: log.exitCode === 0,
		operators: parseOperators(dropIn ?? ''),
	};
}
