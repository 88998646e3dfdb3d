import {readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import test from 'ava';
import {root, sources as files} from './sources.ts';

/** The import rules of docs/architecture.md, checked on the sources as they are. */

/** Specifiers as written; relative ones as paths from the root. */
function importsOf(file: string): string[] {
	const text = readFileSync(join(root, file), 'utf8');
	return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(?<specifier>[^']+)'/g)]
		.map(match => match.groups!['specifier']!)
		.map(specifier => specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier);
}

const words = ['source/words.ts', 'source/problem.ts'];
const types = ['source/engine/', 'source/answers.ts', 'source/answers/', ...words];

/** Folder → what its files may import of ours. The longest folder that fits counts. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
	'source/engine/': types,
	'source/host/': ['source/host/', 'source/snippet.ts', ...types],
	'source/report/': ['source/report/', 'source/ui/lines/text.ts', 'source/snippet.ts', 'steps/', ...types],
	'source/ui/': ['source/ui/', ...types],
	'steps/': ['steps/', 'source/snippet.ts', ...types],
};

/** Package → the only places that may use it. */
const belongsTo: Readonly<Record<string, readonly string[]>> = {
	execa: ['source/host/host.ts'],
	inquirer: ['source/ui/plain/'],
	ink: ['source/ui/'],
	react: ['source/ui/'],
	commander: ['source/cli.ts'],
	'node:child_process': [],
	child_process: [],
};

test('there are sources to check', t => {
	t.true(files.length > 40, `${files.length} files`);
	t.true(files.flatMap(file => importsOf(file)).length > 200);
});

for (const [folder, allowed] of Object.entries(mayImport)) {
	test(`${folder} imports only what it may`, t => {
		for (const file of files.filter(name => name.startsWith(folder))) {
			const ours = importsOf(file).filter(specifier => /^(?:source|steps)\//.test(specifier));
			const wrong = ours.filter(specifier => !allowed.some(prefix => specifier.startsWith(prefix)));
			t.deepEqual(wrong, [], file);
		}
	});
}

test('a package is used only where it belongs', t => {
	for (const file of files) {
		for (const specifier of importsOf(file)) {
			const places = belongsTo[specifier];
			t.true(places === undefined || places.some(place => file.startsWith(place)), `${file} imports ${specifier}`);
		}
	}
});

test('only main.ts ends the process', t => {
	const enders = files.filter(file => /process\.(?:exit\(|exitCode\s*=)/.test(readFileSync(join(root, file), 'utf8')));
	t.deepEqual(enders, ['source/main.ts']);
});

test('what sources print goes through one place each', t => {
	const printers = files.filter(file => /\bconsole\.\w+\(/.test(readFileSync(join(root, file), 'utf8')));
	t.deepEqual(printers, []);
});
