import {lockFrom, lockIsFor} from '../../engine/requirements-lock.ts';
import type {Host, Provider} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';
import {resolved} from '../wheels.ts';
import {lockInUse} from './venv.ts';

/** Gone when the lock is made. In /srv, which the sandbox of pip sees empty but for its own folder: so it can come to it. */
const work = '/srv/.harden-requirements-lock';

/** Which packages exactly the dependencies of an app come to, with their hashes, in a file of root's. */
export function requirementsLockProvider(host: Host): Provider<'requirements-lock'> {
	return {
		async read(path) {
			const state = await readState(host, path);
			// Somebody else's link or folder reads as a lock for nothing that is asked for.
			return state === null ? null : ('content' in state && state.encoding === undefined ? {of: lockIsFor(state.content), text: state.content} : {of: ''});
		},
		async write(path, desired, context) {
			if (desired === null) {
				await writeState(host, path, null);
				return;
			}

			const {of, text, python = '', requirements = [], venv} = desired;
			const content = text ?? (venv === undefined ? undefined : await lockInUse(host, venv, of)) ?? lockFrom(await resolved(host, {work, python, requirements}, context), of);
			await writeState(host, path, {content, mode: 0o644, owner: 'root', group: 'root'});
		},
		same: (left, right) => left?.of === right?.of,
		atomic: true,
	};
}
