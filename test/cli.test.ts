import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {execa} from 'execa';
import {parseDuration} from '../source/cli.ts';

const bundle = path.join(import.meta.dirname, '../dist/harden-python-vps.mjs');

async function tool(argv: readonly string[], env: Record<string, string> = {}) {
	return execa(process.execPath, [bundle, ...argv], {reject: false, input: '', timeout: 20_000, env});
}

for (const [text, milliseconds] of [['30s', 30_000], ['5m', 300_000], ['24h', 86_400_000]] as const) {
	test(`a duration of ${text}`, t => {
		t.is(parseDuration(text), milliseconds);
	});
}

for (const text of ['', '5', '29s', '25h', '5 m', '-5m', '1e3s', '5m5s', '٥m']) {
	test(`no duration: "${text}"`, t => {
		t.throws(() => parseDuration(text));
	});
}

for (const [argv, says] of [
	[['--portt'], /unknown option '--portt'/],
	[['--only', 'shh'], /no step "shh"/],
	[['--only', 'ssh', '--skip', 'ssh', '--dry-run', '--yes'], /leaves no step/],
	[['--guard-timeout', '5'], /30s to 24h/],
	[['--lang', 'xx'], /Allowed choices/],
	[['--answers', '/does/not/exist'], /cannot be read/],
	[['frobnicate'], /too many arguments|unknown command/],
	[['undo', '--step', 'nope', '--yes'], /no step "nope"/],
	[['--dry-run'], /no terminal to ask you on/],
] as const) {
	test(`${argv.join(' ')}: one clear message with the way out, exit 2, no stack`, async t => {
		const {exitCode, stderr, stdout} = await tool(argv);
		t.is(exitCode, 2, stderr + stdout);
		t.regex(stderr, says);
		t.notRegex(stderr, /\n\s+at /);
		t.true(stderr.trim().split('\n').length >= 2, 'the fact, then the way out');
	});
}

test('--version and --help', async t => {
	const version = await tool(['--version']);
	t.is(version.exitCode, 0);
	t.regex(version.stdout, /^\d+\.\d+\.\d+$/);
	const help = await tool(['--help']);
	t.is(help.exitCode, 0);
	for (const word of ['--dry-run', '--answers', '--guard-timeout', 'audit', 'status', 'undo', 'confirm', 'answers']) {
		t.true(help.stdout.includes(word), word);
	}

	t.false(help.stdout.includes('guard-fire'));
	const chinese = await tool(['--lang', 'zh-CN', '--help']);
	t.is(chinese.exitCode, 0, chinese.stderr);
	t.regex(chinese.stdout, /^用法：.*--dry-run +提问和预览都一样/s);
});

test('answers --example loads, and answers --schema is a JSON Schema', async t => {
	const example = await tool(['answers', '--example']);
	t.is(example.exitCode, 0);
	t.regex(example.stdout, /^ssh:/m);
	const schema = JSON.parse((await tool(['answers', '--schema'])).stdout) as {$schema: string; properties: Record<string, unknown>};
	t.true('ssh' in schema.properties);
});

test('whoever reads slowly gets all of it: a pipe holds 64 KiB only', async t => {
	const folder = await mkdtemp(path.join(tmpdir(), 'long-'));
	try {
		const file = path.join(folder, 'answers.yaml');
		await writeFile(file, Array.from({length: 3000}, (_, index) => `wrong${index}: 1\n`).join(''));
		const {stdout} = await execa('sh', ['-c', '"$1" "$2" --answers "$3" --yes 2>&1 | (sleep 2; cat)', 'sh', process.execPath, bundle, file], {timeout: 60_000});
		t.true(stdout.length > 200_000);
		t.regex(stdout, /wrong2999[^]*Put these 3000 places right and start again\.\s*$/);
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
});
