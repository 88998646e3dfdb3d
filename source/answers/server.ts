import {z} from 'zod';
import {t} from '../words.ts';
import {duration, login, port, printable, source, time, type ExampleLine} from './values.ts';

/** The answers of the first four steps: the server itself. */

export const updates = z.strictObject({
	upgrade: z.boolean().default(true),
	automatic: z.boolean().default(true),
	rebootAt: z.union([time, z.literal('never')]).default('04:30'),
});

export const ssh = z.strictObject({
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

export const firewall = z.strictObject({
	backend: z.enum(['ufw', 'firewalld']).optional(),
	web: z.boolean().default(true),
	allow: z.array(firewallRule).default([]),
	prune: z.array(printable).default([]),
});

export const fail2ban = z.strictObject({
	maxRetry: z.int().min(1).max(100).default(5),
	findTime: duration.default('10m'),
	banTime: duration.default('1h'),
	ignore: z.array(source).default([]),
});

/** As the example file has them. */
export function serverExample(): readonly ExampleLine[] {
	return [
		['updates:'],
		['  upgrade: true', t('install what is waiting now')],
		['  automatic: true', t('and security updates every day from now on')],
		['  rebootAt: "04:30"', t('when an update needs a reboot; or never')],
		['ssh:'],
		['  user: deploy', t('who logs in from now on, instead of root')],
		['  authorizedKeys: []', t('like ["ssh-ed25519 AAAA... you@laptop"]; an empty list takes the keys that root has')],
		['  sudo: nopasswd', t('or password')],
		['  port: 5922'],
		['  allowFrom: []', t('only these addresses may log in, like ["203.0.113.7", "2001:db8::/48"]; an empty list is everybody')],
		['  maxAuthTries: 3'],
		['  forwarding: false', t('tunnels through this server (ssh -L)')],
		['firewall:'],
		['  # backend: ufw', t('or firewalld; without it, the one that is there')],
		['  web: true', t('let ports 80 and 443 in')],
		['  allow: []', t('further ports, like [{port: 5432, protocol: tcp, from: 203.0.113.7}]')],
		['  prune: []', t('rules to take away, as the wizard lists them')],
		['fail2ban:'],
		['  maxRetry: 5', t('so many wrong logins')],
		['  findTime: 10m', t('within this time')],
		['  banTime: 1h', t('keep an address out for so long, and longer each time')],
		['  ignore: []', t('addresses that are never kept out; yours is one of them anyway')],
	];
}
