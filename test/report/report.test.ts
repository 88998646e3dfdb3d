import test from 'ava';
import {type Block, type Line, type ReportDocument, withoutCredentials} from '../../source/report/document.ts';
import {codeInMarkdown, escapeMarkdown, escapeMarkup} from '../../source/report/escape.ts';
import {reportAsHtml} from '../../source/report/html.ts';
import {reportAsMarkdown} from '../../source/report/markdown.ts';
import {html} from '../../source/report/markup.ts';
import {reportOf} from '../../source/report/report.ts';
import {threatsFor} from '../../source/report/threats.ts';
import {layoutOf} from '../../steps/app/layout.ts';
import {command} from '../vps/command.ts';
import {hostile} from './results.ts';
import {sampleInput, vault} from './sample.ts';

const report = reportOf(sampleInput());
const page = reportAsHtml(report, 'en');
const markdown = reportAsMarkdown(report);

function words(line: Line): string {
	if (typeof line === 'string') {
		return line;
	}

	return Array.isArray(line) ? line.map((part: Line) => words(part)).join('') : Object.values(line as object).join('');
}

function sectionText({sections}: ReportDocument, id: string): string {
	const lines = (block: Block): readonly Line[] => {
		switch (block.type) {
			case 'paragraph': {
				return [block.line];
			}

			case 'heading': {
				return [block.text];
			}

			case 'list': {
				return block.items;
			}

			case 'pairs': {
				return block.pairs.map(([name, value]) => [`${name}: `, words(value)]);
			}

			case 'table': {
				return block.rows.map(cells => cells.map(cell => words(cell)).join(' | '));
			}

			case 'figures': {
				return block.figures.map(({label, value, note = ''}) => `${label}: ${value} ${note}`);
			}

			case 'commands': {
				return block.commands.map(({what, command: typed = ''}) => `${what}: ${typed}`);
			}
		}
	};

	return sections.find(section => section.id === id)!.blocks.flatMap(block => lines(block)).map(line => words(line)).join('\n');
}

const reader = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.read())
tags = [e.tag.split('}')[1] for e in root.iter()]
print(json.dumps({'tags': sorted(set(tags)), 'attributes': sorted({k for e in root.iter() for k in e.attrib}), 'links': [e.get('href') for e in root.iter() if e.get('href')], 'ids': [e.get('id') for e in root.iter() if e.get('id')], 'text': ' '.join(root.itertext())}))
`;

test('HTML: well-formed, of known tags and attributes only, whatever a server says', async t => {
	const {stdout} = await command(['python3', '-c', reader], {input: page, env: {PATH: '/usr/bin:/bin', PYTHONIOENCODING: 'utf8', LC_ALL: 'C.UTF-8'}});
	const {tags, attributes, links, ids, text} = JSON.parse(stdout) as {tags: string[]; attributes: string[]; links: string[]; ids: string[]; text: string};
	t.deepEqual(tags, ['a', 'body', 'br', 'code', 'dd', 'div', 'dl', 'dt', 'footer', 'h1', 'h2', 'h3', 'head', 'header', 'html', 'li', 'main', 'meta', 'nav', 'ol', 'p', 'pre', 'section', 'span', 'strong', 'style', 'table', 'tbody', 'td', 'th', 'thead', 'title', 'tr', 'ul']);
	t.deepEqual(attributes, ['charset', 'class', 'content', 'data-label', 'href', 'http-equiv', 'id', 'lang', 'name', 'scope']);
	t.deepEqual(links.toSorted(), ids.map(id => `#${id}`).toSorted(), 'links lead within it');
	t.true(text.includes('<script>alert(1)</script> & ]]>'), 'text stays text');
	t.regex(page, /Content-Security-Policy" content="default-src 'none'|Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
});

test('Markdown: no HTML, no link and no picture comes out of text', t => {
	const outside = markdown.replaceAll(/(?<fence>`+)(?:(?!\k<fence>).)*?\k<fence>/gs, 'code');
	t.notRegex(outside, /(?<!\\)</);
	t.notRegex(outside, /(?<!\\)\]\(/);
	t.notRegex(markdown, /(?![\n])\p{Cc}|\u202E/u);
	const table = markdown.split('\n').filter(line => line.startsWith('| '));
	t.true(table.length > 100);
	for (const [index, line] of table.entries()) {
		const cells = (text: string) => text.replaceAll(String.raw`\|`, '').split('|').length;
		t.true(/^\| (?:---)/.test(line) || index === 0 || cells(line) >= 4, line);
	}
});

test('no secret, and no password in an address, comes into it', t => {
	t.false(page.includes(vault));
	t.false(markdown.includes(vault));
	t.false(page.includes('me@git.example.com'));
	t.true(page.includes('/etc/harden/backup/password'), 'where it lies is no secret');
	t.deepEqual(['rest:https://u:p@h/x', 'see https://tok@h:1/x and ssh://a@b/c', 'mail ops@example.com', 'https://h/a@b'].map(text => withoutCredentials(text)), ['rest:https://…@h/x', 'see https://…@h:1/x and ssh://…@b/c', 'mail ops@example.com', 'https://h/a@b']);
});

test('escaping', t => {
	t.is(escapeMarkup('<a href="x" title=\'y\'>&\u0000\u001B[31m '), '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp; ');
	t.is(html`<p class="${'"><script>'}">${'<b>'}${html`<i>${1}</i>`}${[html`<b />`, html`<u />`]}</p>`.text, '<p class="&quot;&gt;&lt;script&gt;">&lt;b&gt;<i>1</i><b /><u /></p>');
	t.is(escapeMarkdown('# a_b [x](y) | <i>'), String.raw`\# a\_b \[x\](y) \| \<i\>`);
	t.deepEqual(['- a', '1. a', '+ a', '= a', '2) a'].map(text => escapeMarkdown(text)), [String.raw`\- a`, String.raw`1\. a`, String.raw`\+ a`, String.raw`\= a`, String.raw`2\) a`]);
	t.deepEqual(['a', 'a`b', '``', 'a|b'].map(text => codeInMarkdown(text)), ['`a`', '`` a`b ``', '``` `` ```', String.raw`\`a\|b\``.replaceAll('\\`', '`')]);
});

test('what was done: each thing once, from its first state to its last; what was undone is not in force', t => {
	const text = sectionText(report, 'done');
	t.regex(text, /file \/etc\/bridge \| new, 2 lines.* \| So that it is so\./);
	t.is(text.split('/etc/bridge').length, 2);
	t.notRegex(text, /\/etc\/undone/);
	t.regex(text, /Firewall, 2026-11-25 01:02 UTC: The command failed at https:\/\/…@example\.com/);
	t.regex(text, /Backups: /, 'taken without a change');
});

test('what remains: failing, accepted with reason and day, not run with why', t => {
	const text = sectionText(report, 'remains');
	const {results} = sampleInput();
	const failing = results.filter(({verdict, accepted}) => verdict.status === 'fail' && accepted?.isOver !== false);
	for (const {check} of failing) {
		t.true(text.includes(check.id), check.id);
	}

	t.regex(text, /Over\.$/m);
	t.true(text.includes(`${hostile} | 2027-01-31`));
	t.regex(text, /web\.\S+ \| evidence \d+/);
});

test('exposure: before and now, by port', t => {
	const text = sectionText(report, 'exposure');
	t.regex(text, /^22 sshd \| anyone \| nothing listens$/m);
	t.regex(text, /^5922 sshd \| nothing listens \| anyone$/m);
	const without = sectionText(reportOf(sampleInput({baseline: undefined})), 'exposure');
	t.regex(without, /was not noted/);
	t.regex(without, /^5922 sshd \| not noted \| anyone$/m);
});

test('the plan speaks of this server: its port, app, secrets, database, backups', t => {
	const text = sectionText(report, 'plan');
	for (const part of ['ssh -p 5922 deploy@203.0.113.10', 'systemctl freeze shop.service', layoutOf('shop').accessLog, 'rotate secret SECRET_KEY', 'rotate secret API_TOKEN', 'rotate database', 'certbot renew --cert-name shop', 'restore --snapshot', 'sudo nano /home/deploy/.ssh/authorized_keys', 'Ada', 'GDPR', 's3:https://s3.example.com/bucket']) {
		t.true(text.includes(part), part);
	}

	t.false(text.includes('rotate secret DATABASE_URL'), 'that has a command of its own');
	t.false(text.includes('/root/.ssh'), 'root may not log in, so its keys open nothing');
});

test('the threat model speaks of what is here, and of nothing else', t => {
	const text = sectionText(report, 'threats');
	for (const part of ['/var/lib/shop', 'The database shop', 'Sessions of its users', '/etc/letsencrypt/live/shop/privkey.pem', '/etc/harden/shop/credentials.sealed', 'sensitive data, you said', 'A visitor attacks the app']) {
		t.true(text.includes(part), part);
	}

	const bare = sectionText(reportOf(sampleInput({answers: {version: 1}, done: [], told: undefined, runs: [], baseline: undefined})), 'threats');
	t.notRegex(bare, /shop\.example|\/srv\/shop|A visitor attacks/);
	t.regex(bare, /Robots guess passwords/);
});

test('each check that stands against a threat exists, and each step stands against one', t => {
	const {results, steps} = sampleInput();
	const ids = new Set(results.map(({check}) => check.id));
	const against = new Set(threatsFor({app: layoutOf('x'), database: {} as never, backups: {} as never, https: {} as never}).flatMap(threat => threat.against));
	// Django and the commands of sudo are not in this sample, and another step may not be in this version.
	t.deepEqual([...against].filter(id => !ids.has(id) && !/^(?:django|monitoring)\.|^permissions\.(?:sudo|access-control)$|^app\.dependencies$/.test(id)), []);
	for (const {id} of steps) {
		t.true([...against].some(other => other.startsWith(`${id}.`)), id);
	}
});
