import {selfSigned, productionDirectory} from '../../source/engine/certificate.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check} from '../../source/engine/types.ts';
import {defaultListensFor} from '../web/listen.ts';
import {verifyCertificate, verifyDns, verifyExpiry, verifyRenewal, verifyTrusted} from './check-certificate.ts';
import {verifyAnswers, verifyHsts, verifyProofs, verifyRamp, verifyRedirect} from './check-http.ts';
import {verifyCiphers, verifyProtocols, verifyTickets, verifyUnknown} from './check-tls.ts';
import {openingOf, reach, wanted} from './settings.ts';

const mozilla = 'Mozilla Server Side TLS: intermediate';

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const want = wanted(facts, answers);
	if (!want) {
		return [];
	}

	const fix = t('Run the HTTPS step.');
	const {directory, names, web} = want;
	const families = facts.firewall.ipv6 ? ['127.0.0.1', '[::1]'] : ['127.0.0.1'];
	const isByAuthority = directory !== selfSigned;
	// Where a site of the user's begins every connection, its settings are not ours to judge.
	const ownBeginning = defaultListensFor(facts, 443).length > 0 ? {} : {advice: true as const};
	const list: Array<Check | undefined> = [
		{id: 'https.answers', title: t('The app answers over https'), severity: 'high', references: ['OWASP Transport Layer Security'], fix, verify: async host => verifyAnswers(host, names, families)},
		{id: 'https.certificate', title: t('Nginx serves the certificate that was got, for every name'), severity: 'high', references: ['OWASP Transport Layer Security', 'CIS NGINX 4.1.2'], fix, verify: async host => verifyCertificate(host, want, families)},
		{id: 'https.expiry', title: t('The certificate is not about to end'), severity: 'high', references: ['OWASP Transport Layer Security'], fix: t('See why it is not renewed: journalctl -u certbot.service, and /var/log/letsencrypt.'), verify: async host => verifyExpiry(host, want)},
		{id: 'https.trusted', title: t('Browsers trust it'), severity: 'medium', ...directory !== productionDirectory && {advice: true as const}, references: ['OWASP Transport Layer Security', 'CIS NGINX 4.1.2'], fix: t('With a domain that leads here, take the HTTPS step again with https.directory: letsencrypt.'), verify: async host => verifyTrusted(host, want)},
		isByAuthority ? {id: 'https.renewal', title: t('It is renewed by itself'), severity: 'high', references: ['OWASP Transport Layer Security'], fix: t('sudo systemctl enable --now certbot.timer, and look at: journalctl -u certbot.service'), verify: verifyRenewal} : undefined,
		{id: 'https.protocols', title: t('TLS 1.2 and 1.3, and nothing older'), severity: 'high', references: [mozilla, 'ANSSI TLS R3'], fix, ...ownBeginning, verify: async host => verifyProtocols(host, names[0]!)},
		{id: 'https.ciphers', title: t('Only ciphers with forward secrecy and authenticated encryption'), severity: 'medium', references: [mozilla], fix, ...ownBeginning, verify: async host => verifyCiphers(host, names[0]!)},
		{id: 'https.tickets', title: t('No session tickets'), severity: 'low', references: [mozilla], fix, verify: async host => verifyTickets(host, names[0]!)},
		web.domains.length > 0 && defaultListensFor(facts, 443).length > 0 ? {id: 'https.unknown-names', title: t('Names that are not served here get no certificate'), severity: 'low', references: ['CIS NGINX 2.4.2'], fix, verify: verifyUnknown} : undefined,
		{id: 'https.redirect', title: t('http leads to https in one step'), severity: 'high', references: ['OWASP Transport Layer Security'], fix, verify: async host => verifyRedirect(host, names, families)},
		isByAuthority ? {id: 'https.proofs', title: t('Proofs for the authority stay on plain http'), severity: 'high', references: ['RFC 8555 8.3', 'CIS Controls 4.1'], fix, verify: async host => verifyProofs(host, names[0]!)} : undefined,
		{id: 'https.hsts', title: t('Browsers are told to keep to https, as far as was asked'), severity: 'medium', references: ['OWASP HSTS', 'RFC 6797'], fix, verify: async host => verifyHsts(host, want)},
		want.hsts === 'ramp' ? {id: 'https.hsts-ramp', title: t('That time grows while all is well'), severity: 'low', references: ['OWASP HSTS', 'RFC 6797'], fix: t('sudo systemctl enable --now harden-hsts.timer, and look at: journalctl -u harden-hsts.service'), verify: async host => verifyRamp(host, want)} : undefined,
		{
			id: 'https.firewall', title: t('Visitors get through to ports 80 and 443'), severity: 'medium', advice: true, references: ['CIS Debian 12 4.2.6'], fix: t('Take the firewall step with firewall.web: true, or run: {command}', {command: openingOf(facts, 443)}),
			async verify() {
				const found = [80, 443].map(port => ({port, sources: reach(facts, port)}));
				const words = {nobody: t('nobody'), some: t('some addresses'), everybody: t('everybody')};
				return {status: found.every(({sources}) => sources === 'everybody') ? 'pass' : 'fail', evidence: found.map(({port, sources}) => `${port}: ${words[sources]}`).join(', ')};
			},
		},
		web.domains.length > 0 ? {id: 'https.dns', title: t('Its names lead here'), severity: 'medium', advice: true, references: ['OWASP WSTG-CONF-10'], fix: t('Correct the A and AAAA records at your DNS provider.'), verify: async host => verifyDns(host, web.domains, facts.addresses)} : undefined,
	];
	return list.filter(check => check !== undefined);
}
