import type {Facts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {collectBackups} from './backups.ts';
import {collectFail2ban} from './fail2ban.ts';
import {collectFirewall} from './firewall.ts';
import {collectListeners} from './listeners.ts';
import {collectPackages, collectUpdates} from './packages.ts';
import {collectSsh} from './ssh.ts';
import {collectSystem} from './system.ts';
import {collectUnits} from './units.ts';

/** Everything the steps need to know of the host. Reads only; works without root, with less known. */
export async function collectFacts(host: Host): Promise<Facts> {
	const system = collectSystem(host);
	const [base, ssh, listeners, packages, units, updates, firewall, fail2ban, backups] = await Promise.all([
		system,
		system.then(async ({operator, users}) => collectSsh(host, operator, users)),
		collectListeners(host),
		collectPackages(host),
		collectUnits(host),
		collectUpdates(host),
		collectFirewall(host),
		collectFail2ban(host),
		collectBackups(host),
	]);
	return {...base, ssh, listeners, packages, units, updates, firewall, fail2ban, backups};
}
