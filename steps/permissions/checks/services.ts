import {parseListeners} from '../../../source/engine/listeners.ts';
import {t} from '../../../source/words.ts';
import type {Facts} from '../../../source/engine/facts.ts';
import type {Host, Verdict} from '../../../source/engine/types.ts';
import type {Granted} from '../sudo.ts';
import {sudoersCommand} from '../../../source/engine/sudo-command.ts';
import {foundServices} from '../services.ts';
import {fail, few, pass} from './verdicts.ts';

/** What listens now; of the services that were to be turned off, and that no web app needs. */
export async function verifyServices(host: Host, facts: Facts, stopped: readonly string[]): Promise<Verdict> {
	const {stdout} = await host.run(['ss', '-Hltunp']);
	const found = foundServices({...facts, listeners: parseListeners(stdout)});
	const left = found.filter(({service}) => stopped.includes(service.name));
	const others = found.filter(entry => !left.includes(entry)).map(({service}) => service.name);
	if (left.length > 0) {
		return fail(t('These still listen for others: {names}', {names: left.map(({service, listeners}) => `${service.name} (${listeners[0]!.port})`).join(', ')}));
	}

	return pass(others.length > 0
		? t('Nothing listens that no web app needs. By your choice: {names}', {names: others.join(', ')})
		: t('Nothing listens that no web app needs.'));
}

/** Where others than root may put something in the program's place, on the way to it included. */
async function looseParts(host: Host, path: string): Promise<readonly string[]> {
	const parts = path.split('/').slice(1).map((_, index, all) => `/${all.slice(0, index + 1).join('/')}`);
	const {stdout} = await host.run(['find', '-L', '/', ...parts, '-maxdepth', '0', '(', '!', '-user', 'root', '-o', '-perm', '/0022', ')', '-print']);
	return stdout.split('\n').filter(Boolean);
}

/** sudo's own word for each of them, and that nobody but root can change what it runs. */
export async function verifySudoCommands(host: Host, granted: readonly Granted[]): Promise<Verdict> {
	for (const command of granted) {
		const {stdout, stderr} = await host.run(['sudo', '--non-interactive', '--list', '--other-user', command.user]);
		const text = sudoersCommand(command);
		if (!stdout.replaceAll(/\s+/g, ' ').includes(text)) {
			return fail(t('sudo does not let {user} run `{command}`: {words}', {user: command.user, command: text, words: (stderr || stdout).split('\n')[0]!}));
		}

		const there = (await host.run(['test', '-x', command.path])).exitCode === 0;
		const loose = await looseParts(host, command.path);
		if (!there || loose.length > 0) {
			return fail(there
				? t('Others than root can change what `{command}` runs: {paths}', {command: text, paths: few(loose)})
				: t('There is no program {path}.', {path: command.path}));
		}
	}

	return pass(t('sudo lists them: {commands}', {commands: few(granted.map(command => `${command.user}: ${sudoersCommand(command)}`))}));
}
