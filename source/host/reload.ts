import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {reloadsOf} from '../engine/reloads.ts';
import type {Change, Host, Reload} from '../engine/types.ts';
import {mustRun} from './host.ts';

/** Also one that failed, or fails again and again: what it now is to take up may be what puts it right, as after undo. */
async function isRunning(host: Host, unit: string): Promise<boolean> {
	return ['active', 'reloading', 'refreshing', 'activating', 'failed'].includes((await host.run(['systemctl', 'is-active', unit])).stdout);
}

async function assertValid(host: Host, {unit, validate}: Reload): Promise<void> {
	const {exitCode, stdout, stderr} = validate ? await host.run(validate) : {exitCode: 0, stdout: '', stderr: ''};
	if (exitCode !== 0) {
		throw new Problem(
			t('{unit} does not accept its new configuration:\n{words}', {unit, words: (stderr || stdout).split('\n').slice(-6).join('\n')}),
			t('It keeps running with the old one.'),
			1,
		);
	}
}

/** Validates all first, then lets each running service take its changes up, made or undone. `tell` hears each one with its seconds. */
export async function reloadServices(host: Host, changes: readonly Change[], tell: (unit: string, seconds: number) => void): Promise<void> {
	const {units, services} = reloadsOf(changes);
	const running: Reload[] = [];
	for (const reload of services) {
		if (await isRunning(host, reload.unit)) {
			running.push(reload);
		}
	}

	for (const reload of running) {
		await assertValid(host, reload);
	}

	if (units) {
		await mustRun(host, ['systemctl', 'daemon-reload']);
	}

	for (const {unit, action} of running) {
		const began = performance.now();
		// Where it failed too often it would not be started again.
		await host.run(['systemctl', 'reset-failed', unit]);
		await mustRun(host, ['systemctl', action === 'reload' ? 'reload-or-restart' : 'restart', unit], {timeout: 120_000});
		tell(unit, (performance.now() - began) / 1000);
	}
}
