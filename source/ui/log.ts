import {t} from '../words.ts';
import {outcomeOf} from '../engine/check.ts';
import type {Ending, Telling} from '../engine/conversation.ts';
import type {Description} from '../engine/describe.ts';
import {kindName} from '../engine/kinds.ts';
import type {Verdict} from '../engine/types.ts';
import {contentWidth} from './frame.tsx';
import {cleanLines} from './lines/text.ts';
import {duration, hanging, kindWidth, paragraph, toTheEdge} from './parts.ts';
import {endingLines} from './screens/ending.tsx';
import {pad} from './text.ts';
import type {Look, Style} from './look.ts';

/** What is printed for good, above the frame. */
export type Entry = Exclude<Telling, {type: 'start' | 'check'}> | Checked | {type: 'checks'} | {type: 'ending'; view: Ending};
type Checked = Extract<Telling, {type: 'check'}> & {verdict: Verdict};

/** What was told, as finished lines. What commands print is none, unless it was asked for. */
export function entriesOf(telling: Telling, {isFirstCheck, verbose}: {isFirstCheck: boolean; verbose: boolean}): readonly Entry[] {
	if (telling.type === 'start' || (telling.type === 'write' && !(verbose && telling.event.type === 'output'))) {
		return [];
	}

	if (telling.type === 'check') {
		const {check, verdict} = telling;
		return [...(isFirstCheck ? [{type: 'checks'} as const] : []), ...(verdict === undefined ? [] : [{type: 'check', check, verdict} as const])];
	}

	return [telling];
}

const left = '  ';
/** The lines of an entry on a terminal of this width, styled. */
export function entryLines(entry: Entry, look: Look): string[] {
	return entryText(entry, look, contentWidth(look)).map(line => line === '' ? '' : left + line);
}

function entryText(entry: Entry, look: Look, columns: number): string[] {
	const {glyphs} = look;
	switch (entry.type) {
		case 'step': {
			const changes = entry.count === 1 ? t('1 change') : t('{count} changes', {count: entry.count});
			return ['', `${look.strong(look.plain(entry.title))}  ${look.dim(changes)}`, ''];
		}

		case 'done': {
			return [changeLine({sign: look.good(glyphs.done), description: entry.description, right: duration(entry.seconds)}, look, columns)];
		}

		case 'failed': {
			return [
				changeLine({sign: look.bad(glyphs.failed), description: entry.description, right: ''}, look, columns),
				...cleanLines(entry.message).flatMap(line => paragraph(line, look, columns - 4, look.bad)).map(line => `    ${line}`),
			];
		}

		case 'reload': {
			return [toTheEdge({start: `${look.good(glyphs.done)} ${look.dim(pad(look.plain(t('reload')), kindWidth))} `, text: entry.unit, right: duration(entry.seconds)}, look, columns)];
		}

		case 'checks': {
			return ['', look.strong(look.plain(t('Checks'))), ''];
		}

		case 'check': {
			return checkLines(entry, look, columns);
		}

		case 'undoing': {
			const text = entry.count === 1 ? t('Undoing 1 change: {why}', {why: entry.why}) : t('Undoing {count} changes: {why}', {count: entry.count, why: entry.why});
			return ['', ...paragraph(text, look, columns, look.warn), ''];
		}

		case 'undone': {
			return entry.left === undefined
				? [changeLine({sign: look.good(glyphs.done), description: entry.description, right: t('put back')}, look, columns)]
				: [
					changeLine({sign: look.warn(glyphs.warning), description: entry.description, right: t('left as it is')}, look, columns),
					...paragraph(entry.left, look, columns - 4, look.warn).map(line => `    ${line}`),
				];
		}

		case 'kept': {
			const text = entry.seconds > 0 ? t('{title} is done, in {time}.', {title: entry.title, time: duration(entry.seconds)}) : t('{title} is done.', {title: entry.title});
			return ['', ...hanging(glyphs.done, text, look, {columns, label: look.good, text: look.strong}), ''];
		}

		case 'note': {
			const tones: Record<typeof entry.tone, [string, Style]> = {info: [glyphs.waiting, look.dim], good: [glyphs.done, look.good], warning: [glyphs.warning, look.warn]};
			const [sign, label] = tones[entry.tone];
			return cleanLines(entry.text).flatMap(line => hanging(sign, line, look, {columns, label}));
		}

		case 'ending': {
			return endingLines(entry.view, look, columns);
		}

		case 'write': {
			return entry.event.type === 'output' ? paragraph(entry.event.line, look, columns - 4, look.dim).map(line => `    ${line}`) : [];
		}
	}
}

function checkLines({check, verdict}: Checked, look: Look, columns: number): string[] {
	const {good, bad, warn, dim, glyphs} = look;
	const outcome = outcomeOf(check, verdict);
	const sign = {pass: good(glyphs.done), fail: bad(glyphs.failed), advice: warn(glyphs.warning), 'not-run': dim(glyphs.skipped)}[outcome];
	const style = {pass: dim, fail: bad, advice: warn, 'not-run': dim}[outcome];
	const below = (text: string, label: Style) => cleanLines(text).filter(line => line.trim() !== '').flatMap(line => paragraph(line, look, columns - 4, label)).map(line => `    ${line}`);
	return [
		...paragraph(check.title, look, columns - 2).map((line, index) => `${index === 0 ? sign : ' '} ${line}`),
		...below(verdict.evidence, style),
		...outcome === 'advice' ? below(t('How to fix: {fix}', {fix: check.fix}), dim) : [],
	];
}

/** `✔ file      /etc/fail2ban/jail.d/harden.local            0.0 s` */
function changeLine({sign, description, right}: {sign: string; description: Description; right: string}, look: Look, columns: number): string {
	return toTheEdge({start: `${sign} ${look.dim(pad(look.plain(kindName(description.type)), kindWidth))} `, text: description.title, right}, look, columns);
}
