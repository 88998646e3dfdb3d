import type {Telling} from '../engine/conversation.ts';
import type {Description} from '../engine/describe.ts';

/** What is going on right now, below the finished lines. */
export type Activity = {
	/** The step's title, where one was told. */
	title: string;
	count: number;
	finished: number;
	/** Changes written together are all under way at once. */
	running: readonly Description[];
	/** Milliseconds since the epoch: when what is running began. */
	since: number;
	/** The last lines that a command printed. */
	tail: readonly string[];
	percent?: {percent: number; label: string};
	waiting?: string;
	/** The title of the check under way. */
	check?: string;
	/** Checks have begun: their heading is printed. */
	checking: boolean;
	undoing: boolean;
};

export const idle: Activity = {title: '', count: 0, finished: 0, running: [], since: 0, tail: [], checking: false, undoing: false};

const tailLength = 8;
const nothingRuns = {running: [], tail: [], percent: undefined, waiting: undefined, check: undefined} as const;

/** The activity after what was told. `now` in milliseconds since the epoch. Pure. */
export function progressed(activity: Activity, telling: Telling, now: number): Activity {
	switch (telling.type) {
		case 'step': {
			return {...idle, title: telling.title, count: telling.count};
		}

		case 'start': {
			const first = activity.running.length === 0;
			return {...activity, checking: false, running: [...activity.running, telling.description], ...first && {since: now, tail: [], percent: undefined, waiting: undefined}};
		}

		case 'write': {
			return written(activity, telling.event);
		}

		case 'done':
		case 'failed':
		case 'undone': {
			const running = activity.running.filter(({type, name}) => type !== telling.description.type || name !== telling.description.name);
			return {...activity, ...running.length === 0 ? nothingRuns : {running}, finished: activity.finished + 1, since: running.length === 0 ? now : activity.since};
		}

		case 'check': {
			return telling.verdict === undefined
				? {...activity, ...nothingRuns, check: telling.check.title, checking: true, since: now}
				: {...activity, check: undefined, checking: true, since: now};
		}

		case 'undoing': {
			return {...idle, title: activity.title, count: telling.count, undoing: true, since: now};
		}

		case 'kept': {
			return idle;
		}

		case 'reload':
		case 'note': {
			return {...activity, since: now};
		}
	}
}

function written(activity: Activity, event: Extract<Telling, {type: 'write'}>['event']): Activity {
	switch (event.type) {
		case 'output': {
			return event.line.trim() === '' ? activity : {...activity, waiting: undefined, tail: [...activity.tail, event.line].slice(-tailLength)};
		}

		case 'percent': {
			return {...activity, waiting: undefined, percent: {percent: event.percent, label: event.label}};
		}

		case 'waiting': {
			return {...activity, waiting: event.why};
		}
	}
}
