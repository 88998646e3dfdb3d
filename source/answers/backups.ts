import {z} from 'zod';
import {t} from '../words.ts';
import {absolutePath, duration, printable, type ExampleLine} from './values.ts';

const name = String.raw`\w[\w.-]*`;
const host = String.raw`(?:${name}|\[[\da-fA-F:]+\])(?::\d{1,5})?`;
const folder = String.raw`[\w./~-]*`;
/** Where backups lie, as restic writes it; without a user and password in it: those are credentials. */
const places = [
	String.raw`s3:(?:https?:\/\/)?${host}\/\w${folder}`,
	String.raw`b2:${name}(?::${folder})?`,
	String.raw`rest:https?:\/\/${host}(?:\/${folder})?`,
	String.raw`sftp:(?:${name}@)?${name}:${folder}`,
	String.raw`sftp:\/\/(?:${name}@)?${host}\/${folder}`,
].map(form => new RegExp(`^${form}$`));

/** A folder of this server, by its absolute path. */
export function isLocal(repository: string): boolean {
	return repository.startsWith('/');
}

export function isRepository(value: string): boolean {
	return isLocal(value) ? absolutePath.safeParse(value).success : places.some(form => form.test(value));
}

const repository = z.string().refine(isRepository, 'a place as restic writes it: s3:https://host/bucket, b2:bucket, rest:https://host/, sftp:user@host:/folder, or an absolute path; without a password in it, which goes into `credentials`');

/** systemd.time(7), as far as letters go; systemd itself has the last word. */
const calendar = z.string().regex(/^[\w*,.:/~ -]{1,80}$/, 'hourly, daily, weekly, or a time as systemd writes it, like *-*-* 03:30');

const count = z.int().min(0).max(1000);
const kibibytes = z.int().min(0).max(10_000_000);

/** Variables of restic's environment, a line of a file each. */
const credentials = z.record(z.string().regex(/^(?:AWS|B2|RESTIC_REST|AZURE|GOOGLE|OS|ST)_[A-Z\d_]{1,60}$/, 'a variable that restic knows, like AWS_ACCESS_KEY_ID'), printable);

/** Everything has a default: backups on the server itself, which guard against slips and bad migrations, not against losing the server. */
export const localRepository = '/var/backups/harden';

export const backups = z.strictObject({
	repository: repository.default(localRepository),
	credentials: credentials.optional(),
	/** Of the repository; made up where it is left out and there is none yet. */
	password: z.string().regex(/^[\u0021-\u007E]{12,200}$/, 'at least 12 letters, digits and signs, without blanks').optional(),
	paths: z.array(absolutePath).default([]),
	exclude: z.array(printable).default([]),
	schedule: calendar.default('daily'),
	keep: z.strictObject({
		hourly: count.optional(),
		daily: count.default(7),
		weekly: count.default(4),
		monthly: count.default(6),
	}).default({daily: 7, weekly: 4, monthly: 6}),
	/** The credentials may only add: nothing is ever removed from here. */
	appendOnly: z.boolean().default(false),
	drill: z.enum(['weekly', 'monthly', 'never']).default('weekly'),
	limitUpload: kibibytes.default(0),
	maxAge: duration.optional(),
	maxRestoreTime: duration.default('1h'),
	/** From the recovery sheet: that it was read, and so most likely kept. */
	recoveryWord: z.string().regex(/^[a-z]{0,20}$/, 'the word at the end of the recovery sheet').default(''),
});

/** As the example file has them. */
export function backupsExample(): readonly ExampleLine[] {
	return [
		['backups:'],
		[`  repository: ${localRepository}`, t('a folder here, which does not survive the server; better s3:https://host/bucket, b2:bucket, sftp:user@host:/folder, rest:https://host/')],
		['  # credentials: {AWS_ACCESS_KEY_ID: "…", AWS_SECRET_ACCESS_KEY: "…"}', t('of the place, as restic names them')],
		['  # password: "…"', t('of a repository that is there already; otherwise one is made up')],
		['  paths: []', t('further folders; the app, its database, /etc and what this tool did are backed up anyway')],
		['  exclude: []', t('patterns of restic, like ["*.tmp"]')],
		['  schedule: daily', t('or hourly, weekly, or a time as systemd writes it')],
		['  keep: {daily: 7, weekly: 4, monthly: 6}'],
		['  appendOnly: false', t('the credentials may only add, so old backups are removed from elsewhere')],
		['  drill: weekly', t('restore the newest backup to a scratch place and compare; or monthly, never')],
		['  limitUpload: 0', t('KiB a second; 0 is no limit')],
		['  # maxAge: 30h', t('of the newest backup; without it, what fits the schedule')],
		['  maxRestoreTime: 1h', t('a drill that takes longer fails')],
		['  recoveryWord: ""', t('the word at the end of the recovery sheet, once you have put that away safely')],
	];
}
