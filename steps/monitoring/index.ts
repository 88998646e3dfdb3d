import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import {checks} from './checks.ts';
import {questions} from './questions.ts';
import {resources} from './resources.ts';
import {hasWebhook, isLocalMail, type MonitoringAnswers} from './settings.ts';

function today({units, monitoring: {webhook, waiting}}: Facts): string {
	if (!units['harden-watch.timer']?.active) {
		return t('nobody is told of anything');
	}

	return waiting > 0 ? t('watched, {count} alerts wait for their receiver', {count: waiting}) : (webhook ? t('watched, told by webhook') : t('watched'));
}

function isNobodyTold(facts: Facts, block: MonitoringAnswers): boolean {
	return !hasWebhook(facts, block) && block.email === '';
}

function warnings(facts: Facts, {monitoring}: Answers): readonly string[] {
	return monitoring === undefined ? [] : [
		...isNobodyTold(facts, monitoring) ? [t('No receiver is named: what happens is written into the log of this server, and nobody hears of it. To be told, go back and give a webhook or a mail address.')] : [],
		...isLocalMail(monitoring) && !facts.monitoring.sendmail ? [t('This server has no mail program, and no mail server is named, so no mail can be sent. Name one: monitoring.smtp.host')] : [],
	];
}

function remember(facts: Facts, {monitoring}: Answers): readonly string[] {
	return monitoring === undefined ? [] : [
		...isNobodyTold(facts, monitoring) ? [t('Nobody is told of alerts yet. Look at them, or name a receiver:\n    sudo harden-alert --recent\n    sudo {tool} --only monitoring')] : [t('Alerts: send one to try, see the last, and what to do about them:\n    sudo harden-alert --test\n    sudo harden-alert --recent\n    sudo harden-alert --runbook')],
		...monitoring.centralLog === '' ? [] : [t('The log goes to {place}. What says so:\n    sudo journalctl -u harden-forward', {place: monitoring.centralLog})],
	];
}

/** Somebody is told when something happens, and it stays quiet when nothing does. */
export const monitoringStep: Step = {
	id: 'monitoring',
	get title() {
		return t('Monitoring');
	},
	get purpose() {
		return t('A strange login, a failed backup or a full disk is told to you, once, instead of being found out later.');
	},
	today,
	questions,
	resources,
	checks,
	warnings,
	remember,
	auditedOnlyWhenTaken: true,
};
