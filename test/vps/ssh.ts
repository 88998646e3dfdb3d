import {existsSync} from 'node:fs';
import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {command} from './command.ts';

export type Login = {
	/** A private key file, or a password; neither means no authentication method is offered. */
	key?: string;
	password?: string;
	user?: string;
	port?: number;
	/** Seconds for the other side to answer, greeting included. Default 5. */
	connectTimeout?: number;
	/** More options of ssh(1), e.g. `['-o', 'PubkeyAuthentication=no']`. */
	options?: readonly string[];
};

/**
 * The argv of an ssh to `address`, asking nothing and knowing no hosts; with a password it needs SSHPASS in its environment.
 * `-tt` and friends go into `options`.
 */
export function sshArgv(address: string, login: Login, remoteCommand?: string): string[] {
	const {user = 'root', port = 22, connectTimeout = 5, key, password, options = []} = login;
	const settings = {
		StrictHostKeyChecking: 'no',
		UserKnownHostsFile: '/dev/null',
		GlobalKnownHostsFile: '/dev/null',
		LogLevel: 'ERROR',
		ConnectTimeout: connectTimeout,
		IdentitiesOnly: 'yes',
		IdentityAgent: 'none',
		...(key ? {PreferredAuthentications: 'publickey', IdentityFile: key, BatchMode: 'yes'} : {IdentityFile: 'none'}),
		...(password ? {PreferredAuthentications: 'password,keyboard-interactive', NumberOfPasswordPrompts: 1} : {BatchMode: 'yes'}),
	};
	const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
	const ssh = ['ssh', '-F', 'none', ...flags, ...options, '-p', String(port), `${user}@${address}`];
	return [...(password ? ['sshpass', '-e'] : []), ...ssh, ...(remoteCommand === undefined ? [] : [remoteCommand])];
}

export type KeyPair = {privateFile: string; publicKey: string};

/** Makes a key pair without a passphrase at `file` and `file.pub`, or returns the one that is there. */
export async function createKey(file: string, type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519', comment = 'lab'): Promise<KeyPair> {
	if (!existsSync(file)) {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		await command(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
	}

	return {privateFile: file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim()};
}
