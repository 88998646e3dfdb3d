import {mkdir, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {bridge} from './addresses.ts';
import {makeAuthority, makeServer} from './certificates.ts';
import type {Network} from './network.ts';
import {ownDisk} from './owner.ts';
import type {Server} from './server.ts';

/** Storage that speaks S3 over TLS, on the network's bridge: s3rver, from npm. Ends with its network. */

const port = 9443;
const program = path.join(import.meta.dirname, '../../node_modules/s3rver/bin/s3rver.js');

export type Storage = {
	/** As restic writes it. */
	repository: string;
	credentials: Readonly<Record<string, string>>;
	/** Where the objects lie on this machine. */
	folder: string;
	/** Lets the server trust the certificate, as it does those of real companies. */
	trust(server: Server): Promise<void>;
	/** All data packs of the bucket. */
	packs(): Promise<readonly string[]>;
};

async function certificate(folder: string): Promise<{key: string; cert: string; ca: string}> {
	const at = (name: string) => path.join(folder, name);
	await makeAuthority(folder, 'ca', 'Storage of the lab');
	await makeServer(folder, 'storage', [`IP:${bridge.ipv4}`]);
	return {key: at('server.key'), cert: at('server.pem'), ca: at('ca.pem')};
}

export async function startStorage(network: Network): Promise<Storage> {
	const place = ownDisk(network.id, 'storage');
	const folder = path.join(place, 'objects');
	await mkdir(folder, {recursive: true});
	const {key, cert, ca} = await certificate(place);
	await network.serve([process.execPath, program, '--directory', folder, '--address', bridge.ipv4, '--port', String(port), '--key', key, '--cert', cert, '--silent']);
	return {
		repository: `s3:https://${bridge.ipv4}:${port}/backups`,
		credentials: {AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER'},
		folder,
		async trust(server) {
			await server.write('/usr/local/share/ca-certificates/storage.crt', await readFile(ca));
			await server.run(['update-ca-certificates']);
		},
		async packs() {
			const data = path.join(folder, 'backups', 'data');
			const names = await readdir(data, {recursive: true, withFileTypes: true});
			return names.filter(entry => entry.isFile() && entry.name.endsWith('_object')).map(entry => path.join(entry.parentPath, entry.name));
		},
	};
}
