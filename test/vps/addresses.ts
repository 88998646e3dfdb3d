/**
 * The lab's addresses, all from the ranges set aside for documentation (RFC 5737, RFC 3849): none of them is anyone's.
 * Every network of the lab is a world of its own, so the same addresses are used in each.
 */

export type Family = 'ipv4' | 'ipv6';
export type Addresses = {ipv4?: string; ipv6?: string};

/** All ranges are neighbours on one bridge: nothing needs a router, and there is none. */
export const ranges = {ipv4: ['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24'], ipv6: ['2001:db8::/32']} as const;

/**
 * The bridge itself: the package cache answers here. Without a hardware address of its own it takes the lowest of those that are
 * plugged in, and another one when somebody new comes: then servers that had just talked to it write to nobody for half a minute.
 */
export const bridge = {ipv4: '203.0.113.1', ipv6: '2001:db8::1', mac: '02:00:00:00:00:01'} as const;
export const packagePort = 3142;
export const proxyForServers = `http://${bridge.ipv4}:${packagePort}`;

/** The n-th server of a network, from 0. */
export function serverAddresses(n: number): Required<Addresses> {
	return {ipv4: `203.0.113.${10 + n}`, ipv6: `2001:db8:203:113::${10 + n}`};
}

export const adminAddresses = {ipv4: '198.51.100.7', ipv6: '2001:db8:198:51::7'} as const;
export const attackerAddresses = {ipv4: '198.51.100.66', ipv6: '2001:db8:198:51::66'} as const;
