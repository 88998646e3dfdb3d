import {randomBytes} from 'node:crypto';
import type {Host, Provider} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';

/** 64 characters that are safe in any file, shell or URL: 384 random bits. */
function randomValue(): string {
	return randomBytes(48).toString('base64url');
}

/** A file that holds one random value, made where there is none; one that is there keeps its value. Its value never leaves this file. */
export function secretProvider(host: Host): Provider<'secret'> {
	return {
		async read(path) {
			const state = await readState(host, path);
			return state === null ? null : ('link' in state ? {mode: 0, owner: '', group: ''} : {mode: state.mode, owner: state.owner, group: state.group});
		},
		async write(path, desired) {
			const state = await readState(host, path);
			const kept = state !== null && 'content' in state && state.content !== '' ? {content: state.content, encoding: state.encoding} : {content: randomValue()};
			await writeState(host, path, desired && {...kept, mode: desired.mode, owner: desired.owner, group: desired.group});
		},
		atomic: true,
	};
}
