import {z} from 'zod';
import {app} from './answers/app.ts';
import {backups} from './answers/backups.ts';
import {https} from './answers/https.ts';
import {monitoring} from './answers/monitoring.ts';
import {permissions} from './answers/permissions.ts';
import {postgres} from './answers/postgres.ts';
import {secrets} from './answers/secrets.ts';
import {django} from './answers/django.ts';
import {fail2ban, firewall, ssh, updates} from './answers/server.ts';
import {web} from './answers/web.ts';

/**
 * All answers, in one schema: the questions fill it, `--answers FILE` brings it, `answers --schema` prints it.
 * A block a step, and the step has its name. Values are in answers/values.ts, blocks beside it.
 */
export const answersSchema = z.strictObject({
	version: z.literal(1).default(1),
	updates: updates.optional(),
	ssh: ssh.optional(),
	firewall: firewall.optional(),
	fail2ban: fail2ban.optional(),
	app: app.optional(),
	web: web.optional(),
	https: https.optional(),
	permissions: permissions.optional(),
	secrets: secrets.optional(),
	postgres: postgres.optional(),
	backups: backups.optional(),
	django: django.optional(),
	monitoring: monitoring.optional(),
});

export type Answers = z.infer<typeof answersSchema>;

/**
 * Answers that are secret, by path. They are never shown, printed, or kept in the session:
 * a step takes one up when it is given, and otherwise leaves what is on the server as it is.
 */
export const secretAnswers = ['ssh.passwordHash', 'secrets.environment', 'backups.credentials', 'backups.password', 'monitoring.webhook', 'monitoring.smtpPassword'] as const;
