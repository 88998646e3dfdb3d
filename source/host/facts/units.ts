import type {UnitFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** `systemctl list-unit-files` and `systemctl list-units`, without legend: name, then state columns. */
export function parseUnits(files: string, active: string): Readonly<Record<string, UnitFacts>> {
	const units: Record<string, UnitFacts> = {};
	for (const line of files.split('\n')) {
		const [name, state] = line.trim().split(/\s+/);
		if (name && state) {
			units[name] = {enabled: state === 'enabled' || state === 'enabled-runtime' || state === 'alias', active: false, masked: state.startsWith('masked')};
		}
	}

	for (const line of active.split('\n')) {
		const [name, , state] = line.replace('●', ' ').trim().split(/\s+/);
		if (name && state === 'active') {
			units[name] = {...units[name] ?? {enabled: false, masked: false}, active: true};
		}
	}

	return units;
}

const types = '--type=service,socket,timer';

async function listUnits(host: Host): Promise<string> {
	return (await host.run(['systemctl', 'list-units', '--all', '--no-legend', '--no-pager', '--plain', types])).stdout;
}

/** The names of the services, sockets and timers that run. */
export async function activeUnits(host: Host): Promise<ReadonlySet<string>> {
	return new Set(Object.keys(parseUnits('', await listUnits(host))));
}

/** Services, sockets and timers by name. Works without root. */
export async function collectUnits(host: Host): Promise<Readonly<Record<string, UnitFacts>>> {
	const [files, active] = await Promise.all([
		host.run(['systemctl', 'list-unit-files', '--no-legend', '--no-pager', '--plain', types]),
		listUnits(host),
	]);
	return parseUnits(files.stdout, active);
}
