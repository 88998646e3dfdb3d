import {posix} from 'node:path';
import {renewalHook, selfSigned, selfSignedName} from '../../source/engine/certificate.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {defaultListensFor, listensFor} from '../web/listen.ts';
import {file, folder, reloadNginx, serverNames} from '../web/site.ts';
import {hstsResources} from './hsts.ts';
import {assertPossible, hasHttp2Directive, wanted, type Wanted} from './settings.ts';

function script(name: string, content: string, why: string): Resource<'file'> {
	return {type: 'file', name, desired: {content, mode: 0o755, owner: 'root', group: 'root'}, why};
}

/** The certificate, and what renews it. */
function certificate({names, directory, certificate: name, email, caFile}: Wanted): readonly Resource[] {
	if (directory === selfSigned) {
		return [
			{type: 'package', name: 'openssl', desired: {installed: true}, why: t('Makes the certificate.')},
			{type: 'certificate', name, desired: {domains: names, directory, keyType: 'ecdsa'}, why: t('Encrypts, but nobody vouches for it: browsers will warn.'), reload: reloadNginx},
		];
	}

	const dropIn = '/etc/systemd/system/certbot.service.d/50-harden-python-vps.conf';
	return [
		{type: 'package', name: 'certbot', desired: {installed: true}, why: t('Gets the certificate, and renews it from then on.')},
		{type: 'package', name: 'openssl', desired: {installed: true}, why: t('Looks at certificates.')},
		script(renewalHook, snippet('https/harden-certificate-renewed'), t('After a renewal, Nginx takes the new certificate.')),
		...caFile === undefined ? [
			{type: 'file', name: dropIn, desired: null, why: t('Renewals need to trust no authority of your own any more.')} as const,
		] : [
			folder(posix.dirname(dropIn), t('For settings of the renewal.')),
			{type: 'file', name: dropIn, desired: {content: snippet('systemd/certbot.service.d/50-harden-python-vps.conf', {caFile}), mode: 0o644, owner: 'root', group: 'root'}, why: t('Renewals trust your own authority.')} as const,
		],
		{type: 'acme-account', name: directory, desired: {...email !== undefined && {email}, ...caFile !== undefined && {caFile}}, why: t('The authority knows its customers by a key. With it you accept its terms.')},
		{type: 'certificate', name, desired: {domains: names, directory, keyType: 'ecdsa', ...caFile !== undefined && {caFile}}, why: t('The proof of who you are; renewed by itself.'), reload: reloadNginx},
		{type: 'unit', name: 'certbot.timer', desired: {enabled: true, active: true, masked: false}, why: t('Looks twice a day whether it is time to renew.')},
	];
}

/** Strangers who ask for no name or a wrong one. A site that has no name itself has to answer them. */
function unknownNames(facts: Facts, {web}: Wanted): readonly Resource[] {
	const listens = defaultListensFor(facts, 443);
	const name = '/etc/nginx/conf.d/01-harden-tls.conf';
	return web.domains.length === 0 || listens.length === 0 ? [
		{type: 'file', name, desired: null, why: t('Another site answers unknown names.'), reload: reloadNginx},
	] : [
		file(name, snippet('nginx/conf.d/01-harden-tls.conf', {listens: listens.map(listen => `${listen} ssl${hasHttp2Directive(facts) ? '' : ' http2'} default_server`)}), t('No certificate for names that are not served here.')),
	];
}

function site(facts: Facts, want: Wanted): readonly Resource[] {
	const {app, web, files} = want;
	const {nginx} = layoutOf(app);
	const http2Directive = hasHttp2Directive(facts);
	const isDefault = (listen: string) => web.domains.length === 0 && defaultListensFor(facts, 443).includes(listen);
	const listens = listensFor(facts, 443).map(listen => [listen, 'ssl', ...http2Directive ? [] : ['http2'], ...isDefault(listen) ? ['default_server'] : []].join(' '));
	return [
		file(`${nginx}/tls.d/10-tls.conf`, snippet('nginx/harden/tls.d/10-tls.conf', {name: app}), t('TLS as Mozilla advises.')),
		...unknownNames(facts, want),
		file(`/etc/nginx/sites-available/${app}-tls`, snippet('nginx/sites-available/vhost-tls', {name: app, folder: nginx, listens, http2Directive, names: serverNames(web), ...files}), t('The app, on port 443.')),
		{type: 'file', name: `/etc/nginx/sites-enabled/${app}-tls`, desired: {link: `/etc/nginx/sites-available/${app}-tls`}, why: t('Switches it on.'), reload: reloadNginx},
	];
}

/** In an order in which Nginx accepts what is there after each: first what is served, last who is sent there. */
export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const want = wanted(facts, answers);
	if (!want) {
		return [];
	}

	assertPossible(facts, want);
	const {nginx} = layoutOf(want.app);
	return [
		{type: 'package', name: 'curl', desired: {installed: true}, why: t('Asks the site what a browser would ask.')},
		...certificate(want),
		...site(facts, want),
		...hstsResources(want),
		file(`${nginx}/http.d/10-redirect.conf`, snippet('nginx/harden/http.d/10-redirect.conf', {name: want.app}), t('Whoever comes over http is sent on to https.')),
		...want.directory === selfSigned ? [] : [
			{type: 'certificate', name: selfSignedName(want.app), desired: null, why: t('The self-signed one is not needed any more.')} as const,
		],
	];
}
