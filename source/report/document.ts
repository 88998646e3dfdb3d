import type {Standing} from '../engine/accepted.ts';

/** A report as plain data: what is said, apart from how it looks. HTML and Markdown are made of the same. */

/** Plain text; a word that is not broken over two lines; something to type or a path; the name of a check; or how one stands. */
export type Inline = string | {word: string} | {code: string} | {id: string} | {standing: Standing};

export type Line = Inline | readonly Inline[];

export type Block =
	| {type: 'paragraph'; line: Line; tone?: 'good' | 'warning'}
	| {type: 'heading'; text: string}
	| {type: 'list'; items: readonly Line[]}
	/** A name in front of each; on paper and on a phone it stands above. */
	| {type: 'pairs'; pairs: ReadonlyArray<readonly [name: string, value: Line]>}
	| {type: 'table'; columns: readonly string[]; rows: ReadonlyArray<readonly Line[]>}
	| {type: 'figures'; figures: ReadonlyArray<{label: string; value: string; note?: string; tone?: 'good' | 'warning' | 'bad'}>}
	| {type: 'commands'; commands: ReadonlyArray<{what: string; command?: string}>};

export type Section = {
	/** For links to it: letters and hyphens. */
	id: string;
	title: string;
	blocks: readonly Block[];
};

export type ReportDocument = {
	title: string;
	/** Whose, and of when. */
	subtitle: string;
	sections: readonly Section[];
	/** The last line. */
	footer: string;
};

/** User and password in an address are nobody's business but the server's: `https://me:token@host` → `https://…@host`. */
export function withoutCredentials(text: string): string {
	return text.replaceAll(/(?<scheme>\b[a-z][a-z\d+.-]*:\/\/)[^\s/@]*:?[^\s/@]*@/gi, '$<scheme>…@');
}

/** The same for everything that a report says, whatever it came from. */
export function censored<T>(value: T): T {
	if (typeof value === 'string') {
		return withoutCredentials(value) as T;
	}

	if (Array.isArray(value)) {
		return value.map((entry: unknown) => censored(entry)) as T;
	}

	return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, censored<unknown>(entry)])) as T : value;
}
