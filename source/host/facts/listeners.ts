import {parseListeners} from '../../engine/listeners.ts';
import type {Listener} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** What listens on this host. Without root, whose it is stays unknown. */
export async function collectListeners(host: Host): Promise<readonly Listener[]> {
	const {stdout} = await host.run(['ss', '-Hltunp']);
	return parseListeners(stdout);
}
