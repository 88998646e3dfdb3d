import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import test from 'ava';
import {z} from 'zod';
import {standingOf} from '../../source/engine/accepted.ts';
import {junit} from '../../source/report/junit.ts';
import {sarif} from '../../source/report/sarif.ts';
import {command} from '../vps/command.ts';
import {results} from './results.ts';

const place = {version: '0.1.0', hostname: 'vps<1>', at: '2026-11-25T04:30:00.123Z'};

/** OASIS' own schema, as this package carries it. */
async function officialSchema() {
	const folder = createRequire(import.meta.url).resolve('@microsoft/jest-sarif');
	return z.fromJSONSchema(JSON.parse(await readFile(new URL('schemas/sarif-2.1.0-rtm.5.json', `file://${folder}`), 'utf8')) as never);
}

type Log = {runs: ReadonlyArray<{results: ReadonlyArray<{ruleId: string; ruleIndex: number; kind: string; level: string; suppressions?: ReadonlyArray<{status: string}>}>; tool: {driver: {rules: ReadonlyArray<{id: string}>}}}>};

test('SARIF: valid by its official schema, which tells wrong from right', async t => {
	const schema = await officialSchema();
	const log = JSON.parse(JSON.stringify(sarif(results, place))) as Log;
	const {success, error} = schema.safeParse(log);
	t.true(success, error?.message);
	t.false(schema.safeParse({...log, runs: [{...log.runs[0], results: [{message: {text: 'x'}, level: 'terrible'}]}]}).success);
	t.true(schema.safeParse(JSON.parse(JSON.stringify(sarif([], place)))).success);
});

test('SARIF: what passed and what was not run are no findings; what was accepted is suppressed', t => {
	const [{results: told, tool}] = (sarif(results, place) as Log).runs as [Log['runs'][0]];
	t.deepEqual(told.map(({ruleId, kind, level}) => `${ruleId} ${kind} ${level}`), ['ssh.root-login pass none', 'ssh.passwords fail error', 'ssh.limits fail note', 'firewall.on fail warning', 'web.waf notApplicable none']);
	t.deepEqual(told.map(({suppressions}) => suppressions?.[0]?.status), [undefined, 'accepted', 'rejected', undefined, undefined]);
	t.true(told.every(({ruleId, ruleIndex}) => tool.driver.rules[ruleIndex]?.id === ruleId));
});

const reader = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
print(json.dumps({'root': root.attrib, 'suites': [{**suite.attrib, 'cases': [[case.get('name'), *[[part.tag, part.get('message'), part.text] for part in case]] for case in suite]} for suite in root]}))
`;

test('JUnit: well-formed whatever a server says, and it says the same as the audit', async t => {
	const {stdout} = await command(['python3', '-c', reader], {input: junit(results, place)});
	const {root, suites} = JSON.parse(stdout) as {root: Record<string, string>; suites: ReadonlyArray<{name: string; hostname: string; timestamp: string; cases: ReadonlyArray<readonly [string, [tag: string, message: string, text: string]]>}>};
	t.deepEqual([root['tests'], root['failures'], root['skipped'], root['errors']], ['5', '2', '2', '0']);
	t.deepEqual(suites.map(({name}) => name), ['ssh', 'firewall', 'web']);
	t.is(suites[0]!.hostname, 'vps<1>');
	t.is(suites[0]!.timestamp, '2026-11-25T04:30:00');
	const cases = suites.flatMap(suite => suite.cases);
	t.deepEqual(cases.map(([, [tag]]) => tag), ['system-out', 'skipped', 'failure', 'failure', 'skipped']);
	t.regex(cases[1]![1][1], /accepted until 2027-01-31: The old backup tool needs it/);
	t.true(cases[2]![1][2].includes('<script>alert(1)</script> & ]]>'), 'text stays text');
	t.regex(cases[2]![1][2], /accepted until 2026-11-24: Over\./);
});

test('standing: accepted is neither passed nor failed, until its last day is over', t => {
	t.deepEqual(results.map(result => standingOf(result)), ['pass', 'accepted', 'fail', 'fail', 'not-run']);
});
