import process from 'node:process';
import {answersToYaml, exampleAnswers, jsonSchema} from '../complete-answers.ts';
import {parseSession} from '../engine/session.ts';
import {readJson} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {Problem} from '../problem.ts';
import {isRoot} from '../root.ts';
import {t} from '../words.ts';

/** `answers`: the session's as YAML, or an example, or the schema. */
export async function answersCommand(options: Record<string, unknown>): Promise<number> {
	if (options['example']) {
		process.stdout.write(exampleAnswers());
		return 0;
	}

	if (options['schema']) {
		process.stdout.write(JSON.stringify(jsonSchema(), undefined, '\t') + '\n');
		return 0;
	}

	if (!isRoot()) {
		throw new Problem(t('The answers of the session can be read by root only.'), t('Run it with sudo, or see: {tool} answers --example'));
	}

	const session = parseSession(await readJson(stateFolder(), 'session.json'));
	if (!session) {
		throw new Problem(t('No session was begun on this server.'), t('Run {tool}, or see: {tool} answers --example'));
	}

	process.stdout.write(answersToYaml(session.answers));
	return 0;
}
