/** Runs on a client of the lab: somebody of the staff in the admin site of the Django sample, at a browser. A task from standard input, statuses by what was done as JSON to standard output. */
import {readFileSync} from 'node:fs';
import http from 'node:http';

const {address, host, user, password, texts, files} = JSON.parse(readFileSync(0, 'utf8'));
const cookies = new Map();

async function ask(method, path, {type, body = ''} = {}) {
	const headers = {
		host,
		'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
		accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
		'accept-language': 'en-US,en;q=0.5',
		referer: `http://${host}/admin/`,
		cookie: [...cookies].map(pair => pair.join('=')).join('; '),
		...type && {'content-type': type, 'content-length': Buffer.byteLength(body)},
	};
	return new Promise((resolve, reject) => {
		const request = http.request({host: address, port: 80, path, method, headers, agent: false, timeout: 60_000}, answer => {
			for (const line of answer.headers['set-cookie'] ?? []) {
				const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
				cookies.set(name, value);
			}

			const chunks = [];
			answer.on('data', chunk => {
				chunks.push(chunk);
			});
			answer.on('end', () => {
				resolve({status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8')});
			});
		});
		request.on('timeout', () => {
			request.destroy(new Error('no answer within 60 s'));
		});
		request.on('error', reject);
		request.end(body);
	});
}

/** A form as a browser sends it: its page first, for the token. The form is multipart where there is a file. */
async function send(path, fields, file) {
	const page = await ask('GET', path);
	const [, token = ''] = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.body) ?? [];
	const all = {csrfmiddlewaretoken: token, ...fields};
	if (file === undefined) {
		return (await ask('POST', path, {type: 'application/x-www-form-urlencoded', body: new URLSearchParams(all).toString()})).status;
	}

	const boundary = '---------------------------31415926535897932384626433832795';
	const parts = Object.entries(all).map(([name, value]) => Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
	const head = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="picture"; filename="${file.name}"\r\nContent-Type: ${file.type}\r\n\r\n`);
	const body = Buffer.concat([...parts, head, Buffer.from(file.content, 'base64'), Buffer.from(`\r\n--${boundary}--\r\n`)]);
	return (await ask('POST', path, {type: `multipart/form-data; boundary=${boundary}`, body})).status;
}

const statuses = {login: await send('/admin/login/?next=/admin/', {username: user, password, next: '/admin/'})};
const none = {name: '', type: 'application/octet-stream', content: ''};
for (const text of texts) {
	statuses[text] = await send('/admin/shop/product/add/', {name: text.slice(0, 90), description: text, _save: 'Save'}, none);
}

for (const file of files) {
	statuses[file.name] = await send('/admin/shop/product/add/', {name: file.name, description: '', _save: 'Save'}, file);
}

statuses.search = (await ask('GET', '/admin/shop/product/?q=o%27brien&o=1')).status;
statuses['an attack on the search'] = (await ask('GET', '/admin/shop/product/?q=1%27%20OR%20%271%27=%271')).status;
statuses['an attack on the login'] = await send('/admin/login/', {username: '\' OR 1=1 -- ', password: 'x'});
console.log(JSON.stringify(statuses));
