import {standingOf} from '../engine/accepted.ts';
import type {Checked} from '../engine/check.ts';
import {t} from '../words.ts';
import {assets, entries} from './assets.ts';
import type {Block, Line, Section} from './document.ts';
import {here, type Here} from './here.ts';
import type {ReportInput} from './input.ts';

/** One way in which it can go wrong. */
export type Threat = {
	title: string;
	/** Who would, and how. */
	who: string;
	/** The checks that stand against it, by id; `monitoring.*` is all of that step. */
	against: readonly string[];
	/** What is left even when all of them pass. */
	left: string;
};

/** What can happen to any such server. A threat to something that is not here is left out. */
export function threatsFor({app, database, backups, https}: Partial<Pick<Here, 'app' | 'database' | 'backups' | 'https'>>): readonly Threat[] {
	return [
		{
			title: t('Robots guess passwords over SSH'),
			who: t('Anyone on the internet, all day long, without a choice of victim.'),
			against: ['ssh.root-login', 'ssh.passwords', 'ssh.refused', 'ssh.users', 'ssh.port', 'ssh.limits', 'fail2ban.running', 'fail2ban.sees', 'fail2ban.ports', 'fail2ban.recidive'],
			left: t('A hole in OpenSSH itself, until its update is installed.'),
		},
		{
			title: t('A key of yours is stolen'),
			who: t('Whoever gets at the computer of somebody who can log in here.'),
			against: ['ssh.users', 'ssh.sudo', 'permissions.sudo', 'permissions.su', 'permissions.audit'],
			left: t('Whoever holds such a key and can use sudo is root here. A passphrase on the key, and taking keys out that nobody needs, are yours to do.'),
		},
		{
			title: t('Something listens that nobody meant to open'),
			who: t('Anyone who scans the address: a database or a tool without a password is found within hours.'),
			against: ['firewall.on', 'firewall.default', 'firewall.rules', 'firewall.reachable', 'firewall.databases', 'permissions.services', 'postgres.network', 'postgres.lines'],
			left: t('What Docker publishes goes past ufw, and a firewall of the provider is not seen from here.'),
		},
		{
			title: t('A known hole in the system'),
			who: t('Robots that try each newly published hole on every address.'),
			against: ['updates.security', 'updates.automatic', 'updates.timers', 'updates.restart', 'permissions.restarts'],
			left: t('The days between a hole and its update, and a kernel that waits for a restart.'),
		},
		...app ? [
			{
				title: t('A visitor attacks the app'),
				who: t('Anyone who can open the site: with forms, uploads, stolen sessions, floods.'),
				against: ['web.headers', 'web.waf', 'web.limits', 'web.body-limit', 'web.hidden-files', 'web.unknown-host', 'web.forwarded', 'web.jails', 'app.debugging', 'django.settings', 'django.deploy', 'django.hosts', 'django.migrations'],
				left: t('Mistakes in the app\'s own logic: who may see and do what. No tool knows that; tests and a second pair of eyes do. A flood larger than the line is the provider\'s to stop.'),
			},
			{
				title: t('Foreign code runs inside the app'),
				who: t('Whoever found a hole in the app or in one of its packages.'),
				against: ['app.user', 'app.walls', 'app.exposure', 'app.sandbox', 'permissions.app', 'permissions.access-control', 'secrets.closed', 'secrets.sealed', 'secrets.out-of-sight', 'postgres.rights', 'postgres.others', 'postgres.login', 'postgres.refused', 'postgres.one-login', 'postgres.rotation'],
				left: t('It can do what the app can: read its database and the secrets that it was given, and talk to the outside. That is why they can be changed with one command each.'),
			},
			{
				title: t('A package of the app turns bad'),
				who: t('Whoever takes over a project that the app depends on.'),
				against: ['app.dependencies', 'app.walls', 'app.exposure', 'secrets.code'],
				left: t('A bad version that nobody has reported yet. Pinned versions with hashes keep it from coming by itself.'),
			},
		] : [],
		...https ? [{
			title: t('Somebody listens or pretends on the way'),
			who: t('Whoever sits between a visitor and this server: an open network, a hijacked name.'),
			against: ['https.certificate', 'https.trusted', 'https.protocols', 'https.ciphers', 'https.tickets', 'https.redirect', 'https.hsts', 'https.hsts-ramp', 'https.expiry', 'https.renewal', 'https.dns', 'ssh.algorithms', 'ssh.moduli', ...database ? ['postgres.tls', 'postgres.scram'] : []],
			left: t('Whoever controls the domain\'s DNS gets a certificate of their own for it.'),
		}] : [],
		{
			title: t('A program without rights becomes root'),
			who: t('Whatever already runs here: an app, an account of a colleague, a job.'),
			against: ['permissions.kernel', 'permissions.modules', 'permissions.files', 'permissions.world-writable', 'permissions.set-id', 'permissions.shared-memory', 'permissions.core-dumps', 'permissions.cron', 'permissions.umask', 'permissions.passwords', 'permissions.sudo', 'permissions.su'],
			left: t('A hole in the kernel that is not known yet.'),
		},
		...backups || app ? [{
			title: t('Data is lost, or held to ransom'),
			who: t('A dying disk, a slip of the hand, a bad migration; or somebody who got in and encrypts.'),
			against: ['backups.repository', 'backups.newest', 'backups.last', 'backups.drill', 'backups.timers', 'backups.root-only', 'backups.elsewhere', 'backups.recovery-sheet'],
			left: backups === undefined
				? t('There are no backups by this tool: whatever is lost is lost.')
				: t('What was written since the newest backup. Whoever is root here can delete backups too, unless their credentials may only add (appendOnly).'),
		}] : [],
		{
			title: t('Somebody was here, and nobody noticed'),
			who: t('Whoever came in and is quiet about it.'),
			against: ['permissions.integrity', 'permissions.audit', 'updates.clock', 'web.waf-log', 'fail2ban.sees', 'monitoring.*'],
			left: t('Root can change logs on the same machine. Only what was sent elsewhere stays as it was.'),
		},
		{
			title: t('The provider, or whoever is above'),
			who: t('Whoever can log in to the provider\'s console or the registrar, or works there.'),
			against: ['secrets.sealed', 'backups.elsewhere'],
			left: t('They can read the disk and the memory of a virtual server, and reset root. A second factor on these accounts is yours to set.'),
		},
	];
}

function fits(pattern: string, id: string): boolean {
	return pattern.endsWith('.*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

function blocksOf({title, who, against, left}: Threat, results: readonly Checked[]): readonly Block[] {
	const standing = results.filter(({check, verdict}) => against.some(pattern => fits(pattern, check.id)) && verdict.status !== 'not-run');
	const asked = standing.map((result): Line => [{standing: standingOf(result)}, ' ', result.check.title, ' ', {id: result.check.id}]);
	const weak = standing.filter(({verdict}) => verdict.status === 'fail').length;
	const values = {count: standing.length, weak};
	return [
		{type: 'heading', text: title},
		{type: 'pairs', pairs: [
			[t('Who could'), who],
			[t('What stands against it'), standing.length === 0 ? t('nothing that could be checked') : (weak === 0 ? t('{count} checks, and all of them pass:', values) : t('{count} checks, and {weak} of them fail:', values))],
		]},
		...asked.length === 0 ? [] : [{type: 'list' as const, items: asked}],
		{type: 'pairs', pairs: [[t('What is left'), left]]},
	];
}

export function threatModel(input: ReportInput): Section {
	const names = here(input);
	const {told} = input;
	return {
		id: 'threats',
		title: t('What could happen'),
		blocks: [
			{type: 'paragraph', line: t('The threat model of this server: what there is to lose, the ways to it, who could take them, what stands against that, and what is left. It is made of what was found on the server and of the checks.')},
			...told && told.outage !== '' ? [{type: 'paragraph' as const, line: t('How long it may be away at most, you said: {outage}', {outage: told.outage})}] : [],
			{type: 'heading', text: t('What there is to lose')},
			assets(input, names),
			{type: 'heading', text: t('Ways in')},
			entries(input, names),
			...threatsFor(names).flatMap(threat => blocksOf(threat, input.results)),
		],
	};
}
