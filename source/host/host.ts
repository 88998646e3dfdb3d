import {lstat, readdir, readFile, readlink, stat} from 'node:fs/promises';
import {execa} from 'execa';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import type {Argv, Host, Look, Output, RunOptions, Stamp} from '../engine/types.ts';
import {programFolders} from './programs.ts';
import {scratch} from './scratch.ts';

/** The same for every command: programs of the system first, one language, no pager, no question. */
const environment = {
	PATH: programFolders.join(':'),
	LC_ALL: 'C.UTF-8',
	HOME: '/root',
	SYSTEMD_PAGER: '',
	SYSTEMD_COLORS: '0',
	DEBIAN_FRONTEND: 'noninteractive',
};

/** ESRCH: a process that ended while its file below /proc was read. */
const unreadable = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ESRCH']);

function orMissing<T>(fallback: T) {
	return (error: unknown): T => {
		if (unreadable.has((error as NodeJS.ErrnoException).code ?? '')) {
			return fallback;
		}

		throw error;
	};
}

async function run(argv: Argv, options: RunOptions = {}): Promise<Output> {
	const {input, timeout = 60_000, env = {}, onLine} = options;
	const [program, ...rest] = argv;
	const child = execa(program, rest, {
		...input === undefined ? {stdin: 'ignore' as const} : {input},
		timeout,
		env: {...environment, ...env},
		extendEnv: false,
		reject: false,
		cwd: '/',
		forceKillAfterDelay: 2000,
		maxBuffer: 64 * 1024 * 1024,
	});
	if (onLine) {
		for (const stream of [child.stdout, child.stderr]) {
			let rest = '';
			stream.on('data', (chunk: unknown) => {
				const lines = (rest + String(chunk)).split(/\r?\n|\r/);
				rest = lines.pop() ?? '';
				for (const line of lines) {
					onLine(line);
				}
			});
		}
	}

	const result = await child;
	const missing = result.code === 'ENOENT';
	const exitCode = missing ? 127 : (result.timedOut ? 124 : result.exitCode ?? 128);
	return {exitCode, stdout: result.stdout, stderr: missing ? `${program}: not found` : result.stderr};
}

async function stampOf(path: string): Promise<Stamp | undefined> {
	const stats = await stat(path, {bigint: true}).catch(orMissing(undefined));
	return stats && {
		modified: Number(stats.mtimeNs) / 1e9,
		size: Number(stats.size),
		isFolder: stats.isDirectory(),
		mark: `${stats.mtimeNs} ${stats.ino} ${stats.size}`,
	};
}

async function lookAt(path: string): Promise<Look | undefined> {
	const stats = await lstat(path).catch(orMissing(undefined));
	const target = stats?.isSymbolicLink() ? await readlink(path).catch(orMissing(undefined)) : undefined;
	return stats && {
		...target !== undefined && {target},
		kind: stats.isFile() ? 'file' : (stats.isDirectory() ? 'directory' : (stats.isSymbolicLink() ? 'link' : 'other')),
		mode: stats.mode & 0o7777, // eslint-disable-line no-bitwise -- the rest is the kind
		uid: stats.uid,
		gid: stats.gid,
	};
}

/** The real machine. */
export const machine: Host = {
	run,
	read: async path => readFile(path, 'utf8').catch(orMissing(undefined)),
	list: async path => readdir(path).then(names => names.toSorted(), orMissing([])),
	stat: stampOf,
	look: lookAt,
	scratch: async make => scratch(make),
};

/** Runs a command that has to succeed; its last words are the Problem where it does not. Returns standard output. */
export async function mustRun(host: Host, argv: Argv, options?: RunOptions): Promise<string> {
	const {exitCode, stdout, stderr} = await host.run(argv, options);
	if (exitCode !== 0) {
		const lastWords = (stderr || stdout).split('\n').slice(-6).join('\n');
		throw new Problem(
			t('`{command}` failed with exit code {code}:\n{words}', {command: argv.slice(0, 3).join(' '), code: exitCode, words: lastWords}),
			t('Look at what it says, put that right, and try again.'),
			1,
		);
	}

	return stdout;
}
