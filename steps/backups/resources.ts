import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {file, folder} from '../of-root.ts';
import {appPaths, databaseOf, drillCalendar, localRepositoryOf, program, settingsFolder, timing, type BackupAnswers} from './settings.ts';

const library = '/usr/local/lib/harden-backup';
const modules = ['backup', 'basics', 'commands', 'common', 'database', 'drill', 'patience', 'rebuild', 'repository', 'restore', 'rights', 'throwaway', 'toc'];
const unitsFolder = '/etc/systemd/system';

function configuration(facts: Facts, answers: Answers, block: BackupAnswers): string {
	const {keep, appendOnly, limitUpload, maxRestoreTime, paths, exclude} = block;
	return snippet('backup/backup.conf', {
		app: answers.app?.name ?? '',
		appPaths: appPaths(answers),
		paths,
		exclude,
		database: databaseOf(facts, answers)?.name ?? '',
		port: databaseOf(facts, answers)?.port ?? 5432,
		hourly: keep.hourly ?? (block.schedule === 'hourly' ? 24 : 0),
		daily: keep.daily,
		weekly: keep.weekly,
		monthly: keep.monthly,
		appendOnly: appendOnly ? 'yes' : 'no',
		limitUpload,
		maxAge: timing(block).maxAge,
		maxRestoreTime,
	});
}

function secrets({credentials, password}: BackupAnswers): readonly Resource[] {
	const lines = Object.entries(credentials ?? {}).map(([name, value]) => `${name}=${value}\n`);
	return [
		...lines.length > 0 ? [{...file(`${settingsFolder}/credentials`, lines.join(''), t('What the place of the backups lets this server in by; for root only.'), 0o600), secret: true as const}] : [],
		...password === undefined ? [] : [{...file(`${settingsFolder}/password`, password, t('The key of the backups; for root only.'), 0o600), secret: true as const}],
	];
}

/** The program, which needs neither us nor Node: it is to work on the day when nothing else does. */
function tools(): readonly Resource[] {
	return [
		folder(library, 0o755, t('The parts of harden-backup.')),
		...modules.map(name => file(`${library}/${name}.py`, snippet(`backup/lib/${name}.py`), t('A part of harden-backup; needs Python and restic only.'))),
		file(program, snippet('backup/harden-backup'), t('Backs up, drills and restores; also by hand, without this tool.'), 0o755),
	];
}

function timer(name: string, on: boolean, why: string): Resource<'unit'> {
	return {type: 'unit', name, desired: {enabled: on, active: on, masked: false}, why};
}

function units(facts: Facts, block: BackupAnswers): readonly Resource[] {
	const localRepository = localRepositoryOf(block);
	const {calendar, delay} = timing(block);
	const drill = drillCalendar(block);
	const unit = (name: string, values: Record<string, string>, why: string) => file(`${unitsFolder}/${name}`, snippet(`systemd/${name}`, values), why);
	return [
		unit('harden-backup.service', {localRepository}, t('Runs a backup, with as few rights as that takes.')),
		{...unit('harden-backup.timer', {calendar, delay}, t('When.')), reload: {unit: 'harden-backup.timer', action: 'restart'}},
		unit('harden-drill.service', {localRepository}, t('Restores the newest backup to a scratch place and compares.')),
		...drill === undefined ? [] : [{...unit('harden-drill.timer', {calendar: drill}, t('When.')), reload: {unit: 'harden-drill.timer', action: 'restart' as const}}],
		timer('harden-backup.timer', true, t('Backups are made by themselves, also after a reboot.')),
		...drill !== undefined || facts.units['harden-drill.timer'] ? [timer('harden-drill.timer', drill !== undefined, t('A backup that was never restored is a hope.'))] : [],
	];
}

export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const block = answers.backups;
	return block === undefined ? [] : [
		{type: 'package', name: 'restic', desired: {installed: true}, why: t('Encrypts, deduplicates and stores backups.')},
		{type: 'package', name: 'python3', desired: {installed: true}, why: t('Runs the program that makes them.')},
		folder('/etc/harden', 0o755, t('The settings of what this tool sets up.')),
		folder(settingsFolder, 0o700, t('The settings of the backups, for root only.')),
		file(`${settingsFolder}/backup.conf`, configuration(facts, answers, block), t('What is backed up, and for how long.'), 0o600),
		file(`${settingsFolder}/repository`, `${block.repository}\n`, t('Where the backups lie.'), 0o600),
		...secrets(block),
		...tools(),
		{type: 'repository', name: block.repository, desired: {connected: true}, why: t('Where the backups go: proven to open with this server\'s key.')},
		...units(facts, block),
	];
}
