import {createHash, randomBytes} from 'node:crypto';
import {mkdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {recoverySheet, sheetKey, sheetKeys} from '../../engine/recovery-sheet.ts';
import type {Host, Provider, ResourceStates, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {syncFolder, writeDurably} from '../durable.ts';
import {readJson, writeJson} from '../state-folder.ts';

type State = ResourceStates['repository'];

const settings = '/etc/harden/backup';
const passwordFile = join(settings, 'password');
const cache = '/var/cache/harden-backup';
const program = '/usr/local/sbin/harden-backup';

/** What is remembered of the tie: restic opened this repository with this key. `made` where the key is of our making. */
const tieSchema = z.object({repository: z.string(), id: z.string(), key: z.string(), made: z.boolean()});
/** The one before comes back where this one is taken away: a failed move to another place must not leave a server without backups. */
const recordSchema = tieSchema.extend({previous: tieSchema.optional()});
/** In place of the repository's id, from before a new key is written until restic has opened the repository with it. */
const begun = '';
type Tie = z.infer<typeof recordSchema>;

function fingerprint(password: string): string {
	return createHash('sha256').update(password).digest('hex');
}

async function textOf(path: string): Promise<string | undefined> {
	return readFile(path, 'utf8').catch(() => undefined);
}

/** 160 random bits in groups that can be read out and typed: letters and digits that are not taken for one another. */
function makeKey(): string {
	const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
	return [...randomBytes(32)].map(byte => letters[byte % 32]).join('').replaceAll(/.{4}(?=.)/g, '$&-');
}

/**
 * This server's tie to a repository of restic. Making it proves the address, the credentials and the key: it opens the
 * repository, or makes one where there is none. What was proven is remembered, so that planning needs no network and waits
 * for none; the checks of the step ask the repository itself. Taking the tie away never touches the repository, and keeps
 * its key on the recovery sheet: without it the backups would be lost.
 */
export function repositoryProvider(host: Host, stateFolder: string): Provider<'repository'> {
	const folder = join(stateFolder, 'backups');
	const sheet = join(stateFolder, 'RECOVERY.txt');

	async function readTie(): Promise<Tie | undefined> {
		const parsed = recordSchema.safeParse(await readJson(folder, 'repository.json').catch(() => undefined));
		return parsed.success ? parsed.data : undefined;
	}

	async function read(repository: string): Promise<State> {
		const [known, password] = await Promise.all([readTie(), textOf(passwordFile)]);
		if (known?.repository === repository && known.id === begun) {
			return {connected: false};
		}

		if (known?.repository !== repository || password === undefined || known.key !== fingerprint(password)) {
			return null;
		}

		return repository.startsWith('/') && await textOf(join(repository, 'config')) === undefined ? null : {connected: true};
	}

	/** The key that is there, or that the sheet of an earlier time has for this repository, or a new one. */
	async function chooseKey(repository: string): Promise<{password: string; made: boolean; isNew: boolean}> {
		const [present, text] = await Promise.all([textOf(passwordFile), textOf(sheet)]);
		return present === undefined
			? {password: sheetKey(text ?? '', repository) ?? makeKey(), made: true, isNew: true}
			: {password: present, made: sheetKeys(text ?? '').includes(present), isNew: false};
	}

	async function keepOnSheet(repository: string, password: string): Promise<void> {
		const before = await textOf(sheet) ?? '';
		if (sheetKey(before, repository) !== password) {
			await writeDurably(sheet, recoverySheet(repository, password, before));
		}
	}

	async function tie(repository: string, {progress}: WriteContext): Promise<void> {
		const told = (await textOf(join(settings, 'repository')))?.trim();
		if (told !== repository) {
			throw new Error(`${settings}/repository says ${told}, not ${repository}`);
		}

		await mkdir(folder, {recursive: true, mode: 0o700});
		const {password, made, isNew} = await chooseKey(repository);
		const known = await readTie();
		const previous = known?.repository === repository ? known.previous : known && tieSchema.parse(known);
		const record = {repository, key: fingerprint(password), made, ...previous && {previous}};
		if (isNew) {
			// On the sheet first: a repository must never be made with a key that is nowhere.
			await keepOnSheet(repository, password);
			await writeJson(folder, 'repository.json', {...record, id: begun});
			await writeDurably(passwordFile, password);
		}

		const {exitCode, stdout, stderr} = await host.run([program, 'connect'], {timeout: 300_000, onLine: line => progress({type: 'output', line})});
		if (exitCode !== 0) {
			if (isNew) {
				await rm(passwordFile, {force: true});
				await untie(repository);
			}

			throw new Problem(stderr || t('The repository {repository} could not be opened.', {repository}), t('Put the address, the credentials or the password right, and take the step again. Nothing in the repository was changed.'), 1);
		}

		const {id} = z.object({id: z.string()}).parse(JSON.parse(stdout));
		await keepOnSheet(repository, password);
		await writeJson(folder, 'repository.json', {...record, id});
	}

	async function untie(repository: string): Promise<void> {
		const known = await readTie();
		if (known?.repository !== repository) {
			return;
		}

		if (known.previous) {
			await writeJson(folder, 'repository.json', known.previous);
			return;
		}

		if (known.made) {
			await rm(passwordFile, {force: true});
			await syncFolder(settings).catch(() => undefined);
		}

		await rm(join(folder, 'repository.json'), {force: true});
		await rm(cache, {recursive: true, force: true});
	}

	return {
		read,
		async write(repository, state, context) {
			await (state?.connected ? tie(repository, context) : untie(repository));
		},
		lasting: ({desired}) => desired === null ? undefined : t('Undo leaves the repository and the backups in it where they are, and keeps their key in {sheet}.', {sheet}),
	};
}
