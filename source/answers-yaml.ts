import {isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, Parser, visit, type CST, type Document, type Node} from 'yaml';
import {Problem} from './problem.ts';
import {t} from './words.ts';

export type Path = ReadonlyArray<string | number>;

export type ParsedYaml = {
	data: unknown;
	/** The line, from 1, where the thing at `path` stands, or the nearest thing around it. */
	line(path: Path): number;
};

/** Far above any real answers file, far below what would take seconds to parse. */
const mostCharacters = 100_000;
/** Levels. Making data of them takes a piece of the stack each; where that ends, Node can die without a word. */
const deepest = 50;

/**
 * Reads YAML 1.2 as plain data: maps with plain keys, lists, and values. What only serves to surprise is refused: aliases (a few
 * lines of them expand to gigabytes), tags, keys twice, several documents. Throws a Problem that names the file and the line.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
	if (text.length > mostCharacters) {
		throw new Problem(t('{file} has more than {count} characters. That is no answers file.', {file: printable(file), count: mostCharacters}), t('See: {tool} answers --example'));
	}

	refuseDepth(text, file);
	const lines = new LineCounter();
	const at = (offset: number) => `${printable(file)}:${lines.linePos(offset).line}`;
	const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, logLevel: 'error'});
	const [error = document.warnings[0]] = document.errors;
	if (error) {
		throw syntaxProblem(error.code, printable(error.message), at(error.pos[0]));
	}

	refuseSurprises(document, at);
	return {
		data: document.toJS(),
		line: path => lines.linePos(offsetOf(document.contents, path)).line,
	};
}

/** Walks without going down, since that is what it is about. */
function refuseDepth(text: string, file: string): void {
	const lines = new LineCounter();
	const parser = new Parser(offset => {
		lines.addNewLine(offset);
	});
	const found: Array<{token: CST.Token; level: number}> = [...parser.parse(text)].map(token => ({token, level: 0}));
	// It grows while it is walked.
	for (const {token, level} of found) {
		if (level > deepest) {
			throw syntaxProblem('RESOURCE_EXHAUSTION', '', `${printable(file)}:${lines.linePos(token.offset).line}`);
		}

		const items = 'items' in token ? token.items.flatMap(({key, value}) => [key, value]) : [];
		for (const inner of token.type === 'document' ? [token.value] : items) {
			if (inner) {
				found.push({token: inner, level: level + 1});
			}
		}
	}
}

/** A text from outside, safe to print. */
export function printable(text: string): string {
	return text.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?');
}

function syntaxProblem(code: string, message: string, where: string): Problem {
	switch (code) {
		case 'TAB_AS_INDENT': {
			return new Problem(t('{where}: the line is indented with a tab, which YAML does not allow.', {where}), t('Use two spaces instead.'));
		}

		case 'DUPLICATE_KEY': {
			return new Problem(t('{where}: this key is there twice.', {where}), t('Keep one of the two.'));
		}

		case 'MULTIPLE_DOCS': {
			return new Problem(t('{where}: a second document begins here.', {where}), t('Put all answers into one, without a line of dashes between them.'));
		}

		case 'RESOURCE_EXHAUSTION': {
			return new Problem(t('{where}: too many brackets inside each other.', {where}), t('See: {tool} answers --example'));
		}

		case 'TAG_RESOLVE_FAILED': {
			return new Problem(t('{where}: tags (a word after an exclamation mark) are not used in answers.', {where}), t('Take it out, or put the value in quotes.'));
		}

		default: {
			return new Problem(t('{where}: this is not valid YAML. {message}.', {where, message}), t('Compare it with: {tool} answers --example'));
		}
	}
}

function refuseSurprises(document: Document, at: (offset: number) => string): void {
	const start = (node: Node) => at(node.range?.[0] ?? 0);
	visit(document, {
		Alias(_, alias) {
			throw new Problem(t('{where}: aliases (a word after an asterisk) are not used in answers.', {where: start(alias)}), t('Write the value out, or put it in quotes.'));
		},
		Pair(_, {key}) {
			if (!isScalar(key) || typeof key.value !== 'string' || key.value === '__proto__') {
				throw new Problem(t('{where}: a key has to be a plain word.', {where: isNode(key) ? start(key) : at(0)}), t('See: {tool} answers --example'));
			}
		},
	});
}

/** Where the key or the entry at `path` begins. */
function offsetOf(root: unknown, path: Path): number {
	let node = root;
	let offset = 0;
	for (const step of path) {
		if (isMap(node)) {
			const pair = node.items.find(({key}) => isScalar(key) && key.value === step);
			offset = isNode(pair?.key) ? pair.key.range?.[0] ?? offset : offset;
			node = pair?.value;
		} else if (isSeq(node) && typeof step === 'number') {
			node = node.items[step];
			offset = isNode(node) ? node.range?.[0] ?? offset : offset;
		} else {
			break;
		}
	}

	return offset;
}
