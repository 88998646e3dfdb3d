import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';
import {asService, serviceProperties} from '../../source/engine/service-sandbox.ts';
import type {Resource} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {parseExposure, parseStatus} from '../../steps/app/checks.ts';
import {codeOf, environmentOf, workersFor} from '../../steps/app/code.ts';
import {parseReport, verdictOf} from '../../steps/app/dependencies.ts';
import {appStep} from '../../steps/app/index.ts';
import {fromPipfileLock, fromPoetryLock, fromPyproject, fromUvLock} from '../../steps/app/lock-files.ts';
import {fits, pythonFor, wantedPython} from '../../steps/app/python-version.ts';
import {debuggersIn, flattened, hasHashes, namesIn, withServer} from '../../steps/app/requirements.ts';
import {debuggingIn, missingIn} from '../../steps/app/telling.ts';
import {djangoStep} from '../../steps/django/index.ts';
import {parseIssues} from '../../steps/django/checks.ts';
import {facts} from './ssh-facts.ts';

const answersOf = (app: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Answers => answersSchema.parse({app, ...more});
const withCode = (files: CodeFacts['files'], changes: Partial<Facts> = {}) => facts({app: {pythons: {'/usr/bin/python3.13': '3.13'}, served: [], code: {path: '/opt/shop', files, hasSourceFolder: false}}, ...changes});
const path = {source: {path: '/opt/shop'}};

function problemOf(act: () => unknown): Problem {
	try {
		act();
	} catch (error) {
		if (error instanceof Problem) {
			return error;
		}

		throw error;
	}

	throw new Error('It did not complain.');
}

const named = (resources: readonly Resource[], name: string) => resources.find(resource => resource.name === name);

function contentOf(resources: readonly Resource[], name: string): string {
	const resource = named(resources, name);
	return resource?.type === 'file' && resource.desired !== null && 'content' in resource.desired ? resource.desired.content : '';
}

test('the defaults serve the sample, and each thing is wanted once', t => {
	const resources = appStep.resources(facts(), answersOf());
	const names = resources.map(({type, name}) => `${type} ${name}`);
	t.is(new Set(names).size, names.length);
	t.deepEqual((named(resources, '/srv/app/code') as Resource<'file'>).desired, {link: '/srv/app/sample-flask'});
	const service = contentOf(resources, '/etc/systemd/system/app.service');
	t.regex(service, /^ExecStart=\/srv\/app\/venv\/bin\/python -m gunicorn --config \/etc\/harden\/app\/gunicorn\.conf\.py app:app$/m);
	t.regex(service, /^ProtectHome=yes$/m);
	t.notRegex(contentOf(resources, '/etc/harden/app/gunicorn.conf.py'), /uvicorn/);
	t.deepEqual((named(resources, '/etc/harden/app/credentials') as Resource<'directory'>).desired, {mode: 0o700, owner: 'root', group: 'root'});
	t.deepEqual(named(resources, '/etc/harden/app/credentials/SECRET_KEY')?.desired, {mode: 0o600, owner: 'root', group: 'root'});
	t.deepEqual(appStep.resources(facts(), {version: 1}), []);
});

test('asynchronous apps are served by Uvicorn, and it is installed', t => {
	const resources = appStep.resources(facts(), answersOf({source: {sample: 'fastapi'}}));
	t.regex(contentOf(resources, '/etc/harden/app/gunicorn.conf.py'), /UvicornWorker/);
	t.deepEqual(environmentOf(facts(), answersOf({source: {sample: 'django'}, entry: 'shop.asgi:application'}).app!).requirements, ['Django>=5.0\ngunicorn>=22\nuvicorn>=0.30\n']);
});

test('code in a home is the only part of it that the app sees', t => {
	const there = withCode({'requirements.txt': 'flask\n', 'app.py': 'app = Flask(__name__)'});
	const code = {...there.app.code!, path: '/home/dev/shop'};
	const service = contentOf(appStep.resources({...there, app: {...there.app, code}}, answersOf({source: {path: '/home/dev/shop'}})), '/etc/systemd/system/app.service');
	t.regex(service, /^ProtectHome=tmpfs\nBindReadOnlyPaths=\/home\/dev\/shop$/m);
});

test('a name that is taken is refused; one of our own is not', t => {
	const user = {name: 'app', uid: 1000, gid: 1000, home: '/home/app', shell: '/bin/sh', groups: []};
	t.regex(problemOf(() => appStep.resources(facts({users: [user]}), answersOf())).message, /already a user named app/);
	const ours = {...user, home: '/var/lib/app'};
	const units = {'app.service': {enabled: true, active: true, masked: false}};
	t.regex(problemOf(() => appStep.resources(facts({units}), answersOf())).message, /already a service named app/);
	t.notThrows(() => appStep.resources(facts({users: [ours], units, app: {pythons: {}, served: ['app']}}), answersOf()));
});

test('code from git is fetched first; what else is needed, it says when it is here', t => {
	const answers = answersOf({source: {git: 'git@github.com:you/shop.git'}});
	t.deepEqual(appStep.resources(facts(), answers).map(({type, name}) => `${type} ${name}`), ['package git', 'package openssh-client', 'checkout /srv/app/checkout']);
	t.deepEqual(appStep.warnings?.(facts(), answers), []);
	t.true(appStep.resources(withCode({'requirements.txt': 'flask\n', 'app.py': 'app = Flask(__name__)'}), answers).length > 15);
});

test('what git would read as more than an address or a ref is refused', t => {
	for (const git of ['ext::sh -c id', '--upload-pack=id', 'file:///etc', 'http://example.com/x', 'git@host:x y', 'https://example.com/x\nx', '-oProxyCommand=x@h:p', 'https://user:secret@example.com/x.git']) {
		t.throws(() => answersOf({source: {git}}), undefined, git);
	}

	for (const ref of ['--force', 'a..b', 'a b', '']) {
		t.throws(() => answersOf({source: {git: 'https://example.com/x.git', ref}}), undefined, ref);
	}

	for (const entry of ['app:create()', 'app', 'app:app;x', 'a b:c', '-c:x', 'app:app\n']) {
		t.throws(() => answersOf({entry}), undefined, entry);
	}

	for (const requirements of ['../x', '/etc/passwd', 'a/../b', 'a b']) {
		t.throws(() => answersOf({requirements}), undefined, requirements);
	}
});

test('dependencies without hashes are locked where that was asked for, and it is asked where it makes a difference', t => {
	const files = {'requirements.txt': 'flask\n', 'app.py': 'app = Flask(__name__)'};
	const name = '/etc/harden/app/requirements.lock';
	const desired = (there: Facts, app: Record<string, unknown>) => {
		const resources = appStep.resources(there, answersOf(app));
		const types = resources.map(({type}) => type);
		t.true(types.indexOf('requirements-lock') < types.indexOf('venv'));
		return {lock: named(resources, name)?.desired, venv: (named(resources, '/srv/app/venv') as Resource<'venv'>).desired!};
	};

	const locked = desired(withCode(files), {...path, lock: true});
	t.deepEqual(locked.lock, {of: locked.venv.id, python: locked.venv.python, requirements: locked.venv.requirements, venv: '/srv/app/venv'});
	t.is(locked.venv.lock, name);
	const open = desired(withCode(files), path);
	t.deepEqual([open.lock, open.venv.lock, open.venv.id], [null, undefined, locked.venv.id]);
	const hashed = {...files, 'requirements.txt': `flask==3 --hash=sha256:${'0'.repeat(64)}\n`};
	const own = desired(withCode(hashed), {...path, lock: true});
	t.deepEqual([own.lock, own.venv.lock], [null, undefined], 'the user\'s own file says it all');

	const asked = (there: Facts, app: Record<string, unknown>) => appStep.questions(there, answersOf(app)).some(({id}) => id === 'app.lock');
	t.true(asked(withCode(files), path));
	t.false(asked(withCode(hashed), path));
	t.false(asked(withCode({}), path), 'what is missing is told by the plan');
	t.false(asked(facts(), {}));
	t.regex(appStep.warnings!(withCode(files), answersOf(path)).join(' '), /app\.lock/);
	t.notRegex(appStep.warnings!(withCode(files), answersOf({...path, lock: true})).join(' '), /app\.lock/);
});

test('where an app begins', t => {
	const entryOf = (files: CodeFacts['files']) => codeOf(withCode({'requirements.txt': 'x\n', ...files}), answersOf(path).app!).entry;
	t.is(entryOf({'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.production")'}), 'shop.wsgi:application');
	t.is(entryOf({'app.py': 'web: Flask = Flask(__name__)\n'}), 'app:web');
	t.is(entryOf({'main.py': 'api = fastapi.FastAPI(title="x")\n'}), 'main:api');
	t.regex(problemOf(() => entryOf({'main.py': 'print("x")'})).message, /Where the app begins/);
	t.regex(problemOf(() => codeOf(facts(), answersOf(path).app!)).message, /no code in \/opt\/shop/);
	t.regex(problemOf(() => codeOf(withCode({'app.py': ''}), answersOf(path).app!)).message, /no file of dependencies/);
	t.regex(problemOf(() => codeOf(withCode({'app.py': ''}), answersOf({...path, requirements: 'deps.txt'}).app!)).message, /has no deps\.txt/);
});

test('workers follow the cores as far as the memory goes', t => {
	const {app} = answersOf();
	t.is(workersFor({cores: 2, memory: 4096}, app!), 5);
	t.is(workersFor({cores: 4, memory: 512}, app!), 2);
	t.is(workersFor({cores: 1, memory: 128}, app!), 1);
	t.is(workersFor({cores: 64, memory: 512_000}, app!), 17);
	t.is(workersFor({cores: 1, memory: 128}, answersOf({workers: 3}).app!), 3);
});

test('requirements in pip\'s form', t => {
	const text = 'Flask[async]>=3 # web\n\n# x\nzope.interface==7 ; python_version < "3.12" \\\n    --hash=sha256:ab\n-r more.txt\nname @ https://example.com/x.whl\n--index-url https://example.com\n';
	t.deepEqual(namesIn(text), ['flask', 'zope-interface', 'name']);
	t.true(hasHashes(text));
	t.false(hasHashes('flask # --hash=x\n'));
	t.deepEqual(withServer('flask', false), ['flask\ngunicorn>=22\n']);
	t.deepEqual(withServer('Gunicorn==23\n', false), ['Gunicorn==23\n']);
	t.deepEqual(withServer('a==1 --hash=sha256:ab\n', true), ['a==1 --hash=sha256:ab\n', 'gunicorn>=22\nuvicorn>=0.30\n']);
	t.deepEqual(debuggersIn('django-debug_toolbar\nIPython\nflask\n'), ['django-debug-toolbar', 'ipython']);
	t.is(flattened('a/prod.txt', {'a/prod.txt': '-r ../base.txt\n-e .\n.\ngunicorn', 'base.txt': 'flask'}), 'flask\n\n\ngunicorn');
	t.regex(problemOf(() => flattened('a.txt', {'a.txt': '-r b.txt', 'b.txt': '--requirement=a.txt'})).message, /includes itself/);
	t.regex(problemOf(() => flattened('a.txt', {'a.txt': '-r ../../etc/shadow'})).message, /not in the code/);
	t.regex(problemOf(() => flattened('a.txt', {'a.txt': '-c limits.txt'})).message, /constraints/);
});

test('Pipfile.lock', t => {
	const lock = {default: {flask: {version: '==3.1.0', hashes: ['sha256:bb', 'sha256:aa'], markers: 'python_version >= \'3.9\''}, redis: {version: '==5.0', hashes: ['sha256:cc'], extras: ['hiredis']}}, develop: {ipdb: {version: '==1'}}};
	t.is(fromPipfileLock(JSON.stringify(lock)), 'flask==3.1.0 ; python_version >= \'3.9\' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nredis[hiredis]==5.0 \\\n    --hash=sha256:cc\n');
	t.regex(problemOf(() => fromPipfileLock('{"default": {"x": {"git": "https://example.com"}}}')).message, /x in Pipfile\.lock comes from git/);
	t.regex(problemOf(() => fromPipfileLock(String.raw`{"default": {"x\n--index-url http://evil": {"version": "==1"}}}`)).message, /not what such an entry looks like/);
	t.regex(problemOf(() => fromPipfileLock('{')).message, /cannot be read/);
});

const uvLock = `version = 1
[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "flask", extra = ["async"] }, { name = "tzdata", marker = "sys_platform == 'win32'" }]
[package.dev-dependencies]
dev = [{ name = "ipdb" }]
[[package]]
name = "flask"
version = "3.1.0"
source = { registry = "https://example.com/simple" }
dependencies = [{ name = "click" }]
sdist = { url = "https://example.com/f.tar.gz", hash = "sha256:aa" }
wheels = [{ url = "https://example.com/f.whl", hash = "sha256:bb" }]
[package.optional-dependencies]
async = [{ name = "asgiref" }]
[[package]]
name = "click"
version = "8.1.0"
source = { registry = "https://example.com/simple" }
dependencies = [{ name = "colorama", marker = "sys_platform == 'win32'" }, { name = "flask" }]
wheels = [{ url = "https://example.com/c.whl", hash = "sha256:cc" }]
[[package]]
name = "colorama"
version = "0.4"
source = { registry = "https://example.com/simple" }
wheels = [{ hash = "sha256:dd" }]
[[package]]
name = "asgiref"
version = "3"
source = { registry = "https://example.com/simple" }
wheels = [{ hash = "sha256:ee" }]
[[package]]
name = "tzdata"
version = "2025"
source = { registry = "https://example.com/simple" }
wheels = [{ hash = "sha256:ff" }]
[[package]]
name = "ipdb"
version = "1"
source = { registry = "https://example.com/simple" }
`;

test('uv.lock: what the app itself leads to, with its conditions and hashes, nothing of development', t => {
	t.deepEqual(fromUvLock(uvLock).split('\n').filter(line => !line.startsWith(' ')).map(line => line.replace(/ \\$/, '')), [
		'asgiref==3', 'click==8.1.0', 'colorama==0.4 ; sys_platform == \'win32\'', 'flask[async]==3.1.0', 'tzdata==2025 ; sys_platform == \'win32\'', '',
	]);
	t.regex(fromUvLock(uvLock), /flask\[async]==3\.1\.0 \\\n {4}--hash=sha256:aa \\\n {4}--hash=sha256:bb\n/);
	t.regex(problemOf(() => fromUvLock(uvLock.replace('name = "asgiref"\nversion = "3"\nsource = { registry = "https://example.com/simple" }', 'name = "asgiref"\nversion = "3"\nsource = { git = "https://example.com/x" }'))).message, /asgiref in uv\.lock comes from git/);
	t.regex(problemOf(() => fromUvLock('package = 1')).message, /not in the form that is known/);
	t.regex(problemOf(() => fromUvLock('= x')).message, /cannot be read/);
});

test('a lock whose packages lead to each other in circles comes to an end', t => {
	const names = ['a', 'b', 'c', 'd', 'e', 'f'];
	const packages = names.map(name => `[[package]]\nname = "${name}"\nversion = "1"\nsource = { registry = "x" }\ndependencies = [${names.map((other, index) => `{ name = "${other}", marker = "python_version < '3.${index}'" }`).join(', ')}]\nwheels = [{ hash = "sha256:aa" }]\n`).join('');
	const lock = `[[package]]\nname = "shop"\nsource = { virtual = "." }\ndependencies = [{ name = "a", marker = "os_name == 'nt'" }]\n${packages}`;
	t.is(fromUvLock(lock).match(/==1/g)?.length, 6);
});

test('poetry.lock: what pyproject.toml leads to', t => {
	const lock = String.raw`[[package]]
name = "Flask"
version = "3.1.0"
files = [{file = "f.whl", hash = "sha256:aa"}]
[package.dependencies]
click = ">=8"
colorama = {version = "*", markers = "platform_system == \"Windows\""}
redis = {version = "*", optional = true}
[[package]]
name = "click"
version = "8.1"
files = [{file = "c.whl", hash = "sha256:bb"}]
[[package]]
name = "colorama"
version = "0.4"
files = [{file = "c.whl", hash = "sha256:cc"}]
[[package]]
name = "pytest"
version = "8"
files = [{file = "p.whl", hash = "sha256:dd"}]
`;
	const own = '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n';
	const expected = 'click==8.1 \\\n    --hash=sha256:bb\ncolorama==0.4 ; platform_system == "Windows" \\\n    --hash=sha256:cc\nflask==3.1.0 \\\n    --hash=sha256:aa\n';
	t.is(fromPoetryLock(lock, own), expected);
	t.is(fromPoetryLock(lock, '[project]\ndependencies = ["Flask (>=3,<4)"]\n'), expected);
	t.regex(problemOf(() => fromPoetryLock(lock, '[project]\ndependencies = ["django"]\n')).message, /django is asked for by pyproject\.toml, and is not in it/);
});

test('pyproject.toml alone is not locked, and is taken as it is', t => {
	t.is(fromPyproject('[project]\ndependencies = ["flask>=3", "redis[hiredis]; python_version > \'3\'"]\n'), 'flask>=3\nredis[hiredis]; python_version > \'3\'\n');
	t.regex(problemOf(() => fromPyproject('[project]\ndependencies = ["x @ file:///etc"]\n')).message, /comes from git/);
	t.regex(problemOf(() => fromPyproject('[tool.x]\n')).message, /no dependencies in the standard form/);
});

test('which Python', t => {
	for (const [specifier, yes, no] of [['>=3.11', '3.13', '3.10'], ['>=3.9,<3.12', '3.11', '3.12'], ['==3.12.*', '3.12', '3.13'], ['~=3.11', '3.13', '3.10'], ['^3.11', '3.13', '3.10'], ['!=3.12', '3.13', '3.12'], ['3.11 || 3.13', '3.13', '3.12'], ['<4', '3.13', '4.0'], ['~=3.11.2', '3.11', '3.12']] as const) {
		t.true(fits(yes, specifier), `${yes} ${specifier}`);
		t.false(fits(no, specifier), `${no} ${specifier}`);
	}

	t.deepEqual(wantedPython({'.python-version': '3.12.4\n'}), {specifier: '==3.12', from: '.python-version'});
	t.deepEqual(wantedPython({'pyproject.toml': '[project]\nrequires-python = ">=3.12"\n'}), {specifier: '>=3.12', from: 'pyproject.toml'});
	t.is(wantedPython({'.python-version': 'system\n', 'pyproject.toml': '= broken'}), undefined);
	t.is(pythonFor(facts(), {}), '/usr/bin/python3.13');
	t.is(pythonFor(facts({app: {pythons: {'/usr/local/bin/python3.12': '3.12'}, served: []}}), {'.python-version': '3.12'}), '/usr/local/bin/python3.12');
	t.regex(problemOf(() => pythonFor(facts(), {'.python-version': '3.14'})).message, /asks for Python ==3\.14 \(\.python-version\), and this server has 3\.13\./);
});

test('debugging is found, and not where it is only spoken of', t => {
	t.is(debuggingIn({'settings.py': 'DEBUG = True\n'}).length, 1);
	t.is(debuggingIn({'settings.py': '# DEBUG = True\nDEBUG = os.environ.get("DEBUG") == "1"\n'}).length, 0);
	t.is(debuggingIn({'app.py': 'app.run(debug=True)\n'}).length, 1);
	t.is(debuggingIn({'app.py': 'import pdb\n', 'wsgi.py': 'from werkzeug.debug import DebuggedApplication\n'}).length, 2);
	t.is(debuggingIn({'main.py': 'app = FastAPI()\n', 'requirements.txt': 'import pdb'}).length, 1);
	t.is(debuggingIn({'main.py': 'app = FastAPI(docs_url=None, openapi_url=None)\n'}).length, 0);
	t.true(appStep.warnings?.(withCode({'requirements.txt': 'flask\nipdb\n', 'app.py': 'app = Flask(__name__)'}), answersOf(path))?.some(line => line.includes('ipdb')));
});

test('what Flask and Starlette leave to the app is told: the proxy before it, and cookies by HTTPS only', t => {
	t.deepEqual(missingIn({'app.py': 'app = Flask(__name__)\n'}).map(line => /ProxyFix|SESSION_COOKIE_SECURE/.exec(line)?.[0]), ['ProxyFix', 'SESSION_COOKIE_SECURE']);
	t.is(missingIn({'app.py': 'app = Flask(__name__)\n# ProxyFix\n', 'config.py': 'SESSION_COOKIE_SECURE = True\n'}).length, 1);
	t.deepEqual(missingIn({'app.py': snippet('samples/flask/app.py')}), [], 'our own sample has both');
	t.regex(missingIn({'main.py': 'app.add_middleware(SessionMiddleware, secret_key=key)\n'}).join(''), /https_only=True/);
	t.deepEqual(missingIn({'main.py': 'app.add_middleware(SessionMiddleware, secret_key=key, https_only=True)\n'}), []);
	t.deepEqual(missingIn({'manage.py': 'import django\n'}), []);
	t.true(appStep.warnings?.(withCode({'requirements.txt': 'flask\n', 'app.py': 'app = Flask(__name__)'}), answersOf(path))?.some(line => line.includes('ProxyFix')));
});

test('what systemd and the kernel say of the service', t => {
	t.is(parseExposure('✓ x\n\n→ Overall exposure level for shop.service: 1.1 OK 🙂\n'), 1.1);
	t.is(parseExposure('Failed to connect to bus'), undefined);
	t.deepEqual(parseStatus('Name:\tpython\nUid:\t995\t995\t995\t995\nNoNewPrivs:\t1\nSeccomp:\t2\nCapBnd:\t0000000000000000\n'), {uid: 995, noNewPrivileges: true, capabilities: '0000000000000000', filtered: true});
	t.deepEqual(parseStatus(''), {noNewPrivileges: false, capabilities: '', filtered: false});
});

test('a command runs as the service does', t => {
	const text = '# /etc/systemd/system/x.service\n[Unit]\nDescription=x\n[Service]\nType=notify\nUser=shop\nExecStart=/bin/x \\\n  User=root\nCapabilityBoundingSet=\nIPAddressDeny=any 10.0.0.0/8\nEnvironment=A=1 \\\n  B=2\n[Install]\nWantedBy=x\n# drop-in\n[Service]\nEnvironment=DJANGO_SETTINGS_MODULE=harden_settings\nRestart=always\n';
	t.deepEqual(serviceProperties(text), ['User=shop', 'CapabilityBoundingSet=', 'IPAddressDeny=0.0.0.0/0 ::/0 10.0.0.0/8', 'Environment=A=1 B=2', 'Environment=DJANGO_SETTINGS_MODULE=harden_settings']);
	t.deepEqual(asService(['User=shop'], 'id').slice(-3), ['--property=User=shop', '--', 'id']);
});

test('a report of known holes: never a pass where something was not looked up', t => {
	const report = (changes: Record<string, unknown>) => verdictOf(parseReport(JSON.stringify({version: 1, ran: true, reason: '', audit: {dependencies: []}, outdated: [], ...changes})), 'shop-audit.service');
	const clean = {name: 'flask', version: '3.1.0', vulns: []};
	t.is(report({audit: {dependencies: [clean]}}).status, 'pass');
	const newer = report({audit: {dependencies: [clean]}, outdated: [{name: 'flask', version: '3.1.0', latest_version: '3.2.1'}]});
	t.deepEqual(newer, {status: 'pass', evidence: 'pip-audit knows of no hole in 1 packages. Newer versions: flask 3.1.0 → 3.2.1'});
	const bad = report({audit: {dependencies: [clean, {name: 'jinja2', version: '2.0', vulns: [{id: 'PYSEC-2019-217', fix_versions: ['2.10.1'], aliases: ['CVE-2019-10906'], description: 'x'}]}], fixes: []}});
	t.deepEqual(bad, {status: 'fail', evidence: 'jinja2 2.0: CVE-2019-10906, corrected in 2.10.1'});
	t.deepEqual(report({ran: false, reason: 'pip-audit could not be installed'}), {status: 'not-run', evidence: 'pip-audit could not be installed'});
	t.is(report({audit: {dependencies: [clean, {name: 'mine', skip_reason: 'not found'}]}}).status, 'not-run');
	t.is(report({}).status, 'not-run');
	t.is(verdictOf(parseReport('{"version": 2}'), 'x').status, 'not-run');
	t.is(verdictOf(parseReport('nonsense'), 'x').status, 'not-run');
});

test('only block makes known holes a reason to undo', t => {
	const adviceOf = (audit: unknown) => appStep.checks(facts(), answersOf({audit})).filter(({id}) => id.startsWith('app.dependencies')).map(({advice}) => advice);
	t.deepEqual(adviceOf('block'), [undefined, undefined]);
	t.deepEqual(adviceOf('warn'), [true, true]);
	t.deepEqual(adviceOf(true), [true, true]);
	t.deepEqual(adviceOf(false), []);
});

test('Django: a layer over the settings; what needs HTTPS only where there is HTTPS', t => {
	const answers = answersOf({name: 'shop', source: {sample: 'django'}}, {django: {}});
	const overlayOf = (given: Answers) => contentOf(djangoStep.resources(facts(), given), '/etc/harden/shop/python/harden_settings.py');
	t.regex(overlayOf(answers), /^from shop\.settings import \*/m);
	t.regex(overlayOf(answers), /^SECURE_SSL_REDIRECT = False$/m);
	t.regex(overlayOf(answers), /^ALLOWED_HOSTS = \["203\.0\.113\.10", "vps", "localhost", "127\.0\.0\.1", "\[::1]"]$/m);
	const secure = overlayOf({...answers, https: {}, web: {domains: ['shop.example.com']}} as Answers);
	t.regex(secure, /^SECURE_SSL_REDIRECT = True$/m);
	t.regex(secure, /^ALLOWED_HOSTS = \["shop\.example\.com", "localhost"/m);
	t.deepEqual(djangoStep.resources(facts(), answersOf({source: {sample: 'flask'}}, {django: {}})), []);
	const nothing = facts();
	t.regex(djangoStep.unfit?.(nothing, answersOf({source: {sample: 'fastapi'}})) ?? '', /no Django project/, 'by the sample, before it is there');
	t.is(djangoStep.unfit?.(nothing, answersOf({source: {sample: 'django'}})), undefined);
	t.regex(djangoStep.unfit?.(withCode({'app.py': ''}), {version: 1}) ?? '', /no Django project/);
	t.is(djangoStep.unfit?.(withCode({'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x.settings")'}), {version: 1}), undefined);
	t.false(djangoStep.resources(facts(), answersOf({source: {sample: 'django'}}, {django: {migrate: false}})).some(({type}) => type === 'migrations'));
});

test('what manage.py check --deploy says', t => {
	t.deepEqual(parseIssues('System check identified some issues:\n\nWARNINGS:\n?: (security.W004) You have not set a value for the SECURE_HSTS_SECONDS setting.\nshop.Item: (models.W042) Auto-created primary key\n\nSystem check identified 2 issues (0 silenced).').map(({id}) => id), ['security.W004', 'models.W042']);
});
