import {centralLogOf, isMailAddress, monitoring, noWebhook} from '../../source/answers/monitoring.ts';
import {selfSigned} from '../../source/engine/certificate.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {layoutOf} from '../app/layout.ts';
import {drillMaxAge} from '../backups/settings.ts';
import {wanted as wantedHttps} from '../https/settings.ts';
import {certificates as postgresCertificates, ourCertificate, wantedOf} from '../postgres/wanted.ts';

/** What the answers mean for the programs that watch: pure. */

export type MonitoringAnswers = NonNullable<Answers['monitoring']>;

export const program = '/usr/local/sbin/harden-alert';
export const library = '/usr/local/lib/harden-alert';
export const settingsFolder = '/etc/harden/alert';
export const toolFolder = '/var/lib/harden-python-vps/audit-tool';
export const journalDropIn = '/etc/systemd/journald.conf.d/50-harden-python-vps.conf';
export const forwardFolder = '/etc/rsyslog.d/harden-forward';
/** Not *.conf: the system's own rsyslog must not take it for its own. */
export const forwardFile = `${forwardFolder}/forward.rules`;
export const forwardUnit = 'harden-forward.service';

export const defaults = monitoring.parse({});

/** Whether alerts go by webhook once this is applied: one that is given, or one that is stored and stays. */
export function hasWebhook({monitoring: stored}: Facts, {webhook}: MonitoringAnswers): boolean {
	return webhook === '' ? stored.webhook : webhook !== noWebhook;
}

/** Mail by this machine's own program, which its unit then has to let do what it does. */
export function isLocalMail({email, smtp}: MonitoringAnswers): boolean {
	return email !== '' && smtp.host === '';
}

/** The sender that a mail server lets this login write as. */
export function senderOf({smtp}: MonitoringAnswers): string {
	return smtp.from || (isMailAddress(smtp.user) ? smtp.user : '');
}

/** Names under which this server shows a certificate at its port 443. */
export function sitesOf(facts: Facts, answers: Answers): readonly string[] {
	const https = wantedHttps(facts, answers);
	return https === undefined ? [] : (https.directory === selfSigned ? ['localhost'] : https.names);
}

/** Certificates that nothing but their file shows. */
export function certificateFilesOf(facts: Facts, answers: Answers): readonly string[] {
	const postgres = answers.postgres && wantedOf(facts, answers);
	return postgres && ourCertificate(postgres) ? [`${postgresCertificates}/server.crt`] : [];
}

export function drillLimit({backups}: Answers): string {
	const seconds = backups && drillMaxAge(backups);
	return seconds === undefined ? '' : `${seconds}s`;
}

export function centralLog({centralLog: place}: MonitoringAnswers): {host: string; port: number} | undefined {
	return centralLogOf(place);
}

/** Units of ours, and the app's, that tell when they fail. */
export function tellingUnits({units}: Facts, {app}: Answers): readonly string[] {
	const known = ['harden-backup.service', 'harden-drill.service', 'harden-rotate.service', 'harden-integrity.service', 'harden-hsts.service', 'harden-watch.service', 'harden-audit.service', forwardUnit, ...app ? [layoutOf(app.name).service] : []];
	return known.filter(name => units[name] !== undefined);
}
