import {z} from 'zod';
import {t} from '../words.ts';
import {duration, source, type ExampleLine} from './values.ts';

/** A name in PostgreSQL that needs no quotes anywhere, short enough for the endings of its two logins. */
const name = z.string().regex(/^[a-z_][a-z\d_]{0,59}$/, 'a name of small letters, digits and _, like shop');

/** The app's database. */
export const postgres = z.strictObject({
	/** Left out: the app's name. */
	database: name.optional(),
	/** Who owns the database. Left out: the one who owns it already, or the database's name. */
	role: name.optional(),
	/** Encrypted connections with a certificate of this server's own authority. */
	tls: z.boolean().default(true),
	/** Other machines that may connect, always over TLS. */
	allowFrom: z.array(source).default([]),
	rotateEvery: z.union([duration, z.literal('never')]).default('90d'),
	connectionLimit: z.int().min(1).max(10_000).default(40),
	statementTimeout: z.union([duration, z.literal('never')]).default('5m'),
}).refine(({tls, allowFrom}) => tls || allowFrom.length === 0, {path: ['tls'], message: 'true where allowFrom names other machines'});

/** As the example file has it. */
export function postgresExample(): readonly ExampleLine[] {
	return [
		['postgres:'],
		['  # database: shop', t('without it, the app\'s name')],
		['  # role: shop', t('who owns the database; without it, its owner today, or the database\'s name')],
		['  tls: true', t('a certificate of this server\'s own authority')],
		['  allowFrom: []', t('other machines that may connect, always over TLS, like ["203.0.113.7"]')],
		['  rotateEvery: 90d', t('a new password for the app, or never')],
		['  connectionLimit: 40', t('connections of the app at one time')],
		['  statementTimeout: 5m', t('end a query that takes longer, or never')],
	];
}
