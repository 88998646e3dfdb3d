import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {bridge} from './addresses.ts';
import {makeAuthority, makeServer} from './certificates.ts';
import type {Network} from './network.ts';
import {ownDisk} from './owner.ts';
import type {Server} from './server.ts';

/** Who is told of alerts (HTTPS), and a central log (syslog over TLS), on the network's bridge. They end with their network. */

const program = path.join(import.meta.dirname, 'listener.mjs');
const webPort = 8443;
export const logPort = 6514;
export const logName = 'logs.example.test';

export type Message = {path: string; authorization?: string; title?: string; priority?: string; body: string};

export type Receiver = {
	/** Where messages go, with a secret path. */
	webhook: string;
	/** What may not be told anywhere. */
	secret: string;
	/** The authority that signed its certificate, and one that did not: PEM. */
	ca: string;
	otherCa: string;
	messages(): Promise<readonly Message[]>;
	/** Everything of the log that has come. */
	log(): Promise<string>;
	/** A status, or `away`: connections break. */
	answer(mood: '200' | '302' | '500' | 'away'): Promise<void>;
	/** Lets the server find the central log by its name. */
	name(server: Server): Promise<void>;
};

async function certificates(folder: string): Promise<void> {
	for (const name of ['ca', 'other']) {
		await makeAuthority(folder, name, `${name} of the lab`);
	}

	await makeServer(folder, 'receiver', [`IP:${bridge.ipv4}`, `DNS:${logName}`]);
}

export async function startReceiver(network: Network): Promise<Receiver> {
	const folder = ownDisk(network.id, 'receiver');
	await mkdir(folder, {recursive: true});
	await certificates(folder);
	const at = (name: string) => path.join(folder, name);
	await network.serve([process.execPath, program, folder, bridge.ipv4, String(webPort), String(logPort)]);
	const secret = 'T0pS3cr3tT0ken';
	const text = async (name: string) => readFile(at(name), 'utf8').catch(() => '');
	return {
		webhook: `https://${bridge.ipv4}:${webPort}/hook/${secret}`,
		secret,
		ca: await text('ca.pem'),
		otherCa: await text('other.pem'),
		messages: async () => (await text('messages')).split('\n').filter(Boolean).map(line => JSON.parse(line) as Message),
		log: async () => text('log'),
		answer: async mood => mood === '200' ? rm(at('mood'), {force: true}) : writeFile(at('mood'), mood),
		async name(server) {
			await server.run(['sh', '-c', `echo '${bridge.ipv4} ${logName}' >>/etc/hosts`]);
		},
	};
}
