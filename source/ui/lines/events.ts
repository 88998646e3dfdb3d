import {outcomeOf} from '../../engine/check.ts';
import type {GuardView, Sighting, Telling} from '../../engine/conversation.ts';
import {kindAndTitle} from '../../engine/kinds.ts';
import type {WriteProgress} from '../../engine/types.ts';
import {t} from '../../words.ts';
import {type Paint} from './printer.ts';
import {clean, cleanLines, clock, elapsed, safe} from './text.ts';

/** What happens, as lines that are written once and never redrawn. Pure but for the narrator's memory of what it said last. */

const indent = (lines: readonly string[]) => lines.map(line => `    ${line}`);

/**
 * Tells the events of a run. Progress would be a flood, one line a file: a package stage is told at each quarter, a reason for
 * waiting once, and what commands print only where `verbose` asks for it (a failure brings its last words along).
 */
export function narrator(p: Paint, verbose = false): (event: Telling) => readonly string[] {
	const said = new Map<string, string | number>();
	return event => {
		if (event.type !== 'write') {
			said.clear();
			return tellingLines(event, p);
		}

		const {type} = event.event;
		const gist = gistOf(event.event);
		if (type === 'output' ? !verbose : said.get(type) === gist) {
			return [];
		}

		said.set(type, gist);
		return [`  ${p.dim(progressLine(event.event))}`];
	};
}

/** What has to differ for a progress to be told again. */
function gistOf(progress: WriteProgress): string | number {
	switch (progress.type) {
		case 'output': {
			return progress.line;
		}

		case 'percent': {
			return Math.floor(progress.percent / 25);
		}

		case 'waiting': {
			return progress.why;
		}
	}
}

function progressLine(progress: WriteProgress): string {
	switch (progress.type) {
		case 'output': {
			return clean(progress.line);
		}

		case 'percent': {
			return t('{percent} %: {label}', safe({percent: Math.floor(progress.percent), label: progress.label}));
		}

		case 'waiting': {
			return t('Waiting: {why}', safe({why: progress.why}));
		}
	}
}

export function tellingLines(event: Exclude<Telling, {type: 'write'}>, p: Paint): readonly string[] {
	switch (event.type) {
		case 'step': {
			return ['', p.strong(event.count === 1
				? t('{title}: making 1 change.', safe({title: event.title}))
				: t('{title}: making {count} changes.', safe({title: event.title, count: event.count})))];
		}

		case 'start': {
			// The line for `done` says it all; only what takes its time and has no progress of its own needs a word at its start.
			return event.description.type === 'unit'
				? [`  ${p.dim(t('working on {type} {title}', safe(kindAndTitle(event.description))))}`]
				: [];
		}

		case 'done': {
			return [`  ${p.good(t('ok'))}  ${t('{type} {title} ({time})', safe({...kindAndTitle(event.description), time: elapsed(event.seconds)}))}`];
		}

		case 'failed': {
			return [`  ${p.bad(t('failed'))}  ${t('{type} {title}', safe(kindAndTitle(event.description)))}`, ...indent(cleanLines(event.message))];
		}

		case 'reload': {
			return [`  ${p.good(t('ok'))}  ${t('{unit} took it up ({time})', safe({unit: event.unit, time: elapsed(event.seconds)}))}`];
		}

		case 'check': {
			return checkLines(event, p);
		}

		case 'undoing': {
			return ['', ...p.prose(t('Undoing {count} changes: {why}', safe({count: event.count, why: event.why})), {style: p.warn})];
		}

		case 'undone': {
			return event.left === undefined
				? [`  ${p.good(t('undone'))}  ${t('{type} {title}', safe(kindAndTitle(event.description)))}`]
				: [`  ${p.warn(t('left as it is'))}  ${t('{type} {title}: {reason}', safe({...kindAndTitle(event.description), reason: event.left}))}`];
		}

		case 'kept': {
			return [p.good(t('{title} is kept ({time}).', safe({title: event.title, time: elapsed(event.seconds)})))];
		}

		case 'note': {
			return p.prose(event.text, {style: {info: (text: string) => text, good: p.good, warning: p.warn}[event.tone]});
		}
	}
}

function checkLines({check, verdict}: Extract<Telling, {type: 'check'}>, p: Paint): readonly string[] {
	if (verdict === undefined) {
		return [];
	}

	const outcome = outcomeOf(check, verdict);
	const word = {pass: p.good(t('check passed')), fail: p.bad(t('check failed')), advice: p.warn(t('check advises')), 'not-run': p.dim(t('check not run'))}[outcome];
	return [
		`  ${word}  ${clean(check.title)}`,
		...p.prose(verdict.evidence, {style: p.dim, indent: '    '}).filter(line => line !== ''),
		...outcome === 'advice' ? [`    ${p.dim(t('How to fix: {fix}', safe({fix: check.fix})))}`] : [],
	];
}

export function guardLines(view: GuardView, p: Paint): readonly string[] {
	return [
		'',
		p.strong(t('Do not close this window.')),
		t('Open a second terminal on your computer and run this command:'),
		'',
		p.accent(clean(view.command)),
		'',
		view.login.sudo === 'password'
			? t('There, run `sudo true` and type the password of {user}.', safe({user: view.login.user}))
			: t('The login as {user} on port {port} is all that is needed.', safe({user: view.login.user, port: view.login.port})),
		t('If you cannot get in, do nothing: at {time} everything goes back by itself, even if this window dies.', {time: clock(view.deadline)}),
	];
}

/** Seconds left at which the wait is told: each full minute, then 30 and 10. */
export function nextMark(secondsLeft: number): number | undefined {
	if (secondsLeft > 60) {
		return Math.ceil((secondsLeft / 60) - 1) * 60;
	}

	return [30, 10].find(mark => mark < secondsLeft);
}

/** For an unattended run: each full minute only. */
export function nextMinute(secondsLeft: number): number | undefined {
	return secondsLeft > 60 ? Math.ceil((secondsLeft / 60) - 1) * 60 : undefined;
}

/** Seconds left as they are told at the start of the wait: rounded to the minute, under a minute to the second. */
export function roundedLeft(deadline: number, now: number): number {
	const left = Math.max(0, (deadline - now) / 1000);
	return left > 60 ? Math.round(left / 60) * 60 : Math.round(left);
}

export function countdownLine(seconds: number): string {
	if (seconds === 60) {
		return t('Waiting for you to come in. Undone in 1 minute.');
	}

	return seconds > 60
		? t('Waiting for you to come in. Undone in {minutes} minutes.', {minutes: Math.round(seconds / 60)})
		: t('Waiting for you to come in. Undone in {seconds} seconds.', {seconds});
}

export function sightingLine(sighting: Sighting, p: Paint): string {
	switch (sighting.type) {
		case 'connection': {
			return p.good(t('Seen: a connection from {address} on port {port}.', safe(sighting)));
		}

		case 'key': {
			return p.good(t('Seen: the key {key} was accepted for {user}.', safe(sighting)));
		}

		case 'sudo': {
			return p.good(t('Seen: {user} can use sudo.', safe(sighting)));
		}
	}
}
