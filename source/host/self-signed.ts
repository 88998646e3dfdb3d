import {isIP} from 'node:net';
import {readFile, rm} from 'node:fs/promises';
import {posix} from 'node:path';
import {certificateFiles, selfSigned, selfSignedName} from '../engine/certificate.ts';
import type {CertificateState, Host} from '../engine/types.ts';
import {syncFolder, writeDurably} from './durable.ts';
import {readCertificate} from './acme/lineage.ts';
import {mustRun} from './host.ts';

/** A certificate that only says of itself what it is for. Key and certificate in one file, so that they change in one step. */

const fileOf = (app: string) => certificateFiles(selfSignedName(app)).chain;

/** Nobody renews it, and no browser trusts it anyway: ten years. */
const days = 3650;

export async function readSelfSigned(host: Host, app: string): Promise<CertificateState | null> {
	const pem = await host.read(fileOf(app));
	if (pem === undefined) {
		return null;
	}

	return {domains: [], keyType: 'rsa', ...readCertificate(pem), directory: selfSigned};
}

export async function writeSelfSigned(host: Host, app: string, state: CertificateState | null): Promise<void> {
	const file = fileOf(app);
	const keyFile = `${file}.key`;
	if (state === null) {
		await Promise.all([file, keyFile].map(async path => rm(path, {force: true})));
		await syncFolder(posix.dirname(file)).catch(() => undefined);
		return;
	}

	const names = state.domains.map(domain => `${isIP(domain) === 0 ? 'DNS' : 'IP'}:${domain}`).join(',');
	try {
		// openssl makes this file for its owner only.
		await rm(keyFile, {force: true});
		const certificate = await mustRun(host, [
			'openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile, '-days', String(days), '-subj', `/CN=${app}`,
			'-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'keyUsage=critical,digitalSignature', '-addext', 'extendedKeyUsage=serverAuth',
		]);
		await writeDurably(file, `${await readFile(keyFile, 'utf8')}${certificate}\n`);
	} finally {
		await rm(keyFile, {force: true});
	}
}
