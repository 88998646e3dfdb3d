import {isIP} from 'node:net';
import type {Host} from '../../source/engine/types.ts';

/** openssl and curl as clients of this very server, whatever DNS says of its names. */

export type Handshake = {
	/** The certificates that came, the site's own first. */
	chain: readonly string[];
	/** As openssl names them; undefined where there was no handshake. */
	protocol?: string;
	cipher?: string;
	/** `0 (ok)` where this server trusts the certificate. */
	verdict?: string;
	ticket: boolean;
	words: string;
};

/** What `openssl s_client` prints. */
export function parseHandshake(output: string): Handshake {
	const chain = output.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
	const [, protocol, cipher] = /^New, (?<protocol>TLSv[\d.]+), Cipher is (?<cipher>\S+)$/m.exec(output) ?? [];
	const verdict = /^\s*Verify return code: (?<verdict>.+)$/m.exec(output)?.groups?.['verdict'];
	return {
		chain,
		...protocol !== undefined && chain.length > 0 && {protocol, cipher: cipher!},
		...verdict !== undefined && {verdict},
		ticket: /^\s*TLS session ticket:$/m.test(output),
		words: output.split('\n').find(line => /alert|error:|errno|refused/i.test(line))?.trim() ?? '',
	};
}

/** One handshake. Without a name none is sent, as browsers do for addresses. */
export async function handshake(host: Host, name: string, {family = '127.0.0.1', options = []}: {family?: string; options?: readonly string[]} = {}): Promise<Handshake> {
	const server = isIP(name) === 0 ? ['-servername', name] : ['-noservername'];
	const {stdout, stderr} = await host.run(['openssl', 's_client', '-connect', `${family}:443`, '-showcerts', ...server, ...options], {timeout: 15_000});
	return parseHandshake(`${stdout}\n${stderr}`);
}

export type Answer = {status: number; version: string; location: string; headers: ReadonlyMap<string, readonly string[]>; words: string};

/** The last answer's headers, names in small letters. */
export function parseHeaders(text: string): ReadonlyMap<string, readonly string[]> {
	const headers = new Map<string, string[]>();
	for (const line of text.split(/\r?\n/)) {
		const [, name, value] = /^(?<name>[\w-]+):\s*(?<value>.*)$/.exec(line) ?? [];
		if (name !== undefined && value !== undefined) {
			headers.set(name.toLowerCase(), [...headers.get(name.toLowerCase()) ?? [], value]);
		}
	}

	return headers;
}

/** One request, no redirect followed. The certificate is judged elsewhere. */
export async function request(host: Host, url: string, family = '127.0.0.1'): Promise<Answer> {
	const {stdout, stderr} = await host.run([
		'curl', '--silent', '--show-error', '--insecure', '--max-time', '20', '--noproxy', '*', '--connect-to', `::${family}:`,
		'--output', '/dev/null', '--dump-header', '-', '--write-out', String.raw`\n%{http_code} %{http_version} %{redirect_url}`, url,
	], {timeout: 30_000});
	const lines = stdout.split('\n');
	const [status = '0', version = '', location = ''] = (lines.at(-1) ?? '').split(' ');
	return {status: Number(status), version, location, headers: parseHeaders(stdout), words: stderr.trim()};
}

/** As it stands in a URL. */
export function inUrl(name: string): string {
	return isIP(name) === 6 ? `[${name}]` : name;
}
