import {posix} from 'node:path';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import {vaultResources} from './vault.ts';
import {hasSealed, placesOf, wantedOf, type Wanted} from './wanted.ts';

/** One variable: the secret in its place, and no other copy of it. */
function secretResources(wanted: Wanted, name: string, given: string, reload: Reload): readonly Resource[] {
	const {place, elsewhere} = placesOf(wanted, name);
	const isElsewhere = (wanted.isSealed ? wanted.plain : wanted.sealed).includes(name);
	if (given === 'keep') {
		return [];
	}

	const why = given === 'generate' ? t('{name} is made at random, and nobody has to see it.', {name}) : t('{name}, as you gave it.', {name});
	return [
		{type: 'credential', name: place, desired: given === 'generate' ? {} : {value: given}, why, secret: true, reload},
		...isElsewhere ? [{type: 'credential', name: elsewhere, desired: null, why: t('{name} is in one place only.', {name}), secret: true, reload} satisfies Resource] : [],
	];
}

/** In the order in which they are made: the service is told of the folder once there is something in it. */
export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const wanted = answers.secrets && wantedOf(facts, answers);
	if (!wanted) {
		return [];
	}

	const {app, environment} = wanted;
	const reload: Reload = {unit: app.service, action: 'restart'};
	const names = Object.keys(environment).toSorted();
	const sealedFolder: readonly Resource[] = hasSealed(wanted) ? [
		{type: 'directory', name: app.sealed, desired: {mode: 0o700, owner: 'root', group: 'root'}, why: t('For secrets that only this server can open.')},
	] : [];
	const handOver: readonly Resource[] = hasSealed(wanted) ? [
		{type: 'directory', name: app.dropIns, desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('For further settings of the app\'s service.')},
		{
			type: 'file',
			name: posix.join(app.dropIns, '40-secrets.conf'),
			desired: {content: snippet('systemd/app.service.d/40-secrets.conf', {folder: app.sealed}), mode: 0o644, owner: 'root', group: 'root'},
			why: t('systemd opens the secrets for the app, and for nobody else.'),
			reload,
		},
	] : [];
	return [...sealedFolder, ...names.flatMap(name => secretResources(wanted, name, environment[name]!, reload)), ...handOver, ...vaultResources(wanted)];
}
