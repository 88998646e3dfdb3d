/* eslint-disable no-bitwise -- the modes of files are bits */
import {ruleFor} from '../../source/engine/places.ts';
import type {Facts, Place} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';

/** Owners and modes, from the table and what is there: pure. */

type Placed = {path: string; place: Place; desired: {mode: number; owner: string; group: string}; why: string};

/** What each thing of the table should be. Never looser than it is. */
export function wantedPlaces({permissions: {places}}: Facts): readonly Placed[] {
	return Object.entries(places).flatMap(([path, place]) => {
		const rule = ruleFor(path);
		return rule === undefined || (place.kind !== 'file' && place.kind !== 'directory') ? [] : [{
			path,
			place,
			desired: {mode: place.mode & rule.most, owner: rule.owner ?? 'root', group: rule.group ?? place.group},
			why: rule.why(),
		}];
	});
}

/** Links where a file or folder should be: left alone, and told. */
export function linkedPlaces({permissions: {places}}: Facts): readonly string[] {
	return Object.entries(places).filter(([, {kind}]) => kind === 'link').map(([path]) => path);
}

export function placeResources(facts: Facts): readonly Resource[] {
	return wantedPlaces(facts).map(({path, desired, why}) => ({type: 'mode', name: path, desired, why}));
}

/** The table's folders that a package of this step will bring: in the plan from the start, so that they are no news afterwards. */
export function comingPlaces({packages, permissions: {places}}: Facts, by: string, paths: readonly string[]): readonly Resource[] {
	const coming = by in packages ? [] : paths.filter(path => !(path in places));
	return coming.flatMap(path => {
		const rule = ruleFor(path);
		const state = {mode: 0o755, owner: 'root', group: 'root'};
		return rule === undefined ? [] : [{type: 'mode', name: path, desired: {...state, mode: state.mode & rule.most}, why: rule.why(), brought: {by, state}}];
	});
}
