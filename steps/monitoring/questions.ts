import {centralLogOf, isMailAddress, monitoring, noWebhook, webhookProblem} from '../../source/answers/monitoring.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {defaults, type MonitoringAnswers} from './settings.ts';

function webhookQuestion({monitoring: stored}: Facts): Question {
	return {
		id: 'monitoring.webhook',
		kind: 'password',
		pasted: true,
		message: stored.webhook ? t('Which webhook should alerts go to? (Enter: the stored one, none: nowhere)') : t('Which webhook should alerts go to? (Enter: none)'),
		why: t('Then you hear of a strange login, a failed backup or a full disk on your phone. It is not shown, since whoever has the address can write there.'),
		risk: t('The receiver learns this server\'s name, logins and addresses.'),
		explain: t('ntfy: https://ntfy.sh/a-long-name-that-nobody-guesses, and that topic in the app on your phone\nSlack: https://hooks.slack.com/services/…\nDiscord: https://discord.com/api/webhooks/…\nA program of your own: any https:// address gets JSON'),
		default: '',
		validate(value) {
			const problem = value === '' || value === noWebhook ? undefined : webhookProblem(value);
			return problem === undefined ? undefined : (problem === 'not encrypted'
				? t('Without encryption everybody on the way reads the address and the alerts. Use https://; http:// only for localhost and a private network.')
				: t('Paste the whole address, beginning with https://.'));
		},
	};
}

function mailQuestions({monitoring: stored}: Facts, given: MonitoringAnswers): readonly Question[] {
	const address: Question = {
		id: 'monitoring.email',
		kind: 'text',
		message: t('Which mail address should they go to as well?'),
		why: stored.sendmail
			? t('This server has a mail program, which can deliver it.')
			: t('It takes a mail server that lets this one in, such as your provider\'s.'),
		default: given.email,
		placeholder: t('none'),
		validate: value => value === '' || isMailAddress(value) ? undefined : t('Write one address, like you@example.com.'),
		parse: value => value,
	};
	if (given.email === '') {
		return [address];
	}

	const {smtp} = given;
	return [
		address,
		{
			id: 'monitoring.smtp.host',
			kind: 'text',
			message: t('Which mail server delivers it?'),
			why: t('Port 587 with STARTTLS; its certificate is verified. Another port: monitoring.smtp.port in the answers.'),
			default: smtp.host,
			...stored.sendmail && {placeholder: t('this server\'s own mail program')},
			validate: value => (value === '' ? stored.sendmail : monitoring.safeParse({smtp: {host: value}}).success) ? undefined : t('Write its name, like smtp.example.com: this server has no mail program of its own.'),
			parse: value => value,
		},
		...smtp.host === '' ? [] : [
			{
				id: 'monitoring.smtp.user',
				kind: 'text' as const,
				message: t('As which user?'),
				why: t('Most mail servers deliver only for those who log in.'),
				default: smtp.user,
				placeholder: t('none'),
				validate: (value: string) => monitoring.safeParse({smtp: {user: value}}).success ? undefined : t('It has no blanks.'),
				parse: (value: string) => value,
			},
			...smtp.user === '' ? [] : [{
				id: 'monitoring.smtpPassword',
				kind: 'password' as const,
				pasted: true as const,
				message: stored.smtpPassword ? t('With which password? (Enter: the stored one)') : t('With which password?'),
				why: t('Kept in a file for root only, and nowhere else.'),
				default: '' as const,
				validate: (value: string) => (value === '' ? stored.smtpPassword || given.smtpPassword !== undefined : monitoring.safeParse({smtpPassword: value}).success) ? undefined : t('The mail server does not let anybody in without it.'),
			}],
		],
	];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	const given = answers.monitoring ?? defaults;
	return [
		webhookQuestion(facts),
		...mailQuestions(facts, given),
		{
			id: 'monitoring.centralLog',
			kind: 'text',
			message: t('Should the log go to a central place as well?'),
			why: t('An intruder who becomes root removes traces here, but not there. It takes a receiver of syslog over TLS (RFC 5424, 5425).'),
			risk: t('The log holds addresses of your visitors.'),
			default: given.centralLog,
			placeholder: t('no'),
			validate: value => value === '' || centralLogOf(value) !== undefined ? undefined : t('Write the name that stands in its certificate, like logs.example.com or logs.example.com:6514.'),
			parse: value => value,
		},
	];
}
