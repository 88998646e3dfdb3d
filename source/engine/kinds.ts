import {t} from '../words.ts';
import type {Description} from './describe.ts';
import type {Change, ResourceType} from './types.ts';

/** What the user calls the types of things. */
export function kindName(type: ResourceType): string {
	const names: Readonly<Record<ResourceType, string>> = {
		package: t('package'),
		upgrade: t('upgrade'),
		file: t('file'),
		mode: t('mode'),
		directory: t('folder'),
		log: t('log'),
		user: t('user'),
		password: t('password'),
		unit: t('service'),
		firewall: t('firewall'),
		'firewall-rule': t('rule'),
		'host-key': t('host key'),
		venv: t('Python environment'),
		'requirements-lock': t('lock of dependencies'),
		secret: t('secret'),
		sandbox: t('sandbox'),
		checkout: t('code'),
		migrations: t('database'),
		'static-files': t('static files'),
		sysctl: t('kernel'),
		'selinux-port': t('SELinux port'),
		repository: t('backups'),
		certificate: t('certificate'),
		'acme-account': t('account'),
		seed: t('file'),
		credential: t('secret'),
		block: t('lines in'),
		'own-certificate': t('certificate'),
		database: t('database'),
		'database-login': t('login'),
		'tool-copy': t('tool'),
	};
	return names[type];
}

/** `3 files`: how many changes there are of a type. */
export function kindCount(type: ResourceType, count: number): string {
	const names: Readonly<Record<ResourceType, readonly [one: string, many: string]>> = {
		package: [t('1 package'), t('{count} packages', {count})],
		upgrade: [t('1 upgrade'), t('{count} upgrades', {count})],
		file: [t('1 file'), t('{count} files', {count})],
		mode: [t('1 mode'), t('{count} modes', {count})],
		directory: [t('1 folder'), t('{count} folders', {count})],
		log: [t('1 log'), t('{count} logs', {count})],
		user: [t('1 user'), t('{count} users', {count})],
		password: [t('1 password'), t('{count} passwords', {count})],
		unit: [t('1 service'), t('{count} services', {count})],
		firewall: [t('the firewall'), t('{count} firewalls', {count})],
		'firewall-rule': [t('1 rule'), t('{count} rules', {count})],
		'host-key': [t('1 host key'), t('{count} host keys', {count})],
		venv: [t('1 Python environment'), t('{count} Python environments', {count})],
		'requirements-lock': [t('1 lock of dependencies'), t('{count} locks of dependencies', {count})],
		sandbox: [t('1 sandbox'), t('{count} sandboxes', {count})],
		checkout: [t('the code'), t('the code of {count} apps', {count})],
		migrations: [t('1 database'), t('{count} databases', {count})],
		'static-files': [t('static files'), t('static files of {count} apps', {count})],
		secret: [t('1 secret'), t('{count} secrets', {count})],
		sysctl: [t('1 kernel setting'), t('{count} kernel settings', {count})],
		'selinux-port': [t('1 SELinux port'), t('{count} SELinux ports', {count})],
		repository: [t('1 place of backups'), t('{count} places of backups', {count})],
		certificate: [t('1 certificate'), t('{count} certificates', {count})],
		'acme-account': [t('1 account'), t('{count} accounts', {count})],
		seed: [t('1 file'), t('{count} files', {count})],
		credential: [t('1 secret'), t('{count} secrets', {count})],
		block: [t('lines in 1 file'), t('lines in {count} files', {count})],
		'own-certificate': [t('1 certificate'), t('{count} certificates', {count})],
		database: [t('1 database'), t('{count} databases', {count})],
		'database-login': [t('1 login'), t('{count} logins', {count})],
		'tool-copy': [t('this tool'), t('{count} copies of this tool', {count})],
	};
	return names[type][count === 1 ? 0 : 1];
}

/** `file /etc/issue`: a thing, as it is called on every screen. */
export function thingOf({type, name}: Pick<Change, 'type' | 'name'>): string {
	return `${kindName(type)} ${name}`;
}

/** The same of what a change is described by: the values of a sentence with `{type} {title}`. */
export function kindAndTitle({type, title}: Pick<Description, 'type' | 'title'>): {type: string; title: string} {
	return {type: kindName(type), title};
}
