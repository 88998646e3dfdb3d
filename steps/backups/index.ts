import {isLocal} from '../../source/answers/backups.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import {checks} from './checks.ts';
import {questions} from './questions.ts';
import {resources} from './resources.ts';
import {sheet} from './settings.ts';

function today({backups: {repository, last}}: Facts): string {
	if (repository === undefined) {
		return t('none');
	}

	return last?.state === 'failed' ? t('the last one failed') : t('to {repository}', {repository});
}

function warnings(_: Facts, {app, backups}: Answers): readonly string[] {
	return [
		...backups && isLocal(backups.repository) ? [t('The backups will lie on this server itself. They help against slips and bad migrations, and are lost together with the server. For a place elsewhere, go back and name one.')] : [],
		...app ? [] : [t('No app is set up here, so only the settings of this server are backed up, and the folders that you name.')],
		...backups?.appendOnly ? [t('Nothing is ever removed by this server. Remove old backups from elsewhere, with other credentials: see docs/backups.md.')] : [],
	];
}

function remember(facts: Facts, {backups}: Answers): readonly string[] {
	return backups === undefined ? [] : [
		t('The key of your backups is on the recovery sheet. Copy it away from this server now, or the backups are lost together with it:\n    sudo cat {sheet}', {sheet}),
		...facts.backups.word !== undefined && backups.recoveryWord !== facts.backups.word ? [t('Then show that it is away, by the word at its end:\n    sudo {tool} --only backups')] : [],
		...isLocal(backups.repository) ? [t('Your backups lie on this server itself, in {repository}. For the day when the server is gone, name a place elsewhere:\n    sudo {tool} --only backups', {repository: backups.repository})] : [],
		t('To restore; what would be written is shown first. The second needs nothing but this server:\n    sudo {tool} restore\n    sudo harden-backup restore'),
	];
}

/** Encrypted backups with restic, by a timer of their own, and proof that they can be restored. */
export const backupsStep: Step = {
	id: 'backups',
	get title() {
		return t('Backups');
	},
	get purpose() {
		return t('What you or an intruder destroys comes back with one command, and a drill proves it every week.');
	},
	today,
	questions,
	resources,
	checks,
	warnings,
	remember,
	auditedOnlyWhenTaken: true,
};
