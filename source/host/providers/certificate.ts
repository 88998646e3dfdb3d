import {isDeepStrictEqual} from 'node:util';
import {productionDirectory, renewalHook, selfSigned, stagingDirectory, webRoot} from '../../engine/certificate.ts';
import type {CertificateState, Host, Provider, ResourceStates, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {certbot} from '../acme/certbot.ts';
import {readLineage, removeLineage, returnToIssue} from '../acme/lineage.ts';
import {obstacles} from '../acme/obstacles.ts';
import {lookAtNames} from '../acme/way-in.ts';
import {readSelfSigned, writeSelfSigned} from '../self-signed.ts';

type State = ResourceStates['certificate'];

/** `shop`, or `shop/self-signed`: a name that stays inside its folder. */
function parseName(name: string): {app: string; isSelfSigned: boolean} {
	const match = /^(?<app>[a-z][a-z\d-]*)(?<own>\/self-signed)?$/.exec(name);
	if (!match?.groups) {
		throw new Error(`Not the name of a certificate: ${name}`);
	}

	return {app: match.groups['app']!, isSelfSigned: match.groups['own'] !== undefined};
}

/** What it is for, who gave it, and whether it is ours; not which issue of it is in use. */
function sameCertificate(left: State, right: State): boolean {
	const essence = (state: State) => state && [state.domains.toSorted(), state.directory, state.keyType, state.foreign ?? false];
	return isDeepStrictEqual(essence(left), essence(right));
}

/** How CAA records call the authority; unknown for others than Let's Encrypt. */
function caaName(directory: string): string | undefined {
	return directory === productionDirectory || directory === stagingDirectory ? 'letsencrypt.org' : undefined;
}

async function assertWayIn(host: Host, {domains, directory}: CertificateState): Promise<void> {
	const {seen, own} = await lookAtNames(host, domains);
	const found = obstacles(seen, own, caaName(directory));
	if (found.length > 0) {
		throw new Problem(
			t('The authority would refuse, so it was not asked:\n{obstacles}', {obstacles: found.join('\n')}),
			t('Put that right, then try again. Without a name of your own, choose https.directory: self-signed.'),
			1,
		);
	}
}

/**
 * How certbot is asked. Where failures are counted against the name, a rehearsal goes first: with the practice server of
 * Let's Encrypt, which certbot takes for `--dry-run`, and which keeps nothing.
 */
export function issueCommands(name: string, {domains, directory}: CertificateState): ReadonlyArray<readonly string[]> {
	const words = [
		'certonly', '--webroot', '--webroot-path', webRoot, '--cert-name', name, ...domains.flatMap(domain => ['--domain', domain]),
		'--key-type', 'ecdsa', '--elliptic-curve', 'secp256r1', '--renew-with-new-domains', '--force-renewal', '--agree-tos', '--register-unsafely-without-email',
	];
	return [
		...directory === productionDirectory ? [[...words, '--dry-run']] : [],
		[...words, '--server', directory, '--deploy-hook', renewalHook],
	];
}

async function issue(host: Host, name: string, state: CertificateState, {progress}: WriteContext): Promise<void> {
	await assertWayIn(host, state);
	for (const words of issueCommands(name, state)) {
		await certbot(host, words, {caFile: state.caFile, progress});
	}
}

async function writeLineage(host: Host, name: string, state: State, context: WriteContext): Promise<void> {
	const current = await readLineage(host, name);
	if (sameCertificate(current, state)) {
		return;
	}

	if (current?.foreign) {
		throw new Problem(
			t('There is a certificate named {name} in certbot already, for {domains}, which this tool did not make.', {name, domains: current.domains.join(' ')}),
			t('It was left as it is. Give the app another name, or, if nothing uses it, remove it with: certbot delete --cert-name {name}', {name}),
			1,
		);
	}

	if (state === null) {
		await removeLineage(host, name, context.progress);
		return;
	}

	if (current === null || !await returnToIssue(name, state)) {
		await issue(host, name, state, context);
	}
}

/** Certificates: by an authority that speaks ACME, through certbot, which renews them from then on; or self-signed. */
export function certificateProvider(host: Host): Provider<'certificate'> {
	return {
		async read(name) {
			const {app, isSelfSigned} = parseName(name);
			return isSelfSigned ? readSelfSigned(host, app) : readLineage(host, app);
		},
		async write(name, state, context) {
			const {app, isSelfSigned} = parseName(name);
			if (state !== null && (state.directory === selfSigned) !== isSelfSigned) {
				throw new Error(`The certificate ${name} cannot be from ${state.directory}`);
			}

			if (!isSelfSigned) {
				await writeLineage(host, app, state, context);
			} else if (!sameCertificate(await readSelfSigned(host, app), state)) {
				await writeSelfSigned(host, app, state);
			}
		},
		same: sameCertificate,
	};
}
