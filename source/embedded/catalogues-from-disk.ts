import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** What `#catalogues` is while the sources run as they are; the bundle has the same baked in (scripts/embed.ts). */
export function catalogueOf(language: string): Readonly<Record<string, string>> {
	return JSON.parse(readFileSync(join(import.meta.dirname, `../catalogues/${language}.json`), 'utf8')) as Record<string, string>;
}
