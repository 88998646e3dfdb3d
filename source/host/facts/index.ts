import type {Facts} from '../../engine/facts.ts';
import type {Answers} from '../../engine/answers-type.ts';
import type {Host} from '../../engine/types.ts';
import {sharing} from '../sharing.ts';
import {collectApp} from './app.ts';
import {collectBackups} from './backups.ts';
import {collectFail2ban} from './fail2ban.ts';
import {collectFirewall} from './firewall.ts';
import {collectListeners} from './listeners.ts';
import {collectMonitoring} from './monitoring.ts';
import {collectPackages, collectUpdates} from './packages.ts';
import {collectPermissions} from './permissions.ts';
import {collectPostgres} from './postgres.ts';
import {collectSecrets} from './secrets.ts';
import {collectSsh} from './ssh.ts';
import {collectSystem} from './system.ts';
import {collectUnits} from './units.ts';
import {collectWeb} from './web.ts';

/**
 * Everything the steps need to know of the host, and of what the answers point at on it. Reads only; works without root, with less known.
 * What is pending takes apt half a second to find out: only for who asks for it.
 */
export async function collectFacts(machine: Host, answers: Pick<Answers, 'app'>, {pending}: {pending: boolean}): Promise<Facts> {
	const host = sharing(machine);
	const system = collectSystem(host);
	const [base, ssh, listeners, packages, units, updates, firewall, fail2ban, app, web, permissions, postgres, secrets, backups, monitoring] = await Promise.all([
		system,
		system.then(async ({operator, users}) => collectSsh(host, operator, users)),
		collectListeners(host),
		collectPackages(host),
		collectUnits(host),
		collectUpdates(host, pending),
		collectFirewall(host),
		collectFail2ban(host),
		collectApp(host, answers.app),
		collectWeb(host),
		collectPermissions(host),
		collectPostgres(host),
		collectSecrets(host),
		collectBackups(host),
		collectMonitoring(host),
	]);
	return {...base, ssh, listeners, packages, units, updates, firewall, fail2ban, app, web, permissions, postgres, secrets, backups, monitoring};
}
