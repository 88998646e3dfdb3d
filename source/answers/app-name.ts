import {z} from 'zod';

/** The app's name: of its user, units, folders. Short enough for a user, and no more than a name anywhere. */
export const appName = z.string().regex(/^[a-z](?:[a-z\d-]{0,29}[a-z\d])?$/, 'a name of small letters, digits and -, like shop');
