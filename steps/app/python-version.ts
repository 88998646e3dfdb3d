import {parse} from 'smol-toml';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';

/** Which Python the code asks for, and which this server has: pure. Compared by major and minor number, as interpreters are named. */

/** The Python that a release comes with: what `python3-venv` brings where there is none yet. */
const releasePython: Readonly<Record<string, string>> = {bookworm: '3.11', trixie: '3.13', forky: '3.14', jammy: '3.10', noble: '3.12'};

const numbers = (version: string) => version.split('.').slice(0, 2).map(Number) as [number, number?];

function compare(left: string, right: string): number {
	const [[major, minor = 0], [otherMajor, otherMinor = 0]] = [numbers(left), numbers(right)];
	return major - otherMajor || minor - otherMinor;
}

/** One condition of a version specifier (PEP 440) or of Poetry's: `>=3.10`, `<4`, `==3.12.*`, `~=3.11`, `^3.11`. One that is not understood excludes nothing. */
function fitsOne(version: string, condition: string): boolean {
	const {operator = '', wanted = ''} = /^(?<operator>>=|<=|==|!=|~=|>|<|\^|~)?\s*(?<wanted>\d+(?:\.\d+)*)(?:\.\*)?$/.exec(condition.trim())?.groups ?? {};
	if (wanted === '') {
		return true;
	}

	const difference = compare(version, wanted);
	const hasPatch = wanted.split('.').length > 2;
	const [major] = numbers(version);
	switch (operator) {
		case '>=': {
			return difference >= 0;
		}

		case '>': {
			return hasPatch ? difference >= 0 : difference > 0;
		}

		case '<=': {
			return difference <= 0;
		}

		case '<': {
			return hasPatch ? difference <= 0 : difference < 0;
		}

		case '!=': {
			return hasPatch || difference !== 0;
		}

		case '^':
		case '~=': {
			return difference >= 0 && major === numbers(wanted)[0] && (operator === '^' || !hasPatch || difference === 0);
		}

		default: {
			return wanted.includes('.') ? difference === 0 : major === Number(wanted);
		}
	}
}

export function fits(version: string, specifier: string): boolean {
	return specifier.split('||').some(alternative => alternative.split(',').map(part => part.trim()).filter(Boolean).every(condition => fitsOne(version, condition)));
}

/** What the code says of the Python that it wants, and where: a specifier and the file's name. */
export function wantedPython(files: CodeFacts['files']): {specifier: string; from: string} | undefined {
	const pinned = /^(?:python-|cpython-?)?(?<version>3\.\d+)(?:\.\d+)?\s*$/m.exec(files['.python-version'] ?? '')?.groups?.['version'];
	if (pinned !== undefined) {
		return {specifier: `==${pinned}`, from: '.python-version'};
	}

	try {
		const {project, tool} = parse(files['pyproject.toml'] ?? '') as {project?: {'requires-python'?: unknown}; tool?: {poetry?: {dependencies?: {python?: unknown}}}};
		const specifier = project?.['requires-python'] ?? tool?.poetry?.dependencies?.python;
		return typeof specifier === 'string' ? {specifier, from: 'pyproject.toml'} : undefined;
	} catch {
		// Whoever needs more of it than this complains about it.
		return undefined;
	}
}

/** The interpreter that the app gets: the distribution's own where it fits, else another that is here. Throws a Problem where none fits. */
export function pythonFor({app, os}: Pick<Facts, 'app' | 'os'>, files: CodeFacts['files']): string {
	const own = releasePython[os.codename];
	const here = Object.entries(app.pythons).map(([path, version]) => ({path, version}));
	const candidates = [...own === undefined ? [] : [{path: `/usr/bin/python${own}`, version: own}], ...here.toSorted((left, right) => compare(right.version, left.version))];
	const wanted = wantedPython(files);
	const found = candidates.find(({version}) => !wanted || fits(version, wanted.specifier));
	if (found) {
		return found.path;
	}

	const versions = [...new Set(candidates.map(({version}) => version))].join(', ');
	throw wanted
		? new Problem(
			t('The code asks for Python {specifier} ({file}), and this server has {versions}.', {specifier: wanted.specifier, file: wanted.from, versions: versions || t('none')}),
			t('Install that Python as /usr/local/bin/python3.N, or, where the code runs on another one, say so in {file}.', {file: wanted.from}),
			1,
		)
		: new Problem(t('There is no Python 3 in /usr/bin.'), t('Install it with: apt-get install python3'), 1);
}
