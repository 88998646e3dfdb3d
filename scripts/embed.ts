import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import util from 'node:util';
import {brotliCompressSync} from 'node:zlib';
import type {Plugin} from 'esbuild';
import {snippets} from '../source/embedded/from-disk.ts';

const root = join(import.meta.dirname, '..');

/** Parts of packages that the tool never comes by. Each byte less is read and parsed before the first screen shows. */
const unused = [
	// Ink's debugger, and what it talks through.
	/^(?:react-devtools-core|ws)$/,
	// Only inquirer's `editor` prompt needs it; it brings every character set there is.
	/^@inquirer\/external-editor$/,
	// Handlebars writes source maps with it; snippets have none.
	/^source-map$/,
];

/** node:util by its names, so that one which an older Node does not have is undefined, and no error before our first line. */
const utilByName = `import util from "node:util"; export default util; ${Object.keys(util).filter(name => /^[a-z]\w*$/i.test(name) && name !== 'default').map(name => `export const ${name} = util.${name};`).join(' ')}`;

function withoutFetch(code: string): string {
	const asks = '"function"!=typeof fetch?';
	if (!code.includes(asks)) {
		throw new Error('yoga-layout does not ask for fetch as it did: see whether the build still has to keep it from doing so');
	}

	return code.replaceAll(asks, 'true?');
}

/** The catalogues, packed: who reads English has nothing to parse of them. `require` is that of the bundle's first lines. */
async function packedCatalogues(): Promise<string> {
	const folder = join(root, 'source/catalogues');
	const packed = await Promise.all((await readdir(folder)).map(async name => {
		const catalogue = JSON.stringify(JSON.parse(await readFile(join(folder, name), 'utf8')));
		return [name.replace(/\.json$/, ''), brotliCompressSync(catalogue).toString('base64')];
	}));
	return `const packed = ${JSON.stringify(Object.fromEntries(packed))};
export const catalogueOf = language => JSON.parse(require("node:zlib").brotliDecompressSync(Buffer.from(packed[language], "base64")));`;
}

/** Replaces the readers of snippets/ and catalogues/ by what they would read, and what is not used by nothing. */
export const embed: Plugin = {
	name: 'embed',
	setup(builder) {
		builder.onResolve({filter: /^(?:node:)?util$/}, ({namespace}) => namespace === 'util' ? undefined : {path: 'util', namespace: 'util'});
		builder.onLoad({filter: /^util$/, namespace: 'util'}, () => ({contents: utilByName, loader: 'js'}));
		builder.onResolve({filter: /^#(?:snippets|catalogues)$/}, ({path}) => ({path: path.slice(1), namespace: 'embedded'}));
		for (const filter of unused) {
			builder.onResolve({filter}, () => ({path: 'nothing', namespace: 'embedded'}));
		}

		// One of it, ours, is enough: each makes a segmenter and the same large expressions.
		builder.onResolve({filter: /^string-width$/}, () => ({path: join(root, 'node_modules/string-width/index.js')}));
		builder.onLoad({filter: /^snippets$/, namespace: 'embedded'}, () => ({contents: `export const snippets = ${JSON.stringify(snippets)};`, loader: 'js'}));
		builder.onLoad({filter: /^catalogues$/, namespace: 'embedded'}, async () => ({contents: await packedCatalogues(), loader: 'js'}));
		builder.onLoad({filter: /^nothing$/, namespace: 'embedded'}, () => ({contents: 'module.exports = {connectToDevTools() {}, initialize() {}};', loader: 'js'}));
		// Yoga's WebAssembly stands in its file as text; asking fetch() for it would first load all of Node's HTTP client.
		builder.onLoad({filter: /\/yoga-wasm-base64-esm\.js$/}, async ({path}) => ({contents: withoutFetch(await readFile(path, 'utf8')), loader: 'js'}));
		// Of zod's messages in some fifty languages we use one; ours are in source/answers-complaints.ts.
		builder.onLoad({filter: /\/zod\/v4\/locales\/index\.js$/}, () => ({contents: 'export {default as en} from "./en.js";', loader: 'js'}));
	},
};
