import type {Installation} from './apt.ts';

/** Packages of which one is enough, as a control file's `a | b` says it; each with what else provides it. */
type Alternatives = ReadonlyArray<readonly string[]>;

/** By package: what it cannot be without. */
export type Dependencies = ReadonlyMap<string, readonly Alternatives[]>;

/** Those of its words about dependencies that apt-cache(8) leaves out: only what has to be there counts. */
export const onlyNeeds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(word => `--no-${word}`);

/**
 * `apt-cache depends --recurse`: a package, then ` |Depends: debconf` where the next line is as good, `  PreDepends: libc6`, or
 * `  Depends: <debconf-2.0>` which is only a name; deeper, what provides the one above.
 */
export function parseDependencies(output: string): Dependencies {
	const found = new Map<string, string[][][]>();
	let groups: string[][][] = [];
	let goesOn = false;
	for (const line of output.split('\n')) {
		const {bar, name} = /^ (?<bar>[ |])(?:Pre)?Depends: (?<name>\S+)/.exec(line)?.groups ?? {};
		const provider = /^ {4}(?<name>\S+)/.exec(line)?.groups?.['name'];
		if (name !== undefined) {
			const members = name.startsWith('<') ? [] : [name];
			if (goesOn) {
				groups.at(-1)!.push(members);
			} else {
				groups.push([members]);
			}

			goesOn = bar === '|';
		} else if (provider !== undefined) {
			groups.at(-1)?.at(-1)?.push(provider);
		} else if (line !== '' && !line.startsWith(' ')) {
			groups = [];
			found.set(line, groups);
		}
	}

	return found;
}

/**
 * Which of these has to come: none where one that is here will do. Undefined where only apt can tell: it did not take the first, or
 * took two, because of what else comes.
 */
function chosenOf(alternatives: Alternatives, comes: (name: string) => boolean, isHere: (name: string) => boolean): readonly string[] | undefined {
	const all = alternatives.flat();
	if (!all.some(name => comes(name)) || all.some(name => isHere(name) && !comes(name))) {
		return [];
	}

	const first = alternatives.find(members => members.length > 0)!.filter(name => comes(name));
	return first.length === 1 ? first : undefined;
}

/** All that some packages need of what comes, themselves too. Undefined where only apt can tell. */
function needsOf(names: readonly string[], dependencies: Dependencies, comes: (name: string) => boolean, isHere: (name: string) => boolean): ReadonlySet<string> | undefined {
	const needs = new Set(names.filter(name => comes(name)));
	// A set hears of what is added to it while it is gone through.
	for (const name of needs) {
		const chosen = (dependencies.get(name) ?? []).map(alternatives => chosenOf(alternatives, comes, isHere));
		if (chosen.includes(undefined)) {
			return undefined;
		}

		for (const one of chosen.flat()) {
			needs.add(one!);
		}
	}

	return needs;
}

/**
 * What each of these groups of packages would come to by itself, from what apt says that all of them together come to. A group
 * for which that does not say it is undefined; so are all of them where something would go, or would come for no known reason.
 */
export function sharesOf(whole: Installation, groups: ReadonlyArray<readonly string[]>, dependencies: Dependencies, isHere: (name: string) => boolean): ReadonlyArray<Installation | undefined> {
	const coming = new Set(whole.actions.map(({name}) => name));
	const needs = groups.map(names => needsOf(names, dependencies, name => coming.has(name), isHere));
	const isKnown = whole.actions.every(({name, action}) => action === 'install' && needs.some(found => found === undefined || found.has(name)));
	return needs.map(found => found && isKnown
		? {
			actions: whole.actions.filter(({name}) => found.has(name)),
			about: new Map([...whole.about].filter(([name]) => found.has(name))),
		}
		: undefined);
}
