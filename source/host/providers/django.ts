import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {manage, parsePending} from '../../engine/manage.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {mustRun} from '../host.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';

async function mustManage(host: Host, name: string, ...words: readonly string[]): Promise<string> {
	const {exitCode, stdout, stderr} = await manage(host, name, ...words);
	if (exitCode !== 0) {
		throw new Problem(
			t('`manage.py {command}` failed:\n{words}', {command: words[0]!, words: (stderr || stdout).trim().split('\n').slice(-6).join('\n')}),
			t('Put that right in the code or its settings, then try again.'),
			1,
		);
	}

	return stdout;
}

/** Before the app is there, or while its database does not answer, all that can be said is that some may be pending. */
async function pendingOf(host: Host, name: string): Promise<ResourceStates['migrations']> {
	const {exitCode, stdout} = await manage(host, name, 'showmigrations', '--plan', '--skip-checks');
	return {pending: exitCode === 0 ? parsePending(stdout) : [t('all that the code has')]};
}

/** Changes to the database that come with the code. What they do to it stays done. */
export function migrationsProvider(host: Host): Provider<'migrations'> {
	return {
		read: async name => pendingOf(host, name),
		async write(name, {pending}, {progress}) {
			if (pending.length > 0) {
				// The way back: there is none, and the preview said so.
				return;
			}

			for (const line of (await mustManage(host, name, 'migrate', '--noinput')).split('\n')) {
				progress({type: 'output', line});
			}
		},
		same: (left, right) => (left.pending.length === 0) === (right.pending.length === 0),
		lasting: () => t('Migrations change the database, and undo leaves it and its data as they are.'),
	};
}

const folderOf = (name: string) => `/var/lib/${name}/static`;

async function filesIn(folder: string): Promise<readonly string[]> {
	const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => []);
	return entries.filter(entry => !entry.isDirectory()).map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted();
}

/** `0 static files copied to '…', 130 unmodified.` as `collectstatic --dry-run` ends, where nothing is missing. */
export function isCollected(output: string): boolean {
	return /^0 static files copied\b/m.test(output);
}

/** Files for the web server that come with the app's packages, in a folder of the app's own. */
export function staticFilesProvider(host: Host): Provider<'static-files'> {
	return {
		async read(name) {
			const [{exitCode, stdout}, files] = await Promise.all([manage(host, name, 'collectstatic', '--noinput', '--dry-run', '--skip-checks'), filesIn(folderOf(name))]);
			return {collected: exitCode === 0 && isCollected(stdout), files};
		},
		async write(name, {collected, files}) {
			if (collected) {
				await mustManage(host, name, 'collectstatic', '--noinput', '--skip-checks');
				return;
			}

			const kept = new Set((files ?? []).map(file => file.split('/')[0]!));
			const going = (await readdir(folderOf(name)).catch(() => [])).filter(entry => !kept.has(entry)).map(entry => join(folderOf(name), entry));
			if (going.length > 0) {
				// The folder is the app's own, which could put a link in the way of root: so it is the app's user who removes.
				await mustRun(host, ['setpriv', `--reuid=${name}`, `--regid=${name}`, '--clear-groups', '--', 'rm', '-rf', '--', ...going]);
			}
		},
		same: (left, right) => left.collected === right.collected,
	};
}
