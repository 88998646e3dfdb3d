/* eslint ava/no-ignored-test-files: off -- it is used by test files. */
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {reasonAgainst} from './host.ts';
import {releases, type Release} from './image.ts';
import {boot, type BootOptions, type Server} from './server.ts';

export type OnServerOptions = Omit<BootOptions, 'release' | 'network'> & {
	/** Default: every release that we support. */
	releases?: readonly Release[];
};

type Story = (t: ExecutionContext, server: Server) => Promise<void>;

const reason = await reasonAgainst();

/**
 * Registers a test that needs something of this machine. Where that is not there, for the reason given, the test is reported as
 * skipped, with the reason in its title; with CI set it is run all the same, and fails.
 */
export function whereItCan(against: string | undefined, title: string, story: (t: ExecutionContext) => Promise<void>): void {
	if (against && !process.env.CI) {
		// eslint-disable-next-line ava/no-skip-test -- an honest report of what this machine cannot do
		test.skip(`${title} (not run: ${against})`, t => {
			t.fail();
		});
		return;
	}

	test.serial(title, story);
}

/**
 * Registers a test for each release: `onServer('a password is refused', async (t, server) => {…})`.
 * Each gets a fresh server, gone afterwards. Tests of one file run one after the other. Where no server can be booted: `whereItCan`.
 */
export function onServer(title: string, ...rest: [Story] | [OnServerOptions, Story]): void {
	const [options, story] = rest.length === 1 ? [{}, rest[0]] : rest;
	const {releases: wanted = releases, ...bootOptions} = options;
	for (const release of wanted) {
		whereItCan(reason, `${release}: ${title}`, async t => {
			// The first test ever waits for an image to be built.
			t.timeout(15 * 60_000);
			const server = await boot({release, ...bootOptions});
			try {
				await story(t, server);
			} catch (error) {
				t.log(await lastWords(server));
				throw error;
			} finally {
				await server.destroy();
			}
		});
	}
}

/** What helps to understand a failure, and is gone with the server. */
async function lastWords(server: Server): Promise<string> {
	try {
		const {stdout} = await server.run(['journalctl', '--no-pager', '--boot=0', '--lines=15', '--output=short-iso'], {timeout: 5000});
		return `The server's journal ended with:\n${stdout}`;
	} catch {
		return `The server's console ended with:\n${(await server.console()).slice(-3000)}`;
	}
}
