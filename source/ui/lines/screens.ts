import type {Ending, Failure, Opening, Place, Preview, StepState} from '../../engine/conversation.ts';
import type {Description} from '../../engine/describe.ts';
import {kindName} from '../../engine/kinds.ts';
import type {Exposure, Question} from '../../engine/step.ts';
import {t} from '../../words.ts';
import {pad, width} from '../text.ts';
import {type Paint} from './printer.ts';
import {clean, cleanLines, safe, visible} from './text.ts';

/**
 * The wizard's screens as lines of text, for plain and unattended runs. Pure; what comes from outside is made harmless here.
 * Words stand where Ink draws signs, so that a screen reader and a serial console get all of it.
 */

/** Columns side by side, as wide as the widest cell but for the last. Plain cells only: style the rows afterwards. */
export function columns(rows: ReadonlyArray<readonly string[]>): readonly string[] {
	const widest = (column: number) => Math.max(...rows.map(row => width(row[column] ?? '')));
	return rows.map(row => row.map((cell, column) => column === row.length - 1 ? cell : pad(cell, widest(column))).join('  ').trimEnd());
}

const indent = (lines: readonly string[], by = '  ') => lines.map(line => line === '' ? '' : by + line);

/** A block with an empty line above it; nothing where it is empty. */
const apart = (lines: readonly string[]) => lines.length > 0 ? ['', ...lines] : [];

export function openingLines(view: Opening, p: Paint): readonly string[] {
	return [
		p.strong(clean(`harden-python-vps ${view.version}, ${view.hostname}, ${view.os}`)),
		...apart(view.news ? p.prose(view.news, {style: p.warn}) : []),
		'',
		...p.prose(view.connection),
		...p.prose(view.promise),
		...apart(view.exposed.length > 0 ? [t('What anyone on the internet can reach now:'), ...indent(columns(view.exposed.map(({port, program, remark}) => [clean(port), clean(program), clean(remark)])))] : []),
		...apart([t('The steps:'), ...indent(stepLines(view.steps))]),
		...apart(view.unfinished ? p.prose(view.unfinished) : []),
	];
}

export function stepLines(steps: readonly StepState[]): readonly string[] {
	return columns(steps.map((step, index) => [`${index + 1}.`, clean(step.title), clean(step.today), stateWord(step.state)]));
}

export function stateWord(state: StepState['state']): string {
	return {
		waiting: '',
		current: t('now'),
		done: t('done'),
		skipped: t('skipped'),
		failed: t('failed, undone'),
		unfit: t('does not fit this server'),
	}[state];
}

/** `Step 2 of 9: SSH.` Questions outside of any step have no such line. */
export function headingLines(place: Place, p: Paint): readonly string[] {
	if (place.steps.length === 0) {
		return [];
	}

	const step = place.steps.find(({state}) => state === 'current') ?? place.steps[place.index];
	return ['', p.strong(t('Step {number} of {total}: {title}.', safe({number: place.index + 1, total: place.total, title: step?.title ?? ''})))];
}

/** Everything about a question but the question itself, which stands last, beside its answer. */
export function questionLines(question: Question, p: Paint): readonly string[] {
	return [
		'',
		...p.prose(question.why),
		...(question.risk ? p.prose(t('May break: {risk}', {risk: question.risk}), {style: p.warn}) : []),
		...choiceLines(question, p),
	];
}

/** More about a question, on request. */
export function explainLines(question: Question): readonly string[] {
	const ways = t('back goes to the question before, skip leaves this step out, quit saves your answers and ends.');
	return [...cleanLines(question.explain ?? question.why), ways];
}

export function choiceLines(question: Question, p: Paint): readonly string[] {
	if (question.kind !== 'select' && question.kind !== 'checkbox') {
		return [];
	}

	const marked = (value: unknown) => question.kind === 'checkbox' && question.default.includes(value);
	const box = (value: unknown) => question.kind === 'checkbox' ? (marked(value) ? '[x] ' : '[ ] ') : '';
	return question.choices.map(({value, label, hint}, index) =>
		`  ${index + 1}. ${box(value)}${clean(label)}${hint ? p.dim(`  ${clean(hint)}`) : ''}`);
}

/** `+ file  /etc/ssh/sshd_config.d/00-harden.conf  18 lines`; aligned, a row for each description. */
export function descriptionLines(descriptions: readonly Description[], p: Paint, indent = ''): readonly string[] {
	const rows = columns(descriptions.map(({sign, type, title, detail}) => [sign, kindName(type), clean(title), clean(detail)]));
	return rows.flatMap((row, index) => p.prose(row, {style: signPaint(descriptions[index]!.sign, p), indent, hang: '   '}));
}

function signPaint(sign: string, p: Paint): (text: string) => string {
	return ({'+': p.good, '-': p.bad, '~': p.warn} as Readonly<Record<string, (text: string) => string>>)[sign] ?? (text => text);
}

/** A prime of hundreds of digits, which nobody reads, as its beginning and how long it is. */
function shorten(line: string): string {
	return line.replaceAll(/[\dA-F]{100,}/g, digits => t('{beginning}… ({count} digits)', {beginning: digits.slice(0, 16), count: digits.length}));
}

export function diffLines(diff: readonly string[], p: Paint, isShort = false): readonly string[] {
	return diff.map(line => isShort ? shorten(line) : line).map(line => line.startsWith('@@') ? p.accent(visible(line)) : signPaint(line[0] ?? '', p)(visible(line)));
}

/** One change in full: its line, why it is made, whether it lasts, and the whole diff or the first lines of it. */
export function changeLines(description: Description, number: number, p: Paint, {most = Number.POSITIVE_INFINITY, isShort = false}: {most?: number; isShort?: boolean} = {}): readonly string[] {
	const {diff = [], why, lasting} = description;
	const hidden = Math.max(0, diff.length - most);
	const begin = `${number}. `;
	const [first, ...more] = descriptionLines([description], p, ' '.repeat(begin.length));
	return [
		begin + first!.slice(begin.length),
		...more,
		...p.prose(clean(why), {style: p.dim, indent: '     '}),
		...(lasting ? p.prose(t('Cannot be undone completely: {lasting}', safe({lasting})), {style: p.warn, indent: '     '}) : []),
		...indent([
			...diffLines(hidden > 0 ? diff.slice(0, most) : diff, p, isShort),
			...(hidden > 0 ? [p.dim(t('… {hidden} more lines; {number} shows all of it.', {hidden, number}))] : []),
		], '     '),
	];
}

export function exposureLines(rows: readonly Exposure[], p: Paint): readonly string[] {
	return rows.flatMap(({what, before, after}) => [
		p.strong(clean(what)),
		`  ${t('before: {state}', safe({state: before}))}`,
		`  ${t('after:  {state}', safe({state: after}))}`,
	]);
}

/** Every change with its diff; diffs longer than `most` lines are cut, and said to be. */
export function previewLines(view: Preview, place: Place, p: Paint, most?: number): readonly string[] {
	const count = view.descriptions.length;
	return [
		'',
		p.strong(count === 1
			? t('{title}: 1 change. Nothing is changed yet.', safe({title: view.title}))
			: t('{title}: {count} changes. Nothing is changed yet.', safe({title: view.title, count}))),
		...(view.again ? p.prose(view.again, {style: p.warn}) : []),
		...p.prose(view.purpose),
		...view.descriptions.flatMap((description, index) => ['', ...changeLines(description, index + 1, p, {most, isShort: true})]),
		...apart(exposureLines(view.exposure, p)),
		...apart(view.warnings.flatMap(warning => p.prose(t('Note: {warning}', safe({warning})), {style: p.warn}))),
		...apart(view.safeBecause ? p.prose(t('Safe because: {reason}', safe({reason: view.safeBecause}))) : []),
		...apart(place.dryRun ? [t('This is a dry run: nothing of it is written.')] : []),
	];
}

export function failureLines(view: Failure, p: Paint): readonly string[] {
	return [
		'',
		p.bad(t('Failed: {title}', safe({title: view.title}))),
		...p.prose(view.fact),
		...apart(indent(view.evidence.flatMap(line => cleanLines(line)))),
		'',
		...(view.left.length === 0
			? [t('Your server is as it was before this step.')]
			: [p.warn(t('This step is undone, but for the following:')), ...indent(view.left.flatMap(line => cleanLines(line)))]),
	];
}

export function endingLines(view: Ending, p: Paint): readonly string[] {
	const rows = view.changed.map(({title, count, state}) => [
		clean(title),
		count === 1 ? t('1 change') : t('{count} changes', {count}),
		stateWord(state),
	]);
	return [
		'',
		p.strong(view.dryRun ? t('The dry run is over. Nothing was written. This is what would have changed:') : t('Finished.')),
		...indent(columns(rows)),
		...apart(view.remember.length > 0 ? [p.strong(t('To remember:')), ...indent(view.remember.flatMap(line => cleanLines(line)))] : []),
		...apart(view.file ? [t('The same is written down in {file}.', safe({file: view.file}))] : []),
	];
}
