import {createHash} from 'node:crypto';
import {standingWord} from '../engine/accepted.ts';
import {snippet} from '../snippet.ts';
import type {Block, Inline, Line, ReportDocument, Section} from './document.ts';
import {html, Markup} from './markup.ts';

/** A report as one HTML file that asks nobody for anything: no script, no font, no picture. It is well-formed XML, too. */

function inlineOf(inline: Inline): Markup {
	if (typeof inline === 'string') {
		return html`${inline}`;
	}

	if ('word' in inline) {
		return html`<span class="whole">${inline.word}</span>`;
	}

	if ('id' in inline) {
		return html`<code class="whole">${inline.id}</code>`;
	}

	return 'code' in inline ? html`<code>${inline.code}</code>` : html`<span class="standing ${inline.standing}">${standingWord(inline.standing)}</span>`;
}

/** Evidence may be of several lines; each starts on its own. */
function textOf(text: string): Markup {
	const [first = '', ...rest] = text.split('\n').filter(line => line.trim() !== '');
	return html`${first}${rest.map(line => html`<br />${line}`)}`;
}

function lineOf(line: Line): Markup {
	if (typeof line === 'string') {
		return textOf(line);
	}

	return Array.isArray(line) ? html`${(line as readonly Inline[]).map(inline => inlineOf(inline))}` : inlineOf(line as Inline);
}

/** The column's name stands in every cell, for narrow screens where the row of names is not shown. */
function rowOf(columns: readonly string[], cells: readonly Line[]): Markup {
	return html`<tr>${cells.map((cell, index) => html`<td data-label="${columns[index] ?? ''}"><div>${lineOf(cell)}</div></td>`)}</tr>`;
}

function blockOf(block: Block): Markup {
	switch (block.type) {
		case 'paragraph': {
			return html`<p class="${block.tone ?? 'plain'}">${lineOf(block.line)}</p>`;
		}

		case 'heading': {
			return html`<h3>${block.text}</h3>`;
		}

		case 'list': {
			return html`<ul>${block.items.map(item => html`<li>${lineOf(item)}</li>`)}</ul>`;
		}

		case 'pairs': {
			return html`<dl>${block.pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${lineOf(value)}</dd></div>`)}</dl>`;
		}

		case 'table': {
			return html`<table><thead><tr>${block.columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${block.rows.map(cells => rowOf(block.columns, cells))}</tbody></table>`;
		}

		case 'figures': {
			return html`<ul class="figures">${block.figures.map(({label, value, note = '', tone = 'plain'}) => html`<li class="${tone}"><span>${label}</span><strong>${value}</strong><span>${note}</span></li>`)}</ul>`;
		}

		case 'commands': {
			return html`<ol class="commands">${block.commands.map(({what, command}) => html`<li>${textOf(what)}${command === undefined ? html`` : html`<pre><code>${command}</code></pre>`}</li>`)}</ol>`;
		}
	}
}

function sectionOf({id, title, blocks}: Section): Markup {
	return html`
		<section id="${id}"><h2>${title}</h2>${blocks.map(block => blockOf(block))}</section>
	`;
}

/** `language` as in BCP 47. */
export function reportAsHtml({title, subtitle, sections, footer}: ReportDocument, language: string): string {
	const style = snippet('report/report.css');
	// Whatever else would come in, a browser refuses: only this very style is let in.
	const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
	return `<!DOCTYPE html>\n${html`
		<html lang="${language}" xmlns="http://www.w3.org/1999/xhtml">
		<head>
		<meta charset="utf-8" />
		<meta http-equiv="Content-Security-Policy" content="${policy}" />
		<meta name="viewport" content="width=device-width, initial-scale=1" />
		<meta name="color-scheme" content="light dark" />
		<meta name="referrer" content="no-referrer" />
		<meta name="robots" content="noindex" />
		<title>${title}</title>
		<style>${new Markup(style)}</style>
		</head>
		<body>
		<header><h1>${title}</h1><p>${subtitle}</p></header>
		<nav><ol>${sections.map(section => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ol></nav>
		<main>
		${sections.map(section => sectionOf(section))}</main>
		<footer><p>${footer}</p></footer>
		</body>
		</html>
	`.text}`;
}
