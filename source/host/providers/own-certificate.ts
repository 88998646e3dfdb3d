import {X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import {rm} from 'node:fs/promises';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {mustRun} from '../host.ts';
import {writeState} from '../files.ts';

type State = ResourceStates['own-certificate'];

const month = 31 * 24 * 3600 * 1000;
const files = ['ca.crt', 'ca.key', 'server.crt', 'server.key'] as const;

/** `DNS:vps, IP Address:203.0.113.10` */
export function parseNames(subjectAltName: string | undefined): readonly string[] {
	return (subjectAltName ?? '').split(', ').map(entry => entry.replace(/^(?:DNS|IP Address):/, '').toLowerCase()).filter(Boolean);
}

/** IPv6 in the spelling of certificates, which have no short forms. */
function plainName(name: string): string {
	return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

const sorted = (names: readonly string[]) => [...new Set(names.map(name => plainName(name)))].toSorted();

async function read(host: Host, folder: string): Promise<State> {
	const names = await host.list(folder);
	if (!files.every(name => names.includes(name))) {
		return names.some(name => (files as readonly string[]).includes(name)) ? {names: [], fresh: false} : null;
	}

	try {
		const [authority, certificate] = await Promise.all(['ca.crt', 'server.crt'].map(async name => new X509Certificate(await host.read(`${folder}/${name}`) ?? '')));
		const isFresh = certificate!.checkIssued(authority!) && [authority!, certificate!].every(({validTo}) => Date.parse(validTo) > Date.now() + month);
		return {names: sorted(parseNames(certificate!.subjectAltName)), fresh: isFresh};
	} catch {
		return {names: [], fresh: false};
	}
}

/** The authority is made once and lives for ten years: the clients know it. */
async function makeAuthority(host: Host, folder: string): Promise<void> {
	const names = await host.list(folder);
	if (names.includes('ca.crt') && names.includes('ca.key')) {
		return;
	}

	await mustRun(host, [
		'openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256', '-days', '3650',
		'-subj', '/CN=harden-python-vps, this server only', '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
		'-keyout', `${folder}/.ca.key`, '-out', `${folder}/.ca.crt`,
	]);
	await publish(host, folder, 'ca');
}

/** Both halves are made under names that nobody reads, and put in place whole; the key first. */
async function publish(host: Host, folder: string, name: 'ca' | 'server'): Promise<void> {
	for (const [half, mode, owner] of [['key', 0o600, name === 'server' ? 'postgres' : 'root'], ['crt', 0o644, 'root']] as const) {
		const made = `${folder}/.${name}.${half}`;
		await writeState(host, `${folder}/${name}.${half}`, {content: await host.read(made) ?? '', mode, owner, group: owner});
		await rm(made, {force: true});
	}
}

async function makeCertificate(host: Host, folder: string, names: readonly string[]): Promise<void> {
	const list = names.map(name => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
	await mustRun(host, [
		'openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256', '-days', '1095',
		'-CA', `${folder}/ca.crt`, '-CAkey', `${folder}/ca.key`, '-subj', '/CN=PostgreSQL', '-addext', `subjectAltName=${list}`,
		'-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth',
		'-keyout', `${folder}/.server.key`, '-out', `${folder}/.server.crt`,
	]);
	await publish(host, folder, 'server');
}

/** An authority of this server's own and a certificate by it, for PostgreSQL: its key is readable by the user postgres alone. */
export function ownCertificateProvider(host: Host): Provider<'own-certificate'> {
	return {
		read: async folder => read(host, folder),
		async write(folder, state) {
			if (state === null) {
				await Promise.all(files.flatMap(name => [name, `.${name}`]).map(async name => rm(`${folder}/${name}`, {force: true})));
				return;
			}

			const current = await read(host, folder);
			if (state.fresh && current?.fresh && sorted(state.names).every(name => current.names.includes(name))) {
				return;
			}

			await makeAuthority(host, folder);
			await makeCertificate(host, folder, sorted(state.names));
		},
		same: (left, right) => (left === null) === (right === null)
			&& left?.fresh === right?.fresh && sorted(left?.names ?? []).join(' ') === sorted(right?.names ?? []).join(' '),
	};
}
