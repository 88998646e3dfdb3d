import {isDeepStrictEqual} from 'node:util';
import type {FileState} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {compare, snapshot} from '../vps/snapshot.ts';
import {cutAtEveryEffect} from './remote-providers.ts';
import {quiet, sh, unchanged, withProviders} from './with-providers.ts';

/** Files and folders on real servers: the law, and what attackers and power cuts do to it. */

withProviders('files keep the law: text, binary, modes, owners, links, absence', async (t, {server, providers: {file: provider}}) => {
	await unchanged(t, server, async () => {
		const text = {content: 'Port 5922\n# ünïcödé\n', mode: 0o640, owner: 'root', group: 'adm'};
		const binary = {content: Buffer.from([0, 255, 254, 10, 13, 0]).toString('base64'), encoding: 'base64', mode: 0o600, owner: 'root', group: 'root'} as const;
		const setuid = {content: '#!/bin/sh\n', mode: 0o6755, owner: 'daemon', group: 'adm'};
		const states: Record<string, FileState> = {
			text,
			binary,
			setuid,
			sticky: {...text, mode: 0o1777},
			nobodys: {...text, owner: '4711', group: '4712'},
			'without a newline': {...text, content: 'a\r\nb\uFEFF'},
			empty: {...text, content: ''},
			link: {link: '../../nowhere with spaces'},
		};
		for (const [name, state] of Object.entries(states)) {
			await law(t, {provider, name: `/etc/ssh/sshd_config.d/${name}`, state});
		}

		// Over what is there, in both directions.
		await law(t, {provider, name: '/etc/hosts', state: binary});
		await law(t, {provider, name: '/etc/hosts', state: null});
		await law(t, {provider, name: '/etc/hosts', state: {link: '/etc/hostname'}});
		await law(t, {provider, name: '/etc/localtime', state: text});
		await law(t, {provider, name: '/bin/harden-through-a-link-of-roots', state: setuid});
	});
	const {content} = await provider.read('/bin/sudo') as {content: string};
	t.true(content.length > 100_000);
	t.like(await provider.read('/usr/bin/sudo'), {mode: 0o4755, encoding: 'base64'});
});

withProviders('logs keep the law, and what they hold is not touched', async (t, {server, providers: {log: provider}}) => {
	const state = {mode: 0o640, owner: 'www-data', group: 'adm'};
	await law(t, {provider, name: '/var/log/harden-new.log', state});
	await sh(server, 'echo line >/var/log/harden-old.log; ln -s /etc/shadow /var/log/harden-link.log; mkdir /var/log/harden-folder.log');
	await law(t, {provider, name: '/var/log/harden-old.log', state});
	t.is(await sh(server, 'cat /var/log/harden-old.log; stat -c %a /etc/shadow'), 'line\n640');
	for (const name of ['/var/log/harden-link.log', '/var/log/harden-folder.log']) {
		await t.throwsAsync(provider.write(name, state, quiet), {name: 'Problem', message: /should be a log/}, name);
	}

	t.is(await provider.read('/var/log/missing/x.log'), null);
	await t.throwsAsync(provider.write('/var/log/missing/x.log', state, quiet), {name: 'Problem', message: /does not exist/});
	await sh(server, 'rm -r /var/log/harden-*');
});

withProviders('files are refused where something else is, and where they cannot be', async (t, {server, providers: {file}}) => {
	await sh(server, 'mkdir /etc/afolder; mkfifo /etc/apipe; mknod /etc/adevice c 1 3; : >/etc/afile; truncate -s 20M /etc/huge');
	const text = {content: 'x', mode: 0o600, owner: 'root', group: 'root'};
	for (const name of ['/etc/afolder', '/etc/apipe', '/etc/adevice', '/run/systemd/journal/dev-log']) {
		await t.throwsAsync(file.read(name), {name: 'Problem', message: /should be a file/}, name);
		await t.throwsAsync(file.write(name, text, quiet), {name: 'Problem', message: /should be a file/}, name);
		await t.throwsAsync(file.write(name, null, quiet), {name: 'Problem', message: /should be a file/}, name);
	}

	await t.throwsAsync(file.read('/etc/huge'), {name: 'Problem', message: /larger than/});
	await t.throwsAsync(file.read('/etc/afile/below'), {name: 'Problem', message: /not a folder/});
	await t.throwsAsync(file.write('/etc/missing/folder/x', text, quiet), {name: 'Problem', message: 'The folder /etc/missing/folder does not exist.'});
	t.is(await file.read('/etc/missing/folder/x'), null);
	await file.write('/etc/missing/folder/x', null, quiet);
	await t.throwsAsync(file.write('/etc/x', {...text, owner: 'nosuchuser'}, quiet), {name: 'Problem', message: /no user nosuchuser/});
	await t.throwsAsync(file.write('/etc/x', {...text, group: '--help'}, quiet), {name: 'Problem', message: /no group --help/});
	await t.throwsAsync(file.write('/proc/sys/kernel/ostype', text, quiet), {name: 'Problem'});
	await sh(server, 'mkdir /etc/full; mount -t tmpfs -o size=64k tmpfs /etc/full; echo old >/etc/full/x');
	await t.throwsAsync(file.write('/etc/full/x', {...text, content: 'x'.repeat(200_000)}, quiet), {name: 'Problem', message: /disk is full/});
	t.is(await sh(server, 'cat /etc/full/x; ls -A /etc/full'), 'old\nx');
	await t.throwsAsync(file.read('/etc/../etc/passwd'), {name: 'Error'});
});

withProviders('no link of an attacker is followed', async (t, {server, providers: {file, directory}}) => {
	await sh(server, `
		useradd --create-home mallory
		ln -s /etc /home/mallory/.ssh
		mkdir -m 2775 /srv/shared; chgrp mallory /srv/shared; ln -s /etc /srv/shared/conf
		mkdir -p /home/mallory/roots/deep; ln -s /etc /home/mallory/roots/deep/link
		ln -s /etc /tmp/link
		mkdir /home/mallory/real; ln -s /etc/shadow /home/mallory/real/authorized_keys; chown -R -h mallory: /home/mallory/real
		ln -s loop2 /srv/loop1; ln -s loop1 /srv/loop2
		ln -s ../srv/./real /srv/good; ln -s /srv/good /srv/better; mkdir /srv/real; echo yes >/srv/real/file
	`);
	const text = {content: 'x', mode: 0o600, owner: 'mallory', group: 'mallory'};
	const before = await snapshot(server);
	for (const folder of ['/home/mallory/.ssh', '/srv/shared/conf', '/home/mallory/roots/deep/link', '/tmp/link']) {
		for (const write of [async () => file.read(`${folder}/hosts`), async () => file.write(`${folder}/hosts`, text, quiet), async () => file.write(`${folder}/hosts`, null, quiet), async () => directory.write(`${folder}/new`, {mode: 0o700, owner: 'root', group: 'root'}, quiet)]) {
			await t.throwsAsync(write, {name: 'Problem', message: /link that somebody other than root/}, folder);
		}
	}

	await t.throwsAsync(directory.read('/home/mallory/.ssh'), {name: 'Problem', message: /should be a folder/});
	await t.throwsAsync(directory.write('/home/mallory/.ssh', {mode: 0o700, owner: 'mallory', group: 'mallory'}, quiet), {name: 'Problem', message: /should be a folder/});
	await t.throwsAsync(file.read('/srv/loop1/x'), {name: 'Problem', message: /circle/});
	t.deepEqual(compare(before, await snapshot(server)), []);

	t.like(await file.read('/srv/better/file'), {content: 'yes\n'});
	t.deepEqual(await file.read('/home/mallory/real/authorized_keys'), {link: '/etc/shadow'});
	await law(t, {provider: file, name: '/home/mallory/real/authorized_keys', state: text});
	t.deepEqual(compare(before, await snapshot(server)), []);
});

withProviders('a power cut leaves the old or the new, and its leftovers go with the next write', async (t, {server, providers: {file}}) => {
	const text = {content: 'new', mode: 0o644, owner: 'root', group: 'root'};
	const leftover = '.harden-python-vps-0123456789abcdef01234567.tmp';
	await sh(server, `touch /etc/sudoers.d/${leftover} /etc/sudoers.d/.harden-python-vps-mine; mkdir /etc/sudoers.d/.harden-python-vps-76543210fedcba9876543210.tmp`);
	await file.write('/etc/sudoers.d/90-x', text, quiet);
	t.deepEqual((await sh(server, 'ls -A /etc/sudoers.d')).split('\n'), ['.harden-python-vps-76543210fedcba9876543210.tmp', '.harden-python-vps-mine', '90-x', 'README']);

	const old = {...text, content: 'old'};
	const seen = new Set<string>();
	await file.write('/etc/target', old, quiet);
	const request = {type: 'file', operation: 'write', name: '/etc/target', state: {...text, mode: 0o4600, owner: 'daemon'}} as const;
	const cuts = await cutAtEveryEffect(server, request, async () => {
		const state = await file.read('/etc/target');
		t.true([old, request.state].some(expected => isDeepStrictEqual(state, expected)), JSON.stringify(state));
		seen.add((state as {content: string}).content);
		await file.write('/etc/target', old, quiet);
		t.is(await sh(server, 'find /etc -maxdepth 1 -name ".harden*"'), '');
	});
	t.true(cuts >= 6, `${cuts} cuts`);
	t.deepEqual([...seen], ['old', 'new']);
});

withProviders('folders keep the law, and only empty ones are removed', async (t, {server, providers: {directory: provider}}) => {
	await unchanged(t, server, async () => {
		await law(t, {provider, name: '/etc/new', state: {mode: 0o750, owner: 'root', group: 'adm'}});
		await law(t, {provider, name: '/etc/new', state: {mode: 0o3775, owner: 'daemon', group: '4711'}});
		await law(t, {provider, name: '/etc/ssh/sshd_config.d', state: {mode: 0o700, owner: 'daemon', group: 'adm'}});
	});
	await t.throwsAsync(provider.write('/etc/a/b', {mode: 0o750, owner: 'root', group: 'adm'}, quiet), {name: 'Problem', message: 'The folder /etc/a does not exist.'});
	await t.throwsAsync(provider.write('/etc/ssh', null, quiet), {name: 'Problem', message: /not empty: .*, …/});
	await t.throwsAsync(provider.read('/etc/hosts'), {name: 'Problem', message: /should be a folder/});
});
