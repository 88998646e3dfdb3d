import {X509Certificate} from 'node:crypto';
import {lstat, readFile, readlink, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {posix} from 'node:path';
import {renewalHook} from '../../engine/certificate.ts';
import {canonicalSource} from '../../engine/network.ts';
import type {CertificateState, Host, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {syncFolder} from '../durable.ts';
import {codeOf} from '../walk.ts';
import {certbot} from './certbot.ts';

/** certbot's own files of one certificate, which it calls a lineage: settings, every issue so far, and links to the newest. */

const home = '/etc/letsencrypt';
const parts = ['cert', 'privkey', 'chain', 'fullchain'] as const;

const settingsFile = (name: string) => `${home}/renewal/${name}.conf`;
const liveFolder = (name: string) => `${home}/live/${name}`;
const archiveFolder = (name: string) => `${home}/archive/${name}`;
const liveFile = (name: string, part: string) => `${liveFolder(name)}/${part}.pem`;

/** One value of certbot's settings (ConfigObj): `server = https://…`. */
export function setting(settings: string, key: string): string | undefined {
	const line = settings.split('\n').map(text => text.trim()).find(text => text.startsWith(`${key} =`) || text.startsWith(`${key}=`));
	return line?.slice(line.indexOf('=') + 1).trim();
}

/** `DNS:a.example, IP Address:203.0.113.7` */
export function parseAlternativeNames(text: string | undefined): readonly string[] {
	return (text ?? '').split(', ').flatMap(entry => {
		const {kind, name} = /^(?<kind>DNS|IP Address):(?<name>\S+)$/.exec(entry)?.groups ?? {};
		return name === undefined ? [] : [kind === 'DNS' ? name : canonicalSource(name) ?? name];
	});
}

/** What a certificate is for and what its key is; undefined where the text is none. */
export function readCertificate(pem: string): Pick<CertificateState, 'domains' | 'keyType'> | undefined {
	try {
		const certificate = new X509Certificate(pem);
		return {
			domains: parseAlternativeNames(certificate.subjectAltName),
			keyType: certificate.publicKey.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa',
		};
	} catch {
		return undefined;
	}
}

async function exists(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch (error) {
		if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || codeOf(error) === 'EACCES') {
			return false;
		}

		throw error;
	}
}

/** The number of the issue that `live` leads to: `../../archive/shop/cert3.pem`. */
async function issueNumber(name: string): Promise<number> {
	const target = await readlink(liveFile(name, 'cert')).catch(() => '');
	return Number(/cert(?<number>\d+)\.pem$/.exec(target)?.groups?.['number'] ?? 0);
}

/** A lineage that is not whole (a power cut) reads as a certificate for nothing. */
export async function readLineage(host: Host, name: string): Promise<CertificateState | null> {
	const [settings, pem, ...there] = await Promise.all([
		host.read(settingsFile(name)),
		host.read(liveFile(name, 'cert')),
		...[settingsFile(name), liveFolder(name), archiveFolder(name)].map(async path => exists(path)),
	]);
	if (!there.includes(true)) {
		return null;
	}

	const found = pem === undefined ? undefined : readCertificate(pem);
	return {
		domains: found?.domains ?? [],
		directory: setting(settings ?? '', 'server') ?? '',
		keyType: found?.keyType ?? 'rsa',
		// What was cut off has no settings yet, since certbot writes them last: that is nobody's work.
		...settings !== '' && settings !== undefined && setting(settings, 'renew_hook') !== renewalHook && {foreign: true as const},
		issue: {number: await issueNumber(name), settings: settings ?? ''},
	};
}

/** Old copies of keys and requests that certbot keeps beside its lineages, and never takes away by itself. */
async function leftoversOf(host: Host, name: string): Promise<readonly string[]> {
	const own = new Set(await Promise.all((await host.list(archiveFolder(name))).filter(file => file.startsWith('privkey')).map(async file => host.read(`${archiveFolder(name)}/${file}`))));
	const found: string[] = [];
	for (const file of await host.list(`${home}/keys`)) {
		if (own.has(await host.read(`${home}/keys/${file}`))) {
			found.push(`${home}/keys/${file}`, `${home}/csr/${file.replace('key', 'csr')}`);
		}
	}

	return found;
}

/** Takes a lineage away, whole or not, keys included: what `certbot delete` does, and what it forgets. */
export async function removeLineage(host: Host, name: string, progress: WriteContext['progress']): Promise<void> {
	const leftovers = await leftoversOf(host, name);
	try {
		// It waits for a certbot that is still at work, such as one whose terminal was cut off.
		await certbot(host, ['delete', '--cert-name', name], {progress});
	} catch (error) {
		// What is not whole it does not know, and it may be gone itself: then what it would do is done below.
		if (!(error instanceof Problem)) {
			throw error;
		}
	}

	for (const path of [settingsFile(name), liveFolder(name), archiveFolder(name), ...leftovers]) {
		await rm(path, {recursive: true, force: true});
	}

	for (const folder of ['renewal', 'live', 'archive']) {
		await syncFolder(`${home}/${folder}`).catch(() => undefined);
	}
}

/** Goes back to an earlier issue that is still in the archive. False where it is not. */
export async function returnToIssue(name: string, {issue, domains}: CertificateState): Promise<boolean> {
	const pem = issue === undefined ? undefined : await readFile(`${archiveFolder(name)}/cert${issue.number}.pem`, 'utf8').catch(() => undefined);
	if (issue === undefined || pem === undefined || readCertificate(pem)?.domains.toSorted().join(' ') !== domains.toSorted().join(' ')) {
		return false;
	}

	for (const part of parts) {
		const temporary = `${liveFile(name, part)}.new`;
		await rm(temporary, {force: true});
		await symlink(posix.join('../../archive', name, `${part}${issue.number}.pem`), temporary);
		await rename(temporary, liveFile(name, part));
	}

	await writeFile(`${settingsFile(name)}.new`, issue.settings);
	await rename(`${settingsFile(name)}.new`, settingsFile(name));
	await Promise.all([liveFolder(name), `${home}/renewal`].map(async folder => syncFolder(folder)));
	return true;
}
