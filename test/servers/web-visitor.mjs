/** Runs on a client of the lab: what visitors, floods and slow attackers do to a web server. A task from standard input, its result as JSON to standard output. */
import {readFileSync} from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const task = JSON.parse(readFileSync(0, 'utf8'));
const {address, port = 80} = task;

/** One request on a connection of its own. `padding` bytes are appended to the body. */
async function request({path = '/', host, method = 'GET', headers = {}, body = '', padding = 0}) {
	return new Promise(resolve => {
		const content = padding > 0 ? Buffer.concat([Buffer.from(body), Buffer.alloc(padding, 'a')]) : Buffer.from(body);
		const length = content.length > 0 ? {'content-length': content.length} : {};
		const asked = http.request({host: address, port, path, method, agent: false, timeout: task.patience ?? 60_000, headers: {host, connection: 'close', ...length, ...headers}}, answer => {
			const chunks = [];
			answer.on('data', chunk => {
				chunks.push(chunk);
			});
			answer.on('error', error => {
				resolve({status: 0, error: error.message});
			});
			answer.on('end', () => {
				resolve({status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString('utf8')});
			});
		});
		asked.on('timeout', () => {
			asked.destroy(new Error('no answer within 60 s'));
		});
		asked.on('error', error => {
			resolve({status: 0, error: error.code ?? error.message});
		});
		asked.end(content);
	});
}

/** Stops at the first failure: a kernel that turns this client away does not answer the rest either. */
async function load({count, connections, ...what}) {
	const statuses = {};
	let left = count;
	await Promise.all(Array.from({length: connections}, async () => {
		while (left-- > 0) {
			const {status, error} = await request(what);
			left = error === undefined ? left : 0;
			const key = error ?? status;
			statuses[key] = (statuses[key] ?? 0) + 1;
		}
	}));
	return statuses;
}

/** Sends a header every second, and never the end of them. Seconds until the server hung up, one for each connection. */
async function slow({connections, host}) {
	return Promise.all(Array.from({length: connections}, async () => new Promise(resolve => {
		const began = Date.now();
		const socket = net.connect(port, address, () => {
			socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n`);
		});
		const timer = setInterval(() => {
			socket.write('X-Slow: 1\r\n');
		}, 1000);
		socket.on('data', () => undefined);
		socket.on('error', () => undefined);
		socket.on('close', () => {
			clearInterval(timer);
			resolve((Date.now() - began) / 1000);
		});
	})));
}

async function visits({requests}) {
	const answers = [];
	for (const one of requests) {
		answers.push(await request(one));
	}

	return answers;
}

const result = await ({load, slow, visits})[task.what](task);
console.log(JSON.stringify(result));
