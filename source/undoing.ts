import type {Bench} from './bench.ts';
import type {Change} from './engine/types.ts';
import type {Undoing} from './engine/undo.ts';
import {reloadServices} from './host/reload.ts';
import {tellUndoing} from './telling.ts';

/** Lets the services take changes up, made or undone, and tells of each. */
export async function takeUp({host, conversation}: Bench, changes: readonly Change[]): Promise<void> {
	await reloadServices(host, changes, (unit, seconds) => conversation.tell({type: 'reload', unit, seconds}));
}

/** What undoing a run works with, everything told that the user should see of it. */
export function undoingOf(bench: Bench): Undoing {
	const {providers, journal, conversation} = bench;
	return {
		providers,
		journal,
		tell: event => tellUndoing(conversation, event),
		reload: async changes => takeUp(bench, changes),
	};
}
