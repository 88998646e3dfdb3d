import type {Host} from '../../engine/types.ts';
import {mustRun} from '../host.ts';

/**
 * Runs an installation with some units kept from starting by it, as Debian's packages do by themselves: a firewall
 * that starts before it knows where sshd listens shuts out whoever it was installed by. The mask is gone with the
 * work, and, should that be cut off, with the next boot. `systemctl mask` takes units that are not there yet, and systemd
 * need not read its files anew for it: dpkg's scripts have it do so before they start what has just been unpacked, and the
 * unit provider before it starts what this held back.
 */
export async function withoutStarting<T>(host: Host, units: readonly string[], work: () => Promise<T>): Promise<T> {
	if (units.length === 0) {
		return work();
	}

	await mustRun(host, ['systemctl', 'mask', '--runtime', '--no-reload', '--quiet', '--', ...units]);
	try {
		return await work();
	} finally {
		await mustRun(host, ['systemctl', 'unmask', '--runtime', '--no-reload', '--quiet', '--', ...units]);
	}
}
