import process from 'node:process';
import test from 'ava';
import {nearest} from '../source/answers-complaints.ts';
import {answersSchema} from '../source/answers.ts';
import {answersToYaml, exampleAnswers, jsonSchema, loadAnswers} from '../source/complete-answers.ts';
import {Problem} from '../source/problem.ts';

function problemOf(text: string): Problem {
	try {
		loadAnswers(text, 'deploy.yaml');
	} catch (error) {
		if (error instanceof Problem) {
			return error;
		}

		throw error;
	}

	throw new Error('It was loaded.');
}

/** Every complaint names the file, the line, the key, and a way out. */
const wrong: ReadonlyArray<[what: string, text: string, fact: string, wayOut: string | RegExp]> = [
	['an unknown key near a known one', 'ssh:\n  prot: 22\n', 'deploy.yaml:2: there is no key `ssh.prot`.', 'Did you mean `ssh.port`?'],
	['an unknown block near a known one', 'version: 1\nfirewal: {}\n', 'deploy.yaml:2: there is no key `firewal`.', 'Did you mean `firewall`?'],
	['a key without its block', 'maxAuthTries: 2\n', 'deploy.yaml:1: there is no key `maxAuthTries`.', 'Did you mean `ssh.maxAuthTries`?'],
	['an unknown key near none', 'fail2ban:\n  zzz: 1\n', 'deploy.yaml:2: there is no key `fail2ban.zzz`.', 'The keys here are: maxRetry, findTime, banTime, ignore.'],
	['an unknown key deep inside', 'firewall:\n  allow:\n    - port: 1\n    - {port: 2, form: any}\n', 'deploy.yaml:4: there is no key `firewall.allow[1].form`.', 'Did you mean `firewall.allow[1].from`?'],
	['a key of Object.prototype', 'ssh: {constructor: 1}\n', 'deploy.yaml:1: there is no key `ssh.constructor`.', /^The keys here are: user, /],
	['a number that is a word', 'ssh:\n  user: ops\n  port: high\n', 'deploy.yaml:3: `ssh.port` has to be a whole number from 1 to 65535, not "high".', 'Correct it, or take the line out: then it is 5922.'],
	['a number out of range', 'ssh: {port: 70000}', 'deploy.yaml:1: `ssh.port` has to be a whole number from 1 to 65535, not 70000.', /5922/],
	['half a port', 'firewall:\n  allow: [{port: 1.5}]', 'deploy.yaml:2: `firewall.allow[0].port` has to be a whole number from 1 to 65535, not 1.5.', 'Correct it and start again.'],
	['a missing port', 'firewall:\n  allow: [{protocol: tcp}]', 'deploy.yaml:2: `firewall.allow[0].port` is missing.', 'Give it a whole number from 1 to 65535.'],
	['a yes of YAML 1.1', 'updates:\n  upgrade: yes\n', 'deploy.yaml:2: `updates.upgrade` has to be true or false, not "yes".', /true\.$/],
	['a choice that there is not', 'ssh: {sudo: maybe}', 'deploy.yaml:1: `ssh.sudo` has to be nopasswd or password, not "maybe".', /"nopasswd"/],
	['a time that is none', 'updates: {rebootAt: "25:00"}', 'deploy.yaml:1: `updates.rebootAt` has to be a time of day as HH:MM or never, not "25:00".', /"04:30"/],
	['a text for a list', 'ssh: {allowFrom: 203.0.113.7}', 'deploy.yaml:1: `ssh.allowFrom` has to be a list, not "203.0.113.7".', /\[\]/],
	['a list for a text', 'ssh: {user: [a]}', 'deploy.yaml:1: `ssh.user` has to be a text, not a list.', /"deploy"/],
	['shell in an address', 'ssh:\n  allowFrom:\n    - 203.0.113.7\n    - "203.0.113.7; reboot"\n', 'deploy.yaml:4: `ssh.allowFrom[1]` has to be an address or a network, like 203.0.113.7 or 2001:db8::/48, not "203.0.113.7; reboot".', 'Correct it and start again.'],
	['an empty block', 'ssh:\n', 'deploy.yaml:1: the block `ssh` is empty.', 'Write `ssh: {}` to have the step with its defaults, or take the line out to leave the step out.'],
	['another version', 'version: 2', 'deploy.yaml:1: `version` has to be 1, not 2.', /then it is 1/],
	['a list of answers', '- ssh', 'deploy.yaml:1: these are no answers.', /--example/],
	['a word', 'hello', 'deploy.yaml:1: these are no answers.', /--example/],
	['a tab', 'ssh:\n\tport: 22\n', 'deploy.yaml:2: the line is indented with a tab, which YAML does not allow.', 'Use two spaces instead.'],
	['a key twice', 'ssh: {}\nupdates: {}\nssh: {}\n', 'deploy.yaml:3: this key is there twice.', 'Keep one of the two.'],
	['a key twice in braces', 'ssh: {port: 1, port: 2}\n', 'deploy.yaml:1: this key is there twice.', 'Keep one of the two.'],
	['two documents', '---\nssh: {}\n---\nupdates: {}\n', 'deploy.yaml:3: a second document begins here.', /without a line of dashes/],
	['an open quote', 'ssh:\n  user: "deploy\n', 'deploy.yaml:3: this is not valid YAML. Missing closing "quote.', /--example/],
	['an alias', 'ssh: &a {}\nfail2ban: *a\n', 'deploy.yaml:2: aliases (a word after an asterisk) are not used in answers.', /Write the value out/],
	['an alias of nothing', 'ssh: *a\n', 'deploy.yaml:1: aliases (a word after an asterisk) are not used in answers.', /Write the value out/],
	['a tag', 'ssh: !ruby/object {}\n', 'deploy.yaml:1: tags (a word after an exclamation mark) are not used in answers.', /Take it out/],
	['a merge key', '<<: {ssh: {}}\n', 'deploy.yaml:1: there is no key `<<`.', /^The keys here are: version, /],
	['a prototype', '__proto__: {ssh: {}}\n', 'deploy.yaml:1: a key has to be a plain word.', /--example/],
	['a list as a key', '? [ssh]\n: {}\n', 'deploy.yaml:1: a key has to be a plain word.', /--example/],
	['an escape sequence in a key', String.raw`ssh: {"\e[2J": 1}`, 'deploy.yaml:1: there is no key `ssh.?[2J`.', /./],
	['an escape sequence in a value', String.raw`ssh: {port: "\x9b2J"}`, 'deploy.yaml:1: `ssh.port` has to be a whole number from 1 to 65535, not "?2J".', /./],
];

for (const [what, text, fact, wayOut] of wrong) {
	test(`refuses ${what}`, t => {
		const problem = problemOf(text);
		t.is(problem.message, fact);
		if (typeof wayOut === 'string') {
			t.is(problem.wayOut, wayOut);
		} else {
			t.regex(problem.wayOut, wayOut);
		}

		t.is(problem.exitCode, 2);
	});
}

test('several complaints are told at once, by line', t => {
	const problem = problemOf('ssh:\n  prot: 1\n  port: x\nzzz: 1\n');
	t.deepEqual(problem.message.split('\n').map(line => line.slice(0, 'deploy.yaml:1'.length)), ['deploy.yaml:2', 'deploy.yaml:3', 'deploy.yaml:4']);
	t.is(problem.wayOut, 'Put these 3 places right and start again.');
});

test('every block that DESIGN names is there', t => {
	for (const block of ['updates', 'ssh', 'firewall', 'fail2ban', 'app', 'web', 'https', 'django', 'permissions', 'secrets', 'postgres', 'backups', 'monitoring']) {
		t.notThrows(() => loadAnswers(`${block}: {}`, 'deploy.yaml'));
	}
});

test('a wrong password hash is not shown', t => {
	const problem = problemOf('ssh: {passwordHash: hunter2}');
	t.false(`${problem.message} ${problem.wayOut}`.includes('hunter2'));
	t.regex(problem.message, /`ssh\.passwordHash` has to be a password hash/);
});

test('a bomb of aliases or brackets is refused quickly', t => {
	const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]', ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array.from({length: 9}).fill(`*${'abcdefgh'[index]}`).join(',')}]`)].join('\n');
	const began = process.cpuUsage();
	t.regex(problemOf(laughs).message, /aliases/);
	t.regex(problemOf('['.repeat(90_000)).message, /brackets/);
	t.regex(problemOf('{'.repeat(90_000)).message, /brackets/);
	t.regex(problemOf('- '.repeat(45_000)).message, /brackets/);
	t.regex(problemOf('x'.repeat(1_000_000)).message, /100000 characters/);
	t.regex(problemOf(`a: 1\nb:\n  - ${'['.repeat(60)}${']'.repeat(60)}\n`).message, /:3: too many brackets/);
	const {user, system} = process.cpuUsage(began);
	t.true(user + system < 8_000_000, 'microseconds of work, however busy the machine is');
});

test('an empty file, a byte order mark and DOS line ends are fine', t => {
	t.deepEqual(loadAnswers('', 'x'), {version: 1});
	t.deepEqual(loadAnswers('# nothing yet\n', 'x'), {version: 1});
	t.is(loadAnswers('\uFEFFssh:\r\n  port: 2222\r\n', 'x').ssh?.port, 2222);
	t.is(loadAnswers('updates: {rebootAt: 04:30}', 'x').updates?.rebootAt, '04:30');
});

test('the example loads, and is every default', t => {
	const defaults = answersSchema.parse({updates: {}, ssh: {}, firewall: {}, fail2ban: {}, app: {}, web: {}, https: {}, django: {}, permissions: {}, secrets: {}, postgres: {}, backups: {}, monitoring: {}});
	t.deepEqual(loadAnswers(exampleAnswers(), 'example.yaml'), defaults);
	for (const block of Object.values(answersSchema.shape).filter(block => 'unwrap' in block).map(block => block.unwrap()).filter(block => 'shape' in block)) {
		for (const key of Object.keys(block.shape).filter(key => key !== 'passwordHash')) {
			t.regex(exampleAnswers(), new RegExp(`^ {2}(?:# )?${key}: `, 'm'));
		}
	}
});

test('answers survive the way to a file and back, but for their secret', t => {
	const answers = answersSchema.parse({
		updates: {rebootAt: 'never'},
		ssh: {user: 'no', authorizedKeys: ['ssh-ed25519 AAAA a#b: "c" \'d\''], passwordHash: '$6$saltsalt$abcdefghijklmnop', allowFrom: ['2001:db8::/48']},
		firewall: {allow: [{port: 5432, from: '203.0.113.7'}]},
	});
	const yaml = answersToYaml(answers);
	t.false(yaml.includes('$6$'));
	t.false(yaml.includes('passwordHash'));
	const back = loadAnswers(yaml, 'x');
	t.deepEqual(back, {...answers, ssh: {...back.ssh!}});
	t.deepEqual({...back.ssh, passwordHash: answers.ssh?.passwordHash}, answers.ssh);
});

test('the JSON Schema lets every default be left out', t => {
	const schema = jsonSchema() as {$schema: string; additionalProperties: boolean; required?: string[]; properties: {ssh: {required?: string[]}}};
	t.regex(schema.$schema, /2020-12/);
	t.false(schema.additionalProperties);
	t.is(schema.required, undefined);
	t.is(schema.properties.ssh.required, undefined);
});

test('nearest', t => {
	const known = ['maxRetry', 'findTime', 'banTime', 'ignore'];
	t.is(nearest('bantime', known), 'banTime');
	t.is(nearest('max_retry', known), 'maxRetry');
	t.is(nearest('ingore', known), 'ignore');
	t.is(nearest('tries', known), undefined);
	t.is(nearest('x', ['a']), undefined);
});
