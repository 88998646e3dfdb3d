import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {guardRecordIn} from '../../source/host/guard-record.ts';
import {isFleeting} from '../../source/host/guard-tool.ts';
import {isInService, parseProperties, parseTimeSpan} from '../../source/host/guard-units.ts';
import {parseCursor} from '../../source/host/moment.ts';
import {snippet} from '../../source/snippet.ts';

for (const [text, milliseconds] of [
	['5min 3.200461s', 303_200.461],
	['1h 2min', 3_720_000],
	['1w 1d 40ms', 691_200_040],
	['750us', 0.75],
	['infinity', undefined],
	['', undefined],
	['5 min', undefined],
] as const) {
	test(`systemd's time span "${text}"`, t => {
		t.is(parseTimeSpan(text), milliseconds);
	});
}

test('properties keep what comes after the first equals sign', t => {
	t.deepEqual(parseProperties('ActiveState=active\nExecStart={ argv[]=a=b }\nJob=\n'), {ActiveState: 'active', ExecStart: '{ argv[]=a=b }', Job: ''});
});

test('the guard knows itself by its control group', t => {
	t.true(isInService('0::/system.slice/harden-guard.service\n'));
	t.true(isInService('12:pids:/x\n1:name=systemd:/system.slice/harden-guard.service\n0::/\n'));
	t.false(isInService('0::/user.slice/user-0.slice/session-1.scope\n'));
	t.false(isInService('0::/system.slice/not-harden-guard.service\n'));
});

test('the place in the journal', t => {
	t.is(parseCursor('-- No entries --\n-- cursor: s=beccc7601d;i=4e;b=e5f2'), 's=beccc7601d;i=4e;b=e5f2');
	t.is(parseCursor(''), undefined);
});

for (const [path, fleeting] of [
	['/usr/bin/node', false],
	['/root/.nvm/versions/node/v20.19.0/bin/node', false],
	['/opt/node/bin/node', false],
	['/home/deploy/.nvm/versions/node/v20.19.0/bin/node', true],
	['/tmp/node', true],
	['/root/.npm/_npx/1a2b/node_modules/node/bin/node', true],
] as const) {
	test(`${path} ${fleeting ? 'is copied' : 'stays where it is'}`, t => {
		t.is(isFleeting(path), fleeting);
	});
}

test('the units say what they run, when, and that they try again', t => {
	const service = snippet('systemd/harden-guard.service', {folder: '/var/lib/x/guard', stateFolder: '/var/lib/x', nodeOptions: ''});
	t.regex(service, /^ExecStart=\/var\/lib\/x\/guard\/tool\/node \/var\/lib\/x\/guard\/tool\/harden-python-vps\.mjs guard-fire$/m);
	const slowly = snippet('systemd/harden-guard.service', {folder: '/g', stateFolder: '/s', nodeOptions: ' --jitless'});
	t.regex(slowly, /^ExecStart=\/g\/tool\/node --jitless \/g\/tool\/harden-python-vps\.mjs guard-fire$/m);
	t.regex(service, /^Environment=HARDEN_STATE_DIR=\/var\/lib\/x$/m);
	t.regex(service, /^Restart=on-failure$/m);
	t.notRegex(service, /network/i);
	t.regex(snippet('systemd/harden-guard.timer', {milliseconds: 1500}), /^OnActiveSec=1500ms$/m);
});

const armed = {version: 1, run: 3, step: 'ssh', stepTitle: 'SSH', armedAt: 1, deadline: 2, window: 1, since: {bootId: 'b', ticks: 5, milliseconds: 7}, login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}} as const;

test('a record goes from armed over the decision to its outcome', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'guard-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	const record = guardRecordIn(join(folder, 'guard'));
	t.is(await record.read(), undefined);
	await record.prepare();
	t.is(await record.read(), undefined);
	await record.write(armed);
	t.like(await record.read(), {state: 'armed', firing: undefined, step: 'ssh'});
	await record.decide({decision: 'keep', by: 'deploy'});
	t.like(await record.read(), {state: 'confirmed', confirmedBy: 'deploy'});
	await record.overrule({decision: 'put-back', by: 'guard'});
	t.like(await record.read(), {state: 'armed', firing: true});
	await record.finish('All is well.');
	t.like(await record.read(), {state: 'fired', outcome: 'All is well.', firing: undefined});
	await record.forget();
	t.is(await record.read(), undefined);
	await record.remove();
	t.deepEqual(await readdir(folder), []);
});

test('of confirm and guard in the same instant one wins, and both learn which', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'guard-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	const record = guardRecordIn(join(folder, 'guard'));
	await record.prepare();
	const first = await record.decide({decision: 'put-back', by: 'guard'});
	const second = await record.decide({decision: 'keep', by: 'deploy'});
	t.deepEqual([first, second], [{decision: 'put-back', by: 'guard'}, {decision: 'put-back', by: 'guard'}]);
	t.deepEqual(await readdir(join(folder, 'guard')), ['decision.json', 'tool']);
});
