/* eslint no-template-curly-in-string: off -- nginx writes variables so */
import test from 'ava';
import {isPackagePage, namedPlaces, parseListen, parseNginx} from '../../source/engine/nginx-config.ts';

test('directives, blocks, quotes, comments, variables, regular expressions', t => {
	t.deepEqual(parseNginx('user www-data; # me\nhttp {\n\tlog_format a \'$x "y; {z}"\';\n\tserver { listen 80; location ~ "\\.php{2}$" { return 404; } set $a ${b}c; }\n}'), [
		{name: 'user', words: ['www-data']},
		{name: 'http', words: [], block: [
			{name: 'log_format', words: ['a', '$x "y; {z}"']},
			{name: 'server', words: [], block: [
				{name: 'listen', words: ['80']},
				{name: 'location', words: ['~', String.raw`\.php{2}$`], block: [{name: 'return', words: ['404']}]},
				{name: 'set', words: ['$a', '${b}c']},
			]},
		]},
	]);
});

test('what is broken is read as far as it goes', t => {
	t.deepEqual(parseNginx('server { listen 80;'), [{name: 'server', words: [], block: [{name: 'listen', words: ['80']}]}]);
	t.deepEqual(parseNginx('} } a b; }'), [{name: 'a', words: ['b']}]);
	t.deepEqual(parseNginx('a "b'), []);
	t.deepEqual(parseNginx(''), []);
	t.is(parseNginx('x;'.repeat(20_000)).length, 20_000);
});

const listens: ReadonlyArray<[string, ReturnType<typeof parseListen>]> = [
	['80', {address: '*', port: 80, defaultServer: false, both: false}],
	['[::]:80 default_server ipv6only=off', {address: '[::]', port: 80, defaultServer: true, both: true}],
	['*:8080', {address: '*', port: 8080, defaultServer: false, both: false}],
	['203.0.113.7:443 ssl http2', {address: '203.0.113.7', port: 443, defaultServer: false, both: false}],
	['203.0.113.7', {address: '203.0.113.7', port: 80, defaultServer: false, both: false}],
	['[2001:DB8::1]', {address: '[2001:db8::1]', port: 80, defaultServer: false, both: false}],
	['localhost:8000', {address: 'localhost', port: 8000, defaultServer: false, both: false}],
	['unix:/run/x.sock', undefined],
	['$port', undefined],
];

for (const [words, expected] of listens) {
	test(`listen ${words}`, t => {
		t.deepEqual(parseListen(words.split(' ')), expected);
	});
}

test('the page of the package, as it comes and no other', t => {
	const page = 'server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n\t# root elsewhere\n\troot /var/www/html;\n\tindex index.html index.htm index.nginx-debian.html;\n\tserver_name _;\n\tlocation / {\n\t\ttry_files $uri $uri/ =404;\n\t}\n}\n';
	t.true(isPackagePage(parseNginx(page)));
	t.false(isPackagePage(parseNginx(page.replace('/var/www/html', '/srv/mine'))));
	t.false(isPackagePage(parseNginx(page.replace('server_name _', 'server_name mine.example'))));
	t.false(isPackagePage(parseNginx(page + page)));
	t.false(isPackagePage(parseNginx('')));
});

test('what a configuration names on the disk', t => {
	const {reads, writes, sockets} = namedPlaces(parseNginx(`
		error_log /srv/logs/error.log warn;
		http {
			fastcgi_cache_path /data/cache levels=1:2 keys_zone=a:10m;
			upstream php { server unix:/run/php/fpm.sock weight=2; server 127.0.0.1:9000; }
			server {
				listen unix:/run/front.sock;
				root /srv/sites/$host/public;
				ssl_certificate /etc/pki/a.pem;
				access_log syslog:server=unix:/dev/log;
				location /static/ { alias "/home/me/my site/"; }
				location /api { proxy_pass http://unix:/run/api.sock:/v1/; error_page 404 /404.html; try_files /x =404; root html; }
				location ~ ^/(a|b)$ { auth_basic_user_file /etc/passwords; rewrite ^/a /b; return 301 /c; }
			}
		}
	`));
	t.deepEqual([...reads].toSorted(), ['/etc/passwords', '/etc/pki/a.pem', '/home/me/my site', '/srv/sites']);
	t.deepEqual(writes, ['/srv/logs/error.log', '/data/cache']);
	t.deepEqual([...sockets].toSorted(), ['/dev/log', '/run/api.sock', '/run/front.sock', '/run/php/fpm.sock']);
});
