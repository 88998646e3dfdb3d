import {stringify} from 'yaml';
import {z} from 'zod';
import {answersSchema, type Answers} from './answers.ts';
import {complaintsAbout, type JsonSchema} from './answers-complaints.ts';
import {appExample} from './answers/app.ts';
import {backupsExample} from './answers/backups.ts';
import {monitoringExample} from './answers/monitoring.ts';
import {permissionsExample} from './answers/permissions.ts';
import {postgresExample} from './answers/postgres.ts';
import {secretsExample} from './answers/secrets.ts';
import {djangoExample} from './answers/django.ts';
import {serverExample} from './answers/server.ts';
import type {ExampleLine} from './answers/values.ts';
import {httpsExample} from './answers/https.ts';
import {webExample} from './answers/web.ts';
import {parseYaml} from './answers-yaml.ts';
import {withoutSecrets} from './engine/session.ts';
import {Problem} from './problem.ts';
import {t} from './words.ts';

/**
 * Answers from the text of a YAML file; `path` is only its name. Throws a Problem that names the file, the line, the key and the
 * way out; where several things are wrong it lists them all.
 */
export function loadAnswers(text: string, path: string): Answers {
	const parsed = parseYaml(text, path);
	const result = answersSchema.safeParse(parsed.data ?? {});
	if (result.success) {
		return result.data;
	}

	const schema = jsonSchema() as JsonSchema;
	const complaints = result.error.issues
		.flatMap(issue => complaintsAbout(issue, schema, parsed, path))
		.toSorted((left, right) => left.line - right.line);
	const [first] = complaints;
	throw complaints.length === 1
		? new Problem(first!.fact, first!.wayOut)
		: new Problem(complaints.map(({fact, wayOut}) => `${fact} ${wayOut}`).join('\n'), t('Put these {count} places right and start again.', {count: complaints.length}));
}

/** The answers as a file that `--answers` takes, without secrets. */
export function answersToYaml(answers: Answers): string {
	return stringify(withoutSecrets(answers), {defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0});
}

/** The schema of an answers file, for editors: JSON Schema, draft 2020-12. What has a default may be left out. */
export function jsonSchema(): object {
	return z.toJSONSchema(answersSchema, {io: 'input'});
}

/** A file with every answer at its default, and a comment for each. */
export function exampleAnswers(): string {
	const lines: readonly ExampleLine[] = [
		['', t('The answers of harden-python-vps, for: harden-python-vps --answers FILE --yes')],
		['', t('A block that is left out leaves its step out; a key that is left out is as it stands here.')],
		['version: 1'],
		...serverExample(),
		...appExample(),
		...webExample(),
		...httpsExample(),
		...permissionsExample(),
		...secretsExample(),
		...postgresExample(),
		...backupsExample(),
		...djangoExample(),
		...monitoringExample(),
	];
	return lines.map(([line, comment]) => [line.padEnd(line === '' || comment === undefined ? 0 : 24), comment === undefined ? '' : `# ${comment}`].filter(Boolean).join(' ')).join('\n') + '\n';
}
