import {challengePath} from '../../source/engine/certificate.ts';
import {t} from '../../source/words.ts';
import type {Host, Verdict} from '../../source/engine/types.ts';
import {timerState} from '../timer.ts';
import {hstsState, hstsTimer, rampSteps} from './hsts.ts';
import type {Wanted} from './settings.ts';
import {inUrl, request} from './tls-client.ts';

const verdict = (passed: boolean, evidence: string): Verdict => ({status: passed ? 'pass' : 'fail', evidence});

/** Every name over IPv4, and the first over each family. */
function pairs(names: readonly string[], families: readonly string[]): ReadonlyArray<{name: string; family: string}> {
	return [...names.map(name => ({name, family: families[0]!})), ...families.slice(1).map(family => ({name: names[0]!, family}))];
}

export async function verifyAnswers(host: Host, names: readonly string[], families: readonly string[]): Promise<Verdict> {
	const answers = await Promise.all(pairs(names, families).map(async ({name, family}) => ({name, family, answer: await request(host, `https://${inUrl(name)}/`, family)})));
	const silent = answers.find(({answer: {status}}) => status === 0 || status >= 500);
	return silent
		? verdict(false, t('https://{name}/ by way of {family}: {words}', {name: silent.name, family: silent.family, words: silent.answer.words || String(silent.answer.status)}))
		: verdict(true, answers.map(({name, family, answer}) => `${name} ${family}: ${answer.status}, HTTP/${answer.version}`).join('; '));
}

export async function verifyRedirect(host: Host, names: readonly string[], families: readonly string[]): Promise<Verdict> {
	const path = '/harden?one=1&two=%2F';
	const answers = await Promise.all(pairs(names, families).map(async ({name, family}) => {
		const [plain, secure] = await Promise.all([request(host, `http://${inUrl(name)}${path}`, family), request(host, `https://${inUrl(name)}/`, family)]);
		return {name, plain, secure, target: `https://${inUrl(name)}${path}`};
	}));
	const wrong = answers.find(({plain, target}) => plain.status !== 301 || plain.location !== target);
	const back = answers.find(({secure}) => secure.location.startsWith('http://'));
	if (wrong) {
		return verdict(false, t('http://{name} answers {status} {location}', {name: wrong.name, status: wrong.plain.status, location: wrong.plain.location || wrong.plain.words}));
	}

	return back ? verdict(false, t('https://{name}/ leads back to {location}', {name: back.name, location: back.secure.location})) : verdict(true, t('301 to {location}', {location: answers[0]!.plain.location}));
}

/** A proof that is not there is not found, instead of being looked for at https. */
export async function verifyProofs(host: Host, name: string): Promise<Verdict> {
	const {status, location, words} = await request(host, `http://${inUrl(name)}${challengePath}harden-no-such-proof`);
	return verdict(status === 404, t('http://{name}{path} answers {status} {location}', {name, path: challengePath, status: status || words, location}));
}

export async function verifyHsts(host: Host, {names, hsts}: Wanted): Promise<Verdict> {
	const name = inUrl(names[0]!);
	const [plain, secure] = await Promise.all([request(host, `http://${name}/`), request(host, `https://${name}/`)]);
	const header = 'strict-transport-security';
	const [told = [], onPlain = []] = [secure, plain].map(({headers}) => headers.get(header));
	if (onPlain.length > 0) {
		return verdict(false, t('It is said over plain http as well, where anybody can say it.'));
	}

	if (hsts === 'off') {
		return told.length === 0 ? {status: 'not-run', evidence: t('Off, or not for a certificate that browsers do not trust.')} : verdict(false, t('It should be off, and yet: {told}', {told: told.join(' | ')}));
	}

	const allowed = hsts === 'ramp' ? rampSteps : [hsts];
	return verdict(told.length === 1 && allowed.some(seconds => told[0] === `max-age=${seconds}`), told.length === 0 ? t('There is no such header.') : told.join(' | '));
}

export async function verifyRamp(host: Host, {app}: Wanted): Promise<Verdict> {
	const [{isOn, next = t('never')}, state] = await Promise.all([timerState(host, hstsTimer), host.read(hstsState(app))]);
	return verdict(isOn && state !== undefined, t('{state}; it looks again: {next}', {state: state?.trim() ?? t('nothing was noted'), next}));
}
