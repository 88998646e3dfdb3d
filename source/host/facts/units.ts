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
const enabling: ReadonlySet<string> = new Set(folders.filter(folder => !folder.startsWith('/usr/')));

/** What generators made is started by what they made it of, and cannot be enabled. */
const isGenerated = (folder: string) => folder.startsWith('/run/systemd/generator');

const isUnit = (name: string) => /\.(?:service|socket|timer)$/.test(name);
const nothing = '/dev/null';

/** A name in one of the folders; with a target where it is a link. */
type UnitFile = {folder: string; name: string; target?: string};

const isAlias = ({name, target}: UnitFile) => target !== undefined && target !== nothing && basename(target) !== name;

/**
 * Services, sockets and timers that have a file, by name, as `systemctl list-unit-files` tells them: that takes systemd
 * half a second, in which it does nothing else. A template (`getty@.service`) is nothing that could be enabled.
 * `files` in the order of their folders; `wanted` by name.
 */
function unitsIn(files: readonly UnitFile[], wanted: readonly string[]): ReadonlyMap<string, UnitFacts> {
	const renamed = files.filter(file => enabling.has(file.folder) && isAlias(file)).flatMap(({name, target}) => [name, basename(target!)]);
	const enabled = new Set([...wanted, ...renamed]);
	// Backwards, so that the first of a name is the one that stays.
	return new Map(files.filter(({name}) => isUnit(name)).toReversed().map(file => {
		const masked = file.target === nothing;
		const isFree = !masked && !isGenerated(file.folder);
		return [file.name, {enabled: isFree && (enabled.has(file.name) || isAlias(file)), active: false, masked}];
	}));
}

async function filesIn(host: Host, folder: string): Promise<readonly UnitFile[]> {
	const names = await host.list(folder);
	return Promise.all(names.map(async name => {
		const target = (await host.look(`${folder}/${name}`))?.target;
		return {folder, name, ...target !== undefined && {target}};
	}));
}

async function unitsWithFiles(host: Host): Promise<ReadonlyMap<string, UnitFacts>> {
	const files = (await Promise.all(folders.map(async folder => filesIn(host, folder)))).flat();
	const wants = files.filter(({folder, name}) => enabling.has(folder) && isWantsFolder(name));
	const wanted = await Promise.all(wants.map(async ({folder, name}) => host.list(`${folder}/${name}`)));
	return unitsIn(files, wanted.flat());
}

/** The names of the services, sockets and timers that run. */
export async function activeUnits(host: Host): Promise<ReadonlySet<string>> {
	const {stdout} = await host.run(['systemctl', 'list-units', '--all', '--no-legend', '--no-pager', '--plain', '--type=service,socket,timer']);
	const rows = stdout.split('\n').map(line => line.replace('●', ' ').trim().split(/\s+/));
	return new Set(rows.filter(([, , state]) => state === 'active').map(([name]) => name!));
}

/** Services, sockets and timers by name. Works without root. */
export async function collectUnits(host: Host): Promise<Readonly<Record<string, UnitFacts>>> {
	const [units, active] = await Promise.all([unitsWithFiles(host), activeUnits(host)]);
	const others = [...active].filter(name => !units.has(name)).map(name => [name, {enabled: false, active: true, masked: false}] as const);
	return Object.fromEntries([...[...units].map(([name, facts]) => [name, {...facts, active: active.has(name)}] as const), ...others]);
}
