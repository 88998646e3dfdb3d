import type {Host} from '../source/engine/types.ts';

/** A host on which nothing is, and every command fails. A test puts on it what it is about. */
export const emptyHost: Host = {
	run: async () => ({exitCode: 1, stdout: '', stderr: ''}),
	read: async () => undefined,
	list: async () => [],
	stat: async () => undefined,
	look: async () => undefined,
	scratch: async () => undefined,
};
