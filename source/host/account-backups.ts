import {join} from 'node:path';
import {z} from 'zod';
import {isSame} from '../engine/same.ts';
import type {FileState, Host, Provider} from '../engine/types.ts';
import {readState, writeState} from './files.ts';
import {prepareStateFolder, readJson} from './state-folder.ts';

/** Each of the account tools leaves the file as it was before its last change under this name (shadow(5), FILES). */
const backups = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map(name => `/etc/${name}-`);
const kept = 'account-backups.json';

const keptSchema = z.record(z.string(), z.union([
	z.null(),
	z.object({link: z.string()}),
	z.object({content: z.string(), encoding: z.literal('base64').optional(), mode: z.int(), owner: z.string(), group: z.string()}),
]));

type Backups = Record<string, FileState | null>;

async function readBackups(host: Host): Promise<Backups> {
	return Object.fromEntries(await Promise.all(backups.map(async path => [path, await readState(host, path)] as const)));
}

/** What an earlier run that was cut short had kept comes first: it is older, so it is what the server's owner had. */
async function backupsToKeep(host: Host, folder: string): Promise<Backups> {
	const parsed = keptSchema.safeParse(await readJson(folder, kept));
	return parsed.success ? parsed.data : readBackups(host);
}

/** Carries out what a power cut kept keepingBackups from: the account tools were done, and the backups not yet put back. */
export async function settleBackups(host: Host, stateFolder: string): Promise<void> {
	if (await readJson(stateFolder, kept) !== undefined) {
		await keepingBackups(host, stateFolder, async () => undefined);
	}
}

/**
 * Runs account tools (useradd, chpasswd …) and puts the backups that they make back to what these were, so that
 * making a user and removing it leaves /etc byte for byte as it was. Kept on disk meanwhile: a power cut loses nothing.
 */
export async function keepingBackups<T>(host: Host, stateFolder: string, work: () => Promise<T>): Promise<T> {
	const before = await backupsToKeep(host, stateFolder);
	await prepareStateFolder(stateFolder);
	await writeState(host, join(stateFolder, kept), {content: JSON.stringify(before), mode: 0o600, owner: 'root', group: 'root'});
	try {
		return await work();
	} finally {
		const after = await readBackups(host);
		for (const path of backups) {
			const state = before[path] ?? null;
			if (!isSame({} as Provider, after[path] ?? null, state)) {
				await writeState(host, path, state);
			}
		}

		await writeState(host, join(stateFolder, kept), null);
	}
}
