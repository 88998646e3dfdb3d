import {answersSchema} from '../../source/answers.ts';
import {judge} from '../../source/engine/accepted.ts';
import {baselineOf} from '../../source/engine/baseline.ts';
import type {Checked} from '../../source/engine/check.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Run} from '../../source/engine/journal.ts';
import type {Change} from '../../source/engine/types.ts';
import {withBlock} from '../../source/engine/session.ts';
import type {ReportInput} from '../../source/report/input.ts';
import {steps} from '../../steps/index.ts';
import {deploy, facts as someFacts, keyFile, root, saying} from '../steps/ssh-facts.ts';
import {samples} from '../engine/sample-keys.ts';
import {hostile} from './results.ts';

/** A server with all of it, where each text that comes from outside is as hostile as it can be. */

export const vault = 'correct-horse-battery-staple';

const answers = answersSchema.parse({
	updates: {}, ssh: {user: 'deploy', port: 5922}, firewall: {}, fail2ban: {}, permissions: {},
	app: {name: 'shop', source: {git: 'https://me@git.example.com/you/shop.git'}}, web: {domains: ['shop.example.com']}, https: {email: 'ops@example.com'}, postgres: {},
	secrets: {environment: {API_TOKEN: 'generate'}}, backups: {repository: 's3:https://s3.example.com/bucket'},
});

const facts: Facts = someFacts({
	hostname: `vps-1 ${hostile}`,
	users: [root, {...deploy, groups: ['sudo']}],
	listeners: [{protocol: 'tcp', address: '0.0.0.0', port: 5922, program: 'sshd'}, {protocol: 'tcp', address: '0.0.0.0', port: 443, program: hostile}],
	ssh: saying({permitrootlogin: 'no'}, {ports: [5922], keys: [keyFile('root', `${samples.ed25519.line}\n`), keyFile('deploy', `${samples.ed25519.line}\n`)]}),
	packages: {nginx: '1.26', cron: '3', auditd: '4'},
	units: {'harden-integrity.service': {enabled: false, active: false, masked: false}},
	fail2ban: {installed: true, running: true, authLog: false},
	postgres: {candidate: '17', clusters: [{version: '17', name: 'main', port: 5432, running: true, databases: [{name: 'shop', owner: 'shop', ownedBySuperuser: false}, {name: hostile, owner: 'postgres', ownedBySuperuser: true}]}]},
	secrets: {apps: {shop: {plain: ['DATABASE_URL'], sealed: ['API_TOKEN', 'SECRET_KEY']}}, secretIds: [], inCode: []},
	backups: {repository: 's3:https://s3.example.com/bucket', credentials: true, password: true, last: {state: 'done', startedAt: '2026-11-25T02:30:00Z'}},
});

const change = (fields: object): Change => ({why: 'So that it is so.', ...fields} as Change);
const file = (content: string) => ({content, mode: 0o600, owner: 'root', group: 'root'});

const runs: readonly Run[] = [
	{
		run: 1, step: 'ssh', title: 'SSH', beganAt: '2026-11-25T01:00:00Z', endedAt: '2026-11-25T01:01:00Z', status: 'kept',
		changes: [
			{id: 1, status: 'done', change: change({type: 'file', name: '/etc/bridge', before: null, desired: file('a\n')})},
			{id: 2, status: 'done', change: change({type: 'file', name: '/etc/bridge', before: file('a\n'), desired: file('a\nb\n')})},
			{id: 3, status: 'done', change: change({type: 'file', name: '/etc/harden/backup/password', secret: true, before: null, desired: file(vault)})},
			{id: 4, status: 'undone', change: change({type: 'file', name: '/etc/undone', before: null, desired: file('x')})},
			{id: 5, status: 'done', change: change({type: 'file', name: `/srv/${hostile}`, why: hostile, before: null, desired: file('x')})},
		],
	},
	{run: 2, step: 'firewall', title: 'Firewall', beganAt: '2026-11-25T01:02:00Z', status: 'undone', why: `The command failed at https://me:${vault}@example.com/x: ${hostile}`, changes: []},
];

const statuses = ['pass', 'pass', 'fail', 'not-run', 'pass'] as const;
const checks = steps.flatMap(step => step.checks(facts, withBlock(answers, step.id)));
const results: readonly Checked[] = checks.map((check, index) => ({check, verdict: {status: statuses[index % statuses.length]!, evidence: index % 7 === 0 ? hostile : `evidence ${index}`}}));

export function sampleInput(changes: Partial<ReportInput> = {}): ReportInput {
	const failing = results.filter(({verdict}) => verdict.status === 'fail').map(({check}) => check.id);
	return {
		version: '0.1.0',
		at: '2026-11-25T04:30:00.000Z',
		facts,
		answers,
		done: ['updates', 'ssh', 'app', 'web', 'https', 'postgres', 'secrets', 'backups'],
		steps,
		results: judge(results, [
			{check: failing[0]!, reason: hostile, until: '2027-01-31', at: ''},
			{check: failing[1]!, reason: 'Over.', until: '2026-01-31', at: ''},
		], '2026-11-25'),
		baseline: baselineOf(someFacts(), results.map(result => ({...result, verdict: {status: 'fail', evidence: 'bad'}})), {at: '2026-11-25T00:59:00Z', tool: '0.1.0'}),
		runs,
		told: {data: 'sensitive', outage: `an hour ${hostile.split('\n')[0]!}`, contact: `Ada ${hostile.split('\n')[0]!}`},
		command: 'sudo node /var/lib/harden-python-vps/harden-python-vps.mjs',
		stateFolder: '/var/lib/harden-python-vps',
		...changes,
	};
}
