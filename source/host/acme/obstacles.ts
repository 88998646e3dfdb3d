import {isIPv6} from 'node:net';
import {sourceContains} from '../../engine/network.ts';
import {t} from '../../words.ts';

/** Why an authority would say no, from what DNS and port 80 say. Pure. */

export type Answer =
	/** The file that was laid there for it. */
	| {kind: 'ours'}
	| {kind: 'redirected' | 'other' | 'silent'; words: string};

export type NameSeen = {
	name: string;
	/** DNS answered, be it with nothing. */
	asked: boolean;
	addresses: ReadonlyArray<{address: string; /** It is this host's. */ own: boolean; answer: Answer}>;
	/** Who may give certificates for it (CAA); nobody named is everybody. */
	authorities: readonly string[];
};

/** Not to be reached from the internet: behind a router that passes its own address on, this host does not know that one. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'];
const isPrivate = (address: string) => privateRanges.some(range => sourceContains(range, address));

function recordKind(address: string): string {
	return isIPv6(address) ? 'AAAA' : 'A';
}

function aboutAddress(name: string, {address, own, answer}: NameSeen['addresses'][number], ownAddresses: readonly string[]): string | undefined {
	const record = recordKind(address);
	const sameFamily = ownAddresses.filter(candidate => isIPv6(candidate) === isIPv6(address));
	if (answer.kind === 'ours') {
		return undefined;
	}

	if (own) {
		return answer.kind === 'silent'
			? t('{name} leads here, to {address}, but nothing answers there on port 80 ({words}). Nginx has to listen there.', {name, address, words: answer.words})
			: t('{name} leads here, to {address}, but port 80 does not answer with the authority\'s file ({words}). Another site of Nginx claims the name: look for it in `nginx -T`.', {name, address, words: answer.words});
	}

	// A proxy in front that sends everybody to HTTPS; or a router: its outer address cannot always be asked from within.
	if (answer.kind === 'redirected' || (answer.kind === 'silent' && sameFamily.length > 0 && sameFamily.every(candidate => isPrivate(candidate)))) {
		return undefined;
	}

	return sameFamily.length === 0
		? t('{name} has an {record} record for {address}, and this server has no such address. Take the record away at your DNS provider: the authority would ask there.', {name, record, address})
		: t('{name} leads to {address}, which is not this server ({own}). Correct its {record} record at your DNS provider; it can take an hour to be seen everywhere.', {name, address, own: sameFamily.join(', '), record});
}

/** Each obstacle with its way out. `authority` is how CAA records call the one that is to be asked, where that is known. */
export function obstacles(seen: readonly NameSeen[], ownAddresses: readonly string[], authority?: string): readonly string[] {
	return seen.flatMap(({name, asked, addresses, authorities}) => [
		...addresses.length > 0 ? [] : [asked
			? t('{name} has no address in DNS. Add an A record with {own} at your DNS provider, which can take an hour to be seen everywhere; or take the name out of web.domains.', {name, own: ownAddresses[0] ?? t('the address of this server')})
			: t('DNS did not answer when it was asked for {name}. See /etc/resolv.conf, and whether this server may go out on port 53.', {name})],
		...addresses.flatMap(entry => aboutAddress(name, entry, ownAddresses) ?? []),
		...authority === undefined || authorities.length === 0 || authorities.includes(authority) ? [] : [
			t('The CAA record for {name} names {authorities}, and not {authority}. Add `0 issue "{authority}"` at your DNS provider.', {name, authorities: authorities.filter(Boolean).join(', ') || t('nobody'), authority}),
		],
	]);
}
