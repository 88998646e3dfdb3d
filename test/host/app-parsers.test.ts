import test from 'ava';
import {parsePending} from '../../source/engine/manage.ts';
import {pythonsIn} from '../../source/host/facts/app.ts';
import {pipProblem} from '../../source/host/pip-failure.ts';
import {isCollected} from '../../source/host/providers/django.ts';
import {usesSsh} from '../../source/host/git.ts';
import {environmentFile} from '../../source/host/wheels.ts';

/** Pip's own words, shortened. */
const failures: ReadonlyArray<[what: string, output: string, fact: RegExp, wayOut: RegExp]> = [
	['no network', 'WARNING: Retrying (Retry(total=0)) after connection broken by \'NewConnectionError(...: Failed to establish a new connection: [Errno -2] Name or service not known\')\': /simple/flask/\nERROR: Could not find a version that satisfies the requirement flask (from versions: none)\nERROR: No matching distribution found for flask', /^The package index cannot be reached/, /pip\.conf/],
	['a package that is not there', 'ERROR: Could not find a version that satisfies the requirement nope==9 (from versions: none)\nERROR: No matching distribution found for nope==9', /^No version of nope==9 was found that fits Python 3\.11/, /Correct it/],
	['a wrong hash', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    flask==3.1.3 from file:///x/flask.whl:\n        Expected sha256 00', /hash is another\. flask==3\.1\.3 from file/, /Do not install it/],
	['some without hashes', 'ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements.', /Some dependencies have hashes/, /pip-compile/],
	['a contradiction', 'ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.\nERROR: ResolutionImpossible: for help visit', /contradict each other: Cannot install a==1 and b==2/, /Loosen/],
	['a failed build', 'error: subprocess-exited-with-error\nERROR: Failed building wheel for psycopg2', /has to be compiled for Python 3\.11/, /build-essential/],
	['a closed folder', 'PermissionError: [Errno 13] Permission denied: \'/root/wheels\'', /may not read \/root\/wheels/, /chmod/],
	['anything else', 'one\nERROR: something new', /something new/, /Put that right/],
];

for (const [what, output, fact, wayOut] of failures) {
	test(`pip: ${what}`, t => {
		const problem = pipProblem(output, '3.11');
		t.regex(problem.message, fact);
		t.regex(problem.wayOut ?? '', wayOut);
	});
}

test('settings of pip that are passed on', t => {
	t.is(environmentFile({PIP_INDEX_URL: String.raw`https://me:a"b$c\@example.com`, PIP_CONFIG_FILE: '/x', PATH: '/bin', PIP_CERT: 'a\nb', HTTPS_PROXY: undefined}), String.raw`PIP_INDEX_URL="https://me:a\"b\$c\\@example.com"` + '\n');
});

test('interpreters by their names', t => {
	t.deepEqual(pythonsIn({'/usr/bin': ['python3', 'python3.13', 'python3.13-config', 'python2.7'], '/usr/local/bin': ['python3.12']}), {'/usr/bin/python3.13': '3.13', '/usr/local/bin/python3.12': '3.12'});
});

test('pending migrations and static files, as Django lists them', t => {
	t.deepEqual(parsePending('[X]  auth.0001_initial\n[ ]  auth.0002_x ... (1)\n[ ]  shop.0001_initial\n'), ['auth.0002_x', 'shop.0001_initial']);
	t.deepEqual(parsePending('(no migrations)'), []);
	t.true(isCollected('\n0 static files copied to \'/var/lib/shop/static\', 130 unmodified.\n'));
	t.false(isCollected('\n130 static files copied to \'/var/lib/shop/static\'.\n'));
	t.false(isCollected('10 static files copied'));
});

test('which addresses of git go by SSH', t => {
	t.true(usesSsh('git@github.com:you/x.git'));
	t.true(usesSsh('ssh://git@host/x'));
	t.false(usesSsh('https://github.com/you/x.git'));
});
