import {existsSync} from 'node:fs';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {randomBytes} from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import type {Client} from './client.ts';
import {command, waitFor} from './command.ts';
import {controlGroup, inGroup, killGroup, ownDisk, removeDisk} from './owner.ts';

export type TerminalOptions = {
	columns?: number;
	rows?: number;
	/** What the program is told to be in. ssh passes it on. */
	term?: string;
	env?: Record<string, string>;
};

/** A real terminal (tmux) in which a program runs, driven by keys and read as a person would: from its screen. */
export class Terminal {
	readonly #folder: string;
	readonly #group: string;

	private constructor(folder: string, group: string) {
		this.#folder = folder;
		this.#group = group;
	}

	get #codeFile(): string {
		return path.join(this.#folder, 'code');
	}

	/** Opens a window on a client and runs a program in it, typically `sshArgv(…, {options: ['-tt']}, 'command')`. */
	static async open(client: Client, argv: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
		const {columns = 80, rows = 24, term = 'xterm-256color', env = {}} = options;
		const id = `t-${randomBytes(3).toString('hex')}`;
		const terminal = new Terminal(ownDisk(client.networkId, id), await controlGroup(client.networkId, id));
		await mkdir(terminal.#folder, {recursive: true});
		const settings = {
			status: 'off',
			'default-terminal': term,
			'history-limit': '50000',
			'escape-time': '0',
			// The last screen stays to be read when the program has ended.
			'remain-on-exit': 'on',
			'remain-on-exit-format': '',
		};
		const set = Object.entries(settings).flatMap(([name, value]) => ['set-option', '-g', name, value, ';']);
		const environment = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
		const size = ['-x', String(columns), '-y', String(rows)];
		// tmux 3.3 sometimes does not tell how a program ended: it notes that itself.
		const noted = ['sh', '-c', 'trap : INT; "$@"; echo $? >"$0"', terminal.#codeFile, ...client.argv(argv)];
		await terminal.#tmux(['-f', '/dev/null', 'start-server', ';', ...set, 'new-session', '-d', ...size, ...environment, '--', ...noted]);
		return terminal;
	}

	async #tmux(argv: readonly string[]): Promise<string> {
		const {stdout} = await command(inGroup(this.#group, ['tmux', '-u', '-S', path.join(this.#folder, 'tmux'), ...argv]));
		return stdout;
	}

	/** Presses keys, named as tmux does: `Enter`, `Up`, `Space`, `C-c`, `Escape`, or a character. */
	async send(...keys: string[]): Promise<void> {
		await this.#tmux(['send-keys', '--', ...keys]);
	}

	/** Types text as it is. */
	async type(text: string): Promise<void> {
		await this.#tmux(['send-keys', '-l', '--', text]);
	}

	/** Pastes text as terminals do: all at once, bracketed where the program asked for that. */
	async paste(text: string): Promise<void> {
		await this.#tmux(['set-buffer', '--', text, ';', 'paste-buffer', '-p', '-d']);
	}

	/** The visible rows, without spaces at their ends. */
	async screen(): Promise<string> {
		return this.#tmux(['capture-pane', '-p']);
	}

	/** The same with its colours, as escape sequences; for `picture`. */
	async screenAnsi(): Promise<string> {
		return this.#tmux(['capture-pane', '-p', '-e', '-N']);
	}

	/** Everything that was ever on the screen and not erased: what a user can scroll back to. */
	async history(): Promise<string> {
		return this.#tmux(['capture-pane', '-p', '-S', '-']);
	}

	/** Where the cursor is, from 0, and whether the program shows it. */
	async cursor(): Promise<{column: number; row: number; visible: boolean}> {
		const [column, row, visible] = (await this.#tmux(['display-message', '-p', '#{cursor_x} #{cursor_y} #{cursor_flag}'])).split(' ').map(Number);
		return {column: column!, row: row!, visible: visible === 1};
	}

	/** The program's exit code, 137 where it was killed; undefined while it runs. */
	async exitCode(): Promise<number | undefined> {
		if (await this.#tmux(['display-message', '-p', '#{pane_dead}']) !== '1') {
			return undefined;
		}

		return existsSync(this.#codeFile) ? Number(await readFile(this.#codeFile, 'utf8')) : 137;
	}

	/** From now on, how many bytes the program has sent: what a slow line has to carry. */
	async countBytes(): Promise<() => Promise<number>> {
		const file = path.join(this.#folder, 'sent');
		await writeFile(file, '');
		await this.#tmux(['pipe-pane', `cat >>'${file}'`]);
		return async () => (await stat(file)).size;
	}

	/** Ends with its network, too. */
	async close(): Promise<void> {
		await killGroup(this.#group);
		await removeDisk(this.#folder);
	}

	/** Waits until the screen shows it, and returns that screen. Throws with the last screen. Milliseconds. */
	async waitFor(wanted: string | RegExp | ((screen: string) => boolean), timeout = 60_000): Promise<string> {
		const shows = typeof wanted === 'function' ? wanted : (screen: string) => typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen);
		let last = '';
		try {
			await waitFor('the screen to show it', async () => {
				last = await this.screen();
				return shows(last);
			}, {timeout, every: 60});
			return last;
		} catch (error) {
			const what = typeof wanted === 'function' ? wanted.toString() : JSON.stringify(String(wanted));
			throw new Error(`The screen did not show ${what} within ${timeout / 1000} s. It shows:\n${frame(last)}`, {cause: error});
		}
	}

	/** Waits until the program has ended, and returns its exit code. Milliseconds. */
	async ended(timeout = 60_000): Promise<number> {
		let code: number | undefined;
		await waitFor('the program in the terminal to end', async () => {
			code = await this.exitCode();
			return code !== undefined;
		}, {timeout, every: 60});
		return code!;
	}

	async resize(columns: number, rows: number): Promise<void> {
		await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
	}

	/** Kills the program on the client's side (its ssh), as when a laptop is switched off. */
	async hangUp(): Promise<void> {
		process.kill(-Number(await this.#tmux(['display-message', '-p', '#{pane_pid}'])), 'SIGKILL');
		await waitFor('the program in the terminal to be gone', async () => await this.#tmux(['display-message', '-p', '#{pane_dead}']) === '1', {every: 60});
	}
}

/** A screen with a frame, so that empty rows and trailing text are seen in a test's report. */
function frame(screen: string): string {
	return screen.split('\n').map(line => `│ ${line}`).join('\n');
}
