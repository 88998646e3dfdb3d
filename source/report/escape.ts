import {clean, harmless} from '../ui/lines/text.ts';

/** Text from outside, for a place where some characters are more than text. */

const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;'};

/** For XML and HTML, between tags and in quoted attributes. What neither may hold at all, and what cannot be seen, is gone. */
export function escapeMarkup(text: string): string {
	return harmless(text).replaceAll(/[\uFFFE\uFFFF]/g, '').replaceAll(/[&<>"']/g, character => entities[character]!);
}

/** The same for text of several lines. */
export function escapeMarkupLines(text: string): string {
	return text.split('\n').map(line => escapeMarkup(line)).join('\n');
}

/** For Markdown, as one line: nothing of it is a link, a picture, a heading, a list or HTML. */
export function escapeMarkdown(text: string): string {
	return clean(text)
		.replaceAll(/[\\`*_{}[\]<>#|~!&]/g, character => `\\${character}`)
		.replace(/^(?<blank>\s*)(?<mark>[-+=])/, String.raw`$<blank>\$<mark>`)
		.replace(/^(?<number>\s*\d+)(?<mark>[.)])/, String.raw`$<number>\$<mark>`);
}

/** Code in a line of Markdown: a fence longer than any inside. */
export function codeInMarkdown(text: string): string {
	const plain = clean(text).replaceAll('|', String.raw`\|`);
	const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
	const fence = '`'.repeat(longest + 1);
	return longest > 0 ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}
