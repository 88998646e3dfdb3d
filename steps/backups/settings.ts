import {isLocal} from '../../source/answers/backups.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {layoutOf} from '../app/layout.ts';
import {databaseFor, wantedOf} from '../postgres/wanted.ts';

/** What the answers mean in the words of restic and systemd: pure. */

export type BackupAnswers = NonNullable<Answers['backups']>;

export const program = '/usr/local/sbin/harden-backup';
export const settingsFolder = '/etc/harden/backup';
export const stateFolder = '/var/lib/harden-python-vps/backups';
export const sheet = '/var/lib/harden-python-vps/RECOVERY.txt';

/** In the small hours, each at its own random minute. */
const calendars: Readonly<Record<string, {calendar: string; delay: string; maxAge: string}>> = {
	hourly: {calendar: 'hourly', delay: '10min', maxAge: '4h'},
	daily: {calendar: '*-*-* 02:30', delay: '1h', maxAge: '30h'},
	weekly: {calendar: 'Sun *-*-* 02:30', delay: '1h', maxAge: '9d'},
};

export function timing({schedule, maxAge}: BackupAnswers): {calendar: string; delay: string; maxAge: string} {
	const known = calendars[schedule] ?? {calendar: schedule, delay: '10min', maxAge: '3d'};
	return {...known, maxAge: maxAge ?? known.maxAge};
}

export function drillCalendar({drill}: BackupAnswers): string | undefined {
	return {weekly: 'Sun *-*-* 05:00', monthly: '*-*-01 05:00', never: undefined}[drill];
}

/** How long ago the last drill may be before somebody should wonder; in seconds. */
export function drillMaxAge({drill}: BackupAnswers): number | undefined {
	return {weekly: 9, monthly: 33, never: undefined}[drill]! * 86_400 || undefined;
}

/** The app as it lies on the server: its code, its environments, and what it wrote. */
export function appPaths({app}: Answers): readonly string[] {
	const layout = app && layoutOf(app.name);
	return layout ? [layout.home, layout.state] : [];
}

/** The app's database, and the port of the server that has it, where that step was taken. */
export function databaseOf(facts: Facts, answers: Answers): {name: string; port: number} | undefined {
	const {app, postgres} = answers;
	return app && postgres && {name: databaseFor(app.name, postgres), port: wantedOf(facts, answers)?.port ?? 5432};
}

export function localRepositoryOf({repository}: BackupAnswers): string {
	return isLocal(repository) ? repository : '';
}

/** The variables that a place needs, the secret one last; undefined where root's own settings (SSH) or none do. */
export function neededCredentials(repository: string): readonly [name: string, secret: string] | undefined {
	const [scheme] = repository.split(':');
	const needed: Readonly<Record<string, readonly [string, string]>> = {
		s3: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
		b2: ['B2_ACCOUNT_ID', 'B2_ACCOUNT_KEY'],
		rest: ['RESTIC_REST_USERNAME', 'RESTIC_REST_PASSWORD'],
	};
	return needed[scheme ?? ''];
}
