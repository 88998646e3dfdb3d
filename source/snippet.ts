import Handlebars from 'handlebars';
import {snippets} from '#snippets';

export type SnippetValue = string | number | boolean | readonly string[];

/** The names that a template speaks of, found by walking its syntax tree. */
function spokenOf(node: unknown, found = new Set<string>()): Set<string> {
	if (Array.isArray(node)) {
		for (const child of node) {
			spokenOf(child, found);
		}
	} else if (node !== null && typeof node === 'object') {
		const {type, original} = node as {type?: string; original?: string};
		if (type === 'PathExpression' && typeof original === 'string') {
			found.add(original);
		}

		for (const child of Object.values(node)) {
			spokenOf(child, found);
		}
	}

	return found;
}

function assertOneLine(name: string, value: SnippetValue): void {
	for (const part of [value].flat()) {
		// A control character could start a line of its own in somebody's configuration.
		if (typeof part === 'string' && /[\p{Cc}\u2028\u2029]/u.test(part)) {
			throw new Error(`Snippet value "${name}" holds a line break or control character`);
		}
	}
}

/**
 * Fills a file of snippets/ (path relative to that folder). An unknown placeholder, an unused value, or a value
 * with a control character throws: these are bugs of a step, never something the user can do.
 */
export function snippet(path: string, values: Readonly<Record<string, SnippetValue>> = {}): string {
	const source = snippets[path];
	if (source === undefined) {
		throw new Error(`There is no snippet ${path}`);
	}

	const spoken = spokenOf(Handlebars.parse(source));
	for (const [name, value] of Object.entries(values)) {
		assertOneLine(name, value);
		if (!spoken.has(name)) {
			throw new Error(`Snippet ${path} has no placeholder "${name}"`);
		}
	}

	return Handlebars.compile(source, {strict: true, noEscape: true})(values);
}
