import {z} from 'zod';
import {t} from '../words.ts';
import {absolutePath, type ExampleLine} from './values.ts';

/** Who vouches for the app's names. */

const namedDirectories = ['letsencrypt', 'letsencrypt-staging', 'self-signed'] as const;

/** The address of an authority's directory (RFC 8555): https, a host, a path; nothing that certbot's settings could misread. */
const address = z.string().max(300).regex(/^https:\/\/(?:[a-z\d](?:[a-z\d.-]{0,250}[a-z\d])?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?(?:\/(?!\.{1,2}(?:\/|$))[\w~-][\w.~-]*)+\/?$/, 'the https address of an ACME directory');

/** As authorities take it: nothing quoted, no comment. */
const email = z.string().max(254).regex(/^[\w%+-][\w.%+-]*@(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,63}$/i, 'an e-mail address, or nothing');

export const https = z.strictObject({
	email: z.union([z.literal(''), email]).default(''),
	directory: z.union([z.enum(namedDirectories), address]).default('letsencrypt'),
	caFile: absolutePath.optional(),
});

export function httpsExample(): readonly ExampleLine[] {
	return [
		['https:'],
		['  email: ""', t('where the authority may write to; most write no more')],
		['  directory: letsencrypt', t('or letsencrypt-staging, self-signed, or the https address of an ACME directory')],
		['  # caFile: /etc/ssl/my-ca.pem', t('the root certificates behind that address, where it is a private one')],
	];
}
