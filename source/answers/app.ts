import {z} from 'zod';
import type {ExampleLine} from './values.ts';
import {appName} from './app-name.ts';

export const app = z.strictObject({
	name: appName.default('app'),
});

export function appExample(): readonly ExampleLine[] {
	return [
		['app:'],
		['  name: app'],
	];
}
