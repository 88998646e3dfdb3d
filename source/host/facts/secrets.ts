import type {FoundSecret, SecretsFacts} from '../../engine/facts.ts';
import {secretIn, secretRules} from '../../engine/secret-rules.ts';
import type {Host} from '../../engine/types.ts';

const settings = '/etc/harden';

/** Lines of `grep --null --line-number`: `FILE\0LINE:TEXT`. */
export function parseHits(output: string, app: string, root: string): readonly FoundSecret[] {
	return output.split('\n').flatMap(line => {
		const parts = /^(?<file>[^\0]+)\0(?<line>\d+):(?<text>.*)$/s.exec(line)?.groups;
		const kind = secretIn(parts?.['text'] ?? '');
		return parts === undefined || kind === undefined ? [] : [{app, file: parts['file']!.replace(`${root}/`, ''), line: Number(parts['line']), kind}];
	});
}

const skipped = ['.git', 'node_modules', '.venv', 'venv', '__pycache__', '.tox', 'site-packages'];

async function scan(host: Host, app: string): Promise<readonly FoundSecret[]> {
	const root = `/srv/${app}/code`;
	const patterns = secretRules.flatMap(({coarse}) => ['-e', coarse]);
	// A slash at its end, since the folder may be a link to where the user keeps the code.
	const {stdout} = await host.run(['grep', '--recursive', '--line-number', '--null', '--binary-files=without-match', '--extended-regexp', ...skipped.map(name => `--exclude-dir=${name}`), ...patterns, '--', `${root}/`], {timeout: 10_000});
	return parseHits(stdout, app, root);
}

/** `systemd-creds has-tpm2` says in its exit code what is missing: 0 is nothing. */
async function sealing(host: Host): Promise<SecretsFacts['sealing']> {
	const {exitCode} = await host.run(['systemd-creds', '--version']);
	if (exitCode !== 0) {
		return {possible: false, why: 'systemd-creds'};
	}

	return {possible: true, by: (await host.run(['systemd-creds', 'has-tpm2', '--quiet'])).exitCode === 0 ? 'tpm2' : 'host'};
}

/** Where an agent of OpenBao, or of Vault, would be. */
async function agentOf(host: Host): Promise<string | undefined> {
	const folders = ['/usr/bin', '/usr/local/bin'];
	const found = await Promise.all(folders.map(async folder => (await host.list(folder)).filter(name => name === 'bao' || name === 'vault').map(name => `${folder}/${name}`)));
	return found.flat()[0];
}

/** The apps' secrets by name, and what in their code looks like one. */
export async function collectSecrets(host: Host): Promise<SecretsFacts> {
	const folders = await host.list(settings);
	const found = await Promise.all(folders.map(async app => ({app, plain: await host.list(`${settings}/${app}/credentials`), sealed: await host.list(`${settings}/${app}/credentials.sealed`), vault: await host.list(`${settings}/${app}/vault`)})));
	const apps = found.filter(({app}) => /^[a-z][a-z\d-]*$/.test(app));
	const [hits, seals, agent] = await Promise.all([Promise.all(apps.map(async ({app}) => scan(host, app))), sealing(host), agentOf(host)]);
	return {
		sealing: seals,
		apps: Object.fromEntries(apps.map(({app, plain, sealed}) => [app, {plain, sealed}])),
		...agent !== undefined && {agent},
		secretIds: apps.filter(({vault}) => vault.includes('secret-id')).map(({app}) => app),
		inCode: hits.flat().slice(0, 200),
	};
}
