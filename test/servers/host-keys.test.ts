import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';
import {sh} from './with-providers.ts';

/** Host keys of sshd: made when their change comes, or got ready before. One release: it is the same ssh-keygen(1) to us. */

const path = '/etc/ssh/ssh_host_rsa_other_key';
const counting = '#!/bin/sh\necho made >>/root/made\nexec /usr/bin/ssh-keygen "$@"\n';

onServer('host keys keep the law; one that was made ahead is the one that lands', {releases: ['trixie']}, async (t, server) => {
	const ask = await installHarness(server);
	const {'host-key': provider} = remoteProviders(ask);
	await law(t, {provider, name: path, state: {type: 'rsa', bits: 3072}});
	await law(t, {provider, name: path, state: {type: 'ed25519', bits: 256}});

	await server.write('/usr/local/bin/ssh-keygen', counting, {mode: 0o755});
	const made = async (bits: number, ahead: number) => {
		await sh(server, 'rm -f /root/made');
		t.deepEqual(await ask({type: 'host-key', operation: 'write', name: path, state: {type: 'rsa', bits}, ahead: {type: 'rsa', bits: ahead}}).then(({told, problem, bug}) => ({told, problem, bug})), {told: [], problem: undefined, bug: undefined});
		t.is(await sh(server, `[ "$(ssh-keygen -y -P '' -f ${path})" = "$(cut -d' ' -f1,2 ${path}.pub)" ]; stat -c '%a %U:%G' ${path} ${path}.pub; ssh-keygen -lf ${path}.pub | cut -d' ' -f1`), `600 root:root\n644 root:root\n${bits}`);
		// Two of them were made by the look above.
		return (await sh(server, 'cat /root/made')).split('\n').length - 2;
	};

	t.is(await made(3072, 3072), 1, 'made once, ahead, and put in its place');
	t.is(await made(4096, 3072), 2, 'another one than was expected is made anew');
	await server.waitFor('the harness to end', async () => !(await server.run(['pgrep', '-f', '[p]rovider-harness'], {check: false})).ok);
	t.is(await sh(server, 'find /run/harden-python-vps -type f 2>/dev/null || true'), '', 'no key is left behind');
});
