import test from 'ava';
import {chosenLanguage, invocation, translator} from '../source/words.ts';

for (const [script, typed] of [
	['/root/.npm/_npx/3f1c/node_modules/.bin/harden-python-vps', 'npx harden-python-vps'],
	['/root/.npm/_npx/3f1c/node_modules/harden-python-vps/dist/harden-python-vps.mjs', 'npx harden-python-vps'],
	['/usr/local/bin/harden-python-vps', 'harden-python-vps'],
	['/root/harden-python-vps.mjs', 'node /root/harden-python-vps.mjs'],
	['/root/my tools/harden-python-vps.mjs', 'node \'/root/my tools/harden-python-vps.mjs\''],
	['/var/lib/harden-python-vps/guard/a1/harden-python-vps.mjs', 'node /var/lib/harden-python-vps/harden-python-vps.mjs'],
	[undefined, 'harden-python-vps'],
] as const) {
	test(`started as ${script ?? 'nothing'}`, t => {
		t.is(invocation(script), typed);
	});
}

test('a sentence is translated whole, then filled; what is missing stays visible', t => {
	const inGerman = translator({'Run {tool} {command}.': '{command}: mit {tool}.'}, 'npx x');
	t.is(inGerman('Run {tool} {command}.', {command: 'undo'}), 'undo: mit npx x.');
	t.is(inGerman('{left} of {right}', {left: 1}), '1 of {right}');
	t.is(chosenLanguage(['audit', '--lang=zh-CN']), 'zh-CN');
	t.is(chosenLanguage(['--lang', 'en']), 'en');
	t.is(chosenLanguage(['audit']), 'en');
});
