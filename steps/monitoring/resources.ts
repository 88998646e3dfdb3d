import {noWebhook} from '../../source/answers/monitoring.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {file, folder} from '../of-root.ts';
import {centralLog, certificateFilesOf, drillLimit, forwardFile, forwardFolder, forwardUnit, isLocalMail, journalDropIn, library, program, senderOf, settingsFolder, sitesOf, toolFolder, type MonitoringAnswers} from './settings.ts';

const modules = ['alerts', 'basics', 'channels', 'commands', 'common', 'delivery', 'drift', 'journal', 'looks', 'runbook', 'watch'];
const unitsFolder = '/etc/systemd/system';

/** The system's own log: kept over a restart, and never the reason for a full disk. */
function journal({monitoring: {logFolder}}: Facts, {journal: {maxUse, keep}}: MonitoringAnswers): readonly Resource[] {
	return [
		// As systemd's own tmpfiles.d has it. Debian makes it with the package; some images take it away.
		...logFolder ? [] : [{
			type: 'directory' as const,
			name: '/var/log/journal',
			desired: {mode: 0o2755, owner: 'root', group: 'systemd-journal'},
			why: t('The log moves here from memory, where a restart ends it.'),
			lasting: t('Undo leaves it, with the log in it, of before as well; journald goes on writing there, as it does where there is such a folder. If you want neither: rm -r /var/log/journal; systemctl restart systemd-journald'),
			// journald moves there when it is told to; a restart alone does not do it where the server started without the folder.
			reload: {unit: 'systemd-journal-flush.service', action: 'restart' as const},
		}],
		folder('/etc/systemd/journald.conf.d', 0o755, t('Settings of the system\'s log, beside what its package brought.')),
		{
			...file(journalDropIn, snippet('systemd/journald.conf.d/50-harden-python-vps.conf', {maxUse, keep: keep === 'forever' ? '' : keep}), t('The log outlives a restart, and takes up at most {size}.', {size: maxUse})),
			reload: {unit: 'systemd-journald.service', action: 'restart'},
		},
	];
}

function configuration(facts: Facts, answers: Answers, block: MonitoringAnswers): string {
	const {format, email, smtp, caFile, repeatAfter, limits} = block;
	return snippet('alert/alert.conf', {
		format,
		email,
		from: senderOf(block),
		smtpHost: smtp.host,
		smtpPort: smtp.port,
		smtpUser: smtp.user,
		caFile: caFile ?? '',
		repeatAfter,
		disk: limits.disk,
		memory: limits.memory,
		certificateDays: limits.certificateDays,
		updatesAfter: limits.updates,
		app: answers.app?.name ?? '',
		sites: sitesOf(facts, answers),
		certificates: certificateFilesOf(facts, answers),
		drillMaxAge: drillLimit(answers),
		centralLog: centralLog(block) ? 'yes' : 'no',
	});
}

function secrets({monitoring: stored}: Facts, {webhook, smtpPassword}: MonitoringAnswers): readonly Resource[] {
	const place = `${settingsFolder}/webhook`;
	const why = t('The address that alerts go to. Whoever has it can write there, so it is for root only.');
	return [
		...webhook === noWebhook && stored.webhook ? [{type: 'file' as const, name: place, desired: null, why: t('Alerts do not go there any more.'), secret: true as const}] : [],
		...webhook !== '' && webhook !== noWebhook ? [{...file(place, `${webhook}\n`, why, 0o600), secret: true as const}] : [],
		...smtpPassword === undefined ? [] : [{...file(`${settingsFolder}/smtp-password`, `${smtpPassword}\n`, t('What the mail server lets this server in by; for root only.'), 0o600), secret: true as const}],
	];
}

/** The program, which needs neither us nor Node. */
function tools(): readonly Resource[] {
	return [
		folder(library, 0o755, t('The parts of harden-alert.')),
		...modules.map(name => file(`${library}/${name}.py`, snippet(`alert/lib/${name}.py`), t('A part of harden-alert; needs Python only.'))),
		file(`${library}/runbook.md`, snippet('alert/runbook.md'), t('What to do about each alert, to be read on the server itself.')),
		file(program, snippet('alert/harden-alert'), t('Looks, tells, and tries again while nobody is there to be told.'), 0o755),
	];
}

function on(name: string, why: string): Resource<'unit'> {
	return {type: 'unit', name, desired: {enabled: true, active: true, masked: false}, why};
}

function units(block: MonitoringAnswers): readonly Resource[] {
	const localMail = isLocalMail(block);
	const unit = (name: string, why: string, values: Record<string, boolean> = {}) => file(`${unitsFolder}/${name}`, snippet(`systemd/${name}`, values), why);
	const timer = (name: string, why: string): Resource => ({...unit(name, why), reload: {unit: name, action: 'restart'}});
	return [
		unit('harden-alert@.service', t('Tells of a unit that failed, at once.'), {localMail}),
		unit('harden-watch.service', t('One look, with as few rights as that takes.'), {localMail}),
		timer('harden-watch.timer', t('Every two minutes.')),
		unit('harden-audit.service', t('Runs every check of this tool, and tells what fails newly.')),
		timer('harden-audit.timer', t('Once a week.')),
		on('harden-watch.timer', t('It looks by itself, also after a reboot.')),
		on('harden-audit.timer', t('What was set and is not so any more is told within a week.')),
	];
}

/** A second rsyslog, so that the system's own, where there is one, stays as it is. */
function forwarding({units: found}: Facts, block: MonitoringAnswers): readonly Resource[] {
	const place = centralLog(block);
	if (place === undefined) {
		return found[forwardUnit] ? [{type: 'unit', name: forwardUnit, desired: {enabled: false, active: false, masked: false}, why: t('The log stays on this server.')}] : [];
	}

	const {host, port} = place;
	const caFile = block.caFile ?? '/etc/ssl/certs/ca-certificates.crt';
	const rules = snippet('rsyslog/forward.rules', {host, port, caFile});
	const reload = {unit: forwardUnit, action: 'restart'} as const;
	return [
		{type: 'package', name: 'rsyslog', desired: {installed: true, startsOff: ['rsyslog.service']}, why: t('Sends the log on.')},
		{type: 'package', name: 'rsyslog-openssl', desired: {installed: true}, why: t('Lets it speak TLS.')},
		...found['rsyslog.service']?.active ? [] : [{type: 'unit' as const, name: 'rsyslog.service', desired: {enabled: false, active: false, masked: false}, why: t('The package\'s own service would write every line to this disk a second time.')}],
		folder(forwardFolder, 0o755, t('Settings of the sending; the system\'s own rsyslog does not look in here.')),
		{...file(forwardFile, rules, t('Over TLS to {host}, whose certificate is verified; kept on disk while it is away.', {host})), validate: ['rsyslogd', '-N1', '-iNONE', '-f', '{file}'], reload},
		{...file(`${unitsFolder}/${forwardUnit}`, snippet(`systemd/${forwardUnit}`, {host, caFile}), t('Sends the log on, and can do nothing else.')), reload},
		on(forwardUnit, t('Also after a reboot.')),
	];
}

export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const block = answers.monitoring;
	return block === undefined ? [] : [
		{type: 'package', name: 'python3', desired: {installed: true}, why: t('Runs the program that looks and tells.')},
		{type: 'package', name: 'openssl', desired: {installed: true}, why: t('Reads when a certificate ends.')},
		...journal(facts, block),
		folder('/etc/harden', 0o755, t('The settings of what this tool sets up.')),
		folder(settingsFolder, 0o700, t('Who is told, and of what; for root only.')),
		file(`${settingsFolder}/alert.conf`, configuration(facts, answers, block), t('Who is told, and from when on.'), 0o600),
		...secrets(facts, block),
		...tools(),
		{type: 'tool-copy', name: toolFolder, desired: {current: true}, why: t('What the weekly audit runs, with the Node that runs it now.')},
		...units(block),
		...forwarding(facts, block),
	];
}
