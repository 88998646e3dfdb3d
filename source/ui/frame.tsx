import {Box, Spacer, Text} from 'ink';
import {t} from '../words.ts';
import type {Place, StepState} from '../engine/conversation.ts';
import {cut, pad, spread, width} from './text.ts';
import type {Look} from './look.ts';

/** The frame that every screen stands in: header, a body that scrolls, and the keys in the last line. Never taller than the screen less one. */

/** The keys and what they do; `spare` ones go first where there is not enough room. */
export type Legend = ReadonlyArray<readonly [key: string, does: string, spare?: 'spare']>;

const margin = 2;
const sidebarWidth = 26;
const widest = 100;
/** Header, a blank line below it, the line that says what is out of sight, the keys. */
const fixedLines = 4;

export function hasSidebar(look: Look, place: Place | undefined): boolean {
	return place !== undefined && look.columns >= 110;
}

/** The columns that content may use. */
export function contentWidth(look: Look, place?: Place): number {
	return Math.max(10, Math.min(widest, look.columns - (2 * margin) - (hasSidebar(look, place) ? sidebarWidth : 0)));
}

function topMargin(look: Look): number {
	return look.rows >= 30 ? 1 : 0;
}

/** How many lines of the body are in sight, where `pinned` lines stay above and below it. */
export function bodyHeight(look: Look, pinned = 0): number {
	return Math.max(1, look.rows - 1 - topMargin(look) - fixedLines - pinned);
}

export function Lines({lines}: {lines: readonly string[]}) {
	return (
		<Box flexDirection='column' flexShrink={0}>
			{lines.map((line, index) => <Text key={index} wrap='truncate-end'>{line === '' ? ' ' : line}</Text>)}
		</Box>
	);
}

type FrameProps = {
	look: Look;
	place?: Place;
	/** In the place of the breadcrumb. */
	header?: string;
	/** Above the body; stays in sight. */
	top?: readonly string[];
	body: readonly string[];
	offset?: number;
	/** Below the body; stays in sight. */
	bottom?: readonly string[];
	legend: Legend;
	/** In the place of the keys, while there is nothing to press. */
	status?: string;
};

export function Frame({look, place, header, top = [], body, offset = 0, bottom = [], legend, status}: FrameProps) {
	const columns = contentWidth(look, place);
	// Whatever does not fit, the keys stay: only a terminal far below 80×24 loses lines here.
	const kept = top.slice(0, Math.max(0, bodyHeight(look, bottom.length) - 1));
	const height = bodyHeight(look, kept.length + bottom.length);
	const shown = body.slice(offset, offset + height);
	const sidebar = hasSidebar(look, place);
	return (
		<Box width={look.columns} height={Math.max(1, look.rows - 1)} overflow='hidden' paddingTop={topMargin(look)}>
			{sidebar && place && <Sidebar look={look} place={place}/>}
			<Box flexDirection='column' paddingLeft={margin} width={columns + margin}>
				<Lines lines={[header ?? (place ? placeLine(place, look, columns) : ''), '']}/>
				<Lines lines={kept}/>
				<Lines lines={shown}/>
				<Lines lines={bottom}/>
				<Spacer/>
				<Lines lines={[outOfSight({above: offset, below: body.length - offset - shown.length}, look, columns), status ?? legendLine(legend, look, columns)]}/>
			</Box>
		</Box>
	);
}

/** A frame that is only as tall as its lines: below what was printed for good. */
export function Inline({look, lines, legend = [], right = ''}: {look: Look; lines: readonly string[]; legend?: Legend; right?: string}) {
	const columns = contentWidth(look);
	const room = Math.max(1, look.rows - 3);
	return (
		<Box flexDirection='column' paddingLeft={margin} width={columns + margin} overflow='hidden'>
			<Lines lines={lines.slice(-room)}/>
			<Lines lines={['', spread(legendLine(legend, look, columns), look.dim(look.plain(right)), columns)]}/>
		</Box>
	);
}

export function legendLine(legend: Legend, look: Look, columns: number): string {
	const parts = legend.map(([key, does, spare]) => ({plain: look.plain(`${key} ${does}`), styled: `${look.accent(look.plain(key))} ${look.dim(look.plain(does))}`, spare}));
	const needed = parts.filter(({spare}) => spare === undefined);
	const fits = (some: typeof parts, gap: number) => some.reduce((sum, {plain}) => sum + width(plain) + gap, -gap) <= columns;
	const [shown, gap] = ([[parts, 3], [parts, 2], [needed, 3], [needed, 2]] as const).find(([some, gap]) => fits(some, gap)) ?? [needed, 2];
	return fits(shown, gap)
		? shown.map(({styled}) => styled).join(' '.repeat(gap))
		: look.dim(cut(shown.map(({plain}) => plain).join('  '), columns, look.glyphs.more));
}

function outOfSight({above, below}: {above: number; below: number}, look: Look, columns: number): string {
	const parts = [
		...(above > 0 ? [`${above} ${look.glyphs.up}`] : []),
		...(below > 0 ? [t('{count} more below, PgDn {arrow}', {count: below, arrow: look.glyphs.down})] : []),
	];
	return parts.length === 0 ? '' : look.accent(' '.repeat(Math.max(0, columns - width(parts.join('   ')))) + parts.join('   '));
}

const signs = {waiting: 'waiting', current: 'current', done: 'done', skipped: 'skipped', failed: 'failed', unfit: 'skipped'} as const;

function stepLabel({state, title}: StepState, look: Look): {plain: string; styled: string} {
	const name = look.plain(title);
	const sign = look.glyphs[signs[state]];
	const plain = `${sign} ${name}`;
	const styles = {
		waiting: () => look.dim(plain),
		current: () => `${look.accent(sign)} ${look.strong(name)}`,
		done: () => `${look.good(sign)} ${name}`,
		skipped: () => look.dim(plain),
		failed: () => `${look.bad(sign)} ${name}`,
		unfit: () => look.dim(plain),
	};
	return {plain, styled: styles[state]()};
}

/** How far we are, in full and, where the steps need the room, without what they say anyway. */
function counters({index, total, question, dryRun}: Place, look: Look): readonly [full: string, short: string] {
	const dry = dryRun ? [t('dry run')] : [];
	const step = t('step {step}/{steps}', {step: Math.min(index + 1, total), steps: total});
	const asked = question === undefined ? [] : [t('question {question}/{questions}', {question: Math.min(question.index + 1, question.total), questions: question.total})];
	const joined = (parts: readonly string[]) => look.plain(parts.join(' · '));
	return [joined([...dry, step, ...asked]), joined([...dry, asked[0] ?? step])];
}

const labelGap = 3;

/** The steps on one line, as many around the current one as fit, and how far we are; beside the sidebar only the latter. */
export function placeLine(place: Place, look: Look, columns: number): string {
	const [full, short] = counters(place, look);
	if (hasSidebar(look, place)) {
		return spread('', look.dim(full), columns);
	}

	const labels = place.steps.map(step => stepLabel(step, look));
	const measure = (some: typeof labels) => some.reduce((sum, {plain}) => sum + width(plain) + labelGap, -labelGap);
	const right = measure(labels) + 2 + width(full) <= columns ? full : short;
	const more = {plain: look.glyphs.more, styled: look.dim(look.glyphs.more)};
	const room = columns - width(right) - 2;
	let first = 0;
	let last = labels.length;
	const shown = () => [...(first > 0 ? [more] : []), ...labels.slice(first, last), ...(last < labels.length ? [more] : [])];
	while (measure(shown()) > room && last - first > 1) {
		if (last - 1 - place.index >= place.index - first) {
			last--;
		} else {
			first++;
		}
	}

	return spread(shown().map(({styled}) => styled).join(' '.repeat(labelGap)), look.dim(right), columns);
}

function Sidebar({look, place}: {look: Look; place: Place}) {
	const room = sidebarWidth - margin - 2;
	const steps = place.steps.map(step => {
		const {styled} = stepLabel({...step, title: cut(look.plain(step.title), room - 2, look.glyphs.more)}, look);
		return pad(styled, room);
	});
	const lines = [look.dim(pad('harden-python-vps', room)), pad('', room), ...steps];
	const height = look.rows - 1 - topMargin(look);
	const column = Array.from({length: height}, (_, index) => (lines[index] ?? ' '.repeat(room)) + look.dim(look.glyphs.line));
	return <Box paddingLeft={margin} width={sidebarWidth} flexShrink={0}><Lines lines={column}/></Box>;
}
