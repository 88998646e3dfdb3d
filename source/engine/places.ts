import {t} from '../words.ts';

/**
 * Whose things are, and the most that others may do with them. One table, which the user sees. What is stricter stays so.
 * Pure data: the facts look these paths up, the step makes them so.
 */
export type PlaceRule = {
	/** Absolute; `*` stands for any name of one level. */
	path: string;
	/** A mode bit that is not in here is taken away; none is ever added. */
	most: number;
	/** Default: root. */
	owner?: string;
	/** Where it matters; otherwise the group stays. */
	group?: string;
	why: () => string;
};

const accounts = () => t('Who is on this server, and their password hashes.');
const jobs = () => t('What runs by itself as root: nobody else needs to read it, and nobody else may write it.');
const keys = () => t('Whoever has read a private key is this server.');
const roots = () => t('What root keeps to itself.');
const sudo = () => t('Who may become root.');
const secrets = () => t('The app\'s secrets: systemd hands them over, nobody has to read them here.');
const settings = () => t('Settings that only root may write.');

export const placeRules: readonly PlaceRule[] = [
	{path: '/etc/passwd', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/group', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/shadow', most: 0o640, group: 'shadow', why: accounts},
	{path: '/etc/gshadow', most: 0o640, group: 'shadow', why: accounts},
	{path: '/etc/passwd-', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/group-', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/shadow-', most: 0o640, why: accounts},
	{path: '/etc/gshadow-', most: 0o640, why: accounts},
	{path: '/etc/security/opasswd', most: 0o600, group: 'root', why: accounts},
	{path: '/etc/subuid', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/subgid', most: 0o644, group: 'root', why: accounts},
	{path: '/etc/sudoers', most: 0o440, group: 'root', why: sudo},
	{path: '/etc/sudoers.d', most: 0o750, group: 'root', why: sudo},
	{path: '/etc/sudoers.d/*', most: 0o440, group: 'root', why: sudo},
	{path: '/etc/ssh/sshd_config', most: 0o600, group: 'root', why: () => t('How people come in: strangers on this server need not read it.')},
	{path: '/etc/ssh/ssh_host_rsa_key', most: 0o600, why: keys},
	{path: '/etc/ssh/ssh_host_ecdsa_key', most: 0o600, why: keys},
	{path: '/etc/ssh/ssh_host_ed25519_key', most: 0o600, why: keys},
	{path: '/etc/ssl/private', most: 0o710, why: keys},
	{path: '/etc/letsencrypt/archive', most: 0o700, why: keys},
	{path: '/etc/letsencrypt/live', most: 0o700, why: keys},
	{path: '/root', most: 0o700, group: 'root', why: roots},
	{path: '/root/.ssh', most: 0o700, group: 'root', why: roots},
	{path: '/root/.ssh/authorized_keys', most: 0o600, group: 'root', why: roots},
	{path: '/etc/crontab', most: 0o600, group: 'root', why: jobs},
	...['hourly', 'daily', 'weekly', 'monthly', 'yearly', 'd'].map(folder => ({path: `/etc/cron.${folder}`, most: 0o700, group: 'root', why: jobs})),
	{path: '/etc/anacrontab', most: 0o600, group: 'root', why: jobs},
	{path: '/etc/systemd/system', most: 0o755, group: 'root', why: jobs},
	{path: '/etc/nginx', most: 0o755, group: 'root', why: settings},
	{path: '/etc/harden', most: 0o755, group: 'root', why: settings},
	{path: '/etc/harden/*', most: 0o755, why: settings},
	{path: '/etc/harden/*/environment', most: 0o644, why: settings},
	{path: '/etc/harden/*/credentials', most: 0o700, why: secrets},
	{path: '/etc/harden/*/credentials/*', most: 0o600, why: secrets},
	{path: '/etc/harden/*/credentials.sealed', most: 0o700, why: secrets},
	{path: '/etc/harden/*/credentials.sealed/*', most: 0o600, why: secrets},
	{path: '/var/log', most: 0o775, why: () => t('What happened here: others may not take anything away.')},
	{path: '/var/backups', most: 0o755, group: 'root', why: () => t('Copies of the above.')},
];

const hasStar = ({path}: PlaceRule) => path.includes('*');

/** Paths that are asked for as they are. */
export const plainPlaces: readonly string[] = placeRules.filter(rule => !hasStar(rule)).map(({path}) => path);

/** Folders whose content is asked for, since rules speak of it: the part of a path before its first `*`. */
export const placeFolders: readonly string[] = [...new Set(placeRules.filter(rule => hasStar(rule)).map(({path}) => path.slice(0, path.indexOf('/*'))))];

/** The rule for a path, if there is one. */
export function ruleFor(path: string): PlaceRule | undefined {
	return placeRules.find(rule => hasStar(rule) ? matches(rule.path, path) : rule.path === path);
}

function matches(pattern: string, path: string): boolean {
	const [wanted, found] = [pattern.split('/'), path.split('/')];
	return wanted.length === found.length && wanted.every((part, index) => part === '*' || part === found[index]);
}
