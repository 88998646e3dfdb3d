import {basename} from 'node:path';
import type {UnitFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {isWantsFolder} from '../unit-links.ts';

/** Where systemd finds units, the first that has a name wins (systemd.unit(5)). */
const folders = [
	'/etc/systemd/system',
	'/run/systemd/system',
	'/run/systemd/generator.early',
	'/run/systemd/generator',
	'/usr/local/lib/systemd/system',
	'/usr/lib/systemd/system',
	'/run/systemd/generator.late',
] as const;
/** Whose links say what starts: the administrator's, and what holds while the server runs. */
const enabling: readonly string[] = folders.filter(folder => !folder.startsWith('/usr/'));

/** What generators made is started by what they made it of, and cannot be enabled. */
const isGenerated = (folder: string) => folder.startsWith('/run/systemd/generator');

const isUnit = (name: string) => /\.(?:service|socket|timer)$/.test(name);
const nothing = '/dev/null';

/** A name in one of the folders; with a target where it is a link. */
export type UnitFile = {folder: string; name: string; target?: string};

const isAlias = ({name, target}: UnitFile) => target !== undefined && target !== nothing && basename(target) !== name;

/** What the links in these folders make start: what is wanted, what has another name, and that name. */
function enabledBy(files: readonly UnitFile[]): ReadonlySet<string> {
	return new Set(files.flatMap(file => isWantsFolder(file.folder) ? [file.name] : (isAlias(file) ? [file.name, basename(file.target!)] : [])));
}

/**
 * Services, sockets and timers that have a file, by name, as `systemctl list-unit-files` tells them: that takes systemd
 * half a second, in which it does nothing else. A template (`getty@.service`) is nothing that could be enabled.
 */
export function unitsIn(files: readonly UnitFile[]): ReadonlyMap<string, UnitFacts> {
	const units = new Map<string, UnitFacts>();
	const enabled = enabledBy(files.filter(({folder}) => enabling.some(place => folder.startsWith(place))));
	for (const folder of folders) {
		for (const file of files) {
			if (file.folder === folder && isUnit(file.name) && !units.has(file.name)) {
				const masked = file.target === nothing;
				const isFree = !masked && !isGenerated(folder);
				units.set(file.name, {enabled: isFree && (enabled.has(file.name) || isAlias(file)), active: false, masked});
			}
		}
	}

	return units;
}

async function filesIn(host: Host, folder: string): Promise<readonly UnitFile[]> {
	const names = await host.list(folder);
	return Promise.all(names.map(async name => {
		const target = (await host.look(`${folder}/${name}`))?.target;
		return {folder, name, ...target !== undefined && {target}};
	}));
}

async function unitFiles(host: Host): Promise<readonly UnitFile[]> {
	const found = (await Promise.all(folders.map(async folder => filesIn(host, folder)))).flat();
	const wants = found.filter(({folder, name}) => enabling.includes(folder) && isWantsFolder(name));
	const wanted = await Promise.all(wants.map(async ({folder, name}) => filesIn(host, `${folder}/${name}`)));
	return [...found, ...wanted.flat()];
}

/** The names of the services, sockets and timers that run. */
export async function activeUnits(host: Host): Promise<ReadonlySet<string>> {
	const {stdout} = await host.run(['systemctl', 'list-units', '--all', '--no-legend', '--no-pager', '--plain', '--type=service,socket,timer']);
	const rows = stdout.split('\n').map(line => line.replace('●', ' ').trim().split(/\s+/));
	return new Set(rows.filter(([, , state]) => state === 'active').map(([name]) => name!));
}

/** Services, sockets and timers by name. Works without root. */
export async function collectUnits(host: Host): Promise<Readonly<Record<string, UnitFacts>>> {
	const [files, active] = await Promise.all([unitFiles(host), activeUnits(host)]);
	const units = unitsIn(files);
	const others = [...active].filter(name => !units.has(name)).map(name => [name, {enabled: false, active: true, masked: false}] as const);
	return Object.fromEntries([...[...units].map(([name, facts]) => [name, {...facts, active: active.has(name)}] as const), ...others]);
}
