import {isLocal, isRepository, localRepository} from '../../source/answers/backups.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {neededCredentials, type BackupAnswers} from './settings.ts';

function placeQuestion(given: BackupAnswers | undefined): Question {
	return {
		id: 'backups.repository',
		kind: 'text',
		message: t('Where should the backups go?'),
		why: t('Best to another company than your server\'s: then neither a fire, nor an intruder, nor an unpaid bill takes both. What leaves this server is encrypted.'),
		risk: t('A folder here helps against slips and bad migrations. It is lost together with the server.'),
		explain: t('Storage that speaks S3: s3:https://host/bucket\nBackblaze: b2:bucket:folder\nYour own machine over SSH: sftp:user@host:/folder (root\'s key has to be let in there, and its host key known here)\nrestic\'s own server: rest:https://host/\nA folder or a mounted disk: /mnt/backup'),
		default: given?.repository ?? localRepository,
		validate: value => isRepository(value) ? undefined : t('Write it as restic does: s3:https://host/bucket, b2:bucket, rest:https://host/, sftp:user@host:/folder, or an absolute path. No password in it.'),
		remark: value => isLocal(value) ? t('on this server itself: it does not survive the server') : undefined,
		parse: value => value,
	};
}

/** Stored already, for this very place: then they may stay as they are. */
function areStored({backups}: Facts, {repository}: BackupAnswers): boolean {
	return backups.credentials && backups.repository === repository;
}

function credentialQuestions(facts: Facts, given: BackupAnswers): readonly Question[] {
	const needed = neededCredentials(given.repository);
	if (!needed) {
		return [];
	}

	const [name, secret] = needed;
	const {credentials = {}} = given;
	const mayBeEmpty = areStored(facts, given) || given.repository.startsWith('rest:');
	const asked = (value: string) => value !== '' || mayBeEmpty ? undefined : t('The place does not let anybody in without it.');
	return [
		{
			id: 'backups.credentials',
			kind: 'text',
			message: t('Which {name}?', {name}),
			why: t('Make credentials of their own for this server, for this one bucket. If the place can, let them add but not delete: see docs/backups.md.'),
			default: credentials[name] ?? '',
			...mayBeEmpty && {placeholder: areStored(facts, given) ? t('as it is stored') : t('none')},
			validate: value => /\s/.test(value) ? t('It has no blanks.') : asked(value),
			parse: value => value === '' ? given.credentials : {...credentials, [name]: value},
		},
		...mayBeEmpty && credentials[name] === undefined ? [] : [{
			id: 'backups.credentials',
			kind: 'password' as const,
			message: t('And {name}?', {name: secret}),
			why: t('Kept in a file for root only, and nowhere else.'),
			default: '' as const,
			pasted: true as const,
			validate: (value: string) => credentials[secret] === undefined ? asked(value) : undefined,
			parse: (value: string) => ({...credentials, [secret]: value}),
		}],
	];
}

/** Only where there is something to prove: a sheet that nobody has confirmed yet. */
function sheetQuestions({backups: {word, repository}}: Facts, given: BackupAnswers): readonly Question[] {
	return word === undefined || repository !== given.repository || given.recoveryWord === word ? [] : [{
		id: 'backups.recoveryWord',
		kind: 'text',
		message: t('Which word stands at the end of the recovery sheet?'),
		why: t('The sheet holds the key of the backups. Copy it away from this server now, then type its last word: sudo cat /var/lib/harden-python-vps/RECOVERY.txt'),
		risk: t('Without the sheet the backups are lost together with the server.'),
		default: '',
		placeholder: t('later'),
		validate: value => value === '' || value.trim().toLowerCase() === word ? undefined : t('That is another word. It stands behind "Word:"; Enter alone leaves it for later.'),
		parse: value => value.trim().toLowerCase(),
	}];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	const given = answers.backups;
	if (given === undefined) {
		return [placeQuestion(given)];
	}

	return [
		placeQuestion(given),
		...credentialQuestions(facts, given),
		{
			id: 'backups.schedule',
			kind: 'select',
			message: t('How often?'),
			why: t('What was written since the last backup is what you can lose.'),
			default: given.schedule,
			choices: [
				{value: 'daily', label: t('Every night')},
				{value: 'hourly', label: t('Every hour'), hint: t('only what changed is sent')},
				{value: 'weekly', label: t('Every week')},
				...['daily', 'hourly', 'weekly'].includes(given.schedule) ? [] : [{value: given.schedule, label: given.schedule}],
			],
		},
		{
			id: 'backups.drill',
			kind: 'select',
			message: t('How often should a restore be tried?'),
			why: t('The newest backup is restored to a scratch place, compared file by file and row by row, and taken away again. So you know that it works, and how long it takes.'),
			risk: t('It needs room for one copy of your data, and reads it from the place of the backups.'),
			default: given.drill,
			choices: [
				{value: 'weekly', label: t('Every week')},
				{value: 'monthly', label: t('Every month')},
				{value: 'never', label: t('Never'), hint: t('many find out too late that theirs cannot be restored')},
			],
		},
		...sheetQuestions(facts, given),
	];
}
