import {isIP} from 'node:net';
import {selfSigned} from '../../source/engine/certificate.ts';
import {t} from '../../source/words.ts';
import type {Host, Verdict} from '../../source/engine/types.ts';
import {timerState} from '../timer.ts';
import {isPublicAuthority, type Wanted} from './settings.ts';
import {handshake} from './tls-client.ts';

const day = 86_400_000;

/** The first certificate of a file, as it stands there. */
export function firstCertificate(pem: string): string | undefined {
	return /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem)?.[0];
}

async function askOpenssl(host: Host, pem: string, ...words: readonly string[]): Promise<string> {
	const {stdout, stderr} = await host.run(['openssl', 'x509', '-noout', ...words], {input: `${pem}\n`});
	return stdout || stderr;
}

export async function verifyCertificate(host: Host, {names, files}: Wanted, families: readonly string[]): Promise<Verdict> {
	const own = firstCertificate(await host.read(files.chain) ?? '');
	if (own === undefined) {
		return {status: 'fail', evidence: t('{file} holds no certificate', {file: files.chain})};
	}

	for (const [name, family] of [...names.map(name => [name, families[0]!] as const), ...families.slice(1).map(family => [names[0]!, family] as const)]) {
		const {chain, words} = await handshake(host, name, {family});
		if (chain[0] !== own) {
			return {status: 'fail', evidence: chain[0] === undefined ? t('{name} by way of {family}: {words}', {name, family, words}) : t('For {name}, another certificate is served: {subject}', {name, subject: await askOpenssl(host, chain[0], '-subject', '-serial')})};
		}

		const match = await askOpenssl(host, own, isIP(name) === 0 ? '-checkhost' : '-checkip', name);
		if (!match.includes('does match certificate')) {
			return {status: 'fail', evidence: match};
		}
	}

	return {status: 'pass', evidence: (await askOpenssl(host, own, '-serial', '-issuer')).replaceAll('\n', ', ')};
}

/** `notBefore=Nov 25 01:00:26 2026 GMT` */
export function parseDates(text: string): {begin: number; end: number} | undefined {
	const [begin, end] = ['notBefore', 'notAfter'].map(key => Date.parse(new RegExp(`^${key}=(.+)$`, 'm').exec(text)?.[1] ?? ''));
	return begin === undefined || end === undefined || Number.isNaN(begin) || Number.isNaN(end) ? undefined : {begin, end};
}

/** Whether its end is nearer than a renewal lets it come: 20 days, or a quarter of its time where that is short. */
export function isDue({begin, end}: {begin: number; end: number}, now: number): boolean {
	return end - now < Math.min(20 * day, (end - begin) / 4);
}

export async function verifyExpiry(host: Host, {names}: Wanted): Promise<Verdict> {
	const {chain: [served], words} = await handshake(host, names[0]!);
	const dates = served === undefined ? undefined : parseDates(await askOpenssl(host, served, '-dates'));
	if (dates === undefined) {
		return {status: 'fail', evidence: words};
	}

	const left = Math.floor((dates.end - Date.now()) / day);
	return {status: isDue(dates, Date.now()) ? 'fail' : 'pass', evidence: t('It ends on {date}, in {days} days', {date: new Date(dates.end).toISOString().slice(0, 10), days: left})};
}

export async function verifyTrusted(host: Host, {names, directory}: Wanted): Promise<Verdict> {
	const {verdict = '', chain: [served = '']} = await handshake(host, names[0]!);
	if (verdict === '0 (ok)') {
		return {status: 'pass', evidence: (await askOpenssl(host, served, '-issuer')).trim()};
	}

	const isPrivate = directory !== selfSigned && !isPublicAuthority(directory);
	return {
		status: isPrivate ? 'not-run' : 'fail',
		evidence: isPrivate ? t('Who trusts {authority} is not known here: {verdict}', {authority: new URL(directory).host, verdict}) : verdict,
	};
}

/** certbot's own timer, and how its last run went. */
export async function verifyRenewal(host: Host): Promise<Verdict> {
	const [{isOn, next}, service] = await Promise.all([
		timerState(host, 'certbot.timer'),
		host.run(['systemctl', 'show', '--property=Result,ExecMainStatus', 'certbot.service']),
	]);
	const isWell = /^Result=success$/m.test(service.stdout);
	return {
		status: isOn && isWell ? 'pass' : 'fail',
		evidence: isOn
			? (isWell ? t('certbot.timer looks again: {next}', {next: next ?? t('soon')}) : t('certbot.service failed when it last ran: see journalctl -u certbot.service'))
			: t('certbot.timer does not run'),
	};
}

/** An answer that got lost reads like none, so nothing is asked for up to three times. */
async function addressesOf(host: Host, name: string, tries = 3): Promise<readonly string[]> {
	const {stdout} = await host.run(['getent', 'ahosts', name], {timeout: 15_000});
	const addresses = new Set(stdout.split('\n').map(line => line.split(/\s+/)[0] ?? '').filter(address => isIP(address) !== 0));
	return addresses.size > 0 || tries === 1 ? [...addresses] : addressesOf(host, name, tries - 1);
}

export async function verifyDns(host: Host, names: readonly string[], own: readonly string[]): Promise<Verdict> {
	const found = await Promise.all(names.map(async name => ({name, addresses: await addressesOf(host, name)})));
	const unknown = found.find(({addresses}) => addresses.length === 0);
	const elsewhere = found.find(({addresses}) => addresses.some(address => !own.includes(address)));
	if (unknown) {
		return {status: 'fail', evidence: t('{name} has no address in DNS', {name: unknown.name})};
	}

	return elsewhere
		// A proxy in front, or a router that keeps the outer address to itself: both are right, and cannot be told from a mistake here.
		? {status: 'not-run', evidence: t('{name} leads to {addresses}, this server has {own}: right if a proxy or a router stands in front', {name: elsewhere.name, addresses: elsewhere.addresses.join(', '), own: own.join(', ')})}
		: {status: 'pass', evidence: found.map(({name, addresses}) => `${name}: ${addresses.join(', ')}`).join('; ')};
}
