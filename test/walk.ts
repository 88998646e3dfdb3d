import {adminKey, onServer, status} from './tool.ts';
import {rootKey} from './vps/image.ts';
import type {Server} from './vps/server.ts';
import {sshArgv} from './vps/ssh.ts';
import {Terminal, type TerminalOptions} from './vps/terminal.ts';

/** The wizard as people meet it: a terminal over SSH, keys sent, screens read. */

export type Moment = 'offer' | 'opening' | 'question' | 'preview' | 'applying' | 'guard' | 'failure' | 'ending';

const signs: ReadonlyArray<readonly [Moment, RegExp]> = [
	['guard', /Do not close this window/],
	['failure', /did not work out/],
	['preview', /\by (?:apply|next)\b/],
	['question', /\bnext\b.*\bsave and quit\b/],
	['offer', /off\s+again\?/],
	['ending', /\bleave\s*$/],
	['opening', /\bgo\b.*\bwhat is this\b/],
	['applying', /stop safely/],
];

/** What the wizard is at, by its screen; undefined between two screens. */
export function momentOf(screen: string): Moment | undefined {
	return signs.find(([, sign]) => sign.test(screen))?.[0];
}

/** The step that the screen is about, as its line of steps says: `step 2/4`. */
export function stepOf(screen: string): number {
	return Number(/step (?<number>\d+)\/\d+/.exec(screen)?.groups?.['number'] ?? 0);
}

export type Way = {user: string; port: number; key: string};

/** How one comes in now: as root at first, as the admin once root is closed. */
export async function wayIn(server: Server): Promise<Way> {
	const root = {user: 'root', port: 22, key: rootKey};
	// Asked first, since a login waits long for a port that drops.
	if (await server.probe(22) === 'open' && (await server.ssh(root)).ok) {
		return root;
	}

	return {user: 'deploy', port: 5922, key: (await adminKey()).privateFile};
}

/** Opens the wizard in a terminal on the admin's machine. */
export async function openWizard(server: Server, options: TerminalOptions & {argv?: readonly string[]; program?: readonly string[]} = {}): Promise<Terminal> {
	const admin = await server.network.admin();
	const {user, port, key} = await wayIn(server);
	const sudo = user === 'root' ? [] : ['sudo'];
	const {program = ['node', onServer], argv = []} = options;
	const command = [...sudo, ...program, ...argv].join(' ');
	return Terminal.open(admin, sshArgv(server.address(admin), {user, port, key, options: ['-tt']}, command), options);
}

export type Driving = {
	/** Called at each new moment with its screen; true cuts the connection there. */
	at?: (moment: Moment, screen: string) => boolean | Promise<boolean>;
	/** Milliseconds for the whole. */
	timeout?: number;
};

/**
 * Presses what a developer would who takes every default: Enter at questions, y at previews, a new login at the guard.
 * Returns the exit code; undefined where the connection was cut.
 */
export async function drive(server: Server, terminal: Terminal, {at, timeout = 300_000}: Driving = {}): Promise<number | undefined> {
	const deadline = Date.now() + timeout;
	let last = '';
	while (Date.now() < deadline) {
		const code = await terminal.exitCode();
		if (code !== undefined) {
			return code;
		}

		const screen = await terminal.screen();
		const moment = momentOf(screen);
		const name = `${moment} ${stepOf(screen)} ${moment === 'question' ? screen.split('\n').slice(0, 4).join('|') : ''}`;
		const isNew = name !== last;
		last = name;
		if (moment !== undefined && isNew && await at?.(moment, screen)) {
			await terminal.hangUp();
			return undefined;
		}

		await act(server, terminal, moment, screen, isNew);
		await new Promise(resolve => {
			setTimeout(resolve, 200);
		});
	}

	throw new Error(`The wizard did not come to its end within ${timeout / 1000} s. It shows:\n${await terminal.screen()}`);
}

async function act(server: Server, terminal: Terminal, moment: Moment | undefined, screen: string, isNew: boolean): Promise<void> {
	if (moment === 'failure') {
		throw new Error(`A step failed:\n${screen}\n${await terminal.history()}`);
	}

	if (moment === 'preview') {
		await terminal.send('y');
	} else if (moment === 'guard') {
		await comeIn(server);
	} else if (moment !== undefined && moment !== 'applying' && isNew) {
		await terminal.send('Enter');
	}
}

/** The login that the guard waits for. */
export async function comeIn(server: Server): Promise<boolean> {
	const {guard} = await status(server);
	if (!guard) {
		return false;
	}

	const key = (await adminKey()).privateFile;
	const login = await server.ssh({...guard.login, key: guard.login.user === 'root' ? rootKey : key, command: 'sudo -n true; sleep 2'});
	return login.ok;
}
