import type {Host} from '../source/engine/types.ts';

export type TimerState = {
	/** It runs, and will after a restart of the server too. */
	isOn: boolean;
	/** When it fires next, in systemd's words; undefined where that is not known. */
	next?: string;
};

/** Asked of systemd: systemctl(1), `show`. */
export async function timerState(host: Host, timer: string): Promise<TimerState> {
	const {stdout} = await host.run(['systemctl', 'show', '--property=ActiveState,UnitFileState,NextElapseUSecRealtime', '--', timer]);
	const next = /^NextElapseUSecRealtime=(?<next>.+)$/m.exec(stdout)?.groups?.['next'];
	return {isOn: /^ActiveState=active$/m.test(stdout) && /^UnitFileState=enabled$/m.test(stdout), ...next !== undefined && {next}};
}
