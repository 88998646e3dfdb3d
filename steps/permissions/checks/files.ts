/* eslint-disable no-bitwise -- the modes of files are bits */
import {plainPlaces, placeRules, ruleFor} from '../../../source/engine/places.ts';
import {t} from '../../../source/words.ts';
import type {Answers} from '../../../source/answers.ts';
import type {Host, Verdict} from '../../../source/engine/types.ts';
import {layoutOf} from '../../app/layout.ts';
import {fail, few, notRun, pass} from './verdicts.ts';

/** Owners and modes, asked of the file system and of the app's own account. */

/** Places of the table where others may do more than they should, as `stat` tells. */
export async function verifyPlaces(host: Host): Promise<Verdict> {
	const {stdout} = await host.run(['find', ...plainPlaces, '-maxdepth', '0', '-printf', String.raw`%p %y %m %u\n`]);
	const found = stdout.split('\n').map(line => line.split(' ')).filter(fields => fields.length === 4);
	const loose = found.filter(([path = '', kind = '', mode = '', owner = '']) => {
		const rule = ruleFor(path)!;
		return kind !== 'l' && (owner !== (rule.owner ?? 'root') || (Number.parseInt(mode, 8) & ~rule.most) !== 0);
	});
	return loose.length === 0
		? pass(t('{count} places looked at, from {first} to {last}.', {count: found.length, first: placeRules[0]!.path, last: found.at(-1)?.[0] ?? ''}))
		: fail(t('Others may do too much with: {places}', {places: few(loose.map(([path, , mode, owner]) => `${path} (${mode} ${owner})`))}));
}

/** The app's own account tries: nothing of its code and settings may be its to write, no secret its to read. */
export async function verifyApp(host: Host, answers: Answers): Promise<Verdict> {
	const name = answers.app?.name;
	if (name === undefined) {
		return notRun(t('There is no app here yet.'));
	}

	const {home, settings, credentials, sealed, user} = layoutOf(name);
	const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--no-new-privs', '--'] as const;
	const [writable, readable] = await Promise.all([
		host.run([...as, 'find', home, settings, '-xdev', '!', '-type', 'l', '-writable', '-print'], {timeout: 30_000}),
		host.run([...as, 'find', credentials, sealed, '-mindepth', '1', '-readable', '-print']),
	]);
	if (writable.stderr.includes('setpriv: ')) {
		return fail(writable.stderr.split('\n')[0]!);
	}

	const wrong = [...writable.stdout.split('\n'), ...readable.stdout.split('\n')].filter(Boolean);
	return wrong.length === 0
		? pass(t('{user} can write nothing in {home} and {settings}, and read no secret there.', {user, home, settings}))
		: fail(t('{user} can change or read: {paths}', {user, paths: few(wrong)}));
}

/** As long as a look at all files may take. */
const patience = 25_000;
/** Never another file system: network mounts and backups of others would take for ever. */
const elsewhere = ['/proc', '/sys', '/var/lib/docker', '/var/lib/containers', '/var/lib/containerd', '/snap'].flatMap((path, index) => [...index === 0 ? [] : ['-o'], '-path', path]);
/** Both checks ask in the same words, so that all files are looked at once. */
const wanted = {
	setId: ['-type', 'f', '-perm', '/6000'],
	writable: ['(', '-type', 'f', '-perm', '-0002', '-o', '-type', 'd', '-perm', '-0002', '!', '-perm', '-1000', ')'],
} as const;
const everywhere = ['find', '/', '-xdev', '(', ...elsewhere, ')', '-prune', '-o', '(', ...wanted.setId, '-printf', String.raw`setId %p\n`, ',', ...wanted.writable, '-printf', String.raw`writable %p\n`, ')'] as const;

/** The files of a kind; a verdict where there are too many to look at. */
async function allFiles(host: Host, kind: keyof typeof wanted): Promise<readonly string[] | Verdict> {
	const {stdout, exitCode} = await host.run(everywhere, {timeout: patience});
	return exitCode === 124
		? notRun(t('There are too many files to look at all of them in {seconds} seconds.', {seconds: patience / 1000}))
		: stdout.split('\n').filter(line => line.startsWith(`${kind} `)).map(line => line.slice(kind.length + 1));
}

const isVerdict = (found: readonly string[] | Verdict): found is Verdict => 'status' in found;

export async function verifyWorldWritable(host: Host): Promise<Verdict> {
	const found = await allFiles(host, 'writable');
	if (isVerdict(found)) {
		return found;
	}

	return found.length === 0
		? pass(t('No file, and no folder without the sticky bit, can be written by everybody.'))
		: fail(t('Everybody on this server may write: {paths}', {paths: few(found)}));
}

/** Every set-id program that no package brought, or in a folder where others than root write. */
export async function verifySetId(host: Host): Promise<Verdict> {
	const found = await allFiles(host, 'setId');
	if (isVerdict(found)) {
		return found;
	}

	const {stdout: owned} = found.length === 0 ? {stdout: ''} : await host.run(['dpkg-query', '--search', ...found.flatMap(path => aliases(path))]);
	const known = new Set(owned.split('\n').map(line => line.slice(line.indexOf(': ') + 2)));
	const strange = found.filter(path => !aliases(path).some(alias => known.has(alias)));
	return strange.length === 0
		? pass(t('{count} programs run with the rights of their owner, all from the distribution: {paths}', {count: found.length, paths: few(found, 4)}))
		: fail(t('No package brought these, and they run with the rights of their owner: {paths}', {paths: few(strange)}));
}

/** dpkg knows some files by the paths from before /bin became a link to /usr/bin. */
function aliases(path: string): readonly string[] {
	return path.startsWith('/usr/') ? [path, path.slice('/usr'.length)] : [path];
}
