import {kindName} from '../../engine/kinds.ts';
import {t} from '../../words.ts';
import {contentWidth, Inline} from '../frame.tsx';
import {bar, duration, hanging, kindWidth, toTheEdge} from '../parts.ts';
import {cut, pad} from '../text.ts';
import type {Activity} from '../activity.ts';
import type {Look} from '../look.ts';

/** What is going on, below the finished lines: a spinner, its last output, how far it is. */
export function ProgressView({activity, now, look, stopping}: {activity: Activity; now: number; look: Look; stopping: boolean}) {
	const {finished, count, running} = activity;
	const right = running.length > 0 && finished < count ? t('change {change}/{changes}', {change: finished + 1, changes: count}) : '';
	const lines = progressLines(activity, now, look);
	return stopping
		? <Inline look={look} lines={[...lines, '', look.warn(look.plain(t('Stopping as soon as the change in hand is finished…')))]} right={right}/>
		: <Inline look={look} lines={lines} legend={[['^C', t('stop safely')]]} right={right}/>;
}

export function spinner(now: number, look: Look): string {
	const {spinner: frames} = look.glyphs;
	return look.accent(frames[Math.floor(now / 200) % frames.length]!);
}

export function progressLines(activity: Activity, now: number, look: Look): string[] {
	const columns = contentWidth(look);
	const {running, check, percent, waiting, tail, undoing, since} = activity;
	const spin = spinner(now, look);
	const elapsed = now - since >= 1000 ? duration(Math.floor((now - since) / 1000)).replace('.0', '') : '';
	if (check !== undefined) {
		return [toTheEdge({start: `${spin} `, text: check, right: elapsed}, look, columns)];
	}

	const [first] = running;
	const more = first && running.length > 1 ? t('{name} and {count} more', {name: first.title, count: running.length - 1}) : first?.title ?? '';
	const room = look.rows >= 36 ? 4 : 3;
	return [
		first
			? toTheEdge({start: `${spin} ${look.dim(pad(look.plain(kindName(first.type)), kindWidth))} `, text: more, right: elapsed}, look, columns)
			: `${spin} ${look.dim(look.plain(undoing ? t('Undoing…') : t('One moment…')))}`,
		...(percent === undefined ? [] : [percentLine(percent, look, columns)]),
		...(waiting === undefined ? [] : hanging(t('Waiting:'), waiting, look, {columns: columns - 4, label: look.warn}).map(line => `    ${line}`)),
		...tail.slice(-room).map(line => `    ${look.dim(cut(look.plain(line), columns - 4, look.glyphs.more))}`),
	];
}

function percentLine({percent, label}: {percent: number; label: string}, look: Look, columns: number): string {
	const number = `${String(Math.round(percent)).padStart(3)} %`;
	return `    ${bar(percent, 24, look)} ${number}  ${look.dim(cut(look.plain(label), columns - 38, look.glyphs.more))}`;
}
