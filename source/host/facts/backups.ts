import {z} from 'zod';
import type {BackupFacts, BackupRun} from '../../engine/facts.ts';
import {sheetWord} from '../../engine/recovery-sheet.ts';
import type {Host} from '../../engine/types.ts';

const settings = '/etc/harden/backup';
const state = '/var/lib/harden-python-vps';

const runSchema = z.object({state: z.enum(['running', 'done', 'failed']), startedAt: z.string(), error: z.string().optional()});

/** backup.json or drill.json, as harden-backup writes it; undefined for what is not. */
export function parseRun(text: string | undefined): BackupRun | undefined {
	try {
		const parsed = runSchema.safeParse(JSON.parse(text ?? ''));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return undefined;
	}
}

export async function collectBackups(host: Host): Promise<BackupFacts> {
	const [repository, credentials, password, sheet, last, drill] = await Promise.all([
		...['repository', 'credentials', 'password'].map(async name => host.read(`${settings}/${name}`)),
		host.read(`${state}/RECOVERY.txt`),
		...['backup', 'drill'].map(async kind => host.read(`${state}/backups/${kind}.json`)),
	]);
	const address = repository?.trim();
	const word = address === undefined ? undefined : sheetWord(sheet ?? '', address);
	const [lastRun, lastDrill] = [parseRun(last), parseRun(drill)];
	return {
		...address !== undefined && {repository: address},
		credentials: credentials !== undefined,
		password: password !== undefined,
		...word !== undefined && {word},
		...lastRun && {last: lastRun},
		...lastDrill && {drill: lastDrill},
	};
}
