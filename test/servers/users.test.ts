import {law} from '../law.ts';
import {cutAtEveryEffect} from './remote-providers.ts';
import {quiet, sh, unchanged, withProviders} from './with-providers.ts';

/** Users and their passwords on real servers: the law, and no trace in /etc after it. */

withProviders('users and passwords keep the law, and leave no trace in /etc', async (t, {server, providers: {user, password}, ask}) => {
	const deploy = {shell: '/bin/bash', home: '/home/deploy', groups: ['adm', 'sudo']};
	await unchanged(t, server, async () => {
		await law(t, {provider: user, name: 'deploy', state: deploy});
		t.is((await password.read('deploy')).hash, '!');
		await user.write('deploy', deploy, quiet);
		t.is(await sh(server, String.raw`stat -c %a:%U:%G /home/deploy; id -nG deploy; ls -A /home/deploy | tr "\n" " "`), '700:deploy:deploy\ndeploy adm sudo\n.bash_logout .bashrc .profile ');
		await law(t, {provider: user, name: 'deploy', state: {...deploy, shell: '/bin/sh', groups: []}});
		await law(t, {provider: user, name: 'deploy', state: {...deploy, groups: ['sudo', 'users']}});
		const {value: hash} = await ask({type: 'hash', operation: 'read', name: 'pass word äöü'}) as {value: string};
		for (const state of [{hash}, {hash: '*'}, {hash: ''}, {hash: '!!'}, {hash: `!${hash}`, lastChanged: 0}, {hash, lastChanged: null}, {hash, lastChanged: 12_345}]) {
			await law(t, {provider: password, name: 'deploy', state});
			await law(t, {provider: password, name: 'root', state});
		}

		await password.write('deploy', {hash}, quiet);
		const {ok} = await server.ssh({user: 'deploy', password: 'pass word äöü'});
		t.true(ok, 'the password that was hashed opens a login');
		await sh(server, 'mkdir -m 700 /home/deploy/.ssh; chown deploy: /home/deploy/.ssh');
		await user.write('deploy', null, quiet);
		t.is((await password.read('deploy')).hash, '!', 'of a user that is not there');
		await password.write('deploy', {hash: '!'}, quiet);
	});
	await t.throwsAsync(password.write('deploy', {hash: '*'}, quiet), {name: 'Problem', message: /no user deploy/});
	await t.throwsAsync(password.write('root', {hash: 'x\nroot::'}, quiet), {name: 'Error'});
	await t.throwsAsync(user.write('deploy', {...deploy, groups: ['nosuchgroup']}, quiet), {name: 'Problem', message: /nosuchgroup/});
	await t.throwsAsync(user.write('--help', deploy, quiet), {name: 'Problem'});
	t.is(await user.read('deploy'), null);
});

withProviders('a user whose home holds something goes, the home stays, and comes back with them', async (t, {server, providers: {user, directory}}) => {
	const deploy = {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']};
	await user.write('deploy', deploy, quiet);
	await sh(server, 'useradd --uid 1001 between; echo mine >/home/deploy/notes; echo "# mine" >>/home/deploy/.bashrc; chown deploy: /home/deploy/notes');
	const told = await law(t, {provider: user, name: 'deploy', state: null});
	t.true(told.some(event => event.type === 'output' && event.line.includes('/home/deploy') && event.line.includes('.bashrc, notes')), JSON.stringify(told));
	t.deepEqual(await directory.read('/home/deploy'), {mode: 0o700, owner: 'deploy', group: 'deploy'});
	t.is(await sh(server, 'cat /home/deploy/notes; tail -n 1 /home/deploy/.bashrc'), 'mine\n# mine');

	await user.write('deploy', null, quiet);
	await sh(server, 'chown root: /home/deploy');
	await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /already there and belongs to somebody else/});
	await sh(server, 'rm -r /home/deploy; groupadd deploy');
	await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /already a group named deploy/});
	t.is(await user.read('deploy'), null);
	// A link in the home's place leads nowhere.
	await sh(server, 'groupdel deploy; mkdir /srv/victim; touch /srv/victim/x; ln -s /srv/victim /home/deploy');
	await t.throwsAsync(user.write('deploy', deploy, quiet), {name: 'Problem', message: /belongs to somebody else/});
	await sh(server, 'rm /home/deploy; useradd --no-create-home --home-dir /home/deploy deploy; ln -s /srv/victim /home/deploy');
	await user.write('deploy', null, quiet);
	t.is(await sh(server, 'ls /srv/victim'), 'x');
});

withProviders('a user is removed by their own sudo, over their own login', async (t, {server, providers: {user, password}, ask}) => {
	await sh(server, 'echo "deploy ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/90-test; chmod 440 /etc/sudoers.d/90-test');
	await unchanged(t, server, async () => {
		await user.write('deploy', {shell: '/bin/bash', home: '/home/deploy', groups: ['sudo']}, quiet);
		const {value: hash} = await ask({type: 'hash', operation: 'read', name: 'secret'}) as {value: string};
		await password.write('deploy', {hash}, quiet);
		const request = JSON.stringify({type: 'user', operation: 'write', name: 'deploy', state: null});
		const {stdout, stderr} = await server.ssh({user: 'deploy', password: 'secret', command: `echo '${request}' | sudo /usr/local/bin/node /root/provider-harness.mjs && echo still here`});
		t.is(stdout, '{"told":[]}\nstill here', stderr);
		t.is(await user.read('deploy'), null);
		await server.waitFor('the login to be over', async () => !(await server.run(['pgrep', '-U', '1000'], {check: false})).ok);
	});
});

withProviders('a power cut while a user is made or removed leaves no trace either', async (t, {server, providers: {user}}) => {
	const deploy = {shell: '/bin/sh', home: '/home/deploy', groups: ['sudo']};
	const request = {type: 'user', operation: 'write', name: 'deploy'} as const;
	await unchanged(t, server, async () => {
		const tree = async () => sh(server, String.raw`find /etc /home -printf "%p %m %u:%g %l\n" | sort; find /etc -type f -exec sha256sum {} + | sort`);
		const before = await tree();
		const found = new Set<boolean>();
		for (const state of [deploy, null]) {
			await user.write('deploy', state === null ? deploy : null, quiet);
			const cuts = await cutAtEveryEffect(server, {...request, state}, async effect => {
				found.add(await user.read('deploy') === null);
				await user.write('deploy', null, quiet);
				t.is(await tree(), before, `cut at effect ${effect}`);
				if (state === null) {
					await user.write('deploy', deploy, quiet);
				}
			}, 4);
			t.true(cuts > 20, `${cuts} effects`);
		}

		t.is(found.size, 2, 'cuts before and after the user was made');
		await user.write('deploy', null, quiet);
	});
});
