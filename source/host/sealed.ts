import {posix} from 'node:path';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import type {Host} from '../engine/types.ts';

/** Files encrypted to this host: systemd-creds(1). */

export function isSealed(path: string): boolean {
	return posix.dirname(path).endsWith('.sealed');
}

/** The name that the file is bound to. It is what systemd calls it when it hands a whole folder over (LoadCredentialEncrypted=sealed:FOLDER). */
function nameOf(path: string): string {
	return `sealed_${posix.basename(path)}`;
}

/** The text of the file that holds `value`. The value goes in by standard input. */
export async function seal(host: Host, path: string, value: string): Promise<string> {
	const {exitCode, stdout, stderr} = await host.run(['systemd-creds', 'encrypt', `--name=${nameOf(path)}`, '-', '-'], {input: value});
	if (exitCode !== 0) {
		throw new Problem(
			t('systemd-creds cannot encrypt here: {words}', {words: stderr.split('\n').at(-1) ?? ''}),
			t('Answer `encrypt: false` in the block `secrets`: then the secrets are files that only root can read.'),
			1,
		);
	}

	return `${stdout}\n`;
}

/** What such a file holds. One of another host, or another name, opens nothing: it reads as empty, and so is replaced. */
export async function unseal(host: Host, path: string, content: string): Promise<string> {
	const {exitCode, stdout} = await host.run(['systemd-creds', 'decrypt', `--name=${nameOf(path)}`, '--newline=no', '-', '-'], {input: content});
	return exitCode === 0 ? stdout : '';
}
