import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {accessControlResources} from './apparmor.ts';
import {auditResources} from './audit.ts';
import {coreDumpResources, moduleResources, sharedMemoryResources, sysctlResources} from './kernel.ts';
import {debsumsFolders, integrityResources, passwordResources, restartResources} from './integrity.ts';
import {bannerResources, cronResources, loginResources, suResources} from './login.ts';
import {comingPlaces, placeResources} from './places.ts';
import {needlessServices, serviceResources} from './services.ts';
import {sudoResources} from './sudo.ts';

/** What is turned off: as answered, or what is proposed where nothing was answered yet. */
export function servicesToStop(facts: Facts, {permissions}: Answers): readonly string[] {
	return permissions?.disableServices ?? needlessServices(facts);
}

/** In the order in which they are made: modes last, since files are written before. */
export function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const {permissions} = answers;
	if (!permissions) {
		return [];
	}

	const list = [
		...permissions.auditd ? auditResources(facts, answers) : [],
		...permissions.mandatoryAccess ? accessControlResources(facts, answers) : [],
		...serviceResources(facts, servicesToStop(facts, answers)),
		...sudoResources(facts, answers),
		...permissions.sysctl ? [...sysctlResources(facts), ...sharedMemoryResources(facts)] : [],
		...permissions.modules ? moduleResources(facts) : [],
		...permissions.coreDumps ? [] : coreDumpResources(),
		...permissions.banner ? bannerResources(facts) : [],
		...permissions.passwords ? passwordResources() : [],
		...permissions.restartServices ? restartResources() : [],
		...loginResources(facts, answers),
		...suResources(facts),
		...cronResources(facts, answers),
		...permissions.integrity ? integrityResources(facts) : [],
	];
	const written = new Set(list.filter(({type}) => type === 'file').map(({name}) => name));
	const places = permissions.files ? [...placeResources(facts), ...permissions.integrity ? comingPlaces(facts, 'debsums', debsumsFolders) : []] : [];
	return [...list, ...places.filter(({name}) => !written.has(name))];
}
