/** The stories that take minutes, longest first: begun last, one of them would keep the others waiting for it. Those of the guard mostly wait, beside others that work. */
const long = ['machine', 'everything', 'ssh', 'backups', 'app', 'guard', 'packages', 'firewall', 'login-watch', 'whole', 'postgres', 'firewall-step', 'web', 'monitoring', 'wizard', 'secrets', 'https', 'permissions', 'backups-untrusted', 'updates', 'units', 'users', 'packed'];

/** Types and style, which take minutes, beside fast tables; then servers. */
function place(file) {
	if (file.endsWith('/test/style.test.ts')) {
		return -1;
	}

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
