import {t} from '../../words.ts';
import {contentWidth, Frame, type Legend} from '../frame.tsx';
import {clock, countdown, paragraph} from '../parts.ts';
import {spread} from '../text.ts';
import type {Look} from '../look.ts';
import type {GuardView as View, Place, Sighting} from '../../engine/conversation.ts';
import {letter, type Keyed} from './screen.ts';

export type GuardScreen = {kind: 'guard'; view: View; place?: Place; sightings: readonly Sighting[]; asking?: 'undo'};

export function guardScreen(view: View, place?: Place): GuardScreen {
	return {kind: 'guard', view, place, sightings: []};
}

/** Undoing is asked for twice: a key pressed by mistake must not throw the new way in away. */
export const guardKeys: Keyed<GuardScreen, 'undo' | 'quit'> = (screen, key) => {
	if (screen.asking === 'undo') {
		return letter(key) === 'y' || letter(key) === 'u' ? {done: 'undo'} : {...screen, asking: undefined};
	}

	if (letter(key) === 'u') {
		return {...screen, asking: 'undo'};
	}

	return letter(key) === 'q' || key.name === 'ctrl-q' || key.name === 'ctrl-c' ? {done: 'quit'} : screen;
};

export function saw(screen: GuardScreen, sighting: Sighting): GuardScreen {
	return {...screen, sightings: [...screen.sightings.filter(({type}) => type !== sighting.type), sighting]};
}

function sightingLines({view, sightings}: GuardScreen, look: Look, columns: number): string[] {
	const {user, port, sudo} = view.login;
	const waitingFor = {
		connection: t('a connection on port {port}', {port}),
		key: t('a key accepted for {user}', {user}),
		sudo: sudo === 'password' ? t('sudo: there, type "sudo true" and the password of {user}', {user}) : t('sudo for {user}', {user}),
	};
	return (['connection', 'key', 'sudo'] as const).flatMap(type => {
		const seen = sightings.find(sighting => sighting.type === type);
		const sign = seen ? look.good(look.glyphs.seen) : look.dim(look.glyphs.unseen);
		const text = seen ? seenText(seen) : waitingFor[type];
		return paragraph(text, look, columns - 4, seen ? undefined : look.dim).map((line, index) => `  ${index === 0 ? sign : ' '} ${line}`);
	});
}

function seenText(sighting: Sighting): string {
	switch (sighting.type) {
		case 'connection': {
			return t('connection from {address} on port {port}', {address: sighting.address, port: sighting.port});
		}

		case 'key': {
			return t('key {key} accepted for {user}', {key: sighting.key, user: sighting.user});
		}

		case 'sudo': {
			return t('{user} can use sudo', {user: sighting.user});
		}
	}
}

/** The command stands alone on its line, unbroken, so that it can be copied. */
export function guardLines(screen: GuardScreen, now: number, look: Look): string[] {
	const columns = contentWidth(look, screen.place);
	const {view, asking} = screen;
	const left = t('undone in {time}', {time: countdown(view.deadline - now)});
	return [
		look.strong(look.plain(t('Do not close this window.'))),
		'',
		...paragraph(t('Open a second terminal on your computer and run'), look, columns),
		'',
		`    ${look.accent(look.plain(view.command))}`,
		'',
		spread(look.plain(t('Waiting for you to come in')), look.strong(left), columns),
		'',
		...sightingLines(screen, look, columns),
		'',
		...paragraph(t('If you cannot get in, do nothing: at {time} everything goes back by itself, even if this window dies.', {time: clock(view.deadline)}), look, Math.min(columns, 76), look.dim),
		...(asking === 'undo' ? ['', ...paragraph(t('Undo it now? Press y to undo, any other key to go on waiting.'), look, columns, look.warn)] : []),
	];
}

export function GuardView({screen, look, now, status}: {screen: GuardScreen; look: Look; now: number; status?: string}) {
	const legend: Legend = screen.asking === 'undo'
		? [['y', t('undo it now')], ['esc', t('go on waiting')]]
		: [['u', t('undo it now')], ['q', t('leave; the countdown goes on')]];
	const header = screen.place ? undefined : look.strong(look.plain(screen.view.title));
	return <Frame look={look} place={screen.place} header={header} body={guardLines(screen, now, look)} legend={legend} status={status}/>;
}
