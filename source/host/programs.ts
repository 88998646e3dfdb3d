import {posix} from 'node:path';
import type {Host} from '../engine/types.ts';

/** Where programs are looked for, whatever the environment of the user says: those of the system's owner first. */
export const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/** Whether there is a program of that name: quicker than to start it in vain. */
export async function hasProgram(host: Host, name: string): Promise<boolean> {
	const found = await Promise.all(programFolders.map(async folder => host.stat(posix.join(folder, name))));
	return found.some(stamp => stamp !== undefined);
}
