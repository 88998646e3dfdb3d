import {randomBytes} from 'node:crypto';
import {Resolver} from 'node:dns/promises';
import {chmod, mkdir, rm, writeFile} from 'node:fs/promises';
import {get} from 'node:http';
import {isIP} from 'node:net';
import {posix} from 'node:path';
import {challengePath, webRoot} from '../../engine/certificate.ts';
import type {Host} from '../../engine/types.ts';
import {parseAddresses} from '../facts/system.ts';
import {codeOf} from '../walk.ts';
import type {Answer, NameSeen} from './obstacles.ts';

/** What DNS and port 80 say of a name, asked from here, before an authority is: its limits on failures are narrow. */

const noSuchRecord = new Set(['ENOTFOUND', 'ENODATA']);

/** Records, or none where DNS says so; undefined where it says nothing. */
async function records<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[] | undefined> {
	try {
		return await ask();
	} catch (error) {
		return noSuchRecord.has(codeOf(error) ?? '') ? [] : undefined;
	}
}

/** The CAA records in force for a name: its own, or its next parent's that has any (RFC 8659). */
async function authoritiesFor(resolver: Resolver, name: string): Promise<readonly string[]> {
	for (let labels = name.split('.'); labels.length > 0; labels = labels.slice(1)) {
		const found = await records(async () => resolver.resolveCaa(labels.join('.')));
		if (found && found.length > 0) {
			return found.flatMap(({issue}) => issue === undefined ? [] : [issue.split(';')[0]!.trim().toLowerCase()]);
		}
	}

	return [];
}

/** What a plain HTTP server at this address says under that name. Follows nothing. */
async function ask(address: string, name: string, path: string, token: string): Promise<Answer> {
	return new Promise(resolve => {
		const request = get({host: address, family: isIP(address), port: 80, path, headers: {host: name}, timeout: 6000}, response => {
			const {statusCode = 0} = response;
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				body = (body + chunk).slice(0, 1000);
			});
			response.on('close', () => {
				resolve(body.trim() === token ? {kind: 'ours'} : (statusCode >= 300 && statusCode < 400 ? {kind: 'redirected', words: String(response.headers.location ?? '')} : {kind: 'other', words: String(statusCode)}));
			});
		});
		request.on('timeout', () => {
			request.destroy(Object.assign(new Error('timeout'), {code: 'ETIMEDOUT'}));
		});
		request.on('error', error => {
			resolve({kind: 'silent', words: codeOf(error) ?? error.message});
		});
	});
}

async function lookAt(resolver: Resolver, name: string, own: ReadonlySet<string>, path: string, token: string): Promise<NameSeen> {
	const [four, six, authorities] = await Promise.all([
		records(async () => resolver.resolve4(name)),
		records(async () => resolver.resolve6(name)),
		authoritiesFor(resolver, name),
	]);
	const addresses = await Promise.all([...four ?? [], ...six ?? []].map(async address => ({address, own: own.has(address), answer: await ask(address, name, path, token)})));
	return {name, asked: four !== undefined && six !== undefined, addresses, authorities};
}

/** Lays a file where the authority's challenge will lie, and asks for it under every name. */
export async function lookAtNames(host: Host, names: readonly string[]): Promise<{seen: readonly NameSeen[]; own: readonly string[]}> {
	const own = parseAddresses((await host.run(['ip', '-json', 'address', 'show', 'up'])).stdout);
	const token = randomBytes(16).toString('hex');
	const folder = `${webRoot}${challengePath}`;
	const file = `${folder}harden-${randomBytes(6).toString('hex')}`;
	// The first folder that had to be made, and goes again with all below it.
	const made = await mkdir(folder, {recursive: true});
	try {
		await writeFile(file, token, {flag: 'wx'});
		// Nginx has to read it, whatever our umask is.
		await chmod(file, 0o644);
		for (let path = posix.resolve(folder); made !== undefined && path.startsWith(made); path = posix.dirname(path)) {
			await chmod(path, 0o755);
		}

		const resolver = new Resolver({timeout: 3000, tries: 2});
		const seen = await Promise.all(names.map(async name => lookAt(resolver, name, new Set(own), file.slice(webRoot.length), token)));
		return {seen, own};
	} finally {
		await rm(file, {force: true});
		if (made !== undefined && made !== webRoot) {
			await rm(made, {recursive: true, force: true});
		}
	}
}
