import {setTimeout} from 'node:timers/promises';
import type {Host, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';

const lockHeld = /Another instance of Certbot is already running/i;

/** What certbot or the authority complained of, and what helps: first fit. */
const complaints: ReadonlyArray<readonly [RegExp, () => [fact: string, wayOut: string]]> = [
	[/too many failed authorizations/i, () => [t('The authority has seen too many failed tries for this name in the last hour.'), t('Wait an hour. Until it works, use https.directory: letsencrypt-staging, whose limits are wide.')]],
	[/externalAccountRequired|external account binding/i, () => [t('This authority knows its customers by a contract of its own (external account binding).'), t('Register once by hand, with the two values that it gave you: certbot register --server ADDRESS --eab-kid … --eab-hmac-key … Then take this step again: it uses that account.')]],
	[/rateLimited|too many (?:certificates|new orders|registrations|currently pending)/i, () => [t('A limit of the authority is reached: so many certificates for these names, or from this address, and no more for now.'), t('It says below when you can try again. To practise, use https.directory: letsencrypt-staging, whose limits are wide.')]],
	[/CERTIFICATE_VERIFY_FAILED|certificate verify failed/i, () => [t('The authority\'s own server has a certificate that this server does not trust.'), t('For a private authority, put its root certificate into a file on this server and name that in https.caFile. Otherwise look at this server\'s clock, and whether somebody is in between.')]],
	[/ConnectionError|NewConnectionError|Max retries exceeded|Connection refused|timed out.*directory|Name or service not known/i, () => [t('The authority could not be reached.'), t('See whether this server may go out on port 443, and whether its names resolve.')]],
	[/\bCAA\b/, () => [t('A CAA record in DNS does not let this authority give certificates for the name.'), t('Add the authority to it at your DNS provider, or take the record away.')]],
	[/NXDOMAIN|no valid A records|DNS problem|SERVFAIL/i, () => [t('The authority does not find the name in DNS.'), t('A new record can take an hour to be seen everywhere. See that it is there, then try again.')]],
	[/likely firewall problem|Timeout during connect|connection/i, () => [t('The authority could not come in on port 80.'), t('Let port 80 in: in the firewall of this server, and in the one of your provider\'s console. It asks from several places of the world, so a list of addresses will not do.')]],
	[/unauthorized|Invalid response/i, () => [t('The authority asked for the name on port 80, and somebody else answered, or another site on this server.'), t('See that the name leads to this server, over IPv6 as well, and that no other site of Nginx claims it.')]],
	[/invalid.*email|invalidContact|unsupportedContact/i, () => [t('The authority does not take the e-mail address.'), t('Correct https.email, or leave it empty.')]],
];

/** certbot's last words, less what it says every time. */
export function lastWords(output: string): string {
	return output.split('\n').map(line => line.trimEnd()).filter(line => line.trim() !== '' && !/^Saving debug log|^Ask for help|^- - -|See the logfile/.test(line)).slice(-8).join('\n');
}

/** What went wrong, in words that help. */
export function explainFailure(output: string): Problem {
	const [, say] = complaints.find(([pattern]) => pattern.test(output)) ?? [];
	const [fact, wayOut] = say?.() ?? [t('certbot did not get it.'), t('Look at what it says, put that right, and try again.')];
	return new Problem(`${fact}\n${lastWords(output)}`, wayOut, 1);
}

/** Runs certbot without questions; waits while another one runs, such as its own timer's. `caFile` is for this run only. */
export async function certbot(host: Host, words: readonly string[], {caFile, progress}: {caFile?: string; progress: WriteContext['progress']}): Promise<void> {
	for (let tries = 1; ; tries++) {
		const {exitCode, stdout, stderr} = await host.run(['certbot', '--non-interactive', ...words], {
			timeout: 300_000,
			...caFile !== undefined && {env: {REQUESTS_CA_BUNDLE: caFile}},
			onLine: line => progress({type: 'output', line}),
		});
		const output = `${stderr}\n${stdout}`;
		if (exitCode === 0) {
			return;
		}

		if (!lockHeld.test(output) || tries > 60) {
			throw explainFailure(output);
		}

		progress({type: 'waiting', why: t('Another certbot is at work, most likely its daily look at renewals.')});
		await setTimeout(2000);
	}
}
