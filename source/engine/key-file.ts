import {posix} from 'node:path';
import type {Ownership} from './facts.ts';

/** Where sshd looks for a login's keys, and what its StrictModes minds there. Pure. */

/** AuthorizedKeysFile of sshd_config(5) for one login: `%h`, `%u`, `%U`, `%%`; relative paths are of the home. None for `none`. */
export function keyPaths(patterns: readonly string[], {name, uid, home}: {name: string; uid?: number; home: string}): readonly string[] {
	const values: Readonly<Record<string, string | undefined>> = {'%h': home, '%u': name, '%U': uid?.toString(), '%%': '%'};
	return patterns
		.filter(pattern => pattern !== 'none' && pattern !== '' && !(uid === undefined && pattern.includes('%U')))
		.map(pattern => posix.resolve(home, pattern.replaceAll(/%[huU%]/g, part => values[part]!)));
}

const digitsOf = (mode: number) => [Math.floor(mode / 0o10) % 0o10, mode % 0o10] as const;
const mayWrite = (digit: number) => Math.floor(digit / 2) % 2 === 1;

/** Others than the user may write. Debian lets the user's own private group do so (user-group-modes.patch). */
export function isWritableByOthers({mode, group}: Ownership, user: string): boolean {
	const [groups, others] = digitsOf(mode);
	return mayWrite(others) || (mayWrite(groups) && group !== user);
}

/** The same mode, but only the owner may write. */
export function onlyOwnerWrites(mode: number): number {
	const [groups, others] = digitsOf(mode);
	return mode - (mayWrite(groups) ? 0o20 : 0) - (mayWrite(others) ? 0o2 : 0);
}
