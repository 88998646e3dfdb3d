import {z} from 'zod';
import {appName} from './app-name.ts';
import {absolutePath, printable, type ExampleLine} from './values.ts';

export const app = z.strictObject({
	name: appName.default('app'),
	source: z.union([
		z.strictObject({sample: z.enum(['flask', 'django'])}),
		z.strictObject({path: absolutePath}),
		z.strictObject({git: printable, ref: printable.default('main')}),
	]).default({sample: 'flask'}),
});

export function appExample(): readonly ExampleLine[] {
	return [['app:'], ['  name: app'], ['  source: {sample: flask}']];
}
