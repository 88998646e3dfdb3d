/**
 * How each wall of an app's sandbox is left out, where an app cannot live with it: what a later drop-in has to say so that
 * the directive no longer holds. What is not here is never left out: the app stays its own user, who cannot become another,
 * and its code stays as it is. In the order in which they are suspected: what breaks apps most often comes first.
 */
export const looseningOf: Readonly<Record<string, readonly string[]>> = {
	MemoryDenyWriteExecute: ['MemoryDenyWriteExecute=no'],
	SystemCallFilter: ['SystemCallFilter=', 'SystemCallFilter=@system-service @resources @chown'],
	ProcSubset: ['ProcSubset=all'],
	PrivateDevices: ['PrivateDevices=no'],
	DevicePolicy: ['DevicePolicy=auto'],
	RestrictAddressFamilies: ['RestrictAddressFamilies=AF_NETLINK AF_PACKET'],
	PrivateIPC: ['PrivateIPC=no'],
	RestrictNamespaces: ['RestrictNamespaces=no'],
	PrivateUsers: ['PrivateUsers=no'],
	ProtectProc: ['ProtectProc=default'],
	PrivateTmp: ['PrivateTmp=no'],
	LockPersonality: ['LockPersonality=no'],
	RestrictRealtime: ['RestrictRealtime=no'],
	ProtectHostname: ['ProtectHostname=no'],
	ProtectClock: ['ProtectClock=no'],
	ProtectKernelTunables: ['ProtectKernelTunables=no'],
	ProtectControlGroups: ['ProtectControlGroups=no'],
	ProtectKernelLogs: ['ProtectKernelLogs=no'],
	ProtectKernelModules: ['ProtectKernelModules=no'],
	SystemCallArchitectures: ['SystemCallArchitectures='],
	IPAddressDeny: ['IPAddressDeny='],
};

/**
 * The fewest walls without which it works; empty where it works with all of them, undefined where it works with none. Tries one
 * at a time first, since it nearly always is one; else leaves all out and puts back, one after the other, what it can live with.
 */
export async function findLoosening(works: (without: readonly string[]) => Promise<boolean>): Promise<readonly string[] | undefined> {
	const all = Object.keys(looseningOf);
	if (await works([])) {
		return [];
	}

	if (!await works(all)) {
		return undefined;
	}

	for (const one of all) {
		if (await works([one])) {
			return [one];
		}
	}

	let without: readonly string[] = all;
	for (const one of all) {
		const rest = without.filter(name => name !== one);
		if (await works(rest)) {
			without = rest;
		}
	}

	return without;
}
