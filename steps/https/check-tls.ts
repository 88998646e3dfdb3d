import {t} from '../../source/words.ts';
import type {Host, Verdict} from '../../source/engine/types.ts';
import {handshake} from './tls-client.ts';

/** Old ways are tried with a client that would take them. */
const anything = '@SECLEVEL=0';

/** The client itself could not, so the server was not asked. */
const clientRefused = (words: string) => /no protocols available|no ciphers available|no cipher match|unknown option/i.test(words);

export async function verifyProtocols(host: Host, name: string): Promise<Verdict> {
	const old = ['-tls1', '-tls1_1'];
	const [ten, eleven, twelve, thirteen] = await Promise.all([
		...old.map(async option => handshake(host, name, {options: [option, '-cipher', `ALL:${anything}`]})),
		...['-tls1_2', '-tls1_3'].map(async option => handshake(host, name, {options: [option]})),
	]);
	const spoken = [['TLS 1.0', ten], ['TLS 1.1', eleven], ['TLS 1.2', twelve], ['TLS 1.3', thirteen]] as const;
	const accepted = spoken.filter(([, found]) => found?.protocol !== undefined).map(([label]) => label);
	if ([ten, eleven].some(found => found && found.protocol === undefined && clientRefused(found.words))) {
		return {status: 'not-run', evidence: t('openssl here does not speak TLS 1.1 itself, so it could not ask. Accepted: {accepted}', {accepted: accepted.join(', ')})};
	}

	return {status: accepted.join(', ') === 'TLS 1.2, TLS 1.3' ? 'pass' : 'fail', evidence: accepted.length === 0 ? twelve?.words ?? '' : t('Accepted: {accepted}', {accepted: accepted.join(', ')})};
}

/** Without forward secrecy, without authenticated encryption, or with no encryption at all. */
const weak = ['AES128-GCM-SHA256:AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384', 'DES-CBC3-SHA:NULL:aNULL:RC4:EXPORT'];

export async function verifyCiphers(host: Host, name: string): Promise<Verdict> {
	const [modern, ...found] = await Promise.all([
		handshake(host, name, {options: ['-tls1_2']}),
		...weak.map(async ciphers => handshake(host, name, {options: ['-tls1_2', '-cipher', `${ciphers}:${anything}`]})),
	]);
	const accepted = found.filter(({protocol}) => protocol !== undefined).map(({cipher}) => cipher ?? '');
	if (modern.cipher === undefined) {
		return {status: 'fail', evidence: modern.words};
	}

	return {status: accepted.length === 0 ? 'pass' : 'fail', evidence: accepted.length === 0 ? t('{cipher} is taken; of the weak ones, none is', {cipher: modern.cipher}) : t('Accepted: {accepted}', {accepted: accepted.join(', ')})};
}

export async function verifyTickets(host: Host, name: string): Promise<Verdict> {
	const {protocol, ticket, words} = await handshake(host, name, {options: ['-tls1_2']});
	return {status: protocol !== undefined && !ticket ? 'pass' : 'fail', evidence: protocol === undefined ? words : (ticket ? t('A ticket was given') : t('No ticket was given'))};
}

export async function verifyUnknown(host: Host): Promise<Verdict> {
	const {chain, words} = await handshake(host, 'harden-no-such-name.invalid');
	return {status: chain.length === 0 && /unrecognized name/i.test(words) ? 'pass' : 'fail', evidence: words || t('A certificate was shown')};
}
