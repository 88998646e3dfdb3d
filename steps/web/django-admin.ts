import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {codeOf} from '../app/code.ts';

/** Where the app has the admin site of Django: pure, from its texts. */

/** The file of a module, which may lie below `src`. */
function textOf(files: Readonly<Record<string, string>>, module: string): string {
	const path = `${module.replaceAll('.', '/')}.py`;
	return files[path] ?? files[`src/${path}`] ?? '';
}

/** Its path with both slashes, of plain names: it becomes part of a pattern. Where it is mounted in any other way than Django's own, nothing. */
export function adminIn(files: Readonly<Record<string, string>>): string | undefined {
	const urls = Object.entries(files).filter(([file]) => /(?:^|\/)settings(?:\/\w+)?\.py$/.test(file))
		.flatMap(([, text]) => /^ROOT_URLCONF\s*=\s*["'](?<module>[\w.]+)["']/m.exec(text)?.groups?.['module'] ?? []);
	const paths = urls.flatMap(module => /^\s*path\(\s*["'](?<path>(?:[\w-]+\/)+)["']\s*,\s*admin\.site\.urls\b/m.exec(textOf(files, module))?.groups?.['path'] ?? []);
	return paths[0] === undefined ? undefined : `/${paths[0]}`;
}

export function adminOf(facts: Facts, app: NonNullable<Answers['app']>): string | undefined {
	return adminIn('sample' in app.source ? codeOf(facts, app).files : facts.app.code?.files ?? {});
}
