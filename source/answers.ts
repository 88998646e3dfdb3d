import {isIP} from 'node:net';
import {z} from 'zod';

/**
 * All answers, in one schema: the questions fill it, `--answers FILE` brings it, `answers --schema` prints it.
 * A value here may end up in a configuration file, so each is as narrow as that file's syntax asks for.
 */

const port = z.int().min(1).max(65_535);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day as HH:MM');
const duration = z.string().regex(/^[1-9]\d{0,5}(?:s|m|h|d|w)?$/, 'a duration like 10m, 1h or 7d');
/** As useradd(8) takes it everywhere. */
export const login = z.string().regex(/^[a-z_][a-z\d_-]{0,31}$/, 'a login name: small letters, digits, - and _, starting with a letter');

/** An address or a network in CIDR form, IPv4 or IPv6. */
export function isSource(value: string): boolean {
	const [address = '', prefix, ...rest] = value.split('/');
	const family = isIP(address);
	if (family === 0 || rest.length > 0 || address.includes('%')) {
		return false;
	}

	return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

const source = z.string().refine(isSource, 'an address or a network, like 203.0.113.7 or 2001:db8::/48');
const printable = z.string().regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u, 'one line of printable text');

const updates = z.strictObject({
	upgrade: z.boolean().default(true),
	automatic: z.boolean().default(true),
	rebootAt: z.union([time, z.literal('never')]).default('04:30'),
});

const ssh = z.strictObject({
	user: login.default('deploy'),
	authorizedKeys: z.array(printable).default([]),
	sudo: z.enum(['nopasswd', 'password']).default('nopasswd'),
	port: port.default(5922),
	allowFrom: z.array(source).default([]),
	maxAuthTries: z.int().min(1).max(10).default(3),
	forwarding: z.boolean().default(false),
	/** crypt(3) form; only for `sudo: password` with a user that has none yet. Left out of the session file. */
	passwordHash: z.string().regex(/^\$[\w./$=,-]{10,200}$/, 'a password hash as mkpasswd(1) prints it').optional(),
});

export const firewallRule = z.strictObject({
	port,
	protocol: z.enum(['tcp', 'udp']).default('tcp'),
	from: z.union([source, z.literal('any')]).default('any'),
});

const firewall = z.strictObject({
	backend: z.enum(['ufw', 'firewalld']).optional(),
	web: z.boolean().default(true),
	allow: z.array(firewallRule).default([]),
	prune: z.array(printable).default([]),
});

const fail2ban = z.strictObject({
	maxRetry: z.int().min(1).max(100).default(5),
	findTime: duration.default('10m'),
	banTime: duration.default('1h'),
	ignore: z.array(source).default([]),
});

export const answersSchema = z.strictObject({
	version: z.literal(1).default(1),
	updates: updates.optional(),
	ssh: ssh.optional(),
	firewall: firewall.optional(),
	fail2ban: fail2ban.optional(),
});

export type Answers = z.infer<typeof answersSchema>;
