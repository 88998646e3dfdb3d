import {z} from 'zod';
import type {ExampleLine} from './values.ts';

export const postgres = z.strictObject({
	database: z.string().regex(/^[a-z_][a-z\d_]{0,39}$/, 'a name of small letters, digits and _').default('app'),
});

export function postgresExample(): readonly ExampleLine[] {
	return [['postgres:'], ['  database: app']];
}
