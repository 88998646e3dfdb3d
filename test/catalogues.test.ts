import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import ts from 'typescript';
import {languages} from '../source/words.ts';
import {root, sources} from './sources.ts';

const folder = join(root, 'source/catalogues');

/** Every sentence that the code hands to `t`, as it stands there. */
function sentencesOf(file: string): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node) => {
		if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
			const [sentence] = node.arguments;
			if (sentence && ts.isStringLiteralLike(sentence)) {
				found.push(sentence.text);
			} else if (sentence && ts.isTaggedTemplateExpression(sentence) && ts.isNoSubstitutionTemplateLiteral(sentence.template)) {
				found.push(sentence.template.rawText!);
			} else {
				throw new Error(`${file}: a sentence has to stand where it is used: ${node.getText()}`);
			}
		}

		ts.forEachChild(node, visit);
	};

	visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
	return found;
}

const sentences = new Set(sources.flatMap(file => sentencesOf(join(root, file))));

test('there is a catalogue for each language but English', t => {
	t.true(sentences.size > 2000, `${sentences.size} sentences`);
	t.deepEqual(readdirSync(folder).map(name => name.replace(/\.json$/, '')).toSorted(), languages.filter(language => language !== 'en').toSorted());
});

/** What has to be in a translation as it is in the sentence, in whatever order. */
const kept: ReadonlyArray<[string, (sentence: string) => readonly string[]]> = [
	['placeholders', sentence => [...new Set(sentence.match(/\{\w+\}/g))].toSorted()],
	['what is to be typed', sentence => (sentence.match(/`[^`]+`/g) ?? []).toSorted()],
	['lines', sentence => [String(sentence.split('\n').length)]],
	['spaces at its ends', sentence => [/^\s*/.exec(sentence)![0], /\s*$/.exec(sentence)![0]]],
];

for (const language of languages.filter(candidate => candidate !== 'en')) {
	const catalogue = JSON.parse(readFileSync(join(folder, `${language}.json`), 'utf8')) as Record<string, string>;

	test(`${language}: each entry is of a sentence that is still there`, t => {
		t.deepEqual(Object.keys(catalogue).filter(sentence => !sentences.has(sentence)), []);
		t.log(`${Object.keys(catalogue).length} of ${sentences.size} sentences`);
	});

	for (const [what, of] of kept) {
		test(`${language}: ${what} stay`, t => {
			for (const [sentence, translation] of Object.entries(catalogue)) {
				t.deepEqual(of(translation), of(sentence), sentence);
			}
		});
	}
}
