import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, FoundSecret} from '../../source/engine/facts.ts';
import type {Check, Host, Verdict} from '../../source/engine/types.ts';
import {verifyAlive} from '../app/checks.ts';
import {vaultChecks} from './vault.ts';
import {placesOf, wantedOf, type Wanted} from './wanted.ts';

/** `NAME` of `sealed_NAME` and `app_NAME`, as systemd calls what it hands over from a folder. */
const plainName = (credential: string) => credential.replace(/^(?:app|sealed)_/, '');

/** What systemd has handed to the running app. */
async function verifyHanded(host: Host, {app, environment}: Wanted): Promise<Verdict> {
	const active = await host.run(['systemctl', 'is-active', app.service]);
	if (active.stdout !== 'active') {
		return {status: 'not-run', evidence: t('{unit} is not running, so nothing was handed to it.', {unit: app.service})};
	}

	const handed = new Set((await host.list(`/run/credentials/${app.service}`)).map(name => plainName(name)));
	const missing = Object.keys(environment).filter(name => !handed.has(name));
	return missing.length === 0
		? {status: 'pass', evidence: t('Handed over: {names}', {names: [...handed].join(', ') || t('none')})}
		: {status: 'fail', evidence: t('Not handed over: {names}', {names: missing.join(', ')})};
}

/** Whoever is not root, and not the app, cannot read them; asked of the kernel, as nobody. */
async function verifyClosed(host: Host, {app}: Wanted): Promise<Verdict> {
	const places = [app.credentials, app.sealed, `/run/credentials/${app.service}`];
	const results = await Promise.all(places.map(async place => ({place, isOpen: (await host.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', 'find', place, '-maxdepth', '1', '-type', 'f', '-readable'])).stdout !== ''})));
	const open = results.filter(({isOpen}) => isOpen).map(({place}) => place);
	return open.length === 0 ? {status: 'pass', evidence: t('Nobody else can read {places}', {places: places.join(', ')})} : {status: 'fail', evidence: t('Everybody can read {places}', {places: open.join(', ')})};
}

/** systemd-creds opens each one with this host's key, under its own name only. */
async function verifySealed(host: Host, wanted: Wanted): Promise<Verdict> {
	const names = Object.keys(wanted.environment);
	const results = await Promise.all(names.map(async name => {
		const {place} = placesOf(wanted, name);
		const text = await host.read(place) ?? '';
		const [own, other] = await Promise.all([`sealed_${name}`, 'sealed_ANOTHER'].map(async credential => host.run(['systemd-creds', 'decrypt', `--name=${credential}`, '-', '/dev/null'], {input: text})));
		return {name, isGood: own!.exitCode === 0 && other!.exitCode !== 0};
	}));
	const bad = results.filter(({isGood}) => !isGood).map(({name}) => name);
	return bad.length === 0 ? {status: 'pass', evidence: t('Sealed to this server: {names}', {names: names.join(', ') || t('none')})} : {status: 'fail', evidence: t('Not sealed: {names}', {names: bad.join(', ')})};
}

/** A command line, or a log, that holds one of them. The secrets themselves are compared in memory and never shown. */
async function verifyNotInSight(host: Host, {app, plain}: Wanted): Promise<Verdict> {
	const values = (await Promise.all(plain.map(async name => ({name, value: (await host.read(`${app.credentials}/${name}`) ?? '').trim()})))).filter(({value}) => value.length >= 12);
	const {stdout} = await host.run(['ps', '-eo', 'args', '--no-headers', '-ww']);
	const seen = values.filter(({value}) => stdout.includes(value)).map(({name}) => name);
	return seen.length === 0 ? {status: 'pass', evidence: t('No command line holds one of them')} : {status: 'fail', evidence: t('On a command line that everybody can read: {names}', {names: seen.join(', ')})};
}

export function placeOf({file, line, kind}: FoundSecret): string {
	return `${file}:${line} (${kind})`;
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const wanted = wantedOf(facts, answers);
	if (!wanted) {
		return [];
	}

	const fix = t('Run the secrets step.');
	const inCode = facts.secrets.inCode.filter(({app}) => app === wanted.app.user);
	return [
		{id: 'secrets.app', title: t('The app still answers'), severity: 'high', references: ['CIS Controls 4.1'], fix: t('Look at: journalctl -u {unit}', {unit: wanted.app.service}), verify: async host => verifyAlive(host, wanted.app)},
		{id: 'secrets.closed', title: t('Only root and the app can read the app\'s secrets'), severity: 'high', references: ['OWASP ASVS 14.1'], fix, verify: async host => verifyClosed(host, wanted)},
		{id: 'secrets.handed', title: t('The app is given its secrets'), severity: 'high', references: ['OWASP Secrets Management'], fix, verify: async host => verifyHanded(host, wanted)},
		...wanted.isSealed ? [{id: 'secrets.sealed', title: t('Secrets on the disk can be opened by this server only'), severity: 'medium' as const, references: ['OWASP Secrets Management', 'CIS Controls 3.11'], fix, verify: async (host: Host) => verifySealed(host, wanted)}] : [],
		...vaultChecks(wanted),
		{id: 'secrets.out-of-sight', title: t('No secret stands on a command line'), severity: 'high', references: ['OWASP Secrets Management', 'CWE-214'], fix: t('Have the program read it from its environment, then change it: {tool} rotate secret NAME'), advice: true, verify: async host => verifyNotInSight(host, wanted)},
		{
			id: 'secrets.code',
			title: t('No secret stands in the app\'s code'),
			severity: 'high',
			references: ['OWASP Secrets Management', 'CWE-798'],
			fix: t('Take it out of the code, give it as a secret instead, and change it: whoever has the repository has it.'),
			advice: true,
			final: true,
			verify: async () => inCode.length === 0 ? {status: 'pass', evidence: t('Nothing that looks like one')} : {status: 'fail', evidence: inCode.slice(0, 10).map(found => placeOf(found)).join(', ')},
		},
	];
}
