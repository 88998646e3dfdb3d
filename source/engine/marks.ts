import type {Host} from './types.ts';

/** By what one sees that a file, or anything in a folder, was changed: without reading it, and without a process. */

/** Deep enough for all that is looked at, and an end to links that lead around in a circle. */
const deepest = 4;

/** The paths in a folder, the folder's own first, each with its mark. */
export async function marksOf(host: Host, path: string, leaveOut?: string, depth = 0): Promise<readonly string[]> {
	const stamp = await host.stat(path);
	const inside = stamp?.isFolder && depth < deepest ? await host.list(path) : [];
	const marks = await Promise.all(inside.map(name => `${path}/${name}`).filter(file => file !== leaveOut).map(async file => marksOf(host, file, leaveOut, depth + 1)));
	return [`${path} ${stamp?.mark ?? '-'}`, ...marks.flat()];
}

/** The paths in a folder only: for what is written anew again and again. */
export async function namesIn(host: Host, path: string): Promise<readonly string[]> {
	return (await marksOf(host, path)).map(line => line.split(' ', 1)[0]!);
}
