import {open, rm} from 'node:fs/promises';
import {posix} from 'node:path';
import {parseKeyLine} from '../../engine/authorized-key.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {mustRun} from '../host.ts';
import {inFolderOf} from '../walk.ts';

type State = ResourceStates['host-key'];

const publicHalf = (path: string) => `${path}.pub`;

/** By its public half. A half alone (a power cut while it was made) reads as a key of no bits. */
async function read(host: Host, path: string): Promise<State> {
	const names = await host.list(posix.dirname(path));
	const halves = [path, publicHalf(path)].filter(half => names.includes(posix.basename(half)));
	if (halves.length === 0) {
		return null;
	}

	const line = parseKeyLine((await host.read(publicHalf(path)) ?? '').trim());
	return line.kind === 'key' && halves.length === 2
		? {type: line.key.type === 'ssh-rsa' ? 'rsa' : 'ed25519', bits: line.key.bits}
		: {type: 'ed25519', bits: 0};
}

async function toDisk(path: string): Promise<void> {
	const file = await open(path, 'r');
	try {
		await file.sync();
	} finally {
		await file.close();
	}
}

/** ssh-keygen(1) writes the private half first, so that what has its public half is whole. */
async function make(host: Host, path: string, {type, bits}: NonNullable<State>): Promise<void> {
	await mustRun(host, ['ssh-keygen', '-q', '-t', type, '-b', String(bits), '-N', '', '-C', '', '-f', path], {timeout: 180_000});
	await Promise.all([path, publicHalf(path)].map(async half => toDisk(half)));
}

/** A key pair by which sshd proves who it is. Writing one state over another makes a new pair: the old one is gone. */
export function hostKeyProvider(host: Host): Provider<'host-key'> {
	return {
		read: async path => read(host, path),
		async write(path, state) {
			const current = await read(host, path);
			if (current?.type === state?.type && current?.bits === state?.bits) {
				return;
			}

			await Promise.all([path, publicHalf(path)].map(async half => rm(half, {force: true})));
			if (state !== null) {
				await make(host, path, state);
			}

			await inFolderOf(path, async folder => folder.sync(), () => undefined);
		},
	};
}
