import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import * as ofRoot from '../of-root.ts';
import {defaultListensFor, hasOtherDefault, listensFor, packageSite} from './listen.ts';
import {headersFor} from './policy.ts';

/** The site in nginx's files: pure. Written in an order in which nginx accepts what is there after each single file. */

export type Web = NonNullable<Answers['web']>;

/** Asked before each reload, so that a file of somebody else's that nginx does not accept is found before it does harm. */
export const reloadNginx: Reload = {unit: 'nginx.service', action: 'reload', validate: ['nginx', '-t']};

/** Without a domain the app answers to every address that leads here, so that it can be tried; `localhost` is for the server itself. */
export function serverNames({domains}: Web): string {
	return domains.length > 0 ? domains.join(' ') : String.raw`localhost "~^\d{1,3}(?:\.\d{1,3}){3}$" "~^\[[\da-f:.]+\]$"`;
}

export function file(name: string, content: string, why: string): Resource<'file'> {
	return {...ofRoot.file(name, content, why), reload: reloadNginx};
}

export function folder(name: string, why: string): Resource<'directory'> {
	return ofRoot.folder(name, 0o755, why);
}

/** As nginx's own rotation leaves them (/etc/logrotate.d/nginx). */
export function log(name: string, why: string): Resource<'log'> {
	return {type: 'log', name, desired: {mode: 0o640, owner: 'www-data', group: 'adm'}, why};
}

export const unknownHostLog = '/var/log/nginx/harden-unknown-host.access.log';

/** Folders that others put their files into as well: the steps after this one, and the user. */
export function folders(name: string): readonly Resource[] {
	const {nginx} = layoutOf(name);
	const why = t('For what nginx is told of the app.');
	return [
		folder('/var/www/acme', t('For the proofs that certificates are given for.')),
		folder('/etc/nginx/harden', why),
		folder(nginx, why),
		...['headers.d', 'http.d', 'server.d', 'tls.d', 'pages'].map(part => folder(`${nginx}/${part}`, why)),
	];
}

/** Everything that nothing refers to yet. */
export function parts(web: Web, name: string): readonly Resource[] {
	const {nginx, socket, state, static: staticFolder, media, accessLog, errorLog} = layoutOf(name);
	const logWhy = t('Nobody but the administrators of this server reads who visited what.');
	return [
		...[accessLog, errorLog, unknownHostLog].map(path => log(path, logWhy)),
		file(`${nginx}/pages/unavailable.html`, snippet('nginx/harden/pages/unavailable.html'), t('What visitors see while the app does not answer.')),
		file(`${nginx}/headers.conf`, snippet('nginx/harden/headers.conf', {name, folder: nginx}), t('Security headers, on every answer.')),
		file(`${nginx}/app.conf`, snippet('nginx/harden/app.conf', {name, folder: nginx, socket, burst: web.requestsPerSecond * 20}), t('How the app is asked: what it hears of the client comes from here.')),
		file(`${nginx}/site.conf`, snippet('nginx/harden/site.conf', {name, folder: nginx, state, static: staticFolder, media}), t('The app, its files, and what nobody may see.')),
		file(`${nginx}/server.d/10-limits.conf`, snippet('nginx/harden/server.d/10-limits.conf', {name, folder: nginx, maxBodySize: web.maxBodySize, accessLog, errorLog}), t('Sizes and times that a request may take.')),
	];
}

/** Long names need more room in nginx's table of them; the setting may stand there once, and may be the user's. */
function bucketSize({web: {settings}}: Facts, {domains}: Web): string {
	const longest = Math.max(0, ...domains.map(name => name.length));
	return longest <= 40 || settings.includes('server_names_hash_bucket_size') ? '' : (longest <= 100 ? '128' : '512');
}

/** What all sites of ours share; it needs the place of the package's welcome page. */
export function shared(facts: Facts, web: Web): readonly Resource[] {
	const {web: found} = facts;
	const page: Resource<'file'> = {
		type: 'file',
		name: packageSite,
		desired: null,
		why: t('The welcome page of the package makes room.'),
		reload: reloadNginx,
		brought: {by: 'nginx-common', state: {link: '/etc/nginx/sites-available/default'}},
	};
	return [
		...!found.installed || found.packagePage ? [page] : [],
		file('/etc/nginx/conf.d/00-harden.conf', snippet('nginx/conf.d/00-harden.conf', {
			...headersFor(web),
			requestsPerSecond: web.requestsPerSecond,
			listens: defaultListensFor(facts, 80),
			unknownHostLog,
			headerTimeout: hasOtherDefault(facts, 80) && !found.settings.includes('client_header_timeout') ? '10s' : '',
			bucketSize: bucketSize(facts, web),
		}), t('Limits for floods, headers, and no answer to names that are not served here.')),
	];
}

/** The site itself, and what switches it on. */
export function site(facts: Facts, web: Web, name: string): readonly Resource[] {
	const {nginx} = layoutOf(name);
	return [
		file(`/etc/nginx/sites-available/${name}`, snippet('nginx/sites-available/vhost', {name, folder: nginx, listens: listensFor(facts, 80), names: serverNames(web)}), t('The app, on port 80.')),
		{type: 'file', name: `/etc/nginx/sites-enabled/${name}`, desired: {link: `/etc/nginx/sites-available/${name}`}, why: t('Switches the site on.'), reload: reloadNginx},
	];
}
