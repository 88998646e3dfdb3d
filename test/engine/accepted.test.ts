import test from 'ava';
import {accepting} from '../../source/accepting.ts';
import {judge, parseAccepted, parseDay, standingOf} from '../../source/engine/accepted.ts';
import {baselineOf, compared, parseBaseline} from '../../source/engine/baseline.ts';
import {scoreOf} from '../../source/engine/check.ts';
import {Problem} from '../../source/problem.ts';
import {checked} from '../report/results.ts';
import {facts} from '../steps/ssh-facts.ts';

const context = {known: ['ssh.root-login', 'ssh.passwords', 'web.waf'], today: '2026-11-25', at: '2026-11-25T04:30:00.000Z'};
const wish = {accept: 'ssh.passwords', reason: 'The till needs it.', until: '2027-01-31'};

test('days of the calendar, and nothing else', t => {
	t.deepEqual(['2027-01-31', '2028-02-29', '2027-02-29', '2027-13-01', '27-01-01', '2027-1-1', 'tomorrow', '2027-01-31T00:00:00Z', ''].map(text => parseDay(text)), ['2027-01-31', '2028-02-29', ...Array.from({length: 7}, () => undefined)]);
});

test('accepted, accepted anew, withdrawn', t => {
	const [first, ...rest] = accepting([], wish, context);
	t.deepEqual(first, {check: 'ssh.passwords', reason: 'The till needs it.', until: '2027-01-31', at: context.at});
	t.deepEqual(rest, []);
	const two = accepting([first!], {...wish, accept: 'web.waf'}, context);
	t.deepEqual(two.map(({check}) => check), ['ssh.passwords', 'web.waf']);
	t.deepEqual(accepting(two, {...wish, until: '2026-11-25'}, context).map(({check, until}) => `${check} ${until}`), ['ssh.passwords 2026-11-25', 'web.waf 2027-01-31']);
	t.deepEqual(accepting(two, {withdraw: 'ssh.passwords'}, context).map(({check}) => check), ['web.waf']);
	t.is(accepting(two, {}, context), two, 'an audit that accepts nothing writes nothing');
});

const wrong: ReadonlyArray<[what: string, wish: Parameters<typeof accepting>[1], says: RegExp, wayOut: RegExp]> = [
	['an unknown check', {...wish, accept: 'ssh.password'}, /no check "ssh\.password"/, /Did you mean ssh\.passwords\?/],
	['a check of nowhere', {...wish, accept: 'frobnicate'}, /no check "frobnicate"/, /harden-python-vps audit/],
	['no reason', {...wish, reason: '  '}, /for a reason/, /--reason/],
	['a reason of two lines', {...wish, reason: 'a\nb'}, /one line/, /--reason/],
	['a long reason', {...wish, reason: 'x'.repeat(501)}, /500 characters/, /--reason/],
	['no day', {...wish, until: undefined}, /still to come/, /--until 2027-01-31/],
	['a day that is over', {...wish, until: '2026-11-24'}, /still to come/, /--until/],
	['no such day', {...wish, until: '2027-02-30'}, /still to come/, /--until/],
	['a reason for nothing', {reason: 'x'}, /belong to --accept/, /audit --accept/],
	['both at once', {...wish, withdraw: 'web.waf'}, /two things/, /one of them/],
	['withdrawing what was never accepted', {withdraw: 'ssh.passwords'}, /no check/, /audit/],
];
for (const [what, given, says, wayOut] of wrong) {
	test(`accepting ${what} is refused, with the way out`, t => {
		const error = t.throws(() => accepting([], given, context), {instanceOf: Problem, message: says});
		t.regex(error.wayOut, wayOut);
		t.is(error.exitCode, 2);
	});
}

test('an accepted risk does not raise the score, and on the day after its last it fails again', t => {
	const results = [checked('ssh.passwords', 'fail'), checked('ssh.root-login', 'pass')];
	const risks = accepting([], wish, context);
	t.is(scoreOf(judge(results, risks, '2026-11-25')), 50);
	t.deepEqual(['2026-11-25', '2027-01-31', '2027-02-01'].map(today => standingOf(judge(results, risks, today)[0]!)), ['accepted', 'accepted', 'fail']);
});

test('what cannot be read accepts nothing', t => {
	const [risk] = accepting([], wish, context);
	t.deepEqual(parseAccepted({version: 1, risks: [risk]}), [risk]);
	for (const damaged of [undefined, null, [], {version: 2, risks: [risk]}, {version: 1, risks: [{...risk, until: 'never'}]}, {version: 1, risks: [{...risk, reason: ''}]}]) {
		t.deepEqual(parseAccepted(damaged), []);
	}
});

test('before and after: only checks that could be asked both times are compared', t => {
	const before = baselineOf(facts(), [checked('ssh.passwords', 'fail'), checked('ssh.root-login', 'fail'), checked('web.waf', 'not-run'), checked('app.gone', 'pass')], {at: context.at, tool: '0.1.0'});
	t.is(before.score, 33);
	t.deepEqual(before.reaches, [{port: 22, protocol: 'tcp', program: 'sshd', sources: ['any']}]);
	t.deepEqual(parseBaseline(JSON.parse(JSON.stringify(before))), before);
	t.is(parseBaseline({...before, version: 2}), undefined);
	t.deepEqual(compared(before, [checked('ssh.passwords', 'pass'), checked('ssh.root-login', 'fail'), checked('web.waf', 'pass')]), {count: 2, before: 0, after: 50});
});
