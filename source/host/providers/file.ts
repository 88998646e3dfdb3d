import type {Host, Provider} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';

/** Files and links: content, mode, owner, group, or absence. */
export function fileProvider(host: Host): Provider<'file'> {
	return {
		read: async name => readState(host, name),
		write: async (name, state) => writeState(host, name, state),
		atomic: true,
	};
}
