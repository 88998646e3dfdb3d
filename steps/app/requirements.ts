import {posix} from 'node:path';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';

/** Reading pip's own form of requirements: pure. */

/** As PEP 503 has names compared. */
export function plainName(name: string): string {
	return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Lines with what a backslash continues, without comments and blank ones. */
export function requirementLines(text: string): readonly string[] {
	return text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)
		.map(line => line.replace(/(?:^|\s)#.*$/, '').trim())
		.filter(Boolean);
}

/** The names of the packages that a requirements file asks for by name. */
export function namesIn(text: string): readonly string[] {
	return requirementLines(text).flatMap(line => /^(?<name>[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?)\s*(?:[[<>=!~;@ ]|$)/.exec(line)?.groups?.['name'] ?? []).map(name => plainName(name));
}

/** Whether pip would insist on a hash for each. */
export function hasHashes(text: string): boolean {
	return requirementLines(text).some(line => /(?:^|\s)--(?:require-hashes|hash[=\s])/.test(line));
}

/** What it takes to serve the app, where its own requirements do not name it. Without hashes, so in a text of its own where theirs have some. */
export function withServer(text: string, isAsgi: boolean): readonly string[] {
	const names = new Set(namesIn(text));
	const missing = [
		...names.has('gunicorn') ? [] : ['gunicorn>=22'],
		...isAsgi && !names.has('uvicorn') ? ['uvicorn>=0.30'] : [],
	];
	const own = text.endsWith('\n') || text === '' ? text : `${text}\n`;
	const added = missing.map(line => `${line}\n`).join('');
	if (added === '') {
		return [own];
	}

	return hasHashes(text) ? [own, added] : [own + added];
}

/** Packages that help while one develops and are a door into the server afterwards. */
const debugging = new Set(['django-debug-toolbar', 'flask-debugtoolbar', 'django-extensions', 'django-silk', 'ipdb', 'pdbpp', 'pudb', 'web-pdb', 'remote-pdb', 'debugpy', 'werkzeug-debugger-runtime', 'jupyter', 'ipython', 'rpdb']);

export function debuggersIn(text: string): readonly string[] {
	return namesIn(text).filter(name => debugging.has(name));
}

/** One file with all that it includes (`-r`). What would install the code itself is left out: it is run from its folder. */
export function flattened(name: string, files: Readonly<Record<string, string>>, within: readonly string[] = []): string {
	const text = files[name];
	if (text === undefined || within.includes(name)) {
		throw new Problem(
			text === undefined ? t('{by} includes {file}, which is not in the code.', {by: within.at(-1) ?? name, file: name}) : t('{file} includes itself.', {file: name}),
			t('Put the dependencies into one file, and name that in the answers (app.requirements).'),
			1,
		);
	}

	return text.split(/\r?\n/).map(line => {
		const {option, file} = /^\s*(?<option>-r|--requirement|-c|--constraint)[\s=]*(?<file>[^\s#]+)/.exec(line)?.groups ?? {};
		if (option === '-c' || option === '--constraint') {
			throw new Problem(t('{file} refers to a file of constraints.', {file: name}), t('Put the dependencies into one file, for instance with pip-compile, and name that in the answers (app.requirements).'), 1);
		}

		if (file !== undefined) {
			return flattened(posix.normalize(posix.join(posix.dirname(name), file)), files, [...within, name]);
		}

		return /^\s*(?:(?:-e|--editable)[\s=]*)?\.{1,2}(?:\/\S*)?(?:\[[^\]]*])?\s*(?:#.*)?$/.test(line) ? '' : line;
	}).join('\n');
}
