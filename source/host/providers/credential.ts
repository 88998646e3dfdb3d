import {randomBytes} from 'node:crypto';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';
import {isSealed, seal, unseal} from '../sealed.ts';

type State = ResourceStates['credential'];

/** 64 characters of the URL alphabet, 384 bits: fit for Django's SECRET_KEY, a token, a password. */
export function newSecret(): string {
	return randomBytes(48).toString('base64url');
}

async function read(host: Host, path: string): Promise<State> {
	const state = await readState(host, path);
	if (state === null) {
		return null;
	}

	const content = 'content' in state && state.encoding === undefined ? state.content : '';
	return {value: isSealed(path) ? await unseal(host, path, content) : content};
}

async function write(host: Host, path: string, state: State): Promise<void> {
	const current = await read(host, path).catch(() => undefined);
	if (state !== null && state.value === undefined && current) {
		return;
	}

	const value = state === null ? undefined : state.value ?? newSecret();
	await writeState(host, path, value === undefined ? null : {
		content: isSealed(path) ? await seal(host, path, value) : value,
		mode: 0o600,
		owner: 'root',
		group: 'root',
	});
}

/** A secret in a file of root's, one for each variable. A generated one is made where there is none, and kept where there is. */
export function credentialProvider(host: Host): Provider<'credential'> {
	return {
		read: async path => read(host, path),
		write: async (path, state) => write(host, path, state),
		same: (left, right) => (left === null) === (right === null)
			&& (left?.value === undefined || right?.value === undefined || left.value === right.value),
		atomic: true,
	};
}
