import test from 'ava';
import {readWafLog} from '../../source/engine/waf-log.ts';

function line(uri: string, rules: readonly string[], client = '198.51.100.7'): string {
	return JSON.stringify({transaction: {client_ip: client, request: {method: 'GET', uri}, messages: rules.map(ruleId => ({message: `about ${ruleId}`, details: {ruleId, data: 'x'}}))}});
}

test('what was refused or would have been, by rule and path, without what was asked', t => {
	const text = [
		'cut off","messages":[]}}',
		line('/search?q=secret', ['942100', '949110']),
		line('/search?q=other', ['942100', '942100', '920350', '949110']),
		line('/form', ['200002']),
		line('/page', ['920350']),
		line('/search?q=1', ['942100', '949110'], '127.0.0.1'),
		line('/search?q=1', ['942100', '949110'], '::1'),
		'{"transaction":',
	].join('\n');
	t.deepEqual(readWafLog(text), {
		refused: 3,
		findings: [
			{rule: 942_100, path: '/search', count: 2, message: 'about 942100'},
			{rule: 200_002, path: '/form', count: 1, message: 'about 200002'},
			{rule: 920_350, path: '/search', count: 1, message: 'about 920350'},
		],
	});
});

test('nothing is nothing', t => {
	t.deepEqual(readWafLog(''), {refused: 0, findings: []});
	t.deepEqual(readWafLog('null\n[]\n{}\n"x"'), {refused: 0, findings: []});
});
