import {createHash} from 'node:crypto';
import {t} from '../words.ts';

/** What opens the backups when the server is gone: where they lie and their key, to be kept elsewhere. A text, an entry a repository. */

const words = [
	'acorn', 'anchor', 'apple', 'badger', 'basket', 'birch', 'bridge', 'candle', 'canyon', 'castle', 'cedar', 'cherry', 'clover', 'copper', 'coral', 'cotton',
	'desert', 'falcon', 'feather', 'forest', 'garden', 'ginger', 'glacier', 'granite', 'hammer', 'harbor', 'hazel', 'island', 'jacket', 'jasmine', 'kettle', 'ladder',
	'lantern', 'lemon', 'lily', 'magnet', 'maple', 'meadow', 'mirror', 'mountain', 'needle', 'nutmeg', 'olive', 'orchid', 'otter', 'paper', 'pebble', 'pepper',
	'pigeon', 'planet', 'pocket', 'quartz', 'rabbit', 'ribbon', 'river', 'saddle', 'salmon', 'silver', 'spruce', 'thunder', 'timber', 'velvet', 'walnut', 'willow',
];

/** The word that shows that the sheet was read to its end. It says nothing of the key. */
export function wordFor(repository: string, key: string): string {
	return words[createHash('sha256').update(`${repository}\n${key}`).digest().readUInt8() % words.length]!;
}

const entryForm = /^Repository: (?<repository>.+)\nKey: (?<key>.+)\nWord: (?<word>[a-z]+)$/gm;

function entries(sheet: string) {
	return [...sheet.matchAll(entryForm)].map(({groups}) => groups as {repository: string; key: string; word: string});
}

/** The newest key that the sheet has for a repository. */
export function sheetKey(sheet: string, repository: string): string | undefined {
	return entries(sheet).find(entry => entry.repository === repository)?.key;
}

export function sheetKeys(sheet: string): readonly string[] {
	return entries(sheet).map(({key}) => key);
}

/** The word of the newest entry for a repository. */
export function sheetWord(sheet: string, repository: string): string | undefined {
	return entries(sheet).find(entry => entry.repository === repository)?.word;
}

/** A sheet with this entry first; what earlier repositories were opened with stays below it. */
export function recoverySheet(repository: string, key: string, before = ''): string {
	const older = entries(before).filter(entry => entry.repository !== repository || entry.key !== key);
	const all = [{repository, key, word: wordFor(repository, key)}, ...older];
	return [
		t('Recovery sheet of harden-python-vps. Keep it away from this server: print it, or put it into your password manager.'),
		'',
		t('With it, and with your account at the place itself, the backups can be read anywhere that has restic:'),
		'  restic -r REPOSITORY snapshots',
		'  restic -r REPOSITORY restore latest --target FOLDER',
		t('To get a new server back: run harden-python-vps there with this repository and this key as `password`, then harden-python-vps restore.'),
		t('Without the key nobody can read them, neither you nor us.'),
		...all.flatMap((entry, index) => [
			'',
			...index === 1 ? [t('Earlier ones, whose backups may still be there:'), ''] : [],
			`Repository: ${entry.repository}`,
			`Key: ${entry.key}`,
			`Word: ${entry.word}`,
		]),
		'',
	].join('\n');
}
