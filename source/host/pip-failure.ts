import {Problem} from '../problem.ts';
import {t} from '../words.ts';

const lineOf = (output: string, pattern: RegExp) => output.split('\n').findLast(line => pattern.test(line))?.replace(/^ERROR:\s*/, '').trim() ?? '';

const offline = /NewConnectionError|Name or service not known|Temporary failure in name resolution|Network is unreachable|No route to host|Connection refused|ConnectTimeoutError|ReadTimeoutError|ProxyError|SSLError|certificate verify failed/;

/** What pip's last words mean for the one who has to put it right. `python` is the version, as 3.13. */
export function pipProblem(output: string, python: string): Problem {
	const missing = /No matching distribution found for (?<name>\S+)/.exec(output)?.groups?.['name'];
	if (offline.test(output)) {
		return new Problem(
			t('The package index cannot be reached from this server: {words}', {words: lineOf(output, offline).slice(0, 300)}),
			t('Look at the network and at pip\'s own settings (/etc/pip.conf), then try again. Nothing was installed.'),
			1,
		);
	}

	const forbidden = /PermissionError: \[Errno 13] Permission denied: '(?<path>[^']+)'/.exec(output)?.groups?.['path'];
	if (forbidden !== undefined) {
		return new Problem(
			t('pip may not read {path}. It does not run as root, so that no package can touch the system while it is built.', {path: forbidden}),
			t('Let everybody read it (chmod -R a+rX), then try again. Nothing was installed.'),
			1,
		);
	}

	if (missing !== undefined) {
		return new Problem(
			t('No version of {name} was found that fits Python {python} and the other dependencies.', {name: missing, python}),
			t('Correct it in the file of dependencies, or give the index that has it in /etc/pip.conf; then try again. Nothing was installed.'),
			1,
		);
	}

	if (output.includes('DO NOT MATCH THE HASHES')) {
		return new Problem(
			t('A package is not the one that the file of dependencies describes: its hash is another. {words}', {words: lineOf(output, /^\s+\S+ from (?:https?|file):/)}),
			t('Do not install it. Lock the dependencies again from a source that you trust, then try again.'),
			1,
		);
	}

	if (output.includes('require-hashes mode')) {
		return new Problem(
			t('Some dependencies have hashes and others have none, so none of them can be trusted.'),
			t('Lock all of them, for instance with: pip-compile --generate-hashes. Then try again; nothing was installed.'),
			1,
		);
	}

	if (/ResolutionImpossible|conflicting dependencies/.test(output)) {
		return new Problem(
			t('The dependencies contradict each other: {words}', {words: lineOf(output, /^ERROR: Cannot install/)}),
			t('Loosen one of the versions, then try again. Nothing was installed.'),
			1,
		);
	}

	if (/subprocess-exited-with-error|Failed building wheel|Failed to build/.test(output)) {
		return new Problem(
			t('A dependency has to be compiled for Python {python}, and that failed: {words}', {python, words: lineOf(output, /Failed building wheel|Failed to build|^error:/)}),
			t('Ask for a version that comes ready-made, or install what it needs (often: apt-get install build-essential python3-dev); then try again. Nothing was installed.'),
			1,
		);
	}

	return new Problem(
		t('pip could not fetch the dependencies:\n{words}', {words: output.trim().split('\n').slice(-6).join('\n')}),
		t('Put that right, then try again. Nothing was installed.'),
		1,
	);
}
