import process from 'node:process';
import type {Conversation} from '../engine/conversation.ts';
import {showFirstFrame} from './first-frame.ts';

type Wishes = {yes?: boolean; plain?: boolean; color: boolean; verbose?: boolean};

/** Whether Ink can draw here: a terminal that moves its cursor and reads single keys. */
function canDraw(): boolean {
	const {TERM = 'dumb'} = process.env;
	return process.stdout.isTTY && process.stdin.isTTY && TERM !== 'dumb' && TERM !== '';
}

/** The front end for this terminal; with `version`, something is on screen before it is loaded. Only the chosen one is loaded, and there is never a second one on a terminal. */
export async function chooseConversation({yes, plain, color, verbose}: Wishes, version?: string): Promise<Conversation> {
	const {stdin, stdout, env} = process;
	const isColoured = color && stdout.isTTY && (env.NO_COLOR ?? '') === '';
	if (yes) {
		const {unattendedConversation} = await import('./unattended.ts');
		return unattendedConversation({stdout, color: isColoured, verbose: verbose ?? false});
	}

	if (plain || !canDraw()) {
		const {plainConversation} = await import('./plain/conversation.ts');
		return plainConversation({stdin, stdout, env, color: isColoured, verbose: verbose ?? false});
	}

	const shown = version === undefined ? [] : showFirstFrame({stdout, env, color: isColoured}, version);
	const {inkConversation} = await import('./ink.tsx');
	return inkConversation({stdin, stdout, env, color: isColoured, verbose: verbose ?? false, shown});
}
