/** Certificates: who gives them, and where they lie. Pure. */

/** Directories of Let's Encrypt that answers call by a name. */
const directories: Readonly<Record<string, string>> = {
	letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
	'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

export const selfSigned = 'self-signed';
export const stagingDirectory = directories['letsencrypt-staging']!;
export const productionDirectory = directories['letsencrypt']!;

/** The address of an authority's directory, from its name or the address itself. `self-signed` stays what it is. */
export function directoryAddress(directory: string): string {
	return directories[directory] ?? directory;
}

/** Who gives the certificate, in words short enough for a line: a host, or `self-signed`. */
export function authorityOf(directory: string): string {
	const address = directoryAddress(directory);
	return address === selfSigned ? selfSigned : new URL(address).host;
}

/** What a self-signed certificate of an app is called among resources: it lies beside one that an authority gave. */
export function selfSignedName(app: string): string {
	return `${app}/${selfSigned}`;
}

/** Where Nginx finds them: of the certificate of that name. A self-signed one is a single file with both. */
export function certificateFiles(name: string): {chain: string; key: string} {
	const [app = '', kind] = name.split('/');
	if (kind === selfSigned) {
		const file = `/etc/harden/${app}/${selfSigned}.pem`;
		return {chain: file, key: file};
	}

	const folder = `/etc/letsencrypt/live/${app}`;
	return {chain: `${folder}/fullchain.pem`, key: `${folder}/privkey.pem`};
}

/** Where the authority looks for the proof that a name is ours (RFC 8555, HTTP-01): below `webRoot`. */
export const challengePath = '/.well-known/acme-challenge/';
export const webRoot = '/var/www/acme';

/** What certbot runs after each renewal. Its presence in a certificate's settings says that this tool made it. */
export const renewalHook = '/usr/local/sbin/harden-certificate-renewed';

/** Endings that are nobody's, so that no public authority vouches for a name under them (RFC 2606, 6761, 6762, 8375, 9476). */
const reserved = ['test', 'example', 'invalid', 'localhost', 'local', 'internal', 'onion', 'alt', 'home.arpa', 'lan', 'home', 'corp'];

/** Whether a name can be anybody's on the internet: two labels at least, and no reserved ending. */
export function isPublicName(name: string): boolean {
	return name.includes('.') && !reserved.some(ending => name === ending || name.endsWith(`.${ending}`));
}
