import type {VenvState} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import {serveWheels} from '../vps/wheels.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';
import {quiet, sh} from './with-providers.ts';

/** What only apps have, on real servers: the law, and what is left of what was cut short. */

onServer('secrets and Python environments keep the law; one that was cut short is built anew', {packages: ['git', 'python3-venv']}, async (t, server) => {
	await serveWheels(server);
	const {secret, venv} = remoteProviders(await installHarness(server));
	const name = '/etc/SECRET_KEY';
	const root = {owner: 'root', group: 'root'} as const;
	await law(t, {provider: secret, name, state: {mode: 0o600, ...root}});
	await secret.write(name, {mode: 0o600, ...root}, quiet);
	const value = await sh(server, `cat ${name}`);
	t.regex(value, /^[\w-]{64}$/);
	await law(t, {provider: secret, name, state: {mode: 0o640, owner: 'root', group: 'adm'}});
	t.is(await sh(server, `cat ${name}`), value, 'a secret that is there keeps its value');

	const python = server.release === 'bookworm' ? '/usr/bin/python3.11' : '/usr/bin/python3.13';
	const link = '/srv/shop/venv';
	const first: VenvState = {id: 'aaaaaaaaaaaa', python, requirements: ['itsdangerous\n']};
	const second: VenvState = {id: 'bbbbbbbbbbbb', python, requirements: ['itsdangerous\n', 'blinker\n']};
	await sh(server, 'mkdir -p /srv/shop/venvs/aaaaaaaaaaaa/half /srv/shop/venvs/mine /srv/shop/venvs/.work');
	await venv.write(link, first, quiet);
	await law(t, {provider: venv, name: link, state: second});
	t.deepEqual((await sh(server, 'ls -A /srv/shop/venvs')).split('\n'), ['aaaaaaaaaaaa', 'mine']);
	t.is(await sh(server, '/srv/shop/venv/bin/python -c "import itsdangerous; print(itsdangerous.__name__)"; test ! -e /srv/shop/venv/half && ls /srv/shop/venv/bin | grep -c pip || true'), 'itsdangerous\n0');
	await t.throwsAsync(venv.write(link, {...second, requirements: ['no-such-package\n']}, quiet), {name: 'Problem', message: /No version of no-such-package/});
	t.deepEqual(await venv.read(link), {...first, others: []});
	t.deepEqual((await sh(server, 'ls -A /srv/shop/venvs')).split('\n'), ['aaaaaaaaaaaa', 'mine']);
	await venv.write(link, null, quiet);
	t.is(await sh(server, 'ls -A /srv/shop /srv/shop/venvs/mine'), '/srv/shop:\nvenvs\n\n/srv/shop/venvs/mine:');
});
