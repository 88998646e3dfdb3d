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

/** A receiver that is away has let go of its connections, and takes no new one. */
const sockets = new Set();
const log = tls.createServer({key, cert}, socket => {
	sockets.add(socket);
	socket.on('close', () => sockets.delete(socket));
	socket.on('data', data => appendFileSync(at('log'), data));
	socket.on('error', () => socket.destroy());
});
log.listen(Number(logPort), address);
setInterval(() => {
	const isAway = mood() === 'away';
	if (isAway && log.listening) {
		log.close();
		for (const socket of sockets) {
			socket.destroy();
		}
	} else if (!isAway && !log.listening) {
		log.listen(Number(logPort), address);
	}
}, 200);
