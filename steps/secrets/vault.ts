import {posix} from 'node:path';
import {placeInVault, type VaultAnswers} from '../../source/answers/vault.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Check, Host, Reload, Resource, Verdict} from '../../source/engine/types.ts';
import {file, folder} from '../of-root.ts';
import type {Wanted} from './wanted.ts';

/**
 * Secrets that an agent of OpenBao or Vault fetches. Debian has no package of either, so the agent is the user's to install;
 * what it reads is made here, and it is started where it is.
 */

export type VaultWanted = {
	given: VaultAnswers;
	/** The agent's program, where there is one. */
	program?: string;
	/** The role's secret id is where the agent looks for it. */
	hasSecretId: boolean;
};

const names = ({given}: VaultWanted) => Object.keys(given.environment).toSorted();
export const unitOf = ({app}: Wanted) => `${app.user}-vault.service`;
export const secretIdOf = ({app}: Wanted) => `${app.vault}/secret-id`;
const isReady = ({program, hasSecretId}: VaultWanted) => program !== undefined && hasSecretId;

/** As the API has them, version 2 of the key-value store puts `data` after its mount, and the values below it. */
function valueOf(path: string, field: string): string {
	return /^[^/]+\/data\//.test(path) ? `.Data.data.${field}` : `.Data.${field}`;
}

function configuration({app}: Wanted, {given}: VaultWanted): string {
	const {address, caFile = '', mount, environment} = given;
	const templates = Object.entries(environment).toSorted(([left], [right]) => left.localeCompare(right)).map(([name, place]) => {
		const {path, field} = placeInVault(place);
		return snippet('vault/template.hcl', {destination: posix.join(app.credentials, name), path, value: valueOf(path, field), service: app.service});
	});
	return snippet('vault/agent.hcl', {name: app.user, address, caFile, mount, folder: app.vault}) + templates.join('');
}

export function vaultResources(wanted: Wanted): readonly Resource[] {
	const {app, vault} = wanted;
	if (vault === undefined) {
		return [];
	}

	const unit = unitOf(wanted);
	const reload: Reload = {unit, action: 'restart'};
	const config = `${app.vault}/agent.hcl`;
	return [
		folder(app.vault, 0o700, t('How secrets are fetched from {address}; for root only.', {address: vault.given.address})),
		{...file(`${app.vault}/role-id`, vault.given.roleId, t('As whom the agent logs in.'), 0o600), reload},
		{...file(config, configuration(wanted, vault), t('Which secrets the agent fetches, and where it puts them.'), 0o600), reload},
		{...file(`/etc/systemd/system/${unit}`, snippet('vault/agent.service', {name: app.user, address: vault.given.address, config, program: vault.program ?? '/usr/bin/bao', credentials: app.credentials}), t('Runs the agent, which may write to that one folder.')), reload},
		...isReady(vault) ? [
			...names(vault).map((name): Resource => ({type: 'log', name: posix.join(app.credentials, name), desired: {mode: 0o600, owner: 'root', group: 'root'}, why: t('{name}, written by the agent. The app finds it in its environment.', {name})})),
			{type: 'unit' as const, name: unit, desired: {enabled: true, active: true, masked: false}, why: t('Fetches them now, after a reboot, and when they change.')},
		] : [],
	];
}

/** What is left to do before the agent can run. */
export function vaultWarnings(wanted: Wanted): readonly string[] {
	const {vault} = wanted;
	return vault === undefined ? [] : [
		...vault.program === undefined ? [t('No agent is on this server: neither bao nor vault is in /usr/bin or /usr/local/bin. Install OpenBao or Vault, then run this step again: until then nothing is fetched.')] : [],
		...vault.hasSecretId ? [] : [t('The secret id of the role is missing: put it into {file}, for root only, then run this step again. Until then nothing is fetched.', {file: secretIdOf(wanted)})],
	];
}

async function verifyVault(host: Host, wanted: Wanted, vault: VaultWanted): Promise<Verdict> {
	if (!isReady(vault)) {
		return {status: 'not-run', evidence: vaultWarnings(wanted).join(' ')};
	}

	const unit = unitOf(wanted);
	const [{stdout: state}, ...values] = await Promise.all([host.run(['systemctl', 'is-active', unit]), ...names(vault).map(async name => ({name, isThere: Boolean(await host.read(posix.join(wanted.app.credentials, name)))}))]);
	const missing = values.filter(({isThere}) => !isThere).map(({name}) => name);
	if (state === 'active' && missing.length === 0) {
		return {status: 'pass', evidence: t('{unit} is active, and has fetched: {names}', {unit, names: names(vault).join(', ') || t('none')})};
	}

	const {stdout: words} = await host.run(['journalctl', '--quiet', '--no-pager', '--output=cat', '--lines=3', `--unit=${unit}`]);
	return {status: 'fail', evidence: t('{unit} is {state}. Not fetched: {names}. Its last words: {words}', {unit, state, names: missing.join(', ') || t('none'), words})};
}

export function vaultChecks(wanted: Wanted): readonly Check[] {
	const {vault} = wanted;
	return vault === undefined ? [] : [{
		id: 'secrets.vault',
		title: t('The agent has fetched the app\'s secrets'),
		severity: 'high',
		references: ['OWASP Secrets Management'],
		fix: t('Look at: journalctl -u {unit}', {unit: unitOf(wanted)}),
		verify: async host => verifyVault(host, wanted, vault),
	}];
}
