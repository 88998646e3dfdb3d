import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** What `#snippets` is while the sources run as they are; the bundle has the same record baked in (scripts/build.ts). */
const folder = join(import.meta.dirname, '../../snippets');

export const snippets: Readonly<Record<string, string>> = Object.fromEntries(
	readdirSync(folder, {recursive: true, withFileTypes: true})
		// A link leads to what is read in the repository as well: the runbook lies in docs/.
		.filter(entry => entry.isFile() || entry.isSymbolicLink())
		.map(entry => join(entry.parentPath, entry.name))
		.map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
);
