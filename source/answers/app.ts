import {z} from 'zod';
import {appName} from './app-name.ts';
import type {ExampleLine} from './values.ts';

/** The app itself. */
export const app = z.strictObject({
	name: appName.default('app'),
});

export function appExample(): readonly ExampleLine[] {
	return [['app:'], ['  name: app']];
}
