import {z} from 'zod';
import {t} from '../words.ts';
import type {ExampleLine} from './values.ts';

/** A variable of the environment, and the name of its file. */
export const variableName = z.string().regex(/^[A-Z][A-Z\d_]{0,63}$/, 'a variable of capital letters, digits and _, like SECRET_KEY');

/**
 * The app's secrets. `generate` makes a random one where there is none; `keep` leaves the one on the server as it is, and is
 * what a given value reads as afterwards: the session holds no secret.
 */
export const secrets = z.strictObject({
	environment: z.record(variableName, z.string().min(1).max(60_000).refine(value => !value.includes('\0'), 'a text without a zero byte')).default({}),
	/** Sealed with a key of this host (systemd-creds), where that can be done. */
	encrypt: z.boolean().default(true),
});

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
	];
}
