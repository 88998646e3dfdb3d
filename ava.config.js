/** The stories that take minutes, longest first: begun last, one of them would keep the others waiting for it. */
const long = ['machine', 'everything', 'ssh', 'backups', 'app', 'web', 'packages', 'postgres', 'monitoring', 'firewall', 'whole', 'firewall-step', 'secrets', 'wizard', 'permissions', 'https'];

/** Fast tables first, then servers. */
function place(file) {
	const [, story] = /\/servers\/([\w-]+)\.test\.ts$/.exec(file) ?? [];
	if (story === undefined) {
		return file.includes('/test/vps/') ? 1 : 0;
	}

	return 2 + (long.includes(story) ? long.indexOf(story) : long.length);
}

const config = {
	extensions: {
		ts: 'module',
		tsx: 'module',
	},
	nodeArguments: ['--import=tsx'],
	files: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
	timeout: '10m',
	concurrency: 3,
	workerThreads: false,
	sortTestFiles: (left, right) => place(left) - place(right) || left.localeCompare(right),
};

export default config;
