import {stripVTControlCharacters} from 'node:util';
import {language, type Values} from '../../words.ts';

/** Text for any screen, made harmless and readable. Pure, and shared by all front ends. */

/** What cannot be seen, moves the cursor, or turns the direction of writing around (Trojan Source, CVE-2021-42574). The joiners U+200C and U+200D shape letters and emoji: they stay. */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu;

/** One line of text from outside, made harmless: escape sequences and control characters are gone, and a newline cannot start a line of its own. */
export function clean(text: string): string {
	return harmless(text).trimEnd();
}

/** The same with the blanks at its end, for a part of a line. */
export function harmless(text: string): string {
	return stripVTControlCharacters(text).replaceAll(/[\r\n]+/g, ' ').replaceAll('\t', '  ').replaceAll(unseen, '');
}

/** The same for text of several lines. */
export function cleanLines(text: string): readonly string[] {
	return text.split(/\r?\n/).map(line => clean(line));
}

/** For a diff, where nothing may be hidden: what could not be seen is shown as its code. */
export function visible(text: string): string {
	return text.replaceAll(unseen, character => character === '\t' ? character : String.raw`\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Values for `t`, made harmless. */
export function safe(values: Values): Values {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]));
}

/**
 * Whether the terminal can show more than ASCII. Who asks for a language that ASCII cannot spell has one that can; else the locale
 * says so: LC_ALL, else LC_CTYPE, else LANG; the first that is not empty decides (locale(7)).
 */
export function isUtf8(env: Readonly<Record<string, string | undefined>>, spokenLanguage = language): boolean {
	return spokenLanguage !== 'en' || /utf-?8/i.test([env.LC_ALL, env.LC_CTYPE, env.LANG].find(Boolean) ?? '');
}

/** `4.1 s`, `2:05 min`. */
export function elapsed(seconds: number): string {
	if (seconds < 59.95) {
		return `${seconds.toFixed(1)} s`;
	}

	const whole = Math.round(seconds);
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** The time of day on this server, as HH:MM, of milliseconds since the epoch. */
export function clock(milliseconds: number): string {
	const date = new Date(milliseconds);
	return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':');
}
