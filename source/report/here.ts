import {layoutOf} from '../../steps/app/layout.ts';
import {wantedOf as databaseWanted} from '../../steps/postgres/wanted.ts';
import {wanted as httpsWanted} from '../../steps/https/settings.ts';
import {isLocal} from '../answers/backups.ts';
import type {ReportInput} from './input.ts';

/** The names of this very server, for the threat model and the plan: whatever is not here is left out. Pure. */
export function here({facts, answers, command}: ReportInput) {
	const app = answers.app && layoutOf(answers.app.name);
	const found = facts.secrets.apps[app?.user ?? ''];
	const [address = facts.hostname] = facts.addresses;
	const [port = 22] = facts.ssh.ports;
	const user = answers.ssh?.user ?? facts.operator.user;
	const database = answers.postgres && databaseWanted(facts, answers);
	const https = httpsWanted(facts, answers);
	const repository = answers.backups?.repository ?? facts.backups.repository;
	return {
		command,
		address,
		port,
		user,
		/** To come in. */
		login: `ssh ${port === 22 ? '' : `-p ${port} `}${user}@${address}`,
		...app && {app},
		/** Where the app's secrets lie. */
		secretFolders: [...found?.plain.length ? [app!.credentials] : [], ...found?.sealed.length ? [app!.sealed] : []],
		secrets: [...new Set([...found?.plain ?? [], ...found?.sealed ?? []])].toSorted(),
		...database && {database: {name: database.database, cluster: `${database.cluster.version}/${database.cluster.name}`, hosts: database.answers.allowFrom}},
		...https && {https},
		...repository !== undefined && {backups: {repository, isHere: isLocal(repository)}},
		/** Who has keys that open this server, and where they lie. Root's are of no use where root may not log in. */
		keys: facts.ssh.keys.filter(({user: owner, keys}) => keys.length > 0 && !(owner === 'root' && facts.ssh.configForRoot?.['permitrootlogin']?.[0] === 'no')).map(({user: owner, path, keys}) => ({owner, path, count: keys.length})),
		admins: facts.users.filter(({name, groups}) => name !== 'root' && groups.some(group => group === 'sudo' || group === 'wheel' || group === 'admin')).map(({name}) => name),
		hasAudit: facts.permissions.kernel.audit && 'auditd' in facts.packages,
		hasIntegrity: 'harden-integrity.service' in facts.units,
		hasFail2ban: facts.fail2ban.installed,
		hasNginx: 'nginx' in facts.packages,
		firewall: facts.firewall.backend,
	};
}

export type Here = ReturnType<typeof here>;
