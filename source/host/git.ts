import {posix} from 'node:path';
import type {CheckoutState, Host, Output} from '../engine/types.ts';

/** Git as this tool runs it, and where what it fetches lies. */

export const commitForm = /^[\da-f]{40}(?:[\da-f]{24})?$/;

export function placesOf(link: string, stateFolder: string) {
	const home = posix.dirname(link);
	const checkouts = posix.join(home, 'checkouts');
	const key = posix.join(stateFolder, 'deploy-keys', posix.basename(home));
	return {home, checkouts, store: posix.join(checkouts, '.git'), of: (commit: string) => posix.join(checkouts, commit), recipe: (commit: string) => posix.join(checkouts, `${commit}.json`), key, known: `${key}.known_hosts`};
}

export type Places = ReturnType<typeof placesOf>;

export const usesSsh = (url: string) => !url.startsWith('https://');

/** Git with nothing of the repository's own run: no hooks, no helpers, no questions. */
export async function git(host: Host, places: Places, words: readonly string[], timeout = 10 * 60_000): Promise<Output> {
	const ssh = ['ssh', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'ConnectTimeout=15', '-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${places.known}`, '-i', places.key];
	return host.run(['git', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never', '-c', 'protocol.https.allow=always', '-c', 'protocol.ssh.allow=always', '-c', 'core.fsmonitor=false', `--git-dir=${places.store}`, ...words], {
		timeout,
		env: {GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: ssh.join(' '), GIT_INDEX_FILE: posix.join(places.checkouts, '.index')},
	});
}

/** The commit that a ref stands for at the address; undefined where that cannot be asked now. */
export async function newestOf(host: Host, places: Places, {url, ref}: Pick<CheckoutState, 'url' | 'ref'>): Promise<string | undefined> {
	const {exitCode, stdout} = await git(host, places, ['ls-remote', '--quiet', '--', url, ref, `${ref}^{}`], 8000);
	const lines = stdout.split('\n').map(line => line.split('\t'));
	// A tag that holds a message stands for the commit behind it.
	return exitCode === 0 ? (lines.find(([, name]) => name?.endsWith('^{}')) ?? lines[0])?.[0] || undefined : undefined;
}

