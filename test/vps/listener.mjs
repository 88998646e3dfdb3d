/**
 * Who is told, and where the log goes, as real as it takes: an HTTPS server that writes down each message, a TLS server that
 * writes down each line. Run by test/vps/receiver.ts in the lab's network. FOLDER/mood says how it answers: a status, or `away`.
 */
import {appendFileSync, readFileSync} from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import process from 'node:process';
import tls from 'node:tls';

const [folder, address, webPort, logPort] = process.argv.slice(2);
const at = name => path.join(folder, name);
const key = readFileSync(at('server.key'));
const cert = readFileSync(at('server.pem'));

function mood() {
	try {
		return readFileSync(at('mood'), 'utf8').trim();
	} catch {
		return '200';
	}
}

https.createServer({key, cert}, (request, response) => {
	const chunks = [];
	request.on('data', chunk => chunks.push(chunk));
	request.on('end', () => {
		const now = mood();
		if (now === 'away') {
			request.socket.destroy();
			return;
		}

		if (now === '200') {
			const {authorization, title, priority} = request.headers;
			appendFileSync(at('messages'), JSON.stringify({path: request.url, authorization, title, priority, body: Buffer.concat(chunks).toString()}) + '\n');
		}

		response.writeHead(Number(now), now === '302' ? {location: '/elsewhere'} : {});
		response.end('ok');
	});
}).listen(Number(webPort), address);

const sockets = new Set();
tls.createServer({key, cert}, socket => {
	if (mood() === 'away') {
		socket.destroy();
		return;
	}

	sockets.add(socket);
	socket.on('close', () => sockets.delete(socket));
	socket.on('data', data => appendFileSync(at('log'), data));
	socket.on('error', () => socket.destroy());
}).listen(Number(logPort), address);
setInterval(() => {
	if (mood() === 'away') {
		for (const socket of sockets) {
			socket.destroy();
		}
	}
}, 200);
