import test from 'ava';
import type {Host} from '../../../source/engine/types.ts';
import {collectWeb} from '../../../source/host/facts/web.ts';
import {emptyHost} from '../../empty-host.ts';

function hostWith(files: Readonly<Record<string, string>>): Host {
	return {
		...emptyHost,
		run: async argv => argv[0] === 'realpath' ? {exitCode: 0, stdout: argv.slice(argv.indexOf('--') + 1).join('\0'), stderr: ''} : {exitCode: 1, stdout: '', stderr: ''},
		read: async path => files[path],
		list: async path => Object.keys(files).filter(file => file.startsWith(`${path}/`) && !file.slice(path.length + 1).includes('/')).map(file => file.slice(path.length + 1)),
	};
}

test('without nginx there is nothing', async t => {
	const {installed, servers, settings, includes} = await collectWeb(hostWith({}));
	t.deepEqual({installed, servers, settings, includes}, {installed: false, servers: [], settings: [], includes: []});
});

test('includes are followed wherever they stand, of ours nothing, and never for ever', async t => {
	const web = await collectWeb(hostWith({
		'/etc/nginx/nginx.conf': `
			user www-data;
			include /etc/nginx/modules-enabled/*.conf;
			events { worker_connections 768; }
			http {
				sendfile on;
				include mime.types;
				include /etc/nginx/conf.d/*.conf;
				include sites-enabled/*;
			}`,
		'/etc/nginx/mime.types': 'types { text/html html; }',
		'/etc/nginx/modules-enabled/50-stream.conf': 'load_module modules/ngx_stream_module.so;',
		'/etc/nginx/conf.d/loop.conf': 'gzip on; include conf.d/loop.conf;',
		'/etc/nginx/conf.d/harden.conf': '# Written by harden-python-vps\nserver_tokens off;',
		'/etc/nginx/sites-enabled/blog': 'server { listen 8080; server_name blog.example; include snippets/shared.conf; }\nserver { root /srv/second; }',
		'/etc/nginx/sites-enabled/.hidden': 'server { listen 1; }',
		'/etc/nginx/snippets/shared.conf': 'root /srv/blog; location /api { proxy_pass http://unix:/run/blog.sock; } access_log /var/log/blog.log;',
	}));
	t.true(web.installed);
	t.deepEqual(web.includes, ['/etc/nginx/mime.types', '/etc/nginx/conf.d/*.conf', '/etc/nginx/sites-enabled/*']);
	t.deepEqual(web.settings, ['gzip', 'sendfile', 'server']);
	t.deepEqual(web.servers.map(({file, names, listens}) => [file, names, listens.map(({port}) => port)]), [
		['/etc/nginx/sites-enabled/blog', ['blog.example'], [8080]],
		['/etc/nginx/sites-enabled/blog', [], [80]],
	]);
	t.deepEqual(web.places, {reads: ['/srv/blog', '/srv/second'], writes: ['/var/log/blog.log'], sockets: ['/run/blog.sock']});
});
