/**
 * A certificate authority and the names it believes in, on a network of the lab: Pebble, which speaks ACME as Let's Encrypt
 * does, and dnsmasq, which knows the names that a test gives it and asks nobody else.
 */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {bridge, type Addresses} from './addresses.ts';
import {command, waitFor} from './command.ts';
import {installMissing} from './host.ts';
import type {Network} from './network.ts';
import {ownDisk} from './owner.ts';

const programs: Record<string, string> = {
	'/usr/bin/pebble': 'pebble',
	'/usr/sbin/dnsmasq': 'dnsmasq-base',
	'/usr/bin/openssl': 'openssl',
	'/usr/bin/curl': 'curl',
};

/** What the world says of a name. `authorities`: who may issue for it (CAA); absent means everybody. */
export type Name = Addresses & {authorities?: readonly string[]};

export type Authority = {
	/** Where an ACME client begins. */
	directory: string;
	/** The certificate of whoever signed the authority's own server: what a client needs to trust it. PEM. */
	serverCa: string;
	/** A file of this machine with the root of what it issues, for judges. */
	rootFile: string;
	/** Changes what the names resolve to, from now on. */
	setNames(names: Readonly<Record<string, Name>>): Promise<void>;
};

/** What Pebble calls itself in CAA records and in its directory. */
export const authorityName = 'pebble.letsencrypt.org';

/** dnsmasq has no word for CAA: number 257, flags, the length of the tag, the tag, the value (RFC 8659). */
function caaRecord(name: string, value: string): string {
	return `dns-rr=${name},257,${Buffer.from(`\0\u0005issue${value}`, 'latin1').toString('hex')}`;
}

function nameLines(names: Readonly<Record<string, Name>>): string {
	const lines = Object.entries(names).flatMap(([name, {ipv4, ipv6, authorities = []}]) => [
		`host-record=${[name, ipv4, ipv6].filter(Boolean).join(',')}`,
		...authorities.map(authority => caaRecord(name, authority)),
	]);
	// No upstream, and an answer for everything: a name that nobody gave is a name that does not exist.
	return ['no-resolv', 'no-hosts', 'bind-interfaces', `listen-address=${bridge.ipv4},${bridge.ipv6}`, 'local=/#/', 'user=root', 'pid-file', 'cache-size=0', ...lines].join('\n') + '\n';
}

/** The authority's own certificate, by a CA made for this network. */
async function makeServerCertificate(folder: string): Promise<void> {
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '30'];
	await command(['openssl', 'req', '-x509', ...key, '-subj', '/CN=The lab', '-keyout', 'ca.key', '-out', 'ca.pem'], {cwd: folder});
	await command(['openssl', 'req', '-x509', ...key, '-subj', '/CN=acme', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', `subjectAltName=IP:${bridge.ipv4}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', 'server.key', '-out', 'server.pem'], {cwd: folder});
}

/** Starts both on the network's bridge, where every server there looks for its name server anyway. They end with the network. */
export async function startAuthority(network: Network, names: Readonly<Record<string, Name>>): Promise<Authority> {
	await installMissing(programs);
	const folder = ownDisk(network.id, 'acme');
	await mkdir(folder, {recursive: true});
	await makeServerCertificate(folder);
	const [acme, management] = [`${bridge.ipv4}:14000`, `${bridge.ipv4}:15000`];
	const settings = {pebble: {
		listenAddress: acme,
		managementListenAddress: management,
		certificate: path.join(folder, 'server.pem'),
		privateKey: path.join(folder, 'server.key'),
		httpPort: 80,
		tlsPort: 443,
	}};
	await writeFile(path.join(folder, 'pebble.json'), JSON.stringify(settings));
	await network.serve(['pebble', '-config', path.join(folder, 'pebble.json'), '-dnsserver', `${bridge.ipv4}:53`], {PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0'});
	const rootFile = path.join(folder, 'root.pem');
	await waitFor('the certificate authority to answer', async () => {
		const {stdout} = await network.run(['curl', '--silent', '--fail', '--max-time', '5', '--cacert', path.join(folder, 'ca.pem'), `https://${management}/roots/0`]);
		await writeFile(rootFile, `${stdout}\n`);
		return true;
	});
	const authority = {
		directory: `https://${acme}/dir`,
		serverCa: await readFile(path.join(folder, 'ca.pem'), 'utf8'),
		rootFile,
		setNames: async (next: Readonly<Record<string, Name>>) => serveNames(network, folder, next),
	};
	await authority.setNames(names);
	return authority;
}

/** A name server with these names in place of the one before. */
async function serveNames(network: Network, folder: string, names: Readonly<Record<string, Name>>): Promise<void> {
	const [file, pidFile] = [path.join(folder, 'names.conf'), path.join(folder, 'names.pid')];
	await writeFile(file, nameLines(names).replace('pid-file', `pid-file=${pidFile}`));
	const before = await readFile(pidFile, 'utf8').catch(() => undefined);
	if (before !== undefined) {
		process.kill(Number(before));
	}

	await network.serve(['dnsmasq', '--keep-in-foreground', `--conf-file=${file}`]);
	const [first = 'localhost'] = Object.keys(names);
	await waitFor('the name server to answer', async () => {
		const {stdout} = await network.run(['dig', '+short', '+tries=1', '+time=1', `@${bridge.ipv4}`, first, 'ANY']);
		return stdout !== '' && await readFile(pidFile, 'utf8') !== before;
	});
}
