import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {answersToYaml, loadAnswers} from '../../source/complete-answers.ts';
import type {SecretsFacts} from '../../source/engine/facts.ts';
import {secretIn} from '../../source/engine/secret-rules.ts';
import {withAnswer, withoutSecrets} from '../../source/engine/session.ts';
import {parseHits} from '../../source/host/facts/secrets.ts';
import {Problem} from '../../source/problem.ts';
import {secretsStep} from '../../steps/secrets/index.ts';
import {resources} from '../../steps/secrets/resources.ts';
import {facts} from './ssh-facts.ts';

const answers = (secrets: object): Answers => answersSchema.parse({app: {name: 'shop'}, secrets});
const server = (secrets: Partial<SecretsFacts> = {}) => facts({secrets: {sealing: {possible: true, by: 'host'}, apps: {shop: {plain: [], sealed: []}}, secretIds: [], inCode: [], ...secrets}});
const told = (list: ReturnType<typeof resources>) => list.map(({type, name, desired}) => [type, name, type === 'credential' ? desired : undefined]);

test('sealed: a folder, the secrets, and the service that is told of them', t => {
	const list = resources(server(), answers({environment: {TOKEN: 'generate', MAIL_PASSWORD: 'hush'}}));
	t.deepEqual(told(list), [
		['directory', '/etc/harden/shop/credentials.sealed', undefined],
		['credential', '/etc/harden/shop/credentials.sealed/MAIL_PASSWORD', {value: 'hush'}],
		['credential', '/etc/harden/shop/credentials.sealed/TOKEN', {}],
		['directory', '/etc/systemd/system/shop.service.d', undefined],
		['file', '/etc/systemd/system/shop.service.d/40-secrets.conf', undefined],
	]);
	t.true(list.filter(({type}) => type === 'credential').every(({secret}) => secret));
});

test('a secret is in one place only: what lay open goes when it is sealed, and the other way about', t => {
	const open = server({apps: {shop: {plain: ['SECRET_KEY'], sealed: []}}});
	t.deepEqual(told(resources(open, answers({environment: {SECRET_KEY: 'generate'}}))).slice(1, 3), [
		['credential', '/etc/harden/shop/credentials.sealed/SECRET_KEY', {}],
		['credential', '/etc/harden/shop/credentials/SECRET_KEY', null],
	]);
	const sealed = server({apps: {shop: {plain: [], sealed: ['SECRET_KEY']}}});
	t.deepEqual(told(resources(sealed, answers({environment: {SECRET_KEY: 'x'}, encrypt: false}))), [
		['credential', '/etc/harden/shop/credentials/SECRET_KEY', {value: 'x'}],
		['credential', '/etc/harden/shop/credentials.sealed/SECRET_KEY', null],
	]);
});

test('where nothing can be sealed they are files, and the reason is told', t => {
	const old = server({sealing: {possible: false, why: 'systemd-creds'}});
	const given = answers({environment: {TOKEN: 'generate'}});
	t.deepEqual(told(resources(old, given)), [['credential', '/etc/harden/shop/credentials/TOKEN', {}]]);
	t.regex(secretsStep.warnings!(old, given).join('\n'), /no systemd-creds/);
});

test('keep keeps, and nothing asked for is nothing done', t => {
	t.deepEqual(resources(server(), answers({})), []);
	t.deepEqual(resources(server(), answers({environment: {TOKEN: 'keep'}, encrypt: false})), []);
});

test('the session and the answers file know the names, never the values', t => {
	const given = answers({environment: {TOKEN: 'generate', MAIL_PASSWORD: 'hush'}});
	t.deepEqual(withoutSecrets(given).secrets, {environment: {TOKEN: 'generate', MAIL_PASSWORD: 'keep'}, encrypt: true});
	t.false(answersToYaml(given).includes('hush'));
	t.is(withAnswer(given, 'secrets.environment.TOKEN', 'pasted').secrets?.environment['TOKEN'], 'pasted');
	const problem = t.throws(() => loadAnswers('secrets: {environment: {TOKEN: {a: hunter2}}}', 'x'), {instanceOf: Problem});
	t.false(`${problem?.message} ${problem?.wayOut}`.includes('hunter2'));
	t.throws(() => loadAnswers('secrets: {environment: {"../x": y}}', 'x'), {instanceOf: Problem});
});

test('each name is asked for its value, without echo; those that are here already are kept', t => {
	const here = server({apps: {shop: {plain: ['OLD'], sealed: []}}});
	const [names] = secretsStep.questions(here, answers({}));
	t.deepEqual(names?.kind === 'text' && names.parse('NEW OLD'), {NEW: 'generate', OLD: 'keep'});
	t.regex((names?.kind === 'text' && names.validate('new')) as string, /no name of a variable/);
	const questions = secretsStep.questions(here, answers({environment: {NEW: 'generate', OLD: 'keep'}}));
	t.deepEqual(questions.map(({id, kind}) => [id, kind]), [['secrets.environment', 'text'], ['secrets.encrypt', 'confirm'], ['secrets.environment.NEW', 'password']]);
});

// Put together here, so that nobody's scanner takes this file for a leak.
const join = (...parts: readonly string[]) => parts.join('');
const found: ReadonlyArray<[line: string, kind: string | undefined]> = [
	[join('-----BEGIN RSA PRIV', 'ATE KEY-----'), 'private key'],
	[join('-----BEGIN PRIV', 'ATE KEY-----'), 'private key'],
	['-----BEGIN PUBLIC KEY-----', undefined],
	[join('key = "AKIA', 'QYLPMN5HHHFPZAM2"'), 'AWS access key'],
	[join('key = "AKIA', 'IOSFODNN7EXAMPLE"'), undefined],
	[join('token: ghp', `_${'a1'.repeat(18)}`), 'GitHub token'],
	[join('xoxb', '-123456789012-abcdef'), 'Slack token'],
	[join('sk_li', `ve_${'x9'.repeat(12)}`), 'Stripe key'],
	[join('sk_te', `st_${'x9'.repeat(12)}`), undefined],
	[join('AIza', 'Sy'.repeat(17), 'x'), 'Google API key'],
	['SECRET_KEY = "django-insecure-abcdefgh"', 'Django SECRET_KEY'],
	['SECRET_KEY = os.environ["SECRET_KEY"]', undefined],
	['SECRET_KEY = "change-me-please"', undefined],
	['    "PASSWORD": "s3cr3t-w0rd",', 'password'],
	['    "PASSWORD": os.environ["DB_PASSWORD"],', undefined],
	['DB_PASSWORD = "<your password>"', undefined],
	['DATABASE = "postgres://shop:s3cr3t@db/shop"', 'password in a URL'],
	['DATABASE = "postgres://shop:$PASSWORD@db/shop"', undefined],
	['see https://example.com/a:b@c', undefined],
];
for (const [line, kind] of found) {
	test(`${kind ?? 'no secret'}: ${line.slice(0, 40)}`, t => {
		t.is(secretIn(line), kind);
	});
}

test('grep\'s lines become places, without what they hold', t => {
	const places = parseHits('/srv/shop/code/a b.py\u00007:SECRET_KEY = "abcdefghijk"\n/srv/shop/code/x\u00001:nothing\n', 'shop', '/srv/shop/code');
	t.deepEqual(places, [{app: 'shop', file: 'a b.py', line: 7, kind: 'Django SECRET_KEY'}]);
});
