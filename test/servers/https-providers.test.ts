import type {CertificateState} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {law} from '../law.ts';
import {startAuthority} from '../vps/acme.ts';
import {onServer} from '../vps/on-server.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {certificates} from '../vps/sets.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';
import {quiet, sh} from './with-providers.ts';

/** Certificates and accounts on real servers, against a real authority. */

onServer('certificates keep the law, obstacles are told before the authority is asked, and what somebody else made stays', {packages: certificates}, async (t, server) => {
	const {addresses} = server;
	const names = {'shop.example.test': addresses, 'www.example.test': addresses};
	const authority = await startAuthority(server.network, names);
	const providers = remoteProviders(await installHarness(server));
	const {certificate, 'acme-account': account, seed} = providers;
	await server.write('/etc/lab-ca.pem', authority.serverCa);
	await server.write('/usr/local/sbin/harden-certificate-renewed', '#!/bin/sh\nexec systemctl reload nginx\n', {mode: 0o755});
	await server.write('/etc/nginx/sites-available/default', 'server { listen 80 default_server; listen [::]:80 default_server; location ^~ /.well-known/acme-challenge/ { root /var/www/acme; } location / { return 301 https://$host$request_uri; } }');
	// certbot makes its folders, and fills them with notes, when it is first run.
	await sh(server, 'mkdir -p /var/www/acme /etc/harden/shop; systemctl restart nginx; certbot certificates');
	const before = await snapshot(server);
	const caFile = '/etc/lab-ca.pem';
	const shop: CertificateState = {domains: ['shop.example.test'], directory: authority.directory, keyType: 'ecdsa', caFile};

	// Seeds: made once, then somebody else's.
	await law(t, {provider: seed, name: '/etc/nginx/seed', state: {content: 'a\n', mode: 0o644, owner: 'root', group: 'root'}});
	await seed.write('/etc/nginx/seed', {content: 'a\n', mode: 0o644, owner: 'root', group: 'root'}, quiet);
	await server.write('/etc/nginx/seed', 'b\n');
	await seed.write('/etc/nginx/seed', {content: 'a\n', mode: 0o644, owner: 'root', group: 'root'}, quiet);
	t.is(await server.read('/etc/nginx/seed'), 'b\n');
	await seed.write('/etc/nginx/seed', null, quiet);

	await law(t, {provider: certificate, name: 'shop/self-signed', state: {domains: ['203.0.113.10', '2001:db8::1', 'shop.example.test'], directory: 'self-signed', keyType: 'ecdsa'}});
	// A registration that was cut off.
	const folder = '/etc/letsencrypt/accounts/203.0.113.1:14000/dir';
	await sh(server, `mkdir -p ${folder}/0123; touch ${folder}/0123/private_key.json`);
	t.deepEqual(await account.read(authority.directory), {partial: true});
	await account.write(authority.directory, null, quiet);
	t.is(await account.read(authority.directory), null);
	await law(t, {provider: account, name: authority.directory, state: {email: 'ops@example.com', caFile}});
	await account.write(authority.directory, {caFile}, quiet);
	await law(t, {provider: certificate, name: 'shop', state: shop});
	t.false(await server.exists('/var/www/acme/.well-known'), 'what was laid out for a look is gone');

	// From one to two names and back: without the authority, to the very issue.
	await certificate.write('shop', shop, quiet);
	const [first, both] = [await certificate.read('shop'), {...shop, domains: ['www.example.test', 'shop.example.test']}];
	await certificate.write('shop', both, quiet);
	t.like(await certificate.read('shop'), {domains: ['www.example.test', 'shop.example.test'], issue: {number: 2}});
	await authority.setNames({'elsewhere.example.test': addresses});
	await certificate.write('shop', first, quiet);
	t.deepEqual(await certificate.read('shop'), first);
	await authority.setNames(names);

	// Cut off while it was made: it reads as a certificate for nothing, and goes.
	await sh(server, ': >/etc/letsencrypt/renewal/shop.conf');
	t.like(await certificate.read('shop'), {directory: ''});
	await certificate.write('shop', null, quiet);
	t.is(await certificate.read('shop'), null);

	// What stands in the way is told, all at once, and the authority hears nothing of it.
	await authority.setNames({
		'shop.example.test': {...addresses, authorities: ['other.example']},
		'moved.example.test': {ipv4: '203.0.113.99'},
		'old.example.test': {...addresses, ipv6: '2001:db8:203:113::99'},
	});
	const blocked = {...shop, directory: 'https://acme-v02.api.letsencrypt.org/directory', domains: ['shop.example.test', 'moved.example.test', 'old.example.test', 'none.example.test']};
	const error = await t.throwsAsync(async () => certificate.write('shop', blocked, quiet), {instanceOf: Problem});
	const lines = error.message.split('\n');
	t.log(error.message);
	t.is(lines.length, 5);
	for (const [index, pattern] of [/CAA record for shop\.example\.test names other\.example, and not letsencrypt\.org/, /moved\.example\.test leads to 203\.0\.113\.99, which is not this server/, /old\.example\.test leads to 2001:db8:203:113::99, .*AAAA/, /none\.example\.test has no address in DNS\. Add an A record with 203\.0\.113\.10/].entries()) {
		t.regex(lines[index + 1]!, pattern);
	}

	await authority.setNames(names);
	await sh(server, 'systemctl stop nginx');
	await t.throwsAsync(async () => certificate.write('shop', shop, quiet), {message: /nothing answers there on port 80/});
	await sh(server, 'systemctl start nginx');

	// Without the authority's root certificate the reason is told in words.
	await t.throwsAsync(async () => certificate.write('shop', {...shop, caFile: undefined}, quiet), {message: /certificate that this server does not trust/});

	// Somebody else's certificate of that name is neither ours nor taken away.
	await sh(server, `REQUESTS_CA_BUNDLE=${caFile} certbot certonly --quiet --non-interactive --webroot -w /var/www/acme --cert-name shop -d shop.example.test --server ${authority.directory}`);
	t.like(await certificate.read('shop'), {foreign: true});
	for (const state of [shop, null]) {
		await t.throwsAsync(async () => certificate.write('shop', state, quiet), {message: /which this tool did not make/});
	}

	await sh(server, 'certbot delete --quiet --non-interactive --cert-name shop; rm -f /etc/letsencrypt/keys/* /etc/letsencrypt/csr/*');
	await account.write(authority.directory, null, quiet);
	t.deepEqual(compare(before, await snapshot(server), [
		{line: /^file \/var\/lib\/harden-python-vps|^file \/root\/provider-harness/, because: 'the test\'s own'},
		{line: /^file \/etc\/letsencrypt\/(?:accounts|archive|csr|keys|live|renewal)(?:\/README)?: was absent/, because: 'certbot makes its folders when it is first asked for a certificate, and keeps them'},
	]), []);
});
