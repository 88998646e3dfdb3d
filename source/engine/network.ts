import {BlockList, isIP, isIPv4} from 'node:net';

/** Addresses and networks as text: pure, and in one spelling, so that two ways of writing one network compare as equal. */

type Network = {address: string; family: 'ipv4' | 'ipv6'; prefix: number};

const bits = {ipv4: 32, ipv6: 128} as const;

/** RFC 5952: small letters, the longest run of zeros as `::`. */
function canonicalAddress(address: string): string {
	return isIPv4(address) ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function toNumber(address: string): bigint {
	if (isIPv4(address)) {
		return address.split('.').reduce((sum, part) => (sum * 256n) + BigInt(part), 0n);
	}

	const [left = '', right] = canonicalAddress(address).split('::');
	const head = left.split(':').filter(Boolean);
	const tail = right?.split(':').filter(Boolean) ?? [];
	const groups = [...head, ...Array.from({length: 8 - head.length - tail.length}, () => '0'), ...tail];
	return groups.reduce((sum, group) => (sum * 65_536n) + BigInt(`0x${group}`), 0n);
}

function fromNumber(value: bigint, family: Network['family']): string {
	if (family === 'ipv4') {
		return [24n, 16n, 8n, 0n].map(shift => (value / (2n ** shift)) % 256n).join('.');
	}

	const groups = Array.from({length: 8}, (_, index) => ((value / (65_536n ** BigInt(7 - index))) % 65_536n).toString(16));
	return canonicalAddress(groups.join(':'));
}

function parseNetwork(text: string): Network | undefined {
	const [address = '', prefixText, ...rest] = text.split('/');
	if (isIP(address) === 0 || address.includes('%') || rest.length > 0) {
		return undefined;
	}

	const family = isIPv4(address) ? 'ipv4' : 'ipv6';
	const prefix = prefixText === undefined ? bits[family] : (/^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN);
	return prefix <= bits[family] ? {address, family, prefix} : undefined;
}

/**
 * The one spelling of `any`, an address, or a network in CIDR form: host bits cleared, no `/32` or `/128`.
 * Undefined where the text is none of these.
 */
export function canonicalSource(text: string): string | undefined {
	if (text === 'any') {
		return text;
	}

	const network = parseNetwork(text);
	if (!network) {
		return undefined;
	}

	const {family, prefix} = network;
	const size = 2n ** BigInt(bits[family] - prefix);
	const value = toNumber(network.address);
	const address = fromNumber(value - (value % size), family);
	return prefix === bits[family] ? address : `${address}/${prefix}`;
}

/** `any` is both. */
export function familyOf(source: string): 'ipv4' | 'ipv6' | 'any' {
	return source === 'any' ? 'any' : (source.includes(':') ? 'ipv6' : 'ipv4');
}

/** Whether every address of `inner` is one of `outer`'s. Either is `any`, an address or a network. */
export function sourceContains(outer: string, inner: string): boolean {
	if (outer === 'any' || outer === inner) {
		return true;
	}

	const [outerNetwork, innerNetwork] = [parseNetwork(outer), parseNetwork(inner)];
	if (!outerNetwork || outerNetwork.family !== innerNetwork?.family || outerNetwork.prefix > innerNetwork.prefix) {
		return false;
	}

	const list = new BlockList();
	list.addSubnet(outerNetwork.address, outerNetwork.prefix, outerNetwork.family);
	return list.check(innerNetwork.address, innerNetwork.family);
}

/** Whether some address is in both. */
export function sourcesOverlap(left: string, right: string): boolean {
	return sourceContains(left, right) || sourceContains(right, left);
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:203.0.113.7` is the IPv4 address. */
export function unmapped(address: string): string {
	return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Nobody outside this host can reach a socket bound here. */
export function isLoopback(address: string): boolean {
	return sourceContains('127.0.0.0/8', unmapped(address)) || address === '::1';
}

/** Every address of the host: `0.0.0.0`, `::`, or `*` as ss(8) prints a dual-stack socket. */
export function isWildcard(address: string): boolean {
	return ['0.0.0.0', '::', '*'].includes(address);
}
