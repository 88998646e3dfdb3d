import {createHash} from 'node:crypto';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Sample} from '../../source/answers/app.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';
import type {VenvState} from '../../source/engine/types.ts';
import {layoutOf} from './layout.ts';
import {fromPipfileLock, fromPoetryLock, fromPyproject, fromUvLock} from './lock-files.ts';
import {pythonFor} from './python-version.ts';
import {flattened, hasHashes, namesIn, withServer} from './requirements.ts';

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
	/** Texts by file name: those of CodeFacts. */
	files: CodeFacts['files'];
};

type SampleCode = {entry: string; files: readonly string[]};

export const sampleCode: Readonly<Record<Sample, SampleCode>> = {
	flask: {entry: 'app:app', files: ['app.py', 'requirements.txt']},
	django: {entry: 'shop.wsgi:application', files: ['manage.py', 'requirements.txt', 'shop/__init__.py', 'shop/admin.py', 'shop/asgi.py', 'shop/migrations/__init__.py', 'shop/migrations/0001_initial.py', 'shop/models.py', 'shop/settings.py', 'shop/urls.py', 'shop/wsgi.py']},
	fastapi: {entry: 'main:app', files: ['main.py', 'requirements.txt']},
};

const asgiFrameworks = new Set(['fastapi', 'starlette', 'litestar', 'quart', 'blacksheep', 'falcon-asgi']);

function speaksAsgi(entry: string, requirements: string): boolean {
	const names = namesIn(requirements);
	return /(?:^|\.)asgi:/.test(entry) || (names.some(name => asgiFrameworks.has(name)) && !/(?:^|\.)wsgi:/.test(entry));
}

/** `manage.py` names the settings. */
export function djangoSettings(files: CodeFacts['files']): string | undefined {
	return /DJANGO_SETTINGS_MODULE["']\s*,\s*["'](?<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)["']/.exec(files['manage.py'] ?? '')?.groups?.['module'];
}

/** A Django project is served by the module beside its settings; a Flask app is most often where Flask itself looks for it. */
function entryIn({files}: CodeFacts, requirements: string): string | undefined {
	const [project] = djangoSettings(files)?.split('.') ?? [];
	if (project !== undefined) {
		return `${project}.wsgi:application`;
	}

	const modules = ['app', 'main', 'wsgi', 'asgi'].filter(name => `${name}.py` in files);
	const found = modules.flatMap(name => {
		const made = /^(?<name>[A-Za-z_]\w*)(?:\s*:\s*\w+)?\s*=\s*(?:\w+\.)?(?:Flask|FastAPI|Starlette|Quart|Litestar)\(/m.exec(files[`${name}.py`] ?? '')?.groups?.['name'];
		return made === undefined ? [] : [`${name}:${made}`];
	});
	return found.length === 1 && namesIn(requirements).length > 0 ? found[0] : undefined;
}

const readers: ReadonlyArray<readonly [file: string, read: (files: CodeFacts['files']) => string]> = [
	['requirements.txt', files => files['requirements.txt']!],
	['uv.lock', files => fromUvLock(files['uv.lock']!)],
	['poetry.lock', files => fromPoetryLock(files['poetry.lock']!, files['pyproject.toml'] ?? '')],
	['Pipfile.lock', files => fromPipfileLock(files['Pipfile.lock']!)],
	['pyproject.toml', files => fromPyproject(files['pyproject.toml']!)],
];

/** From the file that was asked for, or the first of the known ones that is there. */
export function requirementsIn({path, files}: CodeFacts, asked: string | undefined): {text: string; from: string} {
	const from = asked ?? readers.map(([file]) => file).find(file => file in files);
	if (from === undefined || !(from in files)) {
		throw from === undefined
			? new Problem(t('{path} has no file of dependencies.', {path}), t('Make one, for instance with: pip freeze > requirements.txt. Or name it in the answers (app.requirements).'), 1)
			: new Problem(t('{path} has no {file}.', {path, file: from}), t('Correct it in the answers (app.requirements).'), 1);
	}

	const reader = readers.find(([file]) => file === from.split('/').at(-1) && file !== 'requirements.txt');
	return {from, text: reader ? reader[1]({...files, [reader[0]]: files[from]!}) : flattened(from, files)};
}

function codeAt(path: string, answers: AppAnswers, code: CodeFacts | undefined): AppCode {
	if (!code) {
		throw new Problem(t('There is no code in {path}.', {path}), t('Put it there, or give another folder in the answers (app.source).'), 1);
	}

	const {text, from} = requirementsIn(code, answers.requirements);
	const found = answers.entry ?? entryIn(code, text);
	if (found === undefined) {
		throw new Problem(t('Where the app begins cannot be seen from {path}.', {path}), t('Say it in the answers (app.entry), as module:app, like shop.wsgi:application or app:app.'), 1);
	}

	return {path, entry: found, isAsgi: speaksAsgi(found, text), requirements: text, from, files: code.files, ...code.hasSourceFolder && {sourceFolder: `${layoutOf(answers.name).code}/src`}};
}

/** Code from git is not here before it was fetched, and says nothing until then. */
export function isAwaited({app: {code}}: Facts, {source}: AppAnswers): boolean {
	return 'git' in source && code === undefined;
}

/** Throws a Problem where the code cannot be served as it is. */
export function codeOf({app}: Facts, answers: AppAnswers): AppCode {
	const {source, name} = answers;
	const {home, checkout} = layoutOf(name);
	if ('sample' in source) {
		const files = Object.fromEntries(sampleCode[source.sample].files.map(file => [file, snippet(`samples/${source.sample}/${file}`)]));
		const requirements = files['requirements.txt']!;
		const entry = answers.entry ?? sampleCode[source.sample].entry;
		return {path: `${home}/sample-${source.sample}`, entry, isAsgi: speaksAsgi(entry, requirements), requirements, from: 'requirements.txt', files};
	}

	return codeAt('path' in source ? source.path : checkout, answers, app.code);
}

export function environmentOf(facts: Facts, answers: AppAnswers): VenvState {
	const {requirements, isAsgi, files} = codeOf(facts, answers);
	const recipe = {python: pythonFor(facts, files), requirements: withServer(requirements, isAsgi)};
	return {id: createHash('sha256').update(JSON.stringify([recipe.python, recipe.requirements])).digest('hex').slice(0, 12), ...recipe, ...isLocked(answers, requirements) && {lock: layoutOf(answers.name).lock}};
}

/** Where the user's own file has hashes, there is nothing to lock. */
export function isLocked({lock}: AppAnswers, requirements: string): boolean {
	return lock && !hasHashes(requirements);
}

/** Processes: two a core and one, as far as the memory goes, at some 120 MiB each and a third of all for the rest of the server. */
export function workersFor({cores, memory}: Pick<Facts, 'cores' | 'memory'>, {workers}: AppAnswers): number {
	return workers === 'auto' ? Math.max(1, Math.min((2 * cores) + 1, Math.floor(memory / 180), 17)) : workers;
}
