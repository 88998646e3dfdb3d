import {z} from 'zod';
import {t} from '../words.ts';

/** What harden-backup says of a restore, before and after, and how it is told. */

const count = z.int().min(0);

export const restorePlanSchema = z.object({
	snapshot: z.object({id: z.string(), time: z.string(), host: z.string()}),
	paths: z.array(z.string()),
	counts: z.object({missing: count, same: count, older: count, newer: count}),
	examples: z.object({missing: z.array(z.string()), older: z.array(z.string()), newer: z.array(z.string())}),
	bytes: z.number(),
	database: z.object({name: z.string(), snapshot: z.string(), present: z.number().nullable()}).nullable(),
});

export type RestorePlan = z.infer<typeof restorePlanSchema>;

export const restoredSchema = z.object({
	snapshot: z.string(),
	snapshotTime: z.string(),
	written: count,
	kept: z.array(z.string()).default([]),
	keptCount: count.default(0),
	aside: z.string().nullable().default(null),
	database: z.string().nullable().default(null),
	oldDatabase: z.string().nullable().default(null),
	notes: z.array(z.string()).default([]),
	folder: z.string().optional(),
	dump: z.string().nullable().default(null),
});

export type Restored = z.infer<typeof restoredSchema>;

/** A file's name may hold anything; a terminal should not be told all of it. */
function printable(path: string): string {
	return path.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

function listLines(paths: readonly string[], total: number): readonly string[] {
	const shown = paths.slice(0, 10).map(path => `    ${printable(path)}`);
	return total > shown.length ? [...shown, t('    … and {count} more', {count: total - shown.length})] : shown;
}

function minutePart(time: string): string {
	return time.slice(0, 16).replace('T', ' ') + ' UTC';
}

/** Whether there is anything to write. */
export function isNothing({counts, database}: RestorePlan): boolean {
	return counts.missing + counts.older + counts.newer === 0 && database === null;
}

/** The preview: what comes back, what it replaces, what is newer than the backup. */
export function planLines(plan: RestorePlan): readonly string[] {
	const {snapshot, paths, counts, examples, bytes, database} = plan;
	const section = (title: string, sort: 'missing' | 'older' | 'newer') => counts[sort] === 0 ? [] : ['', `  ${title}`, ...listLines(examples[sort], counts[sort])];
	return [
		t('The backup {id} of {host}, {time}', {id: snapshot.id, host: snapshot.host, time: minutePart(snapshot.time)}),
		...paths.length > 0 ? [`  ${paths.map(path => printable(path)).join(', ')}`] : [],
		'',
		t('  {count} files are as they were in the backup', {count: counts.same}),
		...section(t('{count} files are gone and come back:', {count: counts.missing}), 'missing'),
		...section(t('{count} files differ and are replaced:', {count: counts.older}), 'older'),
		...section(t('{count} files were changed since the backup:', {count: counts.newer}), 'newer'),
		...database === null ? [] : ['', database.present === null
			? t('  The database {name} is gone and comes back.', {name: database.name})
			: t('  The database {name}, which has {rows} rows now, is replaced by the one of the backup. The present one is kept under another name.', {name: database.name, rows: database.present})],
		'',
		t('About {megabytes} MB are fetched, and compared before anything is replaced. What is replaced is kept aside; files that the backup does not have stay.', {megabytes: Math.max(1, Math.round(bytes / 1_000_000))}),
	];
}

/** What was done, and where the rest is. */
export function restoredLines(done: Restored): readonly string[] {
	const {snapshot, snapshotTime, written, kept, keptCount, aside, database, oldDatabase, notes, folder, dump} = done;
	return [
		folder === undefined
			? t('Restored from {id} ({time}): {count} files written.', {id: snapshot, time: minutePart(snapshotTime), count: written})
			: t('Restored from {id} ({time}): {count} files, to {folder}', {id: snapshot, time: minutePart(snapshotTime), count: written, folder}),
		...dump === null ? [] : [t('The dump of the database: {dump} (pg_restore reads it)', {dump})],
		...database === null ? [] : [notes.length === 0
			? t('The database {database} is as it was in the backup; its rows were counted.', {database})
			: t('The rows of the database {database} are as they were in the backup; they were counted. What is not as it was:', {database})],
		...notes.map(note => `  ${printable(note)}`),
		...oldDatabase === null ? [] : [t('The one before is kept as {oldDatabase}. Remove it when you are sure: sudo -u postgres dropdb {oldDatabase}', {oldDatabase})],
		...aside === null ? [] : [t('What was replaced is kept in {aside}', {aside})],
		...keptCount === 0 ? [] : [t('{count} files were changed since the backup and stay as they are:', {count: keptCount}), ...listLines(kept, keptCount)],
	];
}
