import {z} from 'zod';
import {absolutePath, variableName} from './values.ts';

/** What comes from a Vault or an OpenBao, fetched by its agent. All of it stands between quotes in the agent's file (HCL). */

const address = z.string().max(300).regex(/^https:\/\/(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[[\da-f:]{2,39}\])(?::[1-9]\d{0,4})?$/i, 'an address like https://vault.example.com:8200');
const segment = String.raw`(?!\.{1,2}(?:/|#|$))[\w.-]{1,100}`;
const field = String.raw`[A-Za-z_]\w{0,99}`;
const place = z.string().max(500).regex(new RegExp(String.raw`^${segment}(?:/${segment})+#${field}$`), 'a path as the API has it and a field, like secret/data/shop#stripe_key');

export const vault = z.strictObject({
	address,
	/** Trusted instead of the authorities of the system. */
	caFile: absolutePath.optional(),
	/** Of AppRole: which role, and where it is mounted. */
	roleId: z.string().regex(/^[\w.-]{1,200}$/, 'the id of a role: letters, digits and . _ -'),
	mount: z.string().max(200).regex(new RegExp(String.raw`^auth(?:/${segment})+$`), 'where AppRole is mounted, like auth/approle').default('auth/approle'),
	environment: z.record(variableName, place).default({}),
});

export type VaultAnswers = z.infer<typeof vault>;

/** Where a variable's value lies. */
export function placeInVault(value: string): {path: string; field: string} {
	const [path = '', name = ''] = value.split('#');
	return {path, field: name};
}
