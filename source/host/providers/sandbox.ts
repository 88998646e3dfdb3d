import {Problem} from '../../problem.ts';
import {findLoosening, looseningOf} from '../../engine/loosening.ts';
import {asService, serviceProperties} from '../../engine/service-sandbox.ts';
import {snippet} from '../../snippet.ts';
import {t} from '../../words.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {readState, writeState} from '../files.ts';
import {mustRun} from '../host.ts';

type State = ResourceStates['sandbox'];

const fileOf = (name: string) => `/etc/systemd/system/${name}.service.d/20-sandbox.conf`;

async function read(host: Host, name: string): Promise<State> {
	const state = await readState(host, fileOf(name));
	if (state === null) {
		return null;
	}

	const text = 'content' in state ? state.content : '';
	return {tried: /^# Tried: (?<id>\S+)$/m.exec(text)?.groups?.['id'] ?? '', text};
}

/** Loads the app as the service would, without serving it. The last words where that fails. */
async function failureOf(host: Host, name: string, entry: string, properties: readonly string[]): Promise<string | undefined> {
	const argv = asService(properties, `/srv/${name}/venv/bin/python`, '-m', 'gunicorn', '--check-config', '--config', `/etc/harden/${name}/gunicorn.conf.py`, entry);
	const {exitCode, stdout, stderr} = await host.run(argv, {timeout: 120_000});
	return exitCode === 0 ? undefined : (stderr || stdout).trim().split('\n').slice(-6).join('\n');
}

async function tryOut(host: Host, name: string, {tried, entry = ''}: NonNullable<State>, progress: (line: string) => void): Promise<string> {
	await mustRun(host, ['systemctl', 'daemon-reload']);
	const {stdout} = await host.run(['systemctl', 'cat', '--', `${name}.service`]);
	const properties = serviceProperties(stdout);
	let words = '';
	const without = await findLoosening(async left => {
		const failure = await failureOf(host, name, entry, [...properties, ...left.flatMap(one => looseningOf[one]!)]);
		words = left.length === 0 ? failure ?? '' : words;
		return failure === undefined;
	});
	if (without === undefined) {
		throw new Problem(
			t('The app does not start, in its sandbox or without:\n{words}', {words}),
			t('Put that right in the code or its dependencies, then try again.'),
			1,
		);
	}

	if (without.length > 0) {
		progress(t('The app does not start with {names}: left out, all else stays.', {names: without.join(', ')}));
	}

	return snippet('app/20-sandbox.conf', {tried, dropped: without.join(', '), lines: without.flatMap(one => looseningOf[one]!)});
}

/**
 * Whether the app lives in its sandbox, tried before it is served. A wall that it cannot live with is found and left out, in a
 * drop-in that names it. One that does not start at all is told in its own words.
 */
export function sandboxProvider(host: Host): Provider<'sandbox'> {
	return {
		read: async name => read(host, name),
		async write(name, state, {progress}) {
			if (state !== null && state.text === undefined) {
				// What was left out for the code before may not be needed by this one.
				await writeState(host, fileOf(name), null);
			}

			const content = state === null ? undefined : state.text ?? await tryOut(host, name, state, line => progress({type: 'output', line}));
			await writeState(host, fileOf(name), content === undefined ? null : {content, mode: 0o644, owner: 'root', group: 'root'});
		},
		same: (left, right) => left?.tried === right?.tried,
	};
}
