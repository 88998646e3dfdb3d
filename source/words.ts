import process from 'node:process';
import {catalogueOf} from '#catalogues';

/**
 * Every sentence a user can see goes through `t`: the English sentence is the key, as in gettext, and named
 * placeholders are filled after the translation was looked up, so that sentences are never glued from pieces.
 */
export type Catalogue = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, string | number>>;

const languageFlag = /^--lang(?:=(?<value>.+))?$/;

/** The language asked for by `--lang X` or `--lang=X`; English where nothing was asked for. */
export function chosenLanguage(argv: readonly string[]): string {
	const index = argv.findIndex(argument => languageFlag.test(argument));
	if (index === -1) {
		return 'en';
	}

	return languageFlag.exec(argv[index]!)?.groups?.value ?? argv[index + 1] ?? 'en';
}

/** Fills `{name}` placeholders; a placeholder without a value stays visible, so that a slip shows in the tests. */
export function fill(sentence: string, values: Values = {}): string {
	return sentence.replaceAll(/\{(\w+)\}/g, (whole, name: string) => name in values ? String(values[name]) : whole);
}

/**
 * What to type for this tool again, by how it was started: npx leaves nothing on the PATH, and the one file is run by
 * node. Timers and the guard run copies that come and go; what stays is the one in the state folder.
 */
export function invocation(script = ''): string {
	if (script.includes('/_npx/')) {
		return 'npx harden-python-vps';
	}

	const file = script.startsWith('/var/lib/harden-python-vps/') ? '/var/lib/harden-python-vps/harden-python-vps.mjs' : script;
	return file.endsWith('/harden-python-vps.mjs') ? `node ${/^[\w./-]+$/.test(file) ? file : `'${file}'`}` : 'harden-python-vps';
}

/** A translator over one catalogue; a missing translation falls back to the English sentence. `{tool}` is filled by itself. */
export function translator(catalogue: Catalogue, tool = 'harden-python-vps') {
	return (sentence: string, values?: Values): string => fill(catalogue[sentence] ?? sentence, {tool, ...values});
}

/** One file a language in catalogues/; English needs none, since its sentences are the keys. */
const translated = ['zh-CN'];

export const languages: readonly string[] = ['en', ...translated];

/** The language is chosen once, by the command line, before anything is shown. */
export const language = translated.find(name => name === chosenLanguage(process.argv)) ?? 'en';

export const t = translator(language === 'en' ? {} : catalogueOf(language), invocation(process.argv[1]));
