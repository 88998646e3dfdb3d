import {isIP} from 'node:net';
import {z} from 'zod';

/** The values that answers are made of. One may end up in a configuration file, so each is as narrow as that file's syntax asks for. */

export const port = z.int().min(1).max(65_535);
export const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day as HH:MM');
export const duration = z.string().regex(/^[1-9]\d{0,5}(?:s|m|h|d|w)?$/, 'a duration like 10m, 1h or 7d');
const units: Readonly<Record<string, number>> = {k: 1024, m: 1024 ** 2, g: 1024 ** 3};

/** A size like `10m` or `500M` in bytes, as nginx, ModSecurity and systemd count it. */
export function bytesOf(size: string): number {
	return Number(size.slice(0, -1)) * units[size.at(-1)!.toLowerCase()]!;
}

/** As useradd(8) takes it everywhere. */
export const login = z.string().regex(/^[a-z_][a-z\d_-]{0,31}$/, 'a login name: small letters, digits, - and _, starting with a letter');

/** A variable of the environment, and the name of its file. */
export const variableName = z.string().regex(/^[A-Z][A-Z\d_]{0,63}$/, 'a variable of capital letters, digits and _, like SECRET_KEY');

/** An address or a network in CIDR form, IPv4 or IPv6. */
export function isSource(value: string): boolean {
	const [address = '', prefix, ...rest] = value.split('/');
	const family = isIP(address);
	if (family === 0 || rest.length > 0 || address.includes('%')) {
		return false;
	}

	return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

export const source = z.string().refine(isSource, 'an address or a network, like 203.0.113.7 or 2001:db8::/48');
export const printable = z.string().regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u, 'one line of printable text');
/** An absolute path of plain names: no blank, no quote, nothing that a shell or a unit file would read as more than a name. */
export const absolutePath = z.string().regex(/^(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)+$/, 'an absolute path of letters, digits and . _ - @ +');

/** A line of the example file: the text, and the comment behind it. */
export type ExampleLine = readonly [text: string, comment?: string];
