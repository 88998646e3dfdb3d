import type {Change, Reload} from './types.ts';

/** What is to take changes up: the services, and systemd itself ahead of them where it has read what was changed. */
export type Reloads = {units: boolean; services: readonly Reload[]};

/** Started by these changes after the last of them that it has to take up. */
function startsAfterwards(unit: string, changes: readonly Change[]): boolean {
	const started = changes.findLastIndex(change => change.type === 'unit' && change.name === unit && change.desired.active && !change.before.active);
	return started > changes.findLastIndex(({reload}) => reload?.unit === unit);
}

/** Each once, in the order of first mention. */
function servicesOf(changes: readonly Change[]): readonly Reload[] {
	const seen = new Map<string, Reload>();
	for (const {reload} of changes) {
		if (reload && !startsAfterwards(reload.unit, changes)) {
			seen.set(`${reload.unit} ${reload.action}`, {...seen.get(`${reload.unit} ${reload.action}`), ...reload});
		}
	}

	// A restart does all that a reload does.
	return [...seen.values()].filter(({unit, action}) => action === 'restart' || !seen.has(`${unit} restart`));
}

/** A unit is reloaded by its own provider, a package's by its installation. */
function isReadBySystemd({type, name}: Change): boolean {
	return type === 'sandbox' || name.startsWith('/etc/systemd/') || name.startsWith('/etc/init.d/');
}

/** What has to be reloaded after these changes, made or undone. Nothing where no service is to take them up. */
export function reloadsOf(changes: readonly Change[]): Reloads {
	const services = servicesOf(changes);
	return {services, units: services.length > 0 && changes.some(change => isReadBySystemd(change))};
}
