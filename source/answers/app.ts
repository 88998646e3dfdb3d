import {z} from 'zod';
import {appName} from './app-name.ts';

/** The app itself. */
export const app = z.strictObject({
	name: appName.default('app'),
});
