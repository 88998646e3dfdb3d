import {createHash} from 'node:crypto';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Sample} from '../../source/answers/app.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';
import type {VenvState} from '../../source/engine/types.ts';
import {layoutOf} from './layout.ts';
import {namesIn, withServer} from './requirements.ts';

/** What an app is made of, from the facts and the answers: pure. */

export type AppAnswers = NonNullable<Answers['app']>;

export type AppCode = {
	/** Where the code really lies. */
	path: string;
	/** A folder inside it that modules are also looked for in. */
	sourceFolder?: string;
	entry: string;
	isAsgi: boolean;
	/** The text of its requirements, in pip's form. */
	requirements: string;
	/** The name of the file that it was read from. */
	from: string;
};

type SampleCode = {entry: string; files: readonly string[]};

export const sampleCode: Readonly<Record<Sample, SampleCode>> = {
	flask: {entry: 'app:app', files: ['app.py', 'requirements.txt']},
	django: {entry: 'shop.wsgi:application', files: ['manage.py', 'requirements.txt', 'shop/__init__.py', 'shop/asgi.py', 'shop/settings.py', 'shop/urls.py', 'shop/wsgi.py']},
	fastapi: {entry: 'main:app', files: ['main.py', 'requirements.txt']},
};

const asgiFrameworks = new Set(['fastapi', 'starlette', 'litestar', 'quart', 'blacksheep', 'falcon-asgi']);

function speaksAsgi(entry: string, requirements: string): boolean {
	const names = namesIn(requirements);
	return /(?:^|\.)asgi:/.test(entry) || (names.some(name => asgiFrameworks.has(name)) && !/(?:^|\.)wsgi:/.test(entry));
}

/** `manage.py` names the settings, and the module beside them is how a Django project is served. */
function djangoEntry({files}: CodeFacts): string | undefined {
	const settings = /DJANGO_SETTINGS_MODULE["']\s*,\s*["'](?<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)["']/.exec(files['manage.py'] ?? '')?.groups?.['module'];
	const [project] = settings?.split('.') ?? [];
	return project === undefined ? undefined : `${project}.wsgi:application`;
}

function ofPath(path: string, {entry, requirements}: AppAnswers, code: CodeFacts | undefined): AppCode {
	if (!code) {
		throw new Problem(t('There is no code in {path}.', {path}), t('Put it there, or give another folder in the answers (app.source).'), 1);
	}

	const from = requirements ?? 'requirements.txt';
	const text = code.files[from];
	if (text === undefined) {
		throw new Problem(t('{path} has no {file}.', {path, file: from}), t('Make it, for instance with: pip freeze > requirements.txt. Or name another file in the answers (app.requirements).'), 1);
	}

	const found = entry ?? djangoEntry(code);
	if (found === undefined) {
		throw new Problem(t('Where the app begins cannot be seen from {path}.', {path}), t('Say it in the answers (app.entry), as module:app, like shop.wsgi:application or app:app.'), 1);
	}

	return {path, entry: found, isAsgi: speaksAsgi(found, text), requirements: text, from};
}

/** Throws a Problem where the code cannot be served as it is. */
export function codeOf({app}: Facts, answers: AppAnswers): AppCode {
	const {source} = answers;
	if ('sample' in source) {
		const requirements = snippet(`samples/${source.sample}/requirements.txt`);
		const entry = answers.entry ?? sampleCode[source.sample].entry;
		return {path: layoutOf(answers.name).code, entry, isAsgi: speaksAsgi(entry, requirements), requirements, from: 'requirements.txt'};
	}

	if ('path' in source) {
		return ofPath(source.path, answers, app.code);
	}

	return ofPath(layoutOf(answers.name).code, answers, app.code);
}

/** The Python that a release comes with: what `python3-venv` brings where there is none yet. */
const releasePython: Readonly<Record<string, string>> = {bookworm: '3.11', trixie: '3.13', forky: '3.14', jammy: '3.10', noble: '3.12'};

/** The interpreter that the app gets: the distribution's own. */
export function pythonFor({app, os}: Facts): string {
	const version = releasePython[os.codename] ?? Object.entries(app.pythons).find(([path]) => path.startsWith('/usr/bin/'))?.[1];
	if (version === undefined) {
		throw new Problem(t('There is no Python 3 in /usr/bin.'), t('Install it with: apt-get install python3'), 1);
	}

	return `/usr/bin/python${version}`;
}

export function environmentOf(facts: Facts, answers: AppAnswers): VenvState {
	const {requirements, isAsgi} = codeOf(facts, answers);
	const recipe = {python: pythonFor(facts), requirements: withServer(requirements, isAsgi)};
	return {id: createHash('sha256').update(JSON.stringify([recipe.python, recipe.requirements])).digest('hex').slice(0, 12), ...recipe};
}

/** Processes: two a core and one, as far as the memory goes, at some 120 MiB each and a third of all for the rest of the server. */
export function workersFor({cores, memory}: Pick<Facts, 'cores' | 'memory'>, {workers}: AppAnswers): number {
	return workers === 'auto' ? Math.max(1, Math.min((2 * cores) + 1, Math.floor(memory / 180), 17)) : workers;
}
