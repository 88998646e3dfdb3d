import {parse} from 'smol-toml';
import {z} from 'zod';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import {plainName} from './requirements.ts';

/**
 * Lock files of other tools, in pip's form: every package in its one version, with the hashes that the lock has. Pure. What
 * cannot be said in that form (a package from git, from a folder) is told, never guessed.
 */

export type Locked = {name: string; version: string; extras?: readonly string[]; marker?: string; hashes: readonly string[]};

function damaged(file: string, reason: string): Problem {
	return new Problem(t('{file} cannot be read: {reason}', {file, reason}), t('Lock the dependencies again with the tool that made it.'), 1);
}

function fromElsewhere(file: string, name: string): Problem {
	return new Problem(
		t('{name} in {file} comes from git, a folder or an address, not from an index of packages.', {name, file}),
		t('Export the lock into a requirements.txt that pip understands, and name that in the answers (app.requirements).'),
		1,
	);
}

function parsed<T>(file: string, read: () => unknown, schema: z.ZodType<T>): T {
	try {
		return schema.parse(read());
	} catch (error) {
		throw damaged(file, error instanceof z.ZodError ? t('it is not in the form that is known') : (error as Error).message.split('\n')[0]!);
	}
}

const nameForm = /^[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?$/;
const versionForm = /^[\w.+!-]+$/;
const markerForm = /^[\w .<>=!~'"()+*,-]+$/;
const hashForm = /^sha(?:256|384|512):[\da-f]+$/;

/** One package as pip reads it. A value that could be more than it says is refused: a lock comes with the code, from outside. */
function line(file: string, {name, version, extras = [], marker, hashes}: Locked): string {
	if (!nameForm.test(name) || !versionForm.test(version) || !extras.every(extra => nameForm.test(extra)) || !(marker === undefined || markerForm.test(marker)) || !hashes.every(hash => hashForm.test(hash))) {
		throw damaged(file, t('the entry of {name} is not what such an entry looks like', {name: name.slice(0, 60).replaceAll(/[^\w.-]/g, '?')}));
	}

	return [
		`${name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}==${version}${marker === undefined ? '' : ` ; ${marker}`}`,
		...hashes.toSorted().map(hash => `    --hash=${hash}`),
	].join(' \\\n');
}

/** All or none: pip insists on hashes for all as soon as one has some. */
export function toRequirements(file: string, packages: readonly Locked[]): string {
	const isComplete = packages.every(({hashes}) => hashes.length > 0);
	return packages
		.toSorted((left, right) => `${left.name} ${left.version}`.localeCompare(`${right.name} ${right.version}`))
		.map(entry => `${line(file, isComplete ? entry : {...entry, hashes: []})}\n`).join('');
}

const pipfile = z.object({
	default: z.record(z.string(), z.object({
		version: z.string().optional(),
		hashes: z.array(z.string()).default([]),
		markers: z.string().optional(),
		extras: z.array(z.string()).optional(),
	})),
});

export function fromPipfileLock(text: string): string {
	const file = 'Pipfile.lock';
	const lock = parsed(file, () => JSON.parse(text), pipfile);
	return toRequirements(file, Object.entries(lock.default).map(([name, {version, hashes, markers, extras}]) => {
		if (!version?.startsWith('==')) {
			throw fromElsewhere(file, name);
		}

		return {name, version: version.slice(2), hashes, ...markers !== undefined && {marker: markers}, ...extras && {extras}};
	}));
}

/** A package that others lead to, with the conditions under which it is wanted (none: always). */
type Edge = {to: string; markers: readonly string[]; extras: readonly string[]};

const edge = (to: string, marker: string | undefined, extras: readonly string[] = []): Edge => ({to, extras, markers: marker === undefined ? [] : [marker]});

const joined = (parts: readonly string[], word: string) => parts.map(part => parts.length > 1 ? `(${part})` : part).join(` ${word} `);

/** More ways than this to one package, each with its conditions: it is taken always. One too many harms nothing. */
const mostWays = 8;

/** What is reached from the app's own dependencies, and when. Conditions along a way are joined by `and`, ways by `or`. */
function closure(roots: readonly Edge[], edgesOf: (name: string, extras: readonly string[]) => readonly Edge[]): ReadonlyMap<string, {marker?: string; extras: readonly string[]}> {
	/** By name: the ways to it, each as its conditions in one text; the empty one means always. */
	const found = new Map<string, {ways: Set<string>; extras: Set<string>}>();
	const waiting = [...roots];
	for (let next = waiting.shift(); next; next = waiting.shift()) {
		const known = found.get(next.to) ?? {ways: new Set<string>(), extras: new Set<string>()};
		const before = known.ways.size + known.extras.size;
		const way = joined(next.markers, 'and');
		const isAlways = known.ways.has('') || way === '' || known.ways.size >= mostWays;
		const isNewlyAlways = isAlways && !known.ways.has('');
		known.ways = isAlways ? new Set(['']) : known.ways.add(way);
		for (const extra of next.extras) {
			known.extras.add(extra);
		}

		found.set(next.to, known);
		if (isNewlyAlways || known.ways.size + known.extras.size > before) {
			const {markers} = isAlways ? {markers: []} : next;
			waiting.push(...edgesOf(next.to, [...known.extras]).map(further => ({...further, markers: [...new Set([...markers, ...further.markers])].toSorted()})));
		}
	}

	return new Map([...found].map(([name, {ways, extras}]) => [name, {
		extras: [...extras].toSorted(),
		...!ways.has('') && {marker: joined([...ways].toSorted(), 'or')},
	}]));
}

const uvDependency = z.object({name: z.string(), version: z.string().optional(), marker: z.string().optional(), extra: z.array(z.string()).default([])});
const uv = z.object({
	package: z.array(z.object({
		name: z.string(),
		version: z.string().optional(),
		source: z.record(z.string(), z.unknown()).default({}),
		dependencies: z.array(uvDependency).default([]),
		'optional-dependencies': z.record(z.string(), z.array(uvDependency)).default({}),
		sdist: z.object({hash: z.string().optional()}).optional(),
		wheels: z.array(z.object({hash: z.string().optional()})).default([]),
	})),
});

export function fromUvLock(text: string): string {
	const file = 'uv.lock';
	const {package: packages} = parsed(file, () => parse(text), uv);
	const root = packages.find(({source}) => source['virtual'] === '.' || source['editable'] === '.');
	if (!root) {
		throw damaged(file, t('it has no package for the app itself'));
	}

	const named = new Map(packages.map(entry => [entry.name, entry]));
	if (named.size < packages.length) {
		throw damaged(file, t('it has several versions of one package, for different systems; export it: uv export --no-dev --output-file requirements.txt'));
	}

	const edges = (list: ReadonlyArray<z.infer<typeof uvDependency>>): Edge[] => list.map(({name, marker, extra}) => edge(name, marker, extra));
	const wanted = closure(edges(root.dependencies), (name, extras) => {
		const entry = named.get(name);
		return entry ? [...edges(entry.dependencies), ...extras.flatMap(extra => edges(entry['optional-dependencies'][extra] ?? []))] : [];
	});
	return toRequirements(file, [...wanted].filter(([name]) => name !== root.name).map(([name, {marker, extras}]) => {
		const entry = named.get(name);
		if (entry?.version === undefined || !('registry' in entry.source)) {
			throw fromElsewhere(file, name);
		}

		const hashes = [...entry.sdist ? [entry.sdist] : [], ...entry.wheels].flatMap(({hash}) => hash ?? []);
		return {name, version: entry.version, extras, hashes, ...marker !== undefined && {marker}};
	}));
}

const poetryDependency = z.union([z.string(), z.object({version: z.string().optional(), markers: z.string().optional(), extras: z.array(z.string()).default([]), optional: z.boolean().default(false)}), z.array(z.unknown())]);
const poetry = z.object({
	package: z.array(z.object({
		name: z.string(),
		version: z.string(),
		dependencies: z.record(z.string(), poetryDependency).default({}),
		source: z.object({type: z.string()}).optional(),
		files: z.array(z.object({hash: z.string()})).default([]),
	})).default([]),
});

/** The names that pyproject.toml asks for itself, in Poetry's own table or in the standard one. */
export function directDependencies(pyproject: string): readonly string[] {
	const {project, tool} = parsed('pyproject.toml', () => parse(pyproject), z.object({
		project: z.object({dependencies: z.array(z.string()).default([])}).optional(),
		tool: z.object({poetry: z.object({dependencies: z.record(z.string(), z.unknown()).default({})}).optional()}).optional(),
	}));
	return [
		...Object.keys(tool?.poetry?.dependencies ?? {}).filter(name => name !== 'python'),
		...(project?.dependencies ?? []).flatMap(text => /^[A-Za-z\d][\w.-]*/.exec(text)?.[0] ?? []),
	].map(name => plainName(name));
}

export function fromPoetryLock(text: string, pyproject: string): string {
	const file = 'poetry.lock';
	const {package: packages} = parsed(file, () => parse(text), poetry);
	const named = new Map(packages.map(entry => [plainName(entry.name), entry]));
	const wanted = closure(directDependencies(pyproject).map(name => edge(name, undefined)), name => Object.entries(named.get(name)?.dependencies ?? {}).flatMap(([to, how]) => {
		if (typeof how === 'string' || Array.isArray(how)) {
			return [edge(plainName(to), undefined)];
		}

		// What only an extra of it needs is in the lock whether it was asked for or not; pip takes what is there.
		return how.optional ? [] : [edge(plainName(to), how.markers, how.extras)];
	}));
	return toRequirements(file, [...wanted].map(([name, {marker, extras}]) => {
		const entry = named.get(name);
		if (!entry) {
			throw damaged(file, t('{name} is asked for by pyproject.toml, and is not in it', {name}));
		}

		if (entry.source && entry.source.type !== 'legacy') {
			throw fromElsewhere(file, name);
		}

		return {name, version: entry.version, extras, hashes: entry.files.map(({hash}) => hash), ...marker !== undefined && {marker}};
	}));
}

/** What pyproject.toml asks for, not locked to versions. */
export function fromPyproject(text: string): string {
	const file = 'pyproject.toml';
	const {project} = parsed(file, () => parse(text), z.object({project: z.object({dependencies: z.array(z.string()).default([])}).optional()}));
	if (!project) {
		throw new Problem(t('{file} names no dependencies in the standard form ([project] dependencies).', {file}), t('Lock them, or write a requirements.txt.'), 1);
	}

	return project.dependencies.map(dependency => {
		if (!/^[A-Za-z\d][\w.-]*\s*[^\n\r@]*$/.test(dependency)) {
			throw fromElsewhere(file, dependency.slice(0, 60));
		}

		return `${dependency}\n`;
	}).join('');
}
