import {createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual} from 'node:crypto';

/** SCRAM-SHA-256 as PostgreSQL keeps it (RFC 5803): the server can prove a password by it, and nobody can log in with it. */

const iterations = 4096;

function keysOf(password: string, salt: Buffer, count: number): {stored: Buffer; server: Buffer} {
	const salted = pbkdf2Sync(password, salt, count, 32, 'sha256');
	const keyed = (label: string) => createHmac('sha256', salted).update(label).digest();
	return {stored: createHash('sha256').update(keyed('Client Key')).digest(), server: keyed('Server Key')};
}

/** What ALTER ROLE takes in the place of a password, so that the password itself never reaches the server or its log. ASCII passwords only. */
export function verifierOf(password: string, salt = randomBytes(16)): string {
	const {stored, server} = keysOf(password, salt, iterations);
	return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored.toString('base64')}:${server.toString('base64')}`;
}

/** Whether the server would take that password. */
export function isPasswordOf(password: string, verifier: string): boolean {
	const parts = /^SCRAM-SHA-256\$(?<count>\d{1,7}):(?<salt>[\w+/=]+)\$(?<stored>[\w+/=]+):/.exec(verifier)?.groups;
	if (!parts) {
		return false;
	}

	const {stored} = keysOf(password, Buffer.from(parts['salt']!, 'base64'), Number(parts['count']));
	const expected = Buffer.from(parts['stored']!, 'base64');
	return stored.length === expected.length && timingSafeEqual(stored, expected);
}

/** 256 random bits, in letters that a URL and a shell leave alone. */
export function newPassword(): string {
	return randomBytes(32).toString('base64url');
}
