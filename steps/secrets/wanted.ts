import {posix} from 'node:path';
import {secrets} from '../../source/answers/secrets.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {layoutOf} from '../app/layout.ts';
import type {VaultWanted} from './vault.ts';

/** What the step is about, from facts and answers. Pure. */

export type Wanted = {
	app: ReturnType<typeof layoutOf>;
	/** Variable → `generate`, `keep`, or its value. */
	environment: Readonly<Record<string, string>>;
	isSealed: boolean;
	/** Why it is not sealed although it was asked for. */
	cannotSeal?: string;
	plain: readonly string[];
	sealed: readonly string[];
	vault?: VaultWanted;
};

export function wantedOf({secrets: {sealing, apps, agent, secretIds}}: Facts, answers: Answers): Wanted | undefined {
	const name = answers.app?.name;
	if (name === undefined) {
		return undefined;
	}

	const given = answers.secrets ?? secrets.parse({});
	const cannotSeal = given.encrypt && sealing?.possible === false ? sealing.why : undefined;
	return {
		app: layoutOf(name),
		environment: given.environment,
		isSealed: given.encrypt && cannotSeal === undefined,
		...cannotSeal !== undefined && {cannotSeal},
		plain: apps[name]?.plain ?? [],
		sealed: apps[name]?.sealed ?? [],
		...given.vault && {vault: {given: given.vault, hasSecretId: secretIds.includes(name), ...agent !== undefined && {program: agent}}},
	};
}

/** Where a secret of that name goes, and where one of that name must not be left. */
export function placesOf({app, isSealed}: Wanted, name: string): {place: string; elsewhere: string} {
	const [plain, sealed] = [posix.join(app.credentials, name), posix.join(app.sealed, name)] as const;
	return isSealed ? {place: sealed, elsewhere: plain} : {place: plain, elsewhere: sealed};
}

/** Sealed secrets that stay or come: then the service has to be told of their folder. */
export function hasSealed({environment, isSealed, sealed}: Wanted): boolean {
	const names = Object.keys(environment);
	return isSealed ? names.length > 0 || sealed.length > 0 : sealed.some(name => !names.includes(name));
}
