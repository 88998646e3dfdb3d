import type {Argv} from './types.ts';

/** What a client sees of an sshd before it logs in: pure parsers around ssh(1). */

/** Greets an sshd without offering to log in. It answers with what it would take; nothing is asked, nothing remembered. */
export function probeArgv(address: string, port: number, user: string): Argv {
	const settings = {
		BatchMode: 'yes', PreferredAuthentications: 'none', ConnectTimeout: '5', ConnectionAttempts: '1',
		StrictHostKeyChecking: 'no', UserKnownHostsFile: '/dev/null', GlobalKnownHostsFile: '/dev/null',
		IdentityAgent: 'none', IdentityFile: 'none', CanonicalizeHostname: 'no', ProxyCommand: 'none',
	};
	return ['ssh', '-vv', '-F', 'none', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]), '-p', String(port), '-l', user, '--', address, 'true'];
}

export type Greeting = {
	/** `publickey`, `password`, …: how one could log in. Undefined where the server did not come that far. */
	methods?: readonly string[];
	/** What the server offers, most wanted first. */
	offer?: {kex: readonly string[]; hostKey: readonly string[]; cipher: readonly string[]; mac: readonly string[]};
	/** The last thing that ssh said. */
	lastWords: string;
};

/** Standard error of `ssh -vv`. */
export function parseGreeting(output: string): Greeting {
	const methods = /Permission denied \((?<list>[^)]*)\)/.exec(output)?.groups?.['list'];
	const server = output.slice(output.indexOf('peer server KEXINIT proposal'));
	const list = (name: string) => new RegExp(String.raw`^debug2: ${name}: (?<list>\S+)`, 'm').exec(server)?.groups?.['list']?.split(',');
	const [kex, hostKey, cipher, mac] = [list('KEX algorithms'), list('host key algorithms'), list('ciphers stoc'), list('MACs stoc')];
	const lines = output.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('debug'));
	return {
		...methods !== undefined && {methods: methods.split(',')},
		...output.includes('peer server KEXINIT proposal') && kex && hostKey && cipher && mac && {offer: {kex, hostKey, cipher, mac}},
		lastWords: lines.at(-1) ?? '',
	};
}
