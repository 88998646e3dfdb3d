import type {Host, ResourceStates} from './types.ts';

/** One package as dpkg has it. `status` is its second letter in `dpkg -l`: i installed, c configuration only, n not, others half done. */
export type Installed = {status: string; broken: boolean; version: string; held?: true};

/** A field in the syntax of dpkg-query's --showformat. */
export function field(name: string): string {
	return `\${${name}}`;
}

const format = ['db:Status-Abbrev', 'Package', 'Architecture', 'Version'].map(name => field(name)).join('\t') + '\n';

/**
 * dpkg-query(1)'s `db:Status-Abbrev`, name, architecture and version, by name; a package of another architecture
 * than dpkg's own is `name:architecture`.
 */
export function parseInstalled(output: string): ReadonlyMap<string, Installed> {
	const rows = output.split('\n').filter(Boolean).map(line => line.split('\t'));
	const native = rows.find(([, name]) => name === 'dpkg')?.[2];
	return new Map(rows.map(([abbrev = '', name = '', architecture = '', version = '']) => [
		['', 'all', native].includes(architecture) || native === undefined ? name : `${name}:${architecture}`,
		{status: abbrev[1] ?? 'n', broken: 'UFHWt'.includes(abbrev[1] ?? 'n') || abbrev[2] === 'R', version, ...abbrev.startsWith('h') && {held: true}},
	]));
}

export async function installedPackages(host: Host): Promise<ReadonlyMap<string, Installed>> {
	const {stdout} = await host.run(['dpkg-query', '--show', `--showformat=${format}`]);
	return parseInstalled(stdout);
}

/** Some of its files are here: half done counts, since undoing has to take that off too. */
export function isHere(found: Installed | undefined): boolean {
	return found !== undefined && found.status !== 'n' && found.status !== 'c';
}

/** The names of all that is here; undefined where something is half done. */
export function wholePackages(installed: ReadonlyMap<string, Installed>): readonly string[] | undefined {
	const here = [...installed].filter(([, found]) => isHere(found));
	return here.every(([, {status, broken}]) => status === 'i' && !broken) ? here.map(([name]) => name) : undefined;
}

/** The packages that came as somebody's dependency: apt's extended_states. */
export function parseAutomatic(text: string): ReadonlySet<string> {
	const stanzas = text.split(/\n{2,}/).filter(stanza => /^Auto-Installed: 1$/m.test(stanza));
	return new Set(stanzas.map(stanza => /^Package: (\S+)$/m.exec(stanza)?.[1] ?? ''));
}

export const automaticFile = '/var/lib/apt/extended_states';

export function packageState(found: Installed | undefined, automatic: boolean): ResourceStates['package'] {
	if (isHere(found)) {
		return {installed: true, ...automatic && {automatic}};
	}

	return {installed: false, ...found?.status === 'c' && {settings: true}};
}
