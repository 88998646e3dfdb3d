import {posix} from 'node:path';
import {globMatches, includePatterns, mainFile, parseSshdConfig, splitPattern} from '../engine/sshd-config.ts';
import type {Host} from '../engine/types.ts';

/** The files that an Include names, in the order of glob(3). */
async function included(host: Host, patterns: readonly string[]): Promise<string[]> {
	const found = await Promise.all(patterns.map(async pattern => {
		const {folder, name} = splitPattern(pattern);
		const names = /[*?[]/.test(name) ? (await host.list(folder)).filter(entry => globMatches(name, entry)) : [name];
		return names.toSorted().map(entry => posix.join(folder, entry));
	}));
	return found.flat();
}

/** sshd_config and what it includes, in the order in which sshd meets them. */
export async function sshdFiles(host: Host, path: string = mainFile, depth = 0): Promise<Array<{path: string; content: string}>> {
	const content = await host.read(path);
	if (content === undefined) {
		return [];
	}

	const includes = depth > 8 ? [] : parseSshdConfig(content).filter(({keyword}) => keyword === 'include');
	const paths = (await Promise.all(includes.map(async include => included(host, includePatterns(include))))).flat();
	const inner = await Promise.all(paths.map(async inside => sshdFiles(host, inside, depth + 1)));
	return [{path, content}, ...inner.flat()].filter((file, index, all) => all.findIndex(other => other.path === file.path) === index);
}
