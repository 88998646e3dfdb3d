import test from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import {isRepository} from '../../source/answers/backups.ts';
import {recoverySheet, sheetKey, sheetKeys, sheetWord, wordFor} from '../../source/engine/recovery-sheet.ts';
import {restoreRole} from '../../source/engine/postgres.ts';
import {planLines, restoredLines, restoredSchema} from '../../source/engine/restore-plan.ts';
import type {BackupFacts, Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import type {Host, Resource} from '../../source/engine/types.ts';
import {parseRun} from '../../source/host/facts/backups.ts';
import {secondsOf} from '../../steps/backups/checks.ts';
import {backupsStep} from '../../steps/backups/index.ts';
import {emptyHost} from '../empty-host.ts';
import {facts} from './ssh-facts.ts';

/** Facts and answers in, resources and questions out. */

const s3 = 's3:https://s3.example.com/shop';
const answers = (backups: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Answers => answersSchema.parse({backups, ...more});
const withBackups = (backups: Partial<BackupFacts>): Facts => facts({backups: {credentials: false, password: false, ...backups}});
const resource = (list: readonly Resource[], name: string) => list.find(entry => entry.name === name);
const contentOf = (list: readonly Resource[], name: string) => (resource(list, name)?.desired as {content?: string} | undefined)?.content ?? '';
const conf = (given: Answers) => contentOf(backupsStep.resources(facts(), given), '/etc/harden/backup/backup.conf');

for (const [place, isGood] of Object.entries({
	'/mnt/backup': true, [s3]: true, 's3:s3.amazonaws.com/bucket/folder': true, 's3:https://[2001:db8::1]:9000/bucket': true, 'b2:bucket:folder/of-mine': true,
	'rest:https://backup.example.com:8000/shop/': true, 'sftp:me@host:/srv/backup': true, 'sftp:host:backup': true, 'sftp://me@host:2222//srv/backup': true,
	'/': false, '/mnt/../etc': false, backup: false, 's3:https://host': false, 'rest:https://user:secret@host/': false, 'sftp:-oProxyCommand=x:/y': false, 'sftp:me@-x:/y': false,
	'sftp:host:/a b': false, 's3:https://host/b;reboot': false, [`${s3}\nOnFailure=x`]: false, 'rclone:remote:path': false, 'local:/x': false,
})) {
	test(`${JSON.stringify(place)} is ${isGood ? 'a' : 'no'} place for backups`, t => {
		t.is(isRepository(place), isGood);
		t.is(answersSchema.safeParse({backups: {repository: place}}).success, isGood);
	});
}

test('credentials are variables that restic knows, of one line each', t => {
	const fits = (credentials: Record<string, string>) => answersSchema.safeParse({backups: {credentials}}).success;
	t.true(fits({AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'a/b+c='}));
	const refused: ReadonlyArray<Record<string, string>> = [{LD_PRELOAD: '/x'}, {PATH: '/x'}, {RESTIC_PASSWORD_COMMAND: 'x'}, {AWS_X: 'a\nLD_PRELOAD=/x'}, {aws_key: 'x'}];
	for (const wrong of refused) {
		t.false(fits(wrong), JSON.stringify(wrong));
	}
});

test('what is backed up follows what is in force', t => {
	t.regex(conf(answers()), /^app = \napp-paths =\npaths =\n/m);
	t.regex(conf(answers()), /^database = \n/m);
	const shop = conf(answers({paths: ['/home/me'], exclude: ['*.tmp', '# no comment']}, {app: {name: 'shop'}, postgres: {database: 'orders'}}));
	t.regex(shop, /^app-paths =\n {4}\/srv\/shop\n {4}\/var\/lib\/shop\npaths =\n {4}\/home\/me\n/m);
	t.regex(shop, /^exclude =\n {4}\*\.tmp\n {4}# no comment\n/m);
	t.regex(shop, /^database = orders\nport = 5432\n/m);
	t.regex(conf(answers({}, {app: {name: 'my-shop'}, postgres: {}})), /^database = my_shop$/m);
});

test('how long backups are kept and may be old follows the schedule', t => {
	t.regex(conf(answers()), /keep-hourly = 0\nkeep-daily = 7\nkeep-weekly = 4\nkeep-monthly = 6\n/);
	t.regex(conf(answers()), /max-age = 30h/);
	t.regex(conf(answers({schedule: 'hourly'})), /keep-hourly = 24[^]*max-age = 4h/);
	t.regex(conf(answers({schedule: '*-*-* 12:00', maxAge: '2d', appendOnly: true})), /append-only = yes[^]*max-age = 2d/);
	const timer = (schedule: string) => contentOf(backupsStep.resources(facts(), answers({schedule})), '/etc/systemd/system/harden-backup.timer');
	t.regex(timer('daily'), /^OnCalendar=\*-\*-\* 02:30$/m);
	t.regex(timer('Mon *-*-* 12:00'), /^OnCalendar=Mon \*-\*-\* 12:00$/m);
	t.is(secondsOf('30h'), 108_000);
	t.is(secondsOf('90'), 90);
});

test('secrets are resources only when they are given, and marked', t => {
	const without = backupsStep.resources(facts(), answers({repository: s3}));
	t.is(resource(without, '/etc/harden/backup/credentials'), undefined);
	t.is(resource(without, '/etc/harden/backup/password'), undefined);
	const given = backupsStep.resources(facts(), answers({repository: s3, password: 'correct-horse-battery', credentials: {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'a=b'}}));
	t.like(resource(given, '/etc/harden/backup/credentials'), {secret: true, desired: {mode: 0o600, content: 'AWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY=a=b\n'}});
	t.like(resource(given, '/etc/harden/backup/password'), {secret: true, desired: {mode: 0o600, content: 'correct-horse-battery'}});
	t.deepEqual(given.filter(({type}) => type === 'repository').map(({name}) => name), [s3]);
	t.deepEqual(backupsStep.resources(facts(), answersSchema.parse({})), []);
});

test('no part of the program is anything but the file of the repository, and no unit may do more than it has to', t => {
	const list = backupsStep.resources(facts(), answers({repository: '/mnt/backup'}));
	t.regex(contentOf(list, '/usr/local/sbin/harden-backup'), /^#!\/usr\/bin\/python3 -IB\n/);
	t.is(list.filter(({name}) => name.startsWith('/usr/local/lib/harden-backup/')).length, 13);
	t.true(contentOf(list, '/usr/local/lib/harden-backup/throwaway.py').includes(`\nROLE = '${restoreRole}'\n`), 'the role that pg_hba.conf lets in');
	const unit = contentOf(list, '/etc/systemd/system/harden-backup.service');
	t.regex(unit, /^ProtectSystem=strict$/m);
	t.regex(unit, /^ReadWritePaths=-\/mnt\/backup$/m);
	t.notRegex(contentOf(backupsStep.resources(facts(), answers({repository: s3})), '/etc/systemd/system/harden-backup.service'), /ReadWritePaths/);
});

test('drills can be switched off, also later', t => {
	const units = (given: Facts) => backupsStep.resources(given, answers({drill: 'never'})).filter(({type}) => type === 'unit');
	t.deepEqual(units(facts()).map(({name}) => name), ['harden-backup.timer']);
	t.like(units(facts({units: {'harden-drill.timer': {enabled: true, active: true, masked: false}}}))[1], {name: 'harden-drill.timer', desired: {enabled: false, active: false}});
});

const ids = (questions: readonly Question[]) => questions.map(({id, kind}) => `${id} ${kind}`);

test('questions: credentials only where the place needs them, and not again once stored', t => {
	const rest = ['backups.schedule select', 'backups.drill select'];
	t.deepEqual(ids(backupsStep.questions(facts(), answers())), ['backups.repository text', ...rest]);
	t.deepEqual(ids(backupsStep.questions(facts(), answers({repository: s3}))), ['backups.repository text', 'backups.credentials text', 'backups.credentials password', ...rest]);
	t.deepEqual(ids(backupsStep.questions(withBackups({repository: s3, credentials: true}), answers({repository: s3}))), ['backups.repository text', 'backups.credentials text', ...rest]);
	const [, key, secret] = backupsStep.questions(facts(), answers({repository: s3}));
	t.true(key?.kind === 'text' && key.validate('') !== undefined && key.validate('AKIA') === undefined);
	t.true(secret?.kind === 'password' && secret.validate('') !== undefined);
	t.deepEqual(key?.kind === 'text' && key.parse('AKIA'), {AWS_ACCESS_KEY_ID: 'AKIA'});
	const [, , then] = backupsStep.questions(facts(), answers({repository: s3, credentials: {AWS_ACCESS_KEY_ID: 'AKIA'}}));
	t.deepEqual(then?.kind === 'password' && then.parse?.('hush'), {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'hush'});
});

test('the word of the recovery sheet is asked for until it was typed back', t => {
	const there = withBackups({repository: '/var/backups/harden', word: 'walnut'});
	const question = backupsStep.questions(there, answers()).at(-1)!;
	t.is(question.id, 'backups.recoveryWord');
	t.true(question.kind === 'text' && question.validate('') === undefined && question.validate('Walnut ') === undefined && question.validate('acorn') !== undefined);
	t.not(backupsStep.questions(there, answers({recoveryWord: 'walnut'})).at(-1)!.id, 'backups.recoveryWord');
});

test('a place on the server itself is told of, before and after', t => {
	t.regex(backupsStep.warnings!(facts(), answers()).join('\n'), /on this server itself/);
	t.notRegex(backupsStep.warnings!(facts(), answers({repository: s3})).join('\n'), /on this server itself/);
	t.regex(backupsStep.remember!(facts(), answers()).join('\n'), /RECOVERY\.txt[^]*on this server itself/);
});

test('the recovery sheet: newest first, earlier ones kept, its word no part of the key', t => {
	const first = recoverySheet('/old', 'aaaa-bbbb');
	const both = recoverySheet(s3, 'cccc-dddd', first);
	t.is(sheetKey(both, s3), 'cccc-dddd');
	t.is(sheetKey(both, '/old'), 'aaaa-bbbb');
	t.is(sheetKey(both, '/other'), undefined);
	t.deepEqual(sheetKeys(both), ['cccc-dddd', 'aaaa-bbbb']);
	t.is(sheetWord(both, s3), wordFor(s3, 'cccc-dddd'));
	t.is(recoverySheet(s3, 'cccc-dddd', both), both, 'again is nothing');
});

test('results of harden-backup, and what is none', t => {
	t.deepEqual(parseRun('{"kind": "backup", "state": "failed", "startedAt": "2026-11-25T02:30:00Z", "error": "no"}'), {state: 'failed', startedAt: '2026-11-25T02:30:00Z', error: 'no'});
	for (const wrong of [undefined, '', '{', '{"state": "fine"}', '[]']) {
		t.is(parseRun(wrong), undefined);
	}
});

/** A host that answers from tables. */
function hostOf(files: Record<string, unknown>, commands: Record<string, [exitCode: number, stdout: string, stderr?: string]>): Host {
	return {
		...emptyHost,
		async run([program, ...rest]) {
			const key = Object.keys(commands).find(name => `${program} ${rest.join(' ')}`.includes(name));
			const [exitCode, stdout, stderr = ''] = key === undefined ? [127, ''] : commands[key]!;
			return {exitCode, stdout, stderr};
		},
		read: async path => path in files ? JSON.stringify(files[path]) : undefined,
	};
}

const folder = '/var/lib/harden-python-vps/backups';
const check = async (id: string, host: Host, given = answers({repository: s3})) => backupsStep.checks(facts(), given).find(entry => entry.id === `backups.${id}`)!.verify(host);
const success = {startedAt: new Date(Date.now() - 3_600_000).toISOString(), repository: s3, files: 7, rows: 9, restoreSeconds: 4};

test('checks: never a pass where something is wrong', async t => {
	const reached = (newest: unknown): Record<string, [number, string]> => ({reach: [0, JSON.stringify({id: 'abcdef0123456', count: 1, newest})]});
	t.is((await check('newest', hostOf({}, reached({id: '1', time: 'x', ageSeconds: 3600})))).status, 'pass');
	t.is((await check('newest', hostOf({}, reached({id: '1', time: 'x', ageSeconds: 200_000})))).status, 'fail');
	t.is((await check('newest', hostOf({}, reached(null)))).status, 'fail');
	t.deepEqual(await check('repository', hostOf({}, {reach: [1, '', 'The key does not open it.']})), {status: 'fail', evidence: 'The key does not open it.'});

	const running = hostOf({[`${folder}/backup.json`]: {state: 'running', startedAt: 'then'}}, {'--property=ActiveState': [0, 'inactive']});
	t.like(await check('last', running), {status: 'fail', evidence: 'It was cut off, as by a power cut: begun then, never ended.'});
	t.is((await check('last', hostOf({[`${folder}/backup.json`]: {state: 'running', startedAt: 'then'}}, {'--property=ActiveState': [0, 'activating']}))).status, 'pass');
	t.is((await check('last', hostOf({}, {}))).status, 'fail');

	const drill = (state: Record<string, unknown>) => hostOf({[`${folder}/drill.json`]: {state: 'done', startedAt: 'then', lastSuccess: success, ...state}}, {});
	t.is((await check('drill', drill({}))).status, 'pass');
	t.regex((await check('drill', drill({lastSuccess: {...success, notes: ['Not restored: PUBLICATION x']}}))).evidence, /ago\. Not restored: PUBLICATION x$/);
	t.is((await check('drill', drill({state: 'failed', error: 'rotten'}))).evidence, 'rotten');
	t.is((await check('drill', drill({lastSuccess: {...success, startedAt: '2020-01-01T00:00:00Z'}}))).status, 'fail');
	t.is((await check('drill', drill({}), answers({drill: 'never'}))).status, 'fail');

	const timers = (state: string) => hostOf({}, {'--property=ActiveState,UnitFileState': [0, `ActiveState=${state}\nUnitFileState=enabled\nNextElapseUSecRealtime=Sun`]});
	t.is((await check('timers', timers('active'))).status, 'pass');
	t.is((await check('timers', timers('inactive'))).status, 'fail');
	t.is((await check('root-only', hostOf({}, {find: [0, '/etc/harden/backup/credentials']}))).status, 'fail');
	t.is((await check('root-only', hostOf({}, {find: [1, '', 'no such file']}))).status, 'fail');
	t.is((await check('works', hostOf({[`${folder}/backup.json`]: {state: 'done', startedAt: 'then'}}, {'systemctl start': [124, '']}))).status, 'not-run');
	t.is((await check('works', hostOf({[`${folder}/backup.json`]: {state: 'failed', startedAt: 'then', error: 'full'}}, {'systemctl start': [1, '']}))).evidence, 'full');
	t.is((await check('elsewhere', hostOf({}, {}), answers())).status, 'fail');
	t.is((await check('recovery-sheet', hostOf({}, {}))).status, 'not-run');
});

test('a restore is told before and after, and a name in a backup cannot steer the terminal', t => {
	const before = planLines({
		snapshot: {id: 'abc', time: '2026-11-25T02:30:11.5Z', host: 'vps'},
		paths: ['/srv/shop'],
		counts: {missing: 12, same: 3, older: 0, newer: 1},
		examples: {missing: Array.from({length: 12}, (_, index) => `/srv/shop/${index}`), older: [], newer: ['/srv/shop/\u001B[2J']},
		bytes: 5_200_000,
		database: {name: 'shop', snapshot: 'def', present: 41},
	}).join('\n');
	t.regex(before, /2026-11-25 02:30 UTC/);
	t.regex(before, /… and 2 more/);
	t.regex(before, /has 41 rows now, is replaced/);
	t.false(before.includes('\u001B'));
	t.regex(before, /About 5 MB/);
	const after = restoredLines(restoredSchema.parse({snapshot: 'abc', snapshotTime: '2026-11-25T02:30:11Z', written: 12, kept: ['/srv/shop/x'], keptCount: 1, aside: '/var/lib/x', database: 'shop', oldDatabase: 'shop_before_1'})).join('\n');
	t.regex(after, /is as it was in the backup/);
	const short = restoredLines(restoredSchema.parse({snapshot: 'abc', snapshotTime: '2026-11-25T02:30:11Z', written: 0, database: 'shop', notes: ['Not restored: PUBLICATION \u001B[2J']})).join('\n');
	t.regex(short, /What is not as it was:\n {2}Not restored: PUBLICATION \?\[2J$/m);
	t.false(short.includes('shop is as it was'));
	t.regex(after, /12 files written[^]*dropdb shop_before_1[^]*kept in \/var\/lib\/x[^]*1 files were changed/);
});
