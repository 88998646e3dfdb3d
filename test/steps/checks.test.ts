import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {withBlock} from '../../source/engine/session.ts';
import type {Check} from '../../source/engine/types.ts';
import {steps} from '../../steps/index.ts';
import {deploy, facts as someFacts, root} from './ssh-facts.ts';

/** What holds for every check of every step, whatever the answers. */

const installed = someFacts({postgres: {candidate: '17', clusters: []}, users: [root, deploy], packages: {nginx: '1.26.3', cron: '3.0', sudo: '1.9'}});
const django = {path: '/srv/app/code', files: {'manage.py': '', 'shop/settings.py': 'SECRET_KEY = "x"', 'shop/wsgi.py': ''}, hasSourceFolder: false};

const servers: ReadonlyArray<[name: string, facts: Facts, answers: Answers]> = [
	['blank', someFacts(), {version: 1}],
	['all with a domain', installed, answersSchema.parse({
		app: {source: {sample: 'django'}}, web: {domains: ['shop.example.com'], waf: 'block'}, https: {}, django: {}, postgres: {}, secrets: {environment: {API_TOKEN: 'generate'}}, backups: {}, permissions: {sudoCommands: ['/usr/bin/systemctl restart app.service']}, ssh: {}, firewall: {}, fail2ban: {}, updates: {},
	})],
	['all without a domain', someFacts({postgres: {candidate: '17', clusters: []}, app: {pythons: {}, served: ['app'], code: django}}), answersSchema.parse({
		app: {source: {path: '/srv/app/code'}, audit: 'block'}, web: {}, https: {}, django: {settings: 'shop.settings'}, postgres: {rotateEvery: 'never'}, secrets: {encrypt: false}, backups: {drill: 'never'},
	})],
];

const all = servers.flatMap(([, facts, answers]) => steps.flatMap(step => step.checks(facts, withBlock(answers, step.id)).map(check => ({step, check}))));

test('every step has checks, and they are found here', t => {
	for (const step of steps) {
		t.true(all.some(entry => entry.step === step), step.id);
	}

	t.true(new Set(all.map(({check}) => check.id)).size > 100);
});

const rules: ReadonlyArray<[rule: string, holds: (check: Check, step: string) => boolean]> = [
	['its id is its step and what it asks', ({id}, step) => new RegExp(String.raw`^${step}\.[a-z][a-z\d-]+$`).test(id)],
	['it has at least one reference, and none twice', ({references = []}) => references.length > 0 && new Set(references).size === references.length && references.every(reference => /^(?:ANSSI|CIS|CWE|Django|Mozilla|OWASP|RFC|ssh-audit|systemd|weakdh)/.test(reference))],
	['it says how to put it right', ({fix}) => fix.length > 10],
	['it has a title, and a severity', ({title, severity}) => title.length > 5 && ['high', 'medium', 'low'].includes(severity)],
];

for (const [rule, holds] of rules) {
	test(`every check: ${rule}`, t => {
		t.deepEqual([...new Set(all.filter(({step, check}) => !holds(check, step.id)).map(({check}) => check.id))], []);
	});
}

for (const [name, facts, answers] of servers) {
	test(`${name}: no id twice`, t => {
		const ids = steps.flatMap(step => step.checks(facts, withBlock(answers, step.id))).map(({id}) => id);
		t.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
	});
}
