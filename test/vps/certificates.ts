import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {command} from './command.ts';

/** Certificates for what the lab serves over TLS, in a folder of its own: keys and certificates as PEM, good for 30 days. */

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** `NAME.key` and `NAME.pem`. */
export async function makeAuthority(folder: string, name: string, subject: string): Promise<void> {
	await command(['openssl', 'req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${subject}`], {cwd: folder});
}

/** `server.key` and `server.pem`, signed by the authority `ca`. `names` as in subjectAltName: `IP:203.0.113.1`, `DNS:logs.example.test`. */
export async function makeServer(folder: string, subject: string, names: readonly string[]): Promise<void> {
	await command(['openssl', 'req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${subject}`], {cwd: folder});
	await writeFile(path.join(folder, 'names'), `subjectAltName=${names.join(',')}\n`);
	await command(['openssl', 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.pem', '-days', '30', '-extfile', 'names'], {cwd: folder});
}
