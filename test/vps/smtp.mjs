/**
 * A mail server, as real as it takes: ESMTP with STARTTLS, and TLS from the first byte, on two ports; who logs in may send. It
 * writes down each login and each mail as a line of JSON into FOLDER/mail, and knows one login, of FOLDER/login. FOLDER/mood
 * says how it is: `away` breaks connections, `open` offers no TLS, `slow` says nothing until that is over. Run by
 * test/vps/receiver.ts.
 */
import {appendFileSync, readFileSync} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import tls from 'node:tls';

const [folder, address, startTlsPort, tlsPort] = process.argv.slice(2);
const at = name => path.join(folder, name);
const credentials = {key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem'))};
const note = entry => appendFileSync(at('mail'), JSON.stringify(entry) + '\n');

function mood() {
	try {
		return readFileSync(at('mood'), 'utf8').trim();
	} catch {
		return '';
	}
}

/** One client, from its first line on; after STARTTLS it begins anew. */
function serve(socket, encrypted) {
	let rest = '';
	let user;
	let mail;
	let data;
	const say = (...lines) => socket.write(lines.map(line => `${line}\r\n`).join(''));
	const commands = {
		ehlo: () => say('250-mail.example.test', ...encrypted ? ['250-AUTH PLAIN'] : (mood() === 'open' ? [] : ['250-STARTTLS']), '250 8BITMIME'),
		starttls() {
			socket.removeAllListeners('data');
			say('220 go on');
			serve(new tls.TLSSocket(socket, {isServer: true, ...credentials}), true);
		},
		auth(words) {
			const [, name, password] = Buffer.from(words[1] ?? '', 'base64').toString().split('\0');
			const isRight = encrypted && `${name} ${password}` === readFileSync(at('login'), 'utf8').trim();
			note({type: 'login', user: name, encrypted, isRight});
			user = isRight ? name : undefined;
			say(isRight ? '235 welcome' : '535 5.7.8 authentication failed');
		},
		mail(words) {
			mail = {from: words.join(' '), to: []};
			say(user ? '250 ok' : '530 log in first');
		},
		rcpt(words) {
			mail.to.push(words.join(' '));
			say('250 ok');
		},
		data() {
			data = [];
			say('354 go on');
		},
		quit() {
			say('221 bye');
			socket.end();
		},
	};
	const take = line => {
		if (data && line === '.') {
			note({type: 'mail', encrypted, user, ...mail, data: data.join('\n')});
			data = undefined;
			say('250 taken');
		} else if (data) {
			data.push(line.replace(/^\./, ''));
		} else {
			const [verb, ...words] = line.split(' ');
			const command = commands[verb.toLowerCase()];
			if (command) {
				command(words);
			} else {
				say('502 not here');
			}
		}
	};

	socket.on('error', () => socket.destroy());
	socket.on('data', chunk => {
		const lines = (rest + chunk.toString()).split('\r\n');
		rest = lines.pop();
		for (const line of lines) {
			take(line);
		}
	});
	return say;
}

const greet = encrypted => socket => {
	if (mood() === 'away') {
		socket.destroy();
		return;
	}

	const say = serve(socket, encrypted);
	const waiting = setInterval(() => {
		if (mood() !== 'slow') {
			clearInterval(waiting);
			say('220 mail.example.test ESMTP');
		}
	}, 20);
};

net.createServer(greet(false)).listen(Number(startTlsPort), address);
tls.createServer(credentials, greet(true)).on('tlsClientError', () => undefined).listen(Number(tlsPort), address);
