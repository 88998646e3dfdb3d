import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {build} from 'esbuild';
import {embed} from './embed.ts';

/** Bundles the tool, snippets and all, into the one file that is published. Run with `npm run build`. */

const root = join(import.meta.dirname, '..');
const outfile = join(root, 'dist/harden-python-vps.mjs');

const {version} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {version: string};

/** For who runs the file without bin/: the same words as there. Node that is older yet does not get this far. */
const tooOld = String.raw`{
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error("harden-python-vps needs Node.js 20.19 or newer; this is " + process.versions.node + ".");
	console.error("On Debian 13: apt-get install --no-install-recommends nodejs");
	console.error("On others: see \"Node on the server\" in the README, https://www.npmjs.com/package/harden-python-vps");
	process.exit(2);
}
}`;

await mkdir(join(root, 'dist'), {recursive: true});
const {metafile} = await build({
	entryPoints: [join(root, 'source/main.ts')],
	outfile,
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node20.19',
	minify: true,
	keepNames: true,
	metafile: true,
	legalComments: 'none',
	// All ASCII, so that V8 reads the file as one byte a character: half the memory, and parsed sooner.
	charset: 'ascii',
	plugins: [embed],
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', __VERSION__: JSON.stringify(version)},
	// Some bundled packages are CommonJS and ask for `require`.
	banner: {js: `#!/usr/bin/env node\nimport {createRequire as __createRequire} from "node:module"; const require = __createRequire(import.meta.url);\n${tooOld}`},
});

/** The folder of the package that a bundled file belongs to. */
function packageFolder(input: string): string | undefined {
	return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function licenceOf(folder: string): Promise<string> {
	const {name, version: itsVersion, license} = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {name: string; version: string; license?: string};
	const file = (await readdir(join(root, folder))).find(entry => /^(?:licen[cs]e|copying)/i.test(entry));
	const text = file === undefined ? '' : await readFile(join(root, folder, file), 'utf8');
	return `${name} ${itsVersion} (${license ?? 'see below'})\n\n${text.trim()}\n`;
}

const folders = [...new Set(Object.keys(metafile.inputs).map(input => packageFolder(input)).filter(folder => folder !== undefined))].toSorted();
const licences = await Promise.all(folders.map(async folder => licenceOf(folder)));
await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
const {size} = await stat(outfile);
console.log(`dist/harden-python-vps.mjs ${(size / 1024).toFixed(0)} KiB, ${folders.length} packages bundled`);
