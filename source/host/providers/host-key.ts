import {rmSync} from 'node:fs';
import {constants, copyFile, mkdir, mkdtemp, open, rm} from 'node:fs/promises';
import process from 'node:process';
import {posix} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
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
async function generate(host: Host, path: string, {type, bits}: NonNullable<State>): Promise<void> {
	await mustRun(host, ['ssh-keygen', '-q', '-t', type, '-b', String(bits), '-N', '', '-C', '', '-f', path], {timeout: 180_000});
}

/** In memory, for root only: gone with a restart, and with us. */
const waitingRoom = '/run/harden-python-vps';

type MadeAhead = {state: NonNullable<State>; path: Promise<string>};

/** A long key takes a second or two of a whole core. Made where nobody looks, it becomes a host key only when its change comes. */
async function generateAhead(host: Host, state: NonNullable<State>): Promise<string> {
	await mkdir(waitingRoom, {recursive: true, mode: 0o700});
	const folder = await mkdtemp(posix.join(waitingRoom, 'host-key-'));
	process.once('exit', () => {
		rmSync(folder, {recursive: true, force: true});
	});
	const path = posix.join(folder, 'key');
	await generate(host, path, state);
	return path;
}

async function putInPlace(made: string, path: string): Promise<void> {
	for (const [from, to] of [[made, path], [publicHalf(made), publicHalf(path)]] as const) {
		await copyFile(from, to, constants.COPYFILE_EXCL);
	}

	await rm(posix.dirname(made), {recursive: true, force: true});
}

/** A key pair by which sshd proves who it is. Writing one state over another makes a new pair: the old one is gone. */
export function hostKeyProvider(host: Host): Provider<'host-key'> {
	const ahead = new Map<string, MadeAhead>();

	async function make(path: string, state: NonNullable<State>): Promise<void> {
		const waiting = ahead.get(path);
		ahead.delete(path);
		const made = waiting && isDeepStrictEqual(waiting.state, state) ? await waiting.path.catch(() => undefined) : undefined;
		await (made === undefined ? generate(host, path, state) : putInPlace(made, path));
		await Promise.all([path, publicHalf(path)].map(async half => toDisk(half)));
	}

	return {
		read: async path => read(host, path),
		async write(path, state) {
			const current = await read(host, path);
			if (current?.type === state?.type && current?.bits === state?.bits) {
				return;
			}

			await Promise.all([path, publicHalf(path)].map(async half => rm(half, {force: true})));
			if (state !== null) {
				await make(path, state);
			}

			await inFolderOf(path, async folder => folder.sync(), () => undefined);
		},
		async ahead(changes) {
			for (const {name, desired} of changes) {
				if (desired !== null && !ahead.has(name)) {
					const path = generateAhead(host, desired);
					path.catch(() => undefined);
					ahead.set(name, {state: desired, path});
				}
			}
		},
	};
}
