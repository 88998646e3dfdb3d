import {selfSigned, stagingDirectory} from '../../source/engine/certificate.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import {defaultListensFor} from '../web/listen.ts';
import {checks} from './checks.ts';
import {questions} from './questions.ts';
import {resources} from './resources.ts';
import {openingOf, reach, wanted} from './settings.ts';

function warnings(facts: Facts, answers: Answers): readonly string[] {
	const want = wanted(facts, answers);
	if (!want) {
		return [];
	}

	const {directory, web, hsts} = want;
	const said = (condition: boolean, sentence: string) => condition ? [sentence] : [];
	return [
		...said(reach(facts, 443) === 'nobody', t('The firewall lets nobody in on port 443, and everybody is going to be sent there. Take the firewall step with firewall.web: true, or run: {command}', {command: openingOf(facts, 443)})),
		...said(directory !== selfSigned && reach(facts, 80) === 'some', t('The firewall lets only some addresses in on port 80. Let\'s Encrypt asks from places all over the world, which it does not name: it may not get through.')),
		...said(directory === selfSigned, t('Self-signed: what is sent is encrypted, but nobody vouches for who is at the other end, and browsers show a warning first. No promise to keep to https is made either.')),
		...said(directory === stagingDirectory, t('From Let\'s Encrypt\'s practice server: browsers show a warning. Choose letsencrypt once it works.')),
		...said(web.domains.length > 0 && defaultListensFor(facts, 443).length === 0, t('A site of yours is the one that answers unknown names on port 443: it stays so, and its TLS settings are the ones that a connection begins with.')),
		...said(typeof hsts === 'number' && hsts > 86_400, t('Browsers will keep to https for {days} days, from the first visit on, and nothing can call that back. `hsts: ramp` begins with five minutes.', {days: Math.round(Number(hsts) / 86_400)})),
	];
}

function remember(facts: Facts, answers: Answers): readonly string[] {
	const want = wanted(facts, answers);
	if (!want) {
		return [];
	}

	return [
		t('Your app: https://{name}/', {name: want.web.domains[0] ?? facts.addresses[0] ?? 'localhost'}),
		...want.caFile === undefined ? [] : [t('To renew by hand, by what trusts your authority; certbot by itself does not:\n    sudo systemctl start certbot.service')],
	];
}

export const httpsStep: Step = {
	id: 'https',
	get title() {
		return t('HTTPS');
	},
	get purpose() {
		return t('Nobody between your visitors and this server can read or change what they send.');
	},
	today({listeners}) {
		const listener = listeners.find(({port, protocol}) => port === 443 && protocol === 'tcp');
		return listener === undefined ? t('nothing on port 443') : t('port 443: {program}', {program: listener.program ?? t('in use')});
	},
	unfit({listeners}) {
		const other = listeners.find(({port, protocol, program}) => port === 443 && protocol === 'tcp' && program !== undefined && program !== 'nginx');
		return other === undefined ? undefined : t('{program} listens on port 443 already. Stop it, or move it to another port, then take this step.', {program: other.program!});
	},
	questions,
	resources,
	checks,
	remember,
	warnings,
	needs: ['app', 'web'],
	standsOn: ['web'],
	auditedOnlyWhenTaken: true,
};
