import type {Resource} from '../source/engine/types.ts';

/** What lands on the server belongs to root, unless a step has a reason for somebody else. */

export function file(name: string, content: string, why: string, mode = 0o644): Resource<'file'> {
	return {type: 'file', name, desired: {content, mode, owner: 'root', group: 'root'}, why};
}

export function folder(name: string, mode: number, why: string): Resource<'directory'> {
	return {type: 'directory', name, desired: {mode, owner: 'root', group: 'root'}, why};
}
