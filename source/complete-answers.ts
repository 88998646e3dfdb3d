import {stringify} from 'yaml';
import {z} from 'zod';
import {answersSchema, type Answers} from './answers.ts';
import {complaintsAbout, type JsonSchema} from './answers-complaints.ts';
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
	const lines: ReadonlyArray<readonly [string, string?]> = [
		['', t('The answers of harden-python-vps, for: harden-python-vps --answers FILE --yes')],
		['', t('A block that is left out leaves its step out; a key that is left out is as it stands here.')],
		['version: 1'],
		['updates:'],
		['  upgrade: true', t('install what is waiting now')],
		['  automatic: true', t('and security updates every day from now on')],
		['  rebootAt: "04:30"', t('when an update needs a reboot; or never')],
		['ssh:'],
		['  user: deploy', t('who logs in from now on, instead of root')],
		['  authorizedKeys: []', t('like ["ssh-ed25519 AAAA... you@laptop"]; an empty list takes the keys that root has')],
		['  sudo: nopasswd', t('or password')],
		['  port: 5922'],
		['  allowFrom: []', t('only these addresses may log in, like ["203.0.113.7", "2001:db8::/48"]; an empty list is everybody')],
		['  maxAuthTries: 3'],
		['  forwarding: false', t('tunnels through this server (ssh -L)')],
		['firewall:'],
		['  # backend: ufw', t('or firewalld; without it, the one that is there')],
		['  web: true', t('let ports 80 and 443 in')],
		['  allow: []', t('further ports, like [{port: 5432, protocol: tcp, from: 203.0.113.7}]')],
		['  prune: []', t('rules to take away, as the wizard lists them')],
		['fail2ban:'],
		['  maxRetry: 5', t('so many wrong logins')],
		['  findTime: 10m', t('within this time')],
		['  banTime: 1h', t('keep an address out for so long, and longer each time')],
		['  ignore: []', t('addresses that are never kept out; yours is one of them anyway')],
	];
	return lines.map(([line, comment]) => [line.padEnd(line === '' || comment === undefined ? 0 : 24), comment === undefined ? '' : `# ${comment}`].filter(Boolean).join(' ')).join('\n') + '\n';
}
