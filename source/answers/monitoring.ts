import {isIP} from 'node:net';
import {z} from 'zod';
import {t} from '../words.ts';
import {absolutePath, duration, port, type ExampleLine} from './values.ts';

/** Networks that are nobody's on the internet, and this machine itself: there a message may go without TLS. */
const near = [/^127\./, /^10\./, /^192\.168\./, /^172\.(?:1[6-9]|2\d|3[01])\./, /^\[::1\]$/, /^\[f[cd][\da-f]{2}:/i];

function isNear(host: string): boolean {
	return host === 'localhost' || (isIP(host.replaceAll(/[[\]]/g, '')) > 0 && near.some(form => form.test(host)));
}

/** What is wrong with the address of a webhook; undefined where it is good. It never says the address, which is secret. */
export function webhookProblem(value: string): 'no address' | 'not encrypted' | undefined {
	if (!/^https?:\/\/[\u0021-\u007E]{3,2000}$/.test(value) || /["'\\`<>{}|^]/.test(value) || !URL.canParse(value)) {
		return 'no address';
	}

	const {protocol, hostname} = new URL(value);
	return protocol === 'https:' || isNear(hostname) ? undefined : 'not encrypted';
}

export const noWebhook = 'none';

const webhook = z.string().refine(
	value => value === '' || value === noWebhook || webhookProblem(value) === undefined,
	'an https:// address, or none; http:// only for localhost and addresses of a private network',
);

const label = String.raw`[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?`;
const host = z.string().max(253).regex(new RegExp(String.raw`^(?:${label}(?:\.${label})*)?$`, 'i'), 'the name of a machine');
const atDomain = new RegExp(String.raw`^[\w.+%-]{1,64}@${label}(?:\.${label})*$`, 'i');
export const isMailAddress = (value: string) => value.length <= 254 && atDomain.test(value);
const mail = z.string().refine(value => value === '' || isMailAddress(value), 'a mail address');

/** A name, since that is what its certificate says; and the port that syslog over TLS has (RFC 5425). */
export function centralLogOf(value: string): {host: string; port: number} | undefined {
	const found = /^(?<host>[^:]+)(?::(?<port>\d{1,5}))?$/.exec(value)?.groups;
	const number = Number(found?.['port'] ?? 6514);
	const name = found?.['host'] ?? '';
	return name !== '' && host.safeParse(name).success && isIP(name) === 0 && /[a-z]/i.test(name) && port.safeParse(number).success ? {host: name, port: number} : undefined;
}

const centralLog = z.string().refine(value => value === '' || centralLogOf(value) !== undefined, 'a name that its certificate has, like logs.example.com or logs.example.com:6514');
const size = z.string().regex(/^[1-9]\d{0,5}[MG]$/, 'a size like 500M or 2G');
const percent = z.int().min(1).max(99);

export const monitoring = z.strictObject({
	/** Secret: its address is the right to write there. Empty leaves what is stored; `none` takes it away. */
	webhook: webhook.default(''),
	format: z.enum(['auto', 'ntfy', 'slack', 'discord', 'json']).default('auto'),
	email: mail.default(''),
	smtp: z.strictObject({
		host: host.default(''),
		port: port.default(587),
		user: z.string().regex(/^[\u0021-\u007E]{0,200}$/, 'a name without blanks').default(''),
		from: mail.default(''),
	}).default({host: '', port: 587, user: '', from: ''}),
	smtpPassword: z.string().regex(/^[\u0020-\u007E]{1,500}$/, 'one line of letters, digits and signs').optional(),
	centralLog: centralLog.default(''),
	/** Trusted besides the authorities of the system by webhook and mail, and instead of them by the central log. */
	caFile: absolutePath.optional(),
	journal: z.strictObject({
		maxUse: size.default('500M'),
		keep: z.union([duration, z.literal('forever')]).default('90d'),
	}).default({maxUse: '500M', keep: '90d'}),
	repeatAfter: duration.default('24h'),
	limits: z.strictObject({
		disk: percent.default(90),
		memory: percent.default(95),
		certificateDays: z.int().min(1).max(60).default(14),
		updates: duration.default('2d'),
	}).default({disk: 90, memory: 95, certificateDays: 14, updates: '2d'}),
});

/** As the example file has them. */
export function monitoringExample(): readonly ExampleLine[] {
	return [
		['monitoring:'],
		['  webhook: ""', t('https://ntfy.sh/…, of Slack, Discord, or a program of yours; empty leaves the stored one, none takes it away')],
		['  format: auto', t('by its address; or ntfy, slack, discord, json')],
		['  email: ""', t('to whom alerts are written')],
		['  smtp: {host: "", port: 587, user: "", from: ""}', t('who delivers it; without a host, this machine\'s own sendmail')],
		['  # smtpPassword: "…"'],
		['  centralLog: ""', t('the log goes there as well, over TLS: logs.example.com:6514')],
		['  # caFile: /usr/local/share/ca-certificates/mine.crt', t('of a private authority that signed one of these')],
		['  journal: {maxUse: 500M, keep: 90d}', t('the system\'s log on this disk; keep: forever has no limit but the size')],
		['  repeatAfter: 24h', t('the same thing is told again only after this time')],
		['  limits: {disk: 90, memory: 95, certificateDays: 14, updates: 2d}', t('percent in use; days before its end; how long an update may wait')],
	];
}
