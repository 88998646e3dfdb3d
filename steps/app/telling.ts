import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';
import {codeOf, djangoSettings, isAwaited} from './code.ts';
import {debuggersIn, hasHashes} from './requirements.ts';

/** What in the code helps while one develops, and is a door into the server afterwards: pure, from its texts. */

const withoutComments = (text: string) => text.replaceAll(/^\s*#.*$/gm, '');

const pythonIn = (files: CodeFacts['files']) => Object.entries(files).filter(([file]) => file.endsWith('.py')).map(([file, raw]) => ({file, text: withoutComments(raw)}));

/** Findings with the file that each is in. */
export function debuggingIn(files: CodeFacts['files']): readonly string[] {
	return pythonIn(files).flatMap(({file, text}) => [
		.../^DEBUG\s*(?::\s*\w+\s*)?=\s*True\b/m.test(text) ? [t('{file} says DEBUG = True: errors would show your code and settings to everybody.', {file})] : [],
		.../\bdebug\s*=\s*True\b/.test(text) ? [t('{file} says debug=True: that opens a console in the browser as soon as it is run by itself.', {file})] : [],
		.../\bDebuggedApplication\b/.test(text) ? [t('{file} uses DebuggedApplication of Werkzeug: whoever finds an error there can run commands.', {file})] : [],
		.../^\s*(?:import|from)\s+(?:pdb|ipdb|pudb)\b|\bbreakpoint\(\)/m.test(text) ? [t('{file} stops in a debugger, and then no longer answers.', {file})] : [],
		.../\bFastAPI\(/.test(text) && !/\b(?:docs_url|openapi_url)\s*=\s*None\b/.test(text) ? [t('{file} shows /docs and /openapi.json to everybody. Where that is not meant: FastAPI(docs_url=None, redoc_url=None, openapi_url=None).', {file})] : [],
	]);
}

/** What Flask and Starlette leave to the app behind a web server with HTTPS; what a file says holds for all. Django's is the step Django. */
export function missingIn(files: CodeFacts['files']): readonly string[] {
	const texts = pythonIn(files);
	const says = (pattern: RegExp) => texts.some(({text}) => pattern.test(text));
	const flask = texts.find(({text}) => /\bFlask\(/.test(text))?.file;
	const sessions = texts.find(({text}) => /\bSessionMiddleware\b/.test(text))?.file;
	return [
		...flask !== undefined && !says(/\bProxyFix\b/) ? [t('{file}: Flask does not know that a web server stands before it, so all visitors have one address, and links say http. Put in: app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1), from werkzeug.middleware.proxy_fix.', {file: flask})] : [],
		...flask !== undefined && !says(/\bSESSION_COOKIE_SECURE\b/) ? [t('{file}: Flask sends the cookie of a session without HTTPS as well. Put in: app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax").', {file: flask})] : [],
		...sessions !== undefined && !says(/\bhttps_only\s*=\s*True\b/) ? [t('{file}: the cookie of a session is sent without HTTPS as well. Put in: SessionMiddleware, …, https_only=True.', {file: sessions})] : [],
	];
}

/** The step Django turns DEBUG off, whatever the settings say. */
export function findings(facts: Facts, {app, django}: Answers): readonly string[] {
	if (!app) {
		return [];
	}

	const {files, requirements} = codeOf(facts, app);
	const isSettled = django !== undefined && djangoSettings(files) !== undefined;
	const tools = debuggersIn(requirements);
	return [
		...isSettled ? debuggingIn(Object.fromEntries(Object.entries(files).filter(([file]) => !/(?:^|\/)settings(?:\/\w+)?\.py$/.test(file)))) : debuggingIn(files),
		...tools.length > 0 ? [t('For development only, and in the file of dependencies: {names}. Keep them in a file of their own.', {names: tools.join(', ')})] : [],
	];
}

/** Shown in the preview. */
export function warnings(facts: Facts, answers: Answers): readonly string[] {
	const {app} = answers;
	if (!app || 'sample' in app.source || isAwaited(facts, app)) {
		return [];
	}

	const {files, requirements, from} = codeOf(facts, app);
	return [
		...findings(facts, answers),
		...missingIn(files),
		...app.lock || hasHashes(requirements) ? [] : [t('{file} has no hashes, so whoever controls the index of packages decides what runs here. This step can lock them (app.lock in the answers); or by yourself: pip-compile --generate-hashes, or a lock file of uv, Poetry or Pipenv.', {file: from})],
	];
}
