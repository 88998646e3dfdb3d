import type {ExecutionContext} from 'ava';
import type {Provider, VenvState} from '../../source/engine/types.ts';
import {law} from '../law.ts';
import {onServer} from '../vps/on-server.ts';
import type {Server} from '../vps/server.ts';
import {serveWheels} from '../vps/wheels.ts';
import {installHarness, remoteProviders} from './remote-providers.ts';
import {quiet, sh} from './with-providers.ts';

/** What only apps have, on real servers: the law, and what is left of what was cut short. */

/** From now on these very packages, or none. */
async function locks(t: ExecutionContext, server: Server, {venv, lock, python}: {venv: Provider<'venv'>; lock: Provider<'requirements-lock'>; python: string}): Promise<void> {
	const file = '/srv/shop/requirements.lock';
	const link = '/srv/shop/venv';
	const requirements = ['--prefer-binary\nitsdangerous>=2\n', 'blinker\n'];
	const wanted = {of: 'cccccccccccc', python, requirements};
	await law(t, {provider: lock, name: file, state: wanted});
	await lock.write(file, wanted, quiet);
	t.is((await sh(server, String.raw`grep -v '^#' ${file} | sed 's/[0-9a-f]\{64\}$/HASH/; s/==[0-9.]*/==N/'`)), 'blinker==N --hash=sha256:HASH\nitsdangerous==N --hash=sha256:HASH');
	const packages = await sh(server, `tail -2 ${file} | sha256sum`);
	const locked: VenvState = {id: wanted.of, python, requirements, lock: file};
	await law(t, {provider: venv, name: link, state: locked});
	await venv.write(link, locked, quiet);
	t.like(await venv.read(link), {id: wanted.of, lock: file});

	// Another text is another environment, which is built beside, and only of what has these hashes.
	const before = await sh(server, `readlink ${link}; sed -i 's/sha256:..../sha256:0000/' ${file}`);
	await t.throwsAsync(venv.write(link, locked, quiet), {name: 'Problem', message: /its hash is another/});
	t.is(await sh(server, `readlink ${link}`), before);
	await t.throwsAsync(venv.write(link, {...locked, id: 'dddddddddddd'}, quiet), {name: 'Problem', message: /is not the lock of these dependencies/});

	// Lost, it is written as the environment in use has it, and that stays what it is.
	await lock.write(file, null, quiet);
	t.like(await venv.read(link), {id: wanted.of, lock: file});
	await sh(server, 'mv /etc/pip.conf /etc/pip.conf.away');
	await lock.write(file, {...wanted, venv: link}, quiet);
	await sh(server, 'mv /etc/pip.conf.away /etc/pip.conf');
	t.is(await sh(server, `tail -2 ${file} | sha256sum`), packages);
	await lock.write(file, null, quiet);
}

onServer('secrets and Python environments keep the law; one that was cut short is built anew', {packages: ['git', 'python3-venv']}, async (t, server) => {
	await serveWheels(server);
	const {secret, venv, 'requirements-lock': lock} = remoteProviders(await installHarness(server));
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
	await locks(t, server, {venv, lock, python});
	await venv.write(link, null, quiet);
	t.is(await sh(server, 'ls -A /srv/shop /srv/shop/venvs/mine'), '/srv/shop:\nvenvs\n\n/srv/shop/venvs/mine:');
});
