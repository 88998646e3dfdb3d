import type {z} from 'zod';
import {secretAnswers} from './answers.ts';
import {printable, type ParsedYaml, type Path} from './answers-yaml.ts';
import {t} from './words.ts';

/** What is wrong with answers, in the words of somebody who has to put it right. */
export type Complaint = {line: number; fact: string; wayOut: string};

/** The part of JSON Schema that zod makes of ours. */
export type JsonSchema = {
	type?: string;
	properties?: Readonly<Record<string, JsonSchema>>;
	items?: JsonSchema;
	anyOf?: readonly JsonSchema[];
	enum?: readonly unknown[];
	const?: string | number | boolean;
	default?: unknown;
	minimum?: number;
	maximum?: number;
};

/** Their values are never shown, not even wrong ones. */
const isSecret = (path: Path) => (secretAnswers as readonly string[]).includes(path.slice(0, 2).join('.'));

/** The complaints about one issue; `file` is the name of the answers file. */
export function complaintsAbout(issue: z.core.$ZodIssue, schema: JsonSchema, {data, line}: ParsedYaml, file: string): readonly Complaint[] {
	const path = issue.path as Path;
	const at = (place: Path) => ({line: line(place), where: `${printable(file)}:${line(place)}`});
	return issue.code === 'unrecognized_keys'
		? issue.keys.map(key => unknownKey([...path, key], schema, at([...path, key])))
		: [wrongValue({issue, path, value: valueAt(data, path), node: schemaAt(schema, path)}, at(path))];
}

type Spot = {line: number; where: string};

function unknownKey(path: Path, schema: JsonSchema, {line, where}: Spot): Complaint {
	const key = String(path.at(-1));
	const siblings = Object.keys(schemaAt(schema, path.slice(0, -1))?.properties ?? {});
	const near = nearest(key, siblings);
	const elsewhere = Object.entries(schema.properties ?? {}).filter(([, block]) => block.properties && Object.hasOwn(block.properties, key)).map(([block]) => `${block}.${key}`);
	const meant = near === undefined ? elsewhere[0] : nameOf([...path.slice(0, -1), near]);
	return {
		line,
		fact: t('{where}: there is no key `{key}`.', {where, key: nameOf(path)}),
		wayOut: meant === undefined
			? t('The keys here are: {keys}.', {keys: siblings.join(', ')})
			: t('Did you mean `{key}`?', {key: meant}),
	};
}

function wrongValue({issue, path, value, node}: {issue: z.core.$ZodIssue; path: Path; value: unknown; node?: JsonSchema}, {line, where}: Spot): Complaint {
	if (path.length === 0) {
		return {line, fact: t('{where}: these are no answers.', {where}), wayOut: t('See: {tool} answers --example')};
	}

	const key = nameOf(path);
	const expected = expectedBy(issue, node);
	if (value === undefined) {
		return {line, fact: t('{where}: `{key}` is missing.', {where, key}), wayOut: t('Give it {expected}.', {expected})};
	}

	if (value === null && node?.type === 'object') {
		return {line, fact: t('{where}: the block `{key}` is empty.', {where, key}), wayOut: t('Write `{key}: {}` to have the step with its defaults, or take the line out to leave the step out.', {key})};
	}

	const fact = isSecret(path)
		? t('{where}: `{key}` has to be {expected}.', {where, key, expected})
		: t('{where}: `{key}` has to be {expected}, not {value}.', {where, key, expected, value: shown(value)});
	return {
		line,
		fact,
		wayOut: node?.default === undefined
			? t('Correct it and start again.')
			: t('Correct it, or take the line out: then it is {value}.', {value: JSON.stringify(node.default)}),
	};
}

/** What would be right, as a noun: the schema says it, or the sentence that answers.ts gave a pattern of its own. */
function expectedBy(issue: z.core.$ZodIssue, node: JsonSchema | undefined): string {
	const [whole, ...alternatives] = node?.anyOf ?? [node];
	const isOwnWording = issue.code === 'custom' || issue.code === 'invalid_format';
	const nouns = [isOwnWording ? issue.message : nounOf(whole), ...alternatives.map(alternative => nounOf(alternative))];
	return nouns.join(` ${t('or')} `);
}

function nounOf(node: JsonSchema | undefined): string {
	if (node?.const !== undefined) {
		return String(node.const);
	}

	if (node?.enum) {
		return node.enum.join(` ${t('or')} `);
	}

	const nouns: Readonly<Record<string, string>> = {
		boolean: t('true or false'),
		integer: t('a whole number from {least} to {most}', {least: node?.minimum ?? 0, most: node?.maximum ?? Number.MAX_SAFE_INTEGER}),
		array: t('a list'),
		object: t('a block of keys'),
		string: t('a text'),
	};
	return nouns[node?.type ?? 'string'] ?? t('something else');
}

/** A wrong value, short and safe to print. */
function shown(value: unknown): string {
	if (value === null) {
		return t('empty');
	}

	if (Array.isArray(value)) {
		return t('a list');
	}

	if (typeof value === 'object') {
		return t('a block of keys');
	}

	const text = printable(JSON.stringify(value));
	return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `firewall.allow[0].port`. */
function nameOf(path: Path): string {
	return printable(path.map((step, index) => typeof step === 'number' ? `[${step}]` : (index === 0 ? step : `.${step}`)).join(''));
}

function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
	return path.reduce<JsonSchema | undefined>((node, step) => typeof step === 'number' ? node?.items : node?.properties?.[step], schema);
}

function valueAt(data: unknown, path: Path): unknown {
	return path.reduce<unknown>((node, step) => (node as Record<string | number, unknown> | undefined)?.[step], data);
}

/** The known key that a slip of the fingers most likely meant: at most a third of it differs, or two letters. */
export function nearest(key: string, known: readonly string[]): string | undefined {
	const [best] = known
		.map(candidate => ({candidate, distance: editDistance(key.toLowerCase(), candidate.toLowerCase())}))
		.filter(({candidate, distance}) => distance <= Math.max(2, Math.floor(candidate.length / 3)) && distance < candidate.length)
		.toSorted((left, right) => left.distance - right.distance);
	return best?.candidate;
}

/** Letters added, left out, exchanged, or swapped with their neighbour (optimal string alignment, Damerau 1964). */
function editDistance(left: string, right: string): number {
	const a = left.slice(0, 100);
	const rows = [Array.from({length: right.length + 1}, (_, column) => column)];
	for (let row = 1; row <= a.length; row++) {
		rows[row] = [row];
		for (let column = 1; column <= right.length; column++) {
			const isSame = a[row - 1] === right[column - 1];
			const isSwapped = row > 1 && column > 1 && a[row - 1] === right[column - 2] && a[row - 2] === right[column - 1];
			rows[row]![column] = Math.min(
				rows[row - 1]![column]! + 1,
				rows[row]![column - 1]! + 1,
				rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
				isSwapped ? rows[row - 2]![column - 2]! + 1 : Number.POSITIVE_INFINITY,
			);
		}
	}

	return rows[a.length]![right.length]!;
}
