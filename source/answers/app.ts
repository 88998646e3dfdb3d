import {z} from 'zod';
import {t} from '../words.ts';
import {appName} from './app-name.ts';
import {absolutePath, type ExampleLine} from './values.ts';

/** The answers of the step `app`: whose code, and how it is served. */

export const samples = ['flask', 'django', 'fastapi'] as const;
export type Sample = typeof samples[number];

const module = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
/** As gunicorn takes it, without calls: `shop.wsgi:application`. */
export const entryForm = new RegExp(`^${module}:${module}$`);
/** A path inside the code, of plain names. */
export const insideForm = /^(?!\.{1,2}(?:\/|$))[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/;
/** https, ssh or the short form of ssh; nothing that git reads as an option or a helper (`ext::`). */
export const gitForm = /^(?:https:\/\/(?:[\w.-]+@)?[\w.-]+(?::\d{1,5})?\/[\w./~+-]+|ssh:\/\/(?:[\w.-]+@)?[\w.-]+(?::\d{1,5})?\/[\w./~+-]+|[\w.-]+@[\w.-]+:[\w./~+-]+)$/;
/** A branch, tag or commit (git-check-ref-format(1)), never an option. */
export const refForm = /^(?!-)(?!.*\.\.)[\w./+-]{1,200}$/;

export const app = z.strictObject({
	name: appName.default('app'),
	source: z.union([
		z.strictObject({sample: z.enum(samples)}),
		z.strictObject({path: absolutePath}),
		z.strictObject({
			git: z.string().regex(gitForm, 'an address of git, like https://example.com/you/shop.git or git@example.com:you/shop.git'),
			ref: z.string().regex(refForm, 'a branch, a tag or a commit').default('main'),
		}),
	]).default({sample: 'flask'}),
	/** Where not given: the sample's own, or what the code looks like. */
	entry: z.string().regex(entryForm, 'a module and the app in it, like shop.wsgi:application').optional(),
	/** The file of dependencies, inside the code; where not given, the one that is there. */
	requirements: z.string().regex(insideForm, 'a file inside the code, like requirements.txt').optional(),
	workers: z.union([z.literal('auto'), z.int().min(1).max(64)]).default('auto'),
	/** Where the file of dependencies has no hashes: what it came to is noted with hashes, and installed again only like that. */
	lock: z.boolean().default(false),
	/** What happens where a dependency has a known hole: the step refuses, or says so. */
	audit: z.union([z.boolean(), z.enum(['block', 'warn'])]).default(true),
});

/** As the example file has them. */
export function appExample(): readonly ExampleLine[] {
	return [
		['app:'],
		['  name: app', t('of its user, its service and its folders')],
		['  source: {sample: flask}', t('or {sample: django}, {path: /opt/shop}, {git: "https://…", ref: main}')],
		['  # entry: "app:app"', t('the module and the app in it; found by itself where it can be')],
		['  # requirements: requirements.txt', t('the file of dependencies; found by itself')],
		['  workers: auto', t('or how many processes')],
		['  lock: false', t('true: dependencies without hashes are noted with theirs, and installed again only like that')],
		['  audit: true', t('dependencies with known holes: true or warn tells, block refuses, false does not look')],
	];
}
