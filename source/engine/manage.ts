import {asService, serviceProperties} from './service-sandbox.ts';
import type {Host, Output} from './types.ts';

/** `manage.py` as the app itself runs: its user, its sandbox, its secrets, its settings. Exit code 127 where there is no such service yet. */
export async function manage(host: Host, name: string, ...words: readonly string[]): Promise<Output> {
	const {exitCode, stdout} = await host.run(['systemctl', 'cat', '--', `${name}.service`]);
	const runner = `/etc/harden/${name}/python/with_credentials.py`;
	if (exitCode !== 0 || await host.read(runner) === undefined) {
		return {exitCode: 127, stdout: '', stderr: ''};
	}

	return host.run(asService(serviceProperties(stdout), `/srv/${name}/venv/bin/python`, runner, 'manage.py', ...words), {timeout: 15 * 60_000});
}

/** `[ ]  auth.0001_initial`, as `showmigrations --plan` lists what is not made yet. */
export function parsePending(output: string): readonly string[] {
	return output.split('\n').flatMap(line => /^\[ ]\s+(?<name>\S+)/.exec(line)?.groups?.['name'] ?? []);
}
