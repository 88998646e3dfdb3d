import {copyFile, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {bridge} from './addresses.ts';
import {makeAuthority, makeServer} from './certificates.ts';
import type {Network} from './network.ts';
import {ownDisk} from './owner.ts';
import type {Server} from './server.ts';

/** Who is told of alerts (HTTPS, and SMTP with TLS), and a central log (syslog over TLS), on the network's bridge. They end with their network. */

const program = path.join(import.meta.dirname, 'listener.mjs');
const mailProgram = path.join(import.meta.dirname, 'smtp.mjs');
const webPort = 8443;
export const logPort = 6514;
export const logName = 'logs.example.test';
export const mailName = 'mail.example.test';
/** As on the internet: STARTTLS, and TLS from the beginning. */
export const mailPorts = {startTls: 587, tls: 465} as const;

export type Message = {path: string; authorization?: string; title?: string; priority?: string; body: string};

export type MailEvent =
	| {type: 'login'; user: string; encrypted: boolean; isRight: boolean}
	| {type: 'mail'; user: string; encrypted: boolean; from: string; to: readonly string[]; data: string};

export type Mailbox = {
	login: {user: string; password: string};
	/** Logins and mails so far. */
	events(): Promise<readonly MailEvent[]>;
	/** `away`: connections break; `open`: it offers no TLS; `slow`: it says nothing as long as that lasts. */
	mood(mood: '' | 'away' | 'open' | 'slow'): Promise<void>;
};

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
	mail: Mailbox;
	/** Lets the server find the central log and the mail server by their names. */
	name(server: Server): Promise<void>;
};

async function certificates(folder: string): Promise<void> {
	for (const name of ['ca', 'other']) {
		await makeAuthority(folder, name, `${name} of the lab`);
	}

	await makeServer(folder, 'receiver', [`IP:${bridge.ipv4}`, `DNS:${logName}`, `DNS:${mailName}`]);
}

/** A mail server for one login, on an address of this machine or of a network of the lab; its certificate lies in the folder already. */
export async function startMailbox(folder: string, address: string, serve: (argv: readonly string[]) => Promise<unknown>, ports: {startTls: number; tls: number} = mailPorts): Promise<Mailbox> {
	const at = (name: string) => path.join(folder, name);
	const login = {user: 'alerts@example.test', password: 'M4il & "P4ss"'};
	await writeFile(at('login'), `${login.user} ${login.password}\n`);
	await serve([process.execPath, mailProgram, folder, address, String(ports.startTls), String(ports.tls)]);
	return {
		login,
		events: async () => (await readFile(at('mail'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map(line => JSON.parse(line) as MailEvent),
		mood: async mood => writeFile(at('mood'), mood),
	};
}

export async function startReceiver(network: Network): Promise<Receiver> {
	const folder = ownDisk(network.id, 'receiver');
	await mkdir(folder, {recursive: true});
	await certificates(folder);
	const at = (name: string) => path.join(folder, name);
	await network.serve([process.execPath, program, folder, bridge.ipv4, String(webPort), String(logPort)]);
	const secret = 'T0pS3cr3tT0ken';
	const text = async (name: string) => readFile(at(name), 'utf8').catch(() => '');
	// Its mood is its own.
	const mailFolder = at('smtp');
	await mkdir(mailFolder);
	await Promise.all(['server.key', 'server.pem'].map(async name => copyFile(at(name), path.join(mailFolder, name))));
	const mail = await startMailbox(mailFolder, bridge.ipv4, async argv => network.serve(argv));
	return {
		mail,
		webhook: `https://${bridge.ipv4}:${webPort}/hook/${secret}`,
		secret,
		ca: await text('ca.pem'),
		otherCa: await text('other.pem'),
		messages: async () => (await text('messages')).split('\n').filter(Boolean).map(line => JSON.parse(line) as Message),
		log: async () => text('log'),
		answer: async mood => mood === '200' ? rm(at('mood'), {force: true}) : writeFile(at('mood'), mood),
		async name(server) {
			await server.run(['sh', '-c', `echo '${bridge.ipv4} ${logName} ${mailName}' >>/etc/hosts`]);
		},
	};
}
