import {boot} from '/work/main/test/vps/server.ts';
for (const release of ['bookworm','trixie'] as const) {
	const began = Date.now();
	const server = await boot({release});
	console.log(release, Date.now()-began, 'ms');
	try {
	const o = await server.run(['sh','-c', process.argv[2] ?? 'cat /etc/debian_version; node --version'], {check:false, timeout: 120_000});
	console.log(o.exitCode, o.stdout, o.stderr);
	} finally { await server.destroy(); }
}
