import {escapeMarkup} from './escape.ts';

/** A piece of HTML that is safe to put into a page: nothing but `html` makes one out of text. */
export class Markup {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

type Value = Markup | string | number | readonly Markup[];

function textOf(value: Value): string {
	if (value instanceof Markup) {
		return value.text;
	}

	return typeof value === 'object' ? value.map(part => part.text).join('') : escapeMarkup(String(value));
}

/** HTML with values in it, between tags or in attributes within double quotes. Every value that is no markup itself is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
	return new Markup(strings.map((part, index) => part + (index < values.length ? textOf(values[index]!) : '')).join(''));
}
