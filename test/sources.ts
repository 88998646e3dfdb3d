import {readdirSync} from 'node:fs';
import {join, relative} from 'node:path';

export const root = join(import.meta.dirname, '..');

/** The files of the product's own code, from the root. */
export const sources: readonly string[] = ['source', 'steps'].flatMap(folder => readdirSync(join(root, folder), {recursive: true, withFileTypes: true}))
	.filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
	.map(entry => relative(root, join(entry.parentPath, entry.name)));
