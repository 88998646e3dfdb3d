import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** What `#snippets` is while the sources run as they are; the bundle has the same record baked in (scripts/build.ts). */
const folder = join(import.meta.dirname, '../../snippets');

export const snippets: Readonly<Record<string, string>> = Object.fromEntries(
	readdirSync(folder, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => join(entry.parentPath, entry.name))
		.map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
);
