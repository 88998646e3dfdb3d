import process from 'node:process';

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

/** A translator over one catalogue; a missing translation falls back to the English sentence. */
export function translator(catalogue: Catalogue) {
	return (sentence: string, values?: Values): string => fill(catalogue[sentence] ?? sentence, values);
}

/** One file a language; English needs none, since its sentences are the keys. */
const catalogues: Readonly<Record<string, Catalogue>> = {en: {}};

export const languages = Object.keys(catalogues);

/** The language is chosen once, by the command line, before anything is shown. */
export const t = translator(catalogues[chosenLanguage(process.argv)] ?? {});
