import {https as schema} from '../../source/answers/https.ts';
import {directoryAddress, isPublicName, selfSigned} from '../../source/engine/certificate.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';

function directoryQuestion({web, https}: Answers): Question {
	const domains = web?.domains ?? [];
	const given = https?.directory ?? 'letsencrypt';
	const own = {value: 'self-signed', label: t('Self-signed'), hint: t('browsers warn; to try things, or behind a proxy')};
	if (domains.length === 0) {
		return {
			id: 'https.directory',
			kind: 'select',
			message: t('Who vouches for this server?'),
			why: t('The site has no domain, and an authority vouches for names only. So the certificate can only say of itself whose it is, and browsers will warn.'),
			explain: t('Once you have a domain that leads to this server, put it into web.domains and take the steps "Web server" and "HTTPS" again. To stay with plain http until then, skip this step.'),
			default: selfSigned,
			choices: [own],
		};
	}

	const isNamed = directoryAddress(given) !== given || given === selfSigned;
	return {
		id: 'https.directory',
		kind: 'select',
		message: t('Who vouches for {domains}?', {domains: domains.join(', ')}),
		why: t('A browser trusts a site that an authority vouches for. Let\'s Encrypt does it for nothing and by itself: it asks for a proof on port 80.'),
		risk: t('Every certificate is published in logs that anybody reads, and so the name becomes known.'),
		explain: t('Let\'s Encrypt allows five failed tries an hour and five certificates a week for the same names, so a rehearsal with its practice server goes first. "Practice" stays with that server: its limits are wide, and browsers do not trust it. By going on you accept the terms of the authority.'),
		default: domains.every(name => isPublicName(name)) || !isNamed ? given : selfSigned,
		choices: [
			{value: 'letsencrypt', label: t('Let\'s Encrypt'), hint: t('trusted by every browser')},
			...isNamed ? [] : [{value: given, label: given, hint: t('As your answers say.')}],
			{value: 'letsencrypt-staging', label: t('Let\'s Encrypt, practice'), hint: t('the whole way without limits; browsers warn')},
			own,
		],
	};
}

export function questions(_: Facts, answers: Answers): readonly Question[] {
	const {web, https} = answers;
	const isSelfSigned = (web?.domains ?? []).length === 0 || https?.directory === selfSigned;
	return [
		directoryQuestion(answers),
		...isSelfSigned ? [] : [{
			id: 'https.email',
			kind: 'text' as const,
			message: t('Where may the authority write to?'),
			why: t('Only for what concerns your account there. It need not be given; this server itself watches whether the certificate is renewed.'),
			default: https?.email ?? '',
			placeholder: t('nowhere'),
			validate: (value: string) => schema.shape.email.safeParse(value).success ? undefined : t('Write an address like ops@example.com, or nothing.'),
			parse: (value: string) => value,
		}],
	];
}
