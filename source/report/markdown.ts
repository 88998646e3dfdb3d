import {standingWord} from '../engine/accepted.ts';
import type {Block, Inline, Line, ReportDocument} from './document.ts';
import {codeInMarkdown, escapeMarkdown} from './escape.ts';

/** The same report as Markdown with tables (GFM), for wikis and repositories. */

function inlineOf(inline: Inline): string {
	if (typeof inline === 'string') {
		return inline.trim() === '' ? ' ' : `${inline.startsWith(' ') ? ' ' : ''}${escapeMarkdown(inline.trim())}${inline.endsWith(' ') ? ' ' : ''}`;
	}

	if ('word' in inline) {
		return escapeMarkdown(inline.word);
	}

	return 'code' in inline || 'id' in inline ? codeInMarkdown('code' in inline ? inline.code : inline.id) : `**${standingWord(inline.standing)}**`;
}

function lineOf(line: Line): string {
	return Array.isArray(line) ? (line as readonly Inline[]).map(inline => inlineOf(inline)).join('').trim() : inlineOf(line as Inline).trim();
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** A fence that no line inside can end. */
function fenced(command: string): readonly string[] {
	return ['', '   ```sh', `   ${command.replaceAll(/[\r\n]+/g, ' ')}`, '   ```', ''];
}

function blockOf(block: Block): readonly string[] {
	switch (block.type) {
		case 'paragraph': {
			return [lineOf(block.line)];
		}

		case 'heading': {
			return [`### ${escapeMarkdown(block.text)}`];
		}

		case 'list': {
			return block.items.map(item => `- ${lineOf(item)}`);
		}

		case 'pairs': {
			return block.pairs.map(([name, value]) => `- **${escapeMarkdown(name)}:** ${lineOf(value)}`);
		}

		case 'table': {
			return [row(block.columns.map(column => escapeMarkdown(column))), row(block.columns.map(() => '---')), ...block.rows.map(cells => row(cells.map(cell => lineOf(cell))))];
		}

		case 'figures': {
			return block.figures.map(({label, value, note}) => `- **${escapeMarkdown(label)}:** ${escapeMarkdown(value)}${note === undefined ? '' : ` (${escapeMarkdown(note)})`}`);
		}

		case 'commands': {
			return block.commands.flatMap(({what, command}, index) => [`${index + 1}. ${escapeMarkdown(what)}`, ...command === undefined ? [] : fenced(command)]);
		}
	}
}

export function reportAsMarkdown({title, subtitle, sections, footer}: ReportDocument): string {
	const blocks = [
		[`# ${escapeMarkdown(title)}`],
		[escapeMarkdown(subtitle)],
		...sections.flatMap(section => [[`## ${escapeMarkdown(section.title)}`], ...section.blocks.map(block => blockOf(block))]),
		['---'],
		[escapeMarkdown(footer)],
	];
	return blocks.map(lines => lines.join('\n').trim()).join('\n\n') + '\n';
}
