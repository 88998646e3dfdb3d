import {directoryAddress, certificateFiles, isPublicName, productionDirectory, selfSigned, selfSignedName, stagingDirectory} from '../../source/engine/certificate.ts';
import {sourcesThrough, wallToday} from '../../source/engine/exposure.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';

/** What the answers come to: pure. */

export type Https = NonNullable<Answers['https']>;
export type Web = NonNullable<Answers['web']>;

export type Wanted = {
	app: string;
	web: Web;
	/** Names for the certificate: the site's, or the addresses that it is reached at. */
	names: readonly string[];
	/** The authority's address, or `self-signed`. */
	directory: string;
	/** The name of the certificate among resources. */
	certificate: string;
	files: {chain: string; key: string};
	email?: string;
	caFile?: string;
	/** Strict-Transport-Security: seconds, `ramp`, or `off`. */
	hsts: Web['hsts'];
};

/** No authority vouches for a site without a name. */
export function directoryFor({domains}: Web, https: Https): string {
	return domains.length === 0 ? selfSigned : directoryAddress(https.directory);
}

/** A browser that does not trust the certificate takes no such promise from it, so none is made. */
function hstsFor(web: Web, directory: string): Web['hsts'] {
	return directory === selfSigned || directory === stagingDirectory ? 'off' : web.hsts;
}

export function wanted(facts: Facts, {app, web, https}: Answers): Wanted | undefined {
	if (app === undefined || web === undefined || https === undefined) {
		return undefined;
	}

	const directory = directoryFor(web, https);
	const certificate = directory === selfSigned ? selfSignedName(app.name) : app.name;
	return {
		app: app.name,
		web,
		names: web.domains.length > 0 ? web.domains : ['localhost', ...facts.addresses],
		directory,
		certificate,
		files: certificateFiles(certificate),
		...https.email !== '' && {email: https.email},
		...https.caFile !== undefined && directory !== selfSigned && {caFile: https.caFile},
		hsts: hstsFor(web, directory),
	};
}

export const isPublicAuthority = (directory: string) => directory === productionDirectory || directory === stagingDirectory;

/** Whom the firewall lets through to a port: nobody, some, everybody. */
export function reach(facts: Facts, port: number): 'nobody' | 'some' | 'everybody' {
	const sources = sourcesThrough(wallToday(facts.firewall), {port, protocol: 'tcp'});
	return sources.length === 0 ? 'nobody' : (sources.includes('any') ? 'everybody' : 'some');
}

/** The command that lets a port in, where we know the firewall. */
export function openingOf({firewall}: Facts, port: number): string {
	return firewall.backend === 'firewalld' ? `firewall-cmd --permanent --add-port=${port}/tcp && firewall-cmd --add-port=${port}/tcp` : `ufw allow ${port}/tcp`;
}

/** What would make the authority say no, as far as it can be known without asking anybody. */
export function assertPossible(facts: Facts, {directory, names}: Wanted): void {
	if (directory === selfSigned) {
		return;
	}

	const nobodys = isPublicAuthority(directory) ? names.find(name => !isPublicName(name)) : undefined;
	if (nobodys !== undefined) {
		throw new Problem(
			t('Let\'s Encrypt gives no certificate for {name}: such names are nobody\'s on the internet.', {name: nobodys}),
			t('Use a name of your own in web.domains, or choose https.directory: self-signed, or the address of a private authority.'),
		);
	}

	if (reach(facts, 80) === 'nobody') {
		throw new Problem(
			t('The firewall lets nobody in on port 80, where the authority has to ask for the proof.'),
			t('Take the firewall step with firewall.web: true, or run: {command}', {command: openingOf(facts, 80)}),
		);
	}
}

/** HTTP/2 has a directive of its own from Nginx 1.25.1 on; before, it is a word behind `listen`. */
export function hasHttp2Directive({packages, os}: Facts): boolean {
	const version = packages['nginx']?.replace(/^\d+:/, '') ?? (os.codename === 'bookworm' ? '1.22' : '1.26');
	const [major = 0, minor = 0, patch = 0] = version.split(/[.\-+~]/).map(Number);
	return major > 1 || (major === 1 && (minor > 25 || (minor === 25 && patch >= 1)));
}
