import {readdir, rm, rmdir} from 'node:fs/promises';
import {posix} from 'node:path';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {certbot} from '../acme/certbot.ts';

type State = ResourceStates['acme-account'];

const accounts = '/etc/letsencrypt/accounts';

/** Where certbot keeps the accounts at one authority: host and path of its directory's address. */
export function accountFolder(directory: string): string {
	const {host, pathname, protocol} = new URL(directory);
	const folder = posix.join(accounts, host, pathname);
	if (protocol !== 'https:' || !folder.startsWith(`${accounts}/${host}`) || /[^\w./:~[\]-]/.test(folder)) {
		throw new Error(`Not the address of an authority: ${directory}`);
	}

	return folder;
}

async function read(host: Host, directory: string): Promise<State> {
	const folder = accountFolder(directory);
	const found = await Promise.all((await host.list(folder)).map(async id => host.list(posix.join(folder, id))));
	if (found.length === 0) {
		return null;
	}

	return found.some(files => files.includes('private_key.json') && files.includes('regr.json')) ? {} : {partial: true};
}

/** Takes the accounts at one authority away, and the folders above that are empty then. */
async function remove(directory: string): Promise<void> {
	const folder = accountFolder(directory);
	await rm(folder, {recursive: true, force: true});
	for (let parent = posix.dirname(folder); parent !== accounts && (await readdir(parent).catch(() => ['?'])).length === 0; parent = posix.dirname(parent)) {
		await rmdir(parent);
	}
}

/**
 * certbot's account at an authority. Taking it away destroys its key, which is all there is to it: an account without
 * its key is nobody's, and undo needs no network for that.
 */
export function acmeAccountProvider(host: Host): Provider<'acme-account'> {
	return {
		read: async directory => read(host, directory),
		async write(directory, state, {progress}) {
			const current = await read(host, directory);
			if (state === null || current?.partial) {
				await remove(directory);
			}

			if (state !== null && (current === null || current.partial)) {
				const {email, caFile} = state;
				await certbot(host, ['register', '--agree-tos', '--server', directory, ...email === undefined ? ['--register-unsafely-without-email'] : ['--email', email, '--no-eff-email']], {caFile, progress});
			}
		},
		same: (left, right) => (left === null) === (right === null) && (left?.partial ?? false) === (right?.partial ?? false),
	};
}
