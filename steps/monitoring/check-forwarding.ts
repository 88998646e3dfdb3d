import {setTimeout} from 'node:timers/promises';
import {t} from '../../source/words.ts';
import type {Host, Verdict} from '../../source/engine/types.ts';
import {forwardUnit} from './settings.ts';

/** rsyslog's connections to that port, by their own ports. */
async function connections(host: Host, port: number): Promise<readonly string[]> {
	const {stdout} = await host.run(['ss', '-Htnp', 'state', 'established', `( dport = :${port} )`]);
	return stdout.split('\n').filter(line => line.includes('"rsyslogd"')).map(line => line.trim().split(/\s+/)[2] ?? '');
}

/** What rsyslog says since it was started: the last word on whether the receiver takes what is sent, and why not. */
async function wordsOf(host: Host, ...more: string[]): Promise<readonly string[]> {
	const {stdout: since} = await host.run(['systemctl', 'show', '--property=InvocationID', '--value', '--', forwardUnit]);
	const {stdout} = await host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', ...more, `_SYSTEMD_INVOCATION_ID=${since}`]);
	return stdout.split('\n').filter(Boolean);
}

export function isSuspended(words: readonly string[]): boolean {
	return words.findLast(line => /\b(?:suspended|resumed)\b/.test(line))?.includes('suspended') ?? false;
}

/** The kernel knows the connection, rsyslog whether what it sends there is taken. */
export async function verifyForwarding(host: Host, {host: name, port}: {host: string; port: number}): Promise<Verdict> {
	const {stdout: active} = await host.run(['systemctl', 'is-active', forwardUnit]);
	if (active !== 'active') {
		return {status: 'fail', evidence: t('{unit} is {state}.', {unit: forwardUnit, state: active})};
	}

	const before = await connections(host, port);
	// One that is refused over its certificate is there for a moment as well.
	await setTimeout(500);
	const [after, words, errors] = await Promise.all([connections(host, port), wordsOf(host), wordsOf(host, '--priority=err')]);
	const lasts = before.some(local => after.includes(local));
	return lasts && !isSuspended(words)
		? {status: 'pass', evidence: t('rsyslog is connected to {host}, port {port}, over TLS', {host: name, port})}
		: {status: 'fail', evidence: [t('There is no lasting connection to {host}, port {port}.', {host: name, port}), ...errors.slice(-2)].join(' ')};
}
