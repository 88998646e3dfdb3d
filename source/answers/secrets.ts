import {z} from 'zod';
import {t} from '../words.ts';
import {variableName, type ExampleLine} from './values.ts';
import {vault} from './vault.ts';

/**
 * The app's secrets. `generate` makes a random one where there is none; `keep` leaves the one on the server as it is, and is
 * what a given value reads as afterwards: the session holds no secret.
 */
export const secrets = z.strictObject({
	environment: z.record(variableName, z.string().min(1).max(60_000).refine(value => !value.includes('\0'), 'a text without a zero byte')).default({}),
	/** Sealed with a key of this host (systemd-creds), where that can be done. */
	encrypt: z.boolean().default(true),
	/** Further ones, which an agent fetches. */
	vault: vault.optional(),
}).refine(({environment, vault: fetched}) => !Object.keys(fetched?.environment ?? {}).some(name => name in environment), 'each variable once: given here, or fetched from the vault');

/** The same without the values: which secrets there are is no secret. */
export function withoutValues(environment: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value === 'generate' ? value : 'keep']));
}

/** As the example file has it. */
export function secretsExample(): readonly ExampleLine[] {
	return [
		['secrets:'],
		['  environment: {}', t('like {SECRET_KEY: generate, MAIL_PASSWORD: "..."}; keep means: as it is on the server')],
		['  encrypt: true', t('sealed with a key of this server')],
		['  # vault:', t('others come from OpenBao or Vault, by its agent, which you install')],
		['  #   address: https://vault.example.com:8200'],
		['  #   roleId: "…"', t('of AppRole; its secret id goes into /etc/harden/NAME/vault/secret-id')],
		['  #   environment: {STRIPE_KEY: secret/data/shop#stripe_key}'],
	];
}
