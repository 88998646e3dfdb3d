import {z} from 'zod';
import {sudoObjection} from '../engine/sudo-command.ts';
import {t} from '../words.ts';
import {login, printable, type ExampleLine} from './values.ts';

/** Who may do and read what on the server, and what the kernel allows. */

/** A unit, or the short name of a service: `cups`, `rpcbind.socket`. */
const service = z.string().regex(/^[a-z\d][\w.@-]{0,80}$/i, 'the name of a service, like cups or rpcbind.socket');

const sudoCommand = printable.superRefine((value, context) => {
	const why = sudoObjection(value);
	if (why !== undefined) {
		context.addIssue({code: 'custom', message: t('a command that can be let run as root (not this one: {why})', {why})});
	}
});

export const permissions = z.strictObject({
	files: z.boolean().default(true),
	sysctl: z.boolean().default(true),
	modules: z.boolean().default(true),
	coreDumps: z.boolean().default(false),
	auditd: z.boolean().default(true),
	mandatoryAccess: z.boolean().default(true),
	banner: z.boolean().default(true),
	umask: z.enum(['027', '022']).optional(),
	passwords: z.boolean().default(true),
	restartServices: z.boolean().default(true),
	integrity: z.boolean().default(true),
	disableServices: z.array(service).optional(),
	sudoCommands: z.array(sudoCommand).default([]),
	cronUsers: z.array(login).default([]),
});

/** As the example file has them. */
export function permissionsExample(): readonly ExampleLine[] {
	return [
		['permissions:'],
		['  files: true', t('owners and modes of what only root should read or write')],
		['  sysctl: true', t('kernel settings, as far as what runs here goes on working')],
		['  modules: true', t('rare network protocols and file systems are not loaded')],
		['  coreDumps: false', t('dumps of crashed programs hold their secrets')],
		['  auditd: true', t('a record of who changed accounts, sudo, SSH, the app')],
		['  mandatoryAccess: true', t('AppArmor for the app: watched first, then enforced')],
		['  banner: true', t('who is not meant to be here is told so')],
		['  # umask: "027"', t('or 022; without it, as fits the app')],
		['  passwords: true', t('new passwords have to be long')],
		['  restartServices: true', t('services that an update concerns are restarted by themselves')],
		['  integrity: true', t('files that changed behind your back are found')],
		['  # disableServices: []', t('like [cups, rpcbind]; without it, those that listen and that no web app needs')],
		['  sudoCommands: []', t('like ["ci: /usr/bin/systemctl restart shop.service"], without a password')],
		['  cronUsers: []', t('further users who may have a crontab')],
	];
}
