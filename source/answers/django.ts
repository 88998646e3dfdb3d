import {z} from 'zod';
import {t} from '../words.ts';
import type {ExampleLine} from './values.ts';

/** The answers of the step `django`. */

export const moduleForm = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

export const django = z.strictObject({
	/** Where not given: what manage.py names. */
	settings: z.string().regex(moduleForm, 'a Python module, like shop.settings').optional(),
	/** Make the database's pending migrations. */
	migrate: z.boolean().default(true),
	/** Put the static files where the web server finds them. */
	collectStatic: z.boolean().default(true),
});

/** As the example file has them. */
export function djangoExample(): readonly ExampleLine[] {
	return [
		['django:'],
		['  # settings: shop.settings', t('the module of settings; found by itself in manage.py')],
		['  migrate: true', t('make the pending migrations of the database; these cannot be undone')],
		['  collectStatic: true', t('put the static files where the web server finds them')],
	];
}
