import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';

/**
 * The binary half of a public key: RFC 4253 §6.6 and RFC 5656 §3.1, RFC 8709 §4, OpenSSH's PROTOCOL.u2f.
 * A blob is a row of strings, each a length of four bytes and its bytes; the first names the type.
 */

export type PublicKey = {type: string; bits: number; /** `SHA256:…` as ssh-keygen(1) prints it. */ fingerprint: string};

const curveBits: Readonly<Record<string, number>> = {nistp256: 256, nistp384: 384, nistp521: 521};

/** The types that are keys, without certificates. */
export const keyTypes = [
	'ssh-ed25519', 'sk-ssh-ed25519@openssh.com',
	'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'sk-ecdsa-sha2-nistp256@openssh.com',
	'ssh-rsa', 'ssh-dss',
] as const;

/** The strings of a blob; undefined where it is cut short or has bytes left over. */
function stringsOf(blob: Buffer): Buffer[] | undefined {
	const strings: Buffer[] = [];
	let offset = 0;
	while (offset < blob.length) {
		if (offset + 4 > blob.length) {
			return undefined;
		}

		const end = offset + 4 + blob.readUInt32BE(offset);
		if (end > blob.length) {
			return undefined;
		}

		strings.push(blob.subarray(offset + 4, end));
		offset = end;
	}

	return strings;
}

/** How many bits a number has (`mpint`: two's complement, so a leading zero byte may stand before it). */
function bitsOf(number: Buffer): number {
	const first = number.findIndex(byte => byte !== 0);
	return first === -1 ? 0 : ((number.length - first - 1) * 8) + (32 - Math.clz32(number[first]!));
}

/** How many strings follow the type, by type. A security key adds its application. */
function sizeOf(type: string, parts: readonly Buffer[]): number | undefined {
	const [first, second] = parts;
	switch (type) {
		case 'ssh-ed25519': {
			return parts.length === 1 && first!.length === 32 ? 256 : undefined;
		}

		case 'sk-ssh-ed25519@openssh.com': {
			return parts.length === 2 && first!.length === 32 ? 256 : undefined;
		}

		case 'ssh-rsa': {
			return parts.length === 2 ? bitsOf(second!) : undefined;
		}

		case 'ssh-dss': {
			return parts.length === 4 ? bitsOf(first!) : undefined;
		}

		default: {
			const {security, curve} = /^(?<security>sk-)?ecdsa-sha2-(?<curve>nistp\d+)/.exec(type)?.groups ?? {};
			const isWhole = parts.length === (security ? 3 : 2) && first!.toString('latin1') === curve;
			return isWhole ? curveBits[curve ?? ''] : undefined;
		}
	}
}

/** What a blob in base64 is; undefined where it is not, to the last byte, a key of that type. */
export function parsePublicKey(type: string, base64: string): PublicKey | undefined {
	if (!/^[A-Za-z\d+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0 || !(keyTypes as readonly string[]).includes(type)) {
		return undefined;
	}

	const blob = Buffer.from(base64, 'base64');
	const [name, ...parts] = stringsOf(blob) ?? [];
	const bits = name?.toString('latin1') === type ? sizeOf(type, parts) : undefined;
	return bits === undefined || bits === 0
		? undefined
		: {type, bits, fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`};
}
